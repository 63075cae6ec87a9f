"""The twin that gives the tests' model the cost of a large one: the same words, and as many tokens as the reference."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import soundfile
from benchmarks import true_cost
from benchmarks.peers.reference_tokens import ReferenceTokens
from benchmarks.peers.true_cost_twin import Twin, put_twin_beside
from benchmarks.true_cost import SHAPES, Shape, TrueCostWhisper, make_model
from faster_whisper import WhisperModel

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import Window, WindowRequest

FIXTURES = Path(__file__).parent.parent / "fixtures"
PICO = FIXTURES / "whisper-pico"
SPEECH = FIXTURES / "speech"
LONG_TEXT = "Incomprehensibilities notwithstanding, counterrevolutionaries"
"""Of many tokens: nobody says it, so that a count that follows it was not taken from what was heard."""
ASKED: dict[str, Any] = {"language": "en", "beam_size": 5, "word_timestamps": True}


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A twin that is large in name only, so that the test is quick."""
    shape = Shape(width=64, layers=1, heads=1, alignment_heads=((0, 0),))
    monkeypatch.setitem(true_cost.SHAPES, "base", shape)
    return make_model("base", PICO, tmp_path / "base")


class Watched:
    """A CTranslate2 model, and how many tokens it decoded and aligned in each call."""

    def __init__(self, own: Any) -> None:
        self._own = own
        self.decoded: list[list[int]] = []
        """By call, of each window in it."""
        self.aligned: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def generate(self, *arguments: Any, **options: Any) -> Any:
        found = self._own.generate(*arguments, **options)
        self.decoded.append([len(one.sequences_ids[0]) for one in found])
        return found

    def align(self, features: Any, start: list[int], texts: list[list[int]], *arguments: Any, **options: Any) -> Any:
        self.aligned += [len(text) for text in texts]
        return self._own.align(features, start, texts, *arguments, **options)


def reference_of(*names: str) -> ReferenceTokens:
    return ReferenceTokens(PICO, {SPEECH / f"{name}.wav": SPEECH / f"{name}.json" for name in names})


def read(name: str) -> Samples:
    samples: Samples = soundfile.read(SPEECH / f"{name}.wav", dtype="float32")[0]
    return samples


def words_of(name: str) -> list[dict[str, Any]]:
    sentences = json.loads((SPEECH / f"{name}.json").read_text(encoding="utf-8"))["sentences"]
    return [word for sentence in sentences for word in sentence["words"]]


def at(samples: Samples, begin_s: float, end_s: float) -> Samples:
    return samples[round(begin_s * RECOGNITION_RATE) : round(end_s * RECOGNITION_RATE)]


def window_of(
    samples: Samples, *, committed: tuple[Word, ...] = (), previous_text: str = "", last: bool = True
) -> Window:
    audio, context = (
        Audio(samples=samples, sample_rate=RECOGNITION_RATE),
        RecognitionContext(previous_text=previous_text),
    )
    return Window(audio=audio, committed=committed, context=context, last=last)


class Together:
    """The tests' model and a watched twin, with a reference."""

    def __init__(self, large: Path, reference: ReferenceTokens) -> None:
        self.engine = TrueCostWhisper(PICO, large, threads=1, reference=reference)
        model: Any = self.engine._model
        self.twin = model._twin = Watched(model._twin)

    def hear(self, *windows: Window, language: str = "en") -> None:
        requests = [WindowRequest(window=window, language=Language(language)) for window in windows]
        self.engine.hypothesize_together(requests, lambda _, hypothesis: None)


@pytest.fixture
def written(tmp_path: Path) -> ReferenceTokens:
    """Of en-1, with other words at the same times."""
    truth = json.loads((SPEECH / "en-1.json").read_text(encoding="utf-8"))
    for sentence in truth["sentences"]:
        for word in sentence["words"]:
            word["word"] = LONG_TEXT
    file = tmp_path / "other-words.json"
    file.write_text(json.dumps(truth), encoding="utf-8")
    return ReferenceTokens(PICO, {SPEECH / "en-1.wav": file})


@pytest.fixture
def together(large: Path) -> Iterator[Together]:
    both = Together(large, reference_of("en-1", "en-2", "vi-1"))
    yield both
    both.engine.close()


def test_the_twin_changes_no_word_and_its_work_is_counted(large: Path) -> None:
    window = window_of(at(read("en-1"), 0.0, 3.0))
    alone = faster_whisper.open_engine(PICO, threads=1)
    together = TrueCostWhisper(PICO, large, threads=1, reference=reference_of("en-1"))
    before_s = together.cpu_s()

    expected = alone.hypothesize(window, language=Language("en"))
    heard = together.hypothesize(window, language=Language("en"))

    assert heard == replace(expected, model_used="faster_whisper:base")
    assert together.cpu_s() > before_s
    alone.close()
    together.close()


def test_a_window_holds_the_words_of_the_reference_whose_middle_lies_in_it() -> None:
    reference, samples, words = reference_of("en-1"), read("en-1"), words_of("en-1")
    middle_s = (words[3]["start"] + words[3]["end"]) / 2
    whole = reference.tokens_in(samples) or ()

    before = reference.tokens_in(at(samples, 0.0, middle_s - 0.02))
    behind = reference.tokens_in(at(samples, 0.0, middle_s + 0.02))
    rest = reference.tokens_in(at(samples, middle_s + 0.02, len(samples) / RECOGNITION_RATE))

    assert before is not None
    assert behind is not None
    assert rest is not None
    assert len(before) < len(behind)
    assert behind[: len(before)] == before
    assert behind + rest == whole
    assert reference.met == 1.0


def test_numbers_of_the_reference_are_written_as_whisper_does_and_not_digit_by_digit(tmp_path: Path) -> None:
    truth = {"sentences": [{"words": [{"word": "20", "start": 0.4, "end": 0.8}]}]}
    file = tmp_path / "number.json"
    file.write_text(json.dumps(truth), encoding="utf-8")

    tokens = ReferenceTokens(PICO, {SPEECH / "en-1.wav": file}).tokens_in(read("en-1"))

    vocabulary = json.loads((PICO / "vocabulary.json").read_text(encoding="utf-8"))
    assert [vocabulary[token] for token in tokens or ()] == ["Ġ20"]


def test_words_are_found_behind_silence_that_was_put_in_and_in_the_right_talk() -> None:
    reference = reference_of("en-1", "en-2")
    first, second = read("en-1"), read("en-2")
    quiet = np.zeros(4321, np.float32)

    both = reference.tokens_in(np.concatenate([quiet, first, quiet, second]))

    assert both == (*(reference.tokens_in(first) or ()), *(reference.tokens_in(second) or ()))
    assert reference.tokens_in(second) == reference_of("en-2").tokens_in(second)


def test_silence_holds_no_words_and_of_unknown_sound_nothing_is_known() -> None:
    reference = reference_of("en-1")

    assert reference.tokens_in(np.zeros(RECOGNITION_RATE, np.float32)) == ()
    assert reference.tokens_in(read("en-3")) is None
    assert reference.met == 0.0


def test_the_twin_decodes_and_aligns_the_reference_s_tokens_and_the_end(together: Together) -> None:
    samples = read("en-1")
    said = reference_of("en-1").tokens_in(samples) or ()

    together.hear(window_of(samples))

    assert together.twin.decoded == [[len(said) + 1]]
    assert together.twin.aligned == [len(said)]


def test_the_twin_s_tokens_are_not_those_that_the_tiny_model_wrote(large: Path, written: ReferenceTokens) -> None:
    both = Together(large, written)
    start = at(read("en-1"), 0.0, 1.2)
    said = written.tokens_in(start) or ()

    both.hear(window_of(start, last=False))

    assert len(said) > 12
    assert both.twin.decoded[0] == [min(len(said) + 1, 16)]  # 6.5 tokens a second and 8 are the window's limit
    assert both.twin.aligned[0] == both.twin.decoded[0][0] - 1
    both.engine.close()


def test_a_look_decodes_only_what_was_said_by_then(together: Together) -> None:
    samples = read("en-1")
    early = reference_of("en-1").tokens_in(at(samples, 0.0, 1.5)) or ()
    late = reference_of("en-1").tokens_in(samples) or ()

    together.hear(window_of(at(samples, 0.0, 1.5), last=False))

    assert 0 < len(early) < len(late)
    assert together.twin.decoded == [[len(early) + 1]]


def test_committed_words_are_a_part_of_the_window_s_tokens_and_what_was_said_before_is_not(together: Together) -> None:
    samples, words = read("en-1"), words_of("en-1")
    committed = tuple(Word(text=word["word"], start_s=word["start"], end_s=word["end"]) for word in words[:3])
    said = reference_of("en-1").tokens_in(at(samples, 0.0, 3.0)) or ()

    for previous_text in ("", "Good morning. The team should find the camera before Friday."):
        together.hear(window_of(at(samples, 0.0, 3.0), committed=committed, previous_text=previous_text))

    assert together.twin.decoded == [[len(said) + 1]] * 2
    assert together.twin.aligned == [len(said)] * 2


def test_where_all_is_committed_only_the_end_is_new_and_nothing_is_aligned(together: Together) -> None:
    samples, words = read("en-1"), words_of("en-1")[:3]
    committed = tuple(Word(text=word["word"], start_s=word["start"], end_s=word["end"]) for word in words)
    behind_s = words[-1]["end"] + 0.02
    said = reference_of("en-1").tokens_in(at(samples, 0.0, behind_s)) or ()

    together.hear(window_of(at(samples, 0.0, behind_s), committed=committed))

    assert together.twin.decoded[0] == [len(said) + 1]
    assert together.twin.aligned == []


def test_speakers_who_are_heard_together_pay_for_the_longest_text(together: Together) -> None:
    windows = [window_of(at(read(name), 0.0, 3.0), last=False) for name in ("en-1", "en-2")]
    counts = [len(reference_of(name).tokens_in(at(read(name), 0.0, 3.0)) or ()) for name in ("en-1", "en-2")]

    together.hear(*windows)

    assert together.twin.decoded == [[max(counts) + 1] * 2]
    assert together.twin.aligned == counts


def test_silence_costs_the_end_alone_and_unknown_sound_what_the_tiny_model_wrote(together: Together) -> None:
    together.hear(window_of(np.zeros(RECOGNITION_RATE, np.float32), last=False))
    silent = together.twin.decoded.pop(0)
    del together.twin.decoded[:], together.twin.aligned[:]

    together.hear(window_of(read("en-3")))

    assert silent == [1]
    assert together.twin.aligned == [together.twin.decoded[0][0] - 1]
    assert together.twin.aligned[0] > 5


def test_the_twin_inside_a_peer_s_recogniser_changes_no_word_either(large: Path) -> None:
    audio = str(SPEECH / "en-6.wav")
    recogniser = WhisperModel(str(PICO), device="cpu", compute_type="int8", cpu_threads=1)
    alone = [(word.word, word.start) for part in recogniser.transcribe(audio, **ASKED)[0] for word in part.words or ()]

    put_twin_beside(recogniser, large, reference_of("en-6"))

    together = recogniser.transcribe(audio, **ASKED)[0]
    assert isinstance(recogniser.model, Twin)
    assert alone
    assert [(word.word, word.start) for part in together for word in part.words or ()] == alone


def test_the_twin_inside_a_peer_s_recogniser_decodes_the_reference_and_the_times_in_it(
    large: Path, written: ReferenceTokens
) -> None:
    recogniser = WhisperModel(str(PICO), device="cpu", compute_type="int8", cpu_threads=1)
    put_twin_beside(recogniser, large, written)
    own = recogniser.model._own = Watched(recogniser.model._own)
    twin = recogniser.model._large = Watched(recogniser.model._large)
    samples = at(read("en-1"), 0.0, 1.2)

    parts = list(recogniser.transcribe(samples, **ASKED)[0])

    said = written.tokens_in(samples) or ()
    times = own.decoded[0][0] - sum(len([token for token in part.tokens if token < 50257]) for part in parts)
    assert len(said) > 12
    assert twin.decoded[0] == [len(said) + times + 1]
    assert twin.aligned[0] == len(said)


def test_a_later_window_of_a_peer_s_recogniser_holds_its_own_words_alone(large: Path) -> None:
    recogniser = WhisperModel(str(PICO), device="cpu", compute_type="int8", cpu_threads=1)
    reference = reference_of("en-long")
    put_twin_beside(recogniser, large, reference)
    heard: list[int] = []
    encode = recogniser.model.encode

    def watch(features: Any, **options: Any) -> Any:
        encoded = encode(features, **options)
        heard.append(len(recogniser.model._said))
        return encoded

    recogniser.model.encode = watch
    list(recogniser.transcribe(read("en-long"), language="en", beam_size=1)[0])

    whole = len(reference.tokens_in(read("en-long")) or ())
    assert len(heard) >= 3
    assert max(heard) < whole
    assert 0.9 * whole < sum(heard) < 1.4 * whole  # windows overlap where a sentence is cut


def test_a_made_model_is_one_that_ctranslate2_takes_for_multilingual(large: Path) -> None:
    model = ctranslate2.models.Whisper(str(large), device="cpu", compute_type="int8")

    assert model.is_multilingual
    assert model.n_mels == 80
    model.unload_model()


@pytest.mark.parametrize("size", ["base", "small"])
def test_alignment_heads_lie_within_the_model(size: str) -> None:
    shape = SHAPES[size]

    assert shape.width == 64 * shape.heads
    assert all(layer < shape.layers and head < shape.heads for layer, head in shape.alignment_heads)
