"""What a speaker costs is measured once, and never stands in the way of a call."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import RecognitionContext, SpeechStream
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.interpreting.admission import Costs
from dragoman.services.assembly import Engines
from dragoman.services.calibration import (
    SAMPLE_S,
    UNKNOWN,
    UTTERANCE_S,
    make_admission,
    measure_costs,
    measure_service,
    measure_voices,
)
from dragoman.testing.engines import FakeSpeechToText, FakeTextToSpeech, FakeTranslator, FakeVoiceActivity
from dragoman.testing.script import Fail

EN, ES = Language("en"), Language("es")


def engines(*, recogniser: FakeSpeechToText, translator: FakeTranslator | None = None) -> Engines:
    return Engines(
        voice_activity=FakeVoiceActivity(),
        speech_to_text=[recogniser],
        translation=[translator or FakeTranslator()],
        text_to_speech=[FakeTextToSpeech()],
    )


def test_a_machine_is_measured_once_for_a_set_of_engines(tmp_path: Path) -> None:
    recogniser = FakeSpeechToText()
    house = engines(recogniser=recogniser)

    first = measure_costs(house, source=EN, target=ES, cache=tmp_path)
    second = measure_costs(house, source=EN, target=ES, cache=tmp_path)

    assert first == second
    assert first.recognition >= 0
    assert len(recogniser.contexts) == 1


def remembered(cache: Path) -> list[Path]:
    return list((cache / "costs").iterdir())


def test_another_engine_is_measured_for_itself_and_those_known_are_not_measured_again(tmp_path: Path) -> None:
    first, other = FakeSpeechToText(), FakeSpeechToText(name="other")

    measure_costs(engines(recogniser=first), source=EN, target=ES, cache=tmp_path)
    measure_costs(engines(recogniser=other), source=EN, target=ES, cache=tmp_path)
    measure_costs(engines(recogniser=first), source=EN, target=ES, cache=tmp_path)

    assert (len(first.contexts), len(other.contexts)) == (1, 1)
    assert len(remembered(tmp_path)) == 4


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"9" * 100_000, b"-1.0", b"nan", b"inf", b"1e999"])
def test_what_cannot_be_a_cost_is_measured_anew(tmp_path: Path, content: bytes) -> None:
    recogniser = FakeSpeechToText()
    house = engines(recogniser=recogniser)
    measure_costs(house, source=EN, target=ES, cache=tmp_path)
    for file in remembered(tmp_path):
        file.write_bytes(content)

    costs = measure_costs(house, source=EN, target=ES, cache=tmp_path)

    assert 0 <= costs.recognition < inf
    assert len(recogniser.contexts) == 2


def test_engines_that_cannot_be_measured_cost_a_cautious_much_and_are_tried_again(tmp_path: Path) -> None:
    broken = FakeTranslator(outcomes=[Fail(error=EngineCrashed("it fell over"))])
    house = engines(recogniser=FakeSpeechToText(), translator=broken)

    failed = measure_costs(house, source=EN, target=ES, cache=tmp_path)
    again = measure_costs(house, source=EN, target=ES, cache=tmp_path)

    assert failed == UNKNOWN
    assert again != UNKNOWN


def test_a_cache_in_the_place_of_a_file_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("mine")

    costs = measure_costs(engines(recogniser=FakeSpeechToText()), source=EN, target=ES, cache=tmp_path / "cache")

    assert costs != UNKNOWN
    assert [entry.name for entry in tmp_path.iterdir()] == ["cache"]


def test_nothing_half_written_stays_where_costs_cannot_be_kept(tmp_path: Path) -> None:
    house = engines(recogniser=FakeSpeechToText())
    measure_costs(house, source=EN, target=ES, cache=tmp_path)
    names = {file.name for file in remembered(tmp_path)}
    for file in remembered(tmp_path):
        file.unlink()
        (file / "taken").mkdir(parents=True)

    measure_costs(house, source=EN, target=ES, cache=tmp_path)

    assert {entry.name for entry in remembered(tmp_path)} == names


def test_a_service_tells_the_cost_of_every_engine_that_is_first_choice_for_a_language(tmp_path: Path) -> None:
    best, stand_in = FakeSpeechToText(languages=(EN,)), FakeSpeechToText(name="stand-in", languages=(EN,))
    spanish = FakeSpeechToText(name="spanish", languages=(ES,))

    costs = measure_service(speech_to_text=[best, stand_in, spanish], cache=tmp_path)

    assert set(costs) == {best.info.label, spanish.info.label}
    assert all(cost >= 0 for cost in costs.values())
    assert stand_in.contexts == []


def test_a_service_leaves_out_what_cannot_be_measured_and_tells_the_rest(tmp_path: Path) -> None:
    broken = FakeTranslator(outcomes=[Fail(error=EngineCrashed("it fell over"))])

    costs = measure_service(translation=[broken], text_to_speech=[FakeTextToSpeech()], cache=tmp_path)

    assert set(costs) == {FakeTextToSpeech().info.label}


def test_what_no_engine_knows_costs_nothing(tmp_path: Path) -> None:
    costs = measure_costs(engines(recogniser=FakeSpeechToText(languages=(ES,))), source=EN, target=ES, cache=tmp_path)

    assert costs.recognition == 0


@pytest.mark.parametrize("speakers", [1, 3, 100])
def test_a_number_that_somebody_set_outweighs_what_was_measured(speakers: int) -> None:
    admission = make_admission(Costs(recognition=9.0, voice=9.0), cores=2, speakers_at_once=speakers)

    assert admission.speakers_at_once == speakers


def test_without_a_number_the_measured_costs_decide() -> None:
    admission = make_admission(Costs(recognition=0.3, voice=0.05), cores=4, speakers_at_once=None)

    assert admission.speakers_at_once == 8


def test_voices_are_measured_for_the_planner_of_another_process(tmp_path: Path) -> None:
    measure_voices([FakeTextToSpeech()], tmp_path, threads=1)

    assert MeasuredSpeed(tmp_path, threads=1).remembered(FakeTextToSpeech().info) is not None


def test_a_voice_that_cannot_be_measured_leaves_the_others_measured(tmp_path: Path) -> None:
    broken = FakeTextToSpeech(name="broken", outcomes=[Fail(error=EngineCrashed("it ended"))])

    measure_voices([broken, FakeTextToSpeech()], tmp_path, threads=1)

    book = MeasuredSpeed(tmp_path, threads=1)
    assert book.remembered(broken.info) is None
    assert book.remembered(FakeTextToSpeech().info) is not None


def test_a_voice_for_jobs_does_not_hold_up_the_start_of_its_service(tmp_path: Path) -> None:
    slow = FakeTextToSpeech(jobs_only=True)

    measure_voices([slow], tmp_path, threads=1)

    assert slow.spoken == []


def test_a_recogniser_that_follows_along_is_measured_following(tmp_path: Path) -> None:
    follows = Follows()

    costs = measure_service(speech_to_text=[follows], cache=tmp_path)

    assert set(costs) == {follows.info.label}
    assert follows.contexts == []
    assert follows.said[:2] == ["accept", "accept"]
    assert follows.said.count("finish") == SAMPLE_S / UTTERANCE_S
    assert follows.said[-2:] == ["finish", "cancel"]


class Follows(FakeSpeechToText):
    """Keeps what it is asked; nothing it hears has words."""

    def __init__(self) -> None:
        super().__init__()
        self._info = replace(self.info, streaming=True)
        self.said: list[str] = []

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream:
        return FollowedUtterance(self.said)


class FollowedUtterance:
    def __init__(self, said: list[str]) -> None:
        self._said = said

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self._said.append("accept")
        return ()

    def finish(self) -> Transcript:
        self._said.append("finish")
        return Transcript(words=(), language=EN, model_used="follows")

    def cancel(self) -> None:
        self._said.append("cancel")
