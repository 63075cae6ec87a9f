"""Who is asked: the model made for the language first, the next where one fails, and the answer says who it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import EngineInfo, RecognitionContext
from dragoman.ground.errors import EngineCrashed, EngineTimeout, LanguageNotSupported
from dragoman.ground.languages import BASE_LANGUAGES, Language
from dragoman.ground.speech import TELLING_S, FoundLanguage, Transcript
from dragoman.recognition.who_hears import engines_for, final_engines_for, is_specialist
from dragoman.rooms.audio_file import open_recording
from dragoman.services.transcribing.hearing import Hearing
from dragoman.services.transcribing.stretches import STRETCH_S, Stretch, Stretches
from dragoman.testing.engines import FakeSpeechToText
from dragoman.testing.script import Fail
from dragoman.testing.tones import say_as_tones

EN, VI, FR = Language("en"), Language("vi"), Language("fr")
NO_CONTEXT = RecognitionContext()


class Whisper(FakeSpeechToText):
    """A fake with the name of the real engine, and a model."""

    def __init__(self, model: str, languages: tuple[Language, ...], *, detects: Language = VI, fails: int = 0) -> None:
        super().__init__(
            name="faster_whisper", languages=languages, outcomes=[Fail(error=EngineCrashed("gone"))] * fails
        )
        self._model = model
        self._detects = detects

    @property
    def info(self) -> EngineInfo:
        return replace(super().info, model=self._model)

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        known = len(self.info.languages) == 1
        found = super().transcribe(audio, language=language or (None if known else self._detects), context=context)
        return replace(found, model_used=self.info.label)


def stretch(text: str = "xin chao", start_s: float = 0.0) -> Stretch:
    pause = silence(0.3, RECOGNITION_RATE)
    return Stretch(start_s=start_s, audio=join_audio([pause, say_as_tones(text), pause], RECOGNITION_RATE))


def multilingual(*, fails: int = 0) -> Whisper:
    return Whisper("whisper-small", BASE_LANGUAGES, fails=fails)


def phowhisper(*, fails: int = 0) -> Whisper:
    return Whisper("phowhisper-small", (VI,), fails=fails)


def test_phowhisper_hears_vietnamese_and_nobody_else() -> None:
    engines = [multilingual(), phowhisper()]

    assert [engine.info.model for engine in engines_for(VI, engines)] == ["phowhisper-small", "whisper-small"]
    assert [engine.info.model for engine in engines_for(EN, engines)] == ["whisper-small"]
    assert [engine.info.model for engine in engines_for(None, reversed_order(engines))] == [
        "whisper-small", "phowhisper-small"
    ]  # fmt: skip


def test_a_larger_model_has_the_last_words_but_not_those_of_a_language_with_one_of_its_own() -> None:
    base, small, medium = multilingual(), phowhisper(), Whisper("whisper-medium", BASE_LANGUAGES)

    english = final_engines_for(EN, [base, small], [medium])
    vietnamese = final_engines_for(VI, [base, small], [medium, base])

    assert [engine.info.model for engine in english] == ["whisper-medium", "whisper-small"]
    assert [engine.info.model for engine in vietnamese] == ["phowhisper-small", "whisper-medium", "whisper-small"]


def reversed_order(engines: list[Whisper]) -> list[Whisper]:
    return list(reversed(engines))


def test_a_model_for_english_alone_goes_before_nobody() -> None:
    assert not is_specialist(Whisper("whisper-tiny.en", (EN,)).info, EN)


@pytest.mark.parametrize(
    ("engines", "model_used"),
    [
        ([multilingual(), phowhisper()], "faster_whisper:phowhisper-small"),
        ([multilingual()], "faster_whisper:whisper-small"),
        ([multilingual(), phowhisper(fails=1)], "faster_whisper:whisper-small"),
    ],
    ids=["there", "absent", "failing"],
)
def test_multilingual_whisper_answers_where_phowhisper_does_not(engines: list[Whisper], model_used: str) -> None:
    hearing = Hearing(engines, language=VI, context=NO_CONTEXT)

    words = hearing.hear(stretch("xin chao"))

    assert [word.text for word in words] == ["xin", "chao"]
    assert hearing.model_used == model_used


class DetectingWhisper(Whisper):
    """Tells the language from the sound; ``detect_fails`` as often it cannot."""

    detect_fails = 0
    transcribed = 0

    def detect_language(self, audio: Audio) -> FoundLanguage | None:
        if self.detect_fails:
            self.detect_fails -= 1
            raise EngineCrashed("gone")
        return FoundLanguage(language=FR, heard_s=TELLING_S) if np.any(audio.samples) else None

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        self.transcribed += 1
        return super().transcribe(audio, language=language, context=context)


def test_finding_the_language_writes_nothing_down_where_the_engine_tells_it_from_the_sound() -> None:
    engine = DetectingWhisper("whisper-small", BASE_LANGUAGES)
    hearing = Hearing([engine], language=None, context=NO_CONTEXT)

    hearing.find_language(stretch())

    assert (hearing.settled_language(), engine.transcribed, hearing.words) == (FR, 0, [])


def test_a_language_that_cannot_be_told_from_the_sound_is_told_by_what_is_said() -> None:
    failing = DetectingWhisper("whisper-small", BASE_LANGUAGES)
    failing.detect_fails = 1
    deaf = Whisper("whisper-base", BASE_LANGUAGES)

    for engine in (failing, deaf):
        hearing = Hearing([engine], language=None, context=NO_CONTEXT)
        hearing.find_language(stretch())
        assert hearing.settled_language() == VI


def test_a_language_that_was_found_is_heard_by_the_model_made_for_it() -> None:
    hearing = Hearing([phowhisper(), multilingual()], language=None, context=NO_CONTEXT)

    hearing.hear(stretch("xin chao"))

    assert hearing.settled_language() == VI
    assert hearing.model_used == "faster_whisper:phowhisper-small"


def test_silence_leaves_the_language_open_until_somebody_speaks() -> None:
    hearing = Hearing([multilingual()], language=None, context=NO_CONTEXT)

    hearing.hear(Stretch(start_s=0.0, audio=silence(2.0, RECOGNITION_RATE)))
    before = hearing.language
    hearing.hear(stretch("xin chao", start_s=2.0))

    assert (before, hearing.language) == (None, VI)


class DoubtingWhisper(Whisper):
    """Finds a language anew in every stretch, by so many seconds of speech each."""

    def __init__(self, *found: FoundLanguage) -> None:
        super().__init__("whisper-small", BASE_LANGUAGES)
        self._found = list(found)
        self.told: list[Language | None] = []

    def detect_language(self, audio: Audio) -> FoundLanguage | None:
        return self._found.pop(0)

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        self.told.append(language)
        if language is not None:
            return super().transcribe(audio, language=language, context=context)
        found = self._found.pop(0)
        transcript = super().transcribe(audio, language=found.language, context=context)
        return replace(transcript, language_heard_s=found.heard_s)


def test_a_short_sound_does_not_decide_the_language_of_the_whole_recording() -> None:
    engine = DoubtingWhisper(FoundLanguage(language=EN, heard_s=0.5), FoundLanguage(language=VI, heard_s=4.0))
    hearing = Hearing([engine], language=None, context=NO_CONTEXT)

    for number, text in enumerate(("oh", "xin chao", "tam biet")):
        hearing.hear(stretch(text, start_s=30.0 * number))

    assert engine.told == [None, None, VI]
    assert hearing.settled_language() == VI
    assert [word.text for word in hearing.words] == ["oh", "xin", "chao", "tam", "biet"]


def test_short_sounds_leave_the_next_stretch_to_the_engine_that_hears_every_language() -> None:
    doubting = DoubtingWhisper(FoundLanguage(language=VI, heard_s=1.0), FoundLanguage(language=EN, heard_s=4.0))
    hearing = Hearing([phowhisper(), doubting], language=None, context=NO_CONTEXT)

    hearing.hear(stretch("xin chao"))
    hearing.hear(stretch("good morning", start_s=30.0))

    assert hearing.settled_language() == EN
    assert hearing.model_used == "faster_whisper:phowhisper-small, faster_whisper:whisper-small"


def test_where_all_sounds_are_short_the_longest_decides() -> None:
    found = [FoundLanguage(language=language, heard_s=s) for language, s in ((EN, 0.5), (VI, 2.0), (FR, 1.0))]
    spoken, sensed = (Hearing([DoubtingWhisper(*found)], language=None, context=NO_CONTEXT) for _ in range(2))

    for _ in found:
        spoken.hear(stretch())
        sensed.find_language(stretch())

    assert (spoken.settled_language(), sensed.settled_language()) == (VI, VI)
    assert (spoken.language, sensed.language) == (None, None)


def test_one_that_steps_in_for_a_stretch_is_named_beside_the_other() -> None:
    hearing = Hearing([phowhisper(fails=1), multilingual()], language=VI, context=NO_CONTEXT)

    hearing.hear(stretch("xin chao"))
    hearing.hear(stretch("tam biet", start_s=10.0))

    assert hearing.model_used == "faster_whisper:whisper-small, faster_whisper:phowhisper-small"
    assert [word.text for word in hearing.words] == ["xin", "chao", "tam", "biet"]
    assert hearing.words[2].start_s == pytest.approx(10.3, abs=0.05)


def test_the_last_failure_is_told_when_nobody_answers() -> None:
    engine = FakeSpeechToText(outcomes=[Fail(error=EngineTimeout("too slow"))])
    hearing = Hearing([engine], language=EN, context=NO_CONTEXT)

    with pytest.raises(EngineTimeout, match="too slow"):
        hearing.hear(stretch())


def test_a_language_that_nobody_hears_is_refused_with_those_that_are_heard() -> None:
    with pytest.raises(LanguageNotSupported, match=r"nothing here recognises French; what is here hears: vi"):
        Hearing([phowhisper()], language=FR, context=NO_CONTEXT)


def test_hot_words_lead_every_stretch_and_the_text_before_only_the_first() -> None:
    engine = FakeSpeechToText()
    context = RecognitionContext(previous_text="Good morning.", hot_words=("Hanoi",))
    hearing = Hearing([engine], language=EN, context=context)

    hearing.hear(stretch("one"))
    hearing.hear(stretch("two", start_s=5.0))

    assert engine.contexts == [context, RecognitionContext(hot_words=("Hanoi",))]


def test_a_recording_is_cut_in_pauses_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    tone = (0.3 * np.sin(np.arange(4 * RECOGNITION_RATE) / 5)).astype(np.float32)
    samples = np.concatenate([np.concatenate([tone, np.zeros(RECOGNITION_RATE // 2, np.float32)]) for _ in range(40)])
    file = tmp_path / "long.wav"
    soundfile.write(file, samples, RECOGNITION_RATE, subtype="FLOAT")

    with open_recording(file) as reader:
        stretches = Stretches(reader)
        cut = list(iter(stretches.next, None))

    assert np.array_equal(np.concatenate([each.audio.samples for each in cut]), samples)
    assert [each.end_s for each in cut[:-1]] == [each.start_s for each in cut[1:]]
    assert all(each.audio.duration_s <= STRETCH_S for each in cut)
    assert all(abs(each.audio.samples[-1]) < 1e-6 for each in cut)
    assert stretches.duration_s == pytest.approx(180.0)
