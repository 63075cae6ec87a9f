"""Windows of live speech through Whisper: what is committed stays, and what follows is found with its times."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import soundfile

from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper, open_engine
from dragoman.engines.speech_to_text.whisper_gate import compression_ratio, mean_logprob, token_budget
from dragoman.engines.speech_to_text.whisper_model import (
    Alignment,
    Beginning,
    Continuation,
    Encoded,
    WhisperModel,
)
from dragoman.engines.speech_to_text.whisper_tokens import WhisperTokens
from dragoman.engines.speech_to_text.whisper_windows import (
    MAX_HOT_WORD_TOKENS,
    MAX_PREVIOUS_TOKENS,
    WindowReader,
    write_prompt,
)
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import (
    JointSpeechToText,
    Window,
    WindowHypothesis,
    WindowRequest,
    WindowSpeechToText,
    pick_words,
)

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
EN, VI = Language("en"), Language("vi")
TALKS = [("en-1", EN), ("en-4", EN), ("vi-1", VI), ("vi-4", VI)]


@pytest.fixture(scope="module")
def engine() -> Iterator[FasterWhisper]:
    engine = open_engine(FIXTURES / "whisper-pico", threads=1)
    yield engine
    engine.close()


def load(name: str) -> Audio:
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    return Audio(samples=samples, sample_rate=rate)


def window(
    audio: Audio,
    *,
    committed: tuple[Word, ...] = (),
    last: bool = False,
    context: RecognitionContext = RecognitionContext(),  # noqa: B008  # frozen
) -> Window:
    return Window(audio=audio, committed=committed, context=context, last=last)


def first_seconds(name: str, seconds: float) -> Audio:
    samples = load(name).samples[: round(seconds * RECOGNITION_RATE)]
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


def hear_together(engine: FasterWhisper, requests: list[WindowRequest]) -> list[WindowHypothesis]:
    heard: dict[int, WindowHypothesis] = {}
    engine.hypothesize_together(requests, heard.__setitem__)
    return [heard[place] for place in range(len(requests))]


def test_it_hears_windows(engine: FasterWhisper) -> None:
    assert isinstance(engine, WindowSpeechToText)
    assert isinstance(engine, JointSpeechToText)


@pytest.mark.parametrize(("name", "language"), TALKS)
def test_behind_committed_words_it_goes_on_where_they_end(engine: FasterWhisper, name: str, language: Language) -> None:
    audio = load(name)
    whole = pick_words(engine.hypothesize(window(audio), language=language).words)

    rest = pick_words(engine.hypothesize(window(audio, committed=whole[:4]), language=language).words)

    assert [word.text for word in rest] == [word.text for word in whole[4:]]
    assert rest[0].start_s >= whole[3].end_s


def test_when_all_is_committed_it_invents_nothing(engine: FasterWhisper) -> None:
    audio = load("en-1")
    whole = pick_words(engine.hypothesize(window(audio), language=EN).words)

    hypothesis = engine.hypothesize(window(audio, committed=whole, last=True), language=EN)

    assert hypothesis.words == ()
    assert not hypothesis.doubtful


def test_words_settle_in_order_and_never_before_they_ended(engine: FasterWhisper) -> None:
    words = engine.hypothesize(window(load("vi-1")), language=VI).words

    assert all(one.settled_s <= other.settled_s for one, other in pairwise(words))
    assert all(word.settled_s >= word.word.end_s - 0.001 for word in words)


def test_silence_holds_no_word(engine: FasterWhisper) -> None:
    hypothesis = engine.hypothesize(window(silence(2.0, RECOGNITION_RATE), last=True), language=EN)

    assert hypothesis.words == ()


def test_more_text_than_the_sound_can_hold_is_doubted(engine: FasterWhisper) -> None:
    second = Audio(samples=load("en-1").samples[:RECOGNITION_RATE], sample_rate=RECOGNITION_RATE)
    far_too_many = tuple(Word(text="well", start_s=0.0, end_s=0.1) for _ in range(40))

    hypothesis = engine.hypothesize(window(second, committed=far_too_many), language=EN)

    assert hypothesis.doubtful


def test_another_rate_or_language_is_refused_and_so_is_a_closed_engine() -> None:
    engine = open_engine(FIXTURES / "whisper-pico", threads=1)

    with pytest.raises(ValueError, match="16000"):
        engine.hypothesize(window(silence(1.0, 8000)), language=EN)
    with pytest.raises(LanguageNotSupported):
        engine.hypothesize(window(silence(1.0, RECOGNITION_RATE)), language=Language("eo"))
    engine.close()
    with pytest.raises(EngineUnavailable):
        engine.hypothesize(window(silence(1.0, RECOGNITION_RATE)), language=EN)


def test_vietnamese_may_need_more_tokens_a_second_than_english() -> None:
    assert [token_budget(2.0, Language(code)) for code in ("en", "vi", "ja")] == [21, 30, 34]


def test_a_text_that_repeats_itself_compresses_well() -> None:
    assert compression_ratio("I see, I see, " * 10) > 2.4
    assert compression_ratio("We have ten minutes left to print the video.") < 2.4


def test_nothing_said_is_nothing_doubted() -> None:
    assert mean_logprob([]) == 0.0
    assert mean_logprob([1.0, 1.0]) == 0.0
    assert mean_logprob([0.1, 0.1]) == pytest.approx(-2.3026, abs=0.001)


@pytest.mark.parametrize("samples", [0, 1, 159, 160])
def test_a_window_of_next_to_nothing_is_heard_without_a_complaint(engine: FasterWhisper, samples: int) -> None:
    audio = Audio(samples=load("en-1").samples[8000 : 8000 + samples], sample_rate=RECOGNITION_RATE)

    engine.hypothesize(window(audio, last=True), language=EN)


@pytest.mark.parametrize("last", [False, True], ids=["looks", "last words"])
def test_windows_of_several_speakers_heard_together_hold_what_each_holds_alone(
    engine: FasterWhisper, last: bool
) -> None:
    requests = [
        WindowRequest(window=window(first_seconds(name, seconds), last=last), language=Language(name[:2]))
        for seconds in (2.2, 4.1)
        for name in ("en-1", "vi-1", "en-2", "vi-2")
    ]
    alone = [engine.hypothesize(request.window, language=request.language) for request in requests]

    def shape(place: int) -> object:
        return engine.window_shape(requests[place].window, language=requests[place].language)

    calls = [list(places) for _, places in groupby(range(len(requests)), key=shape)]
    together = [
        hypothesis for places in calls for hypothesis in hear_together(engine, [requests[place] for place in places])
    ]

    assert max(len(places) for places in calls) == 4
    assert any(hypothesis.words for hypothesis in alone)
    for one, other in zip(alone, together, strict=True):
        assert [word.word.text for word in one.words] == [word.word.text for word in other.words]
        assert [word.word.start_s for word in one.words] == [word.word.start_s for word in other.words]
        assert one.doubtful == other.doubtful


def test_behind_committed_words_of_any_length_windows_heard_together_go_on_as_alone(engine: FasterWhisper) -> None:
    en, vi = first_seconds("en-1", 4.1), first_seconds("vi-1", 4.1)
    committed = pick_words(engine.hypothesize(window(en), language=EN).words)[:3]
    requests = [
        WindowRequest(window=window(en, committed=committed), language=EN),
        WindowRequest(window=window(vi), language=VI),
    ]
    alone = [engine.hypothesize(request.window, language=request.language) for request in requests]

    together = hear_together(engine, requests)

    assert [[word.word.text for word in each.words] for each in together] == [
        [word.word.text for word in each.words] for each in alone
    ]


def test_a_doubtful_window_does_not_keep_its_neighbour_waiting(engine: FasterWhisper) -> None:
    second = first_seconds("en-1", 1.0)
    far_too_many = tuple(Word(text="well", start_s=0.0, end_s=0.1) for _ in range(40))
    order: list[int] = []

    engine.hypothesize_together(
        [
            WindowRequest(window=window(second, committed=far_too_many), language=EN),
            WindowRequest(window=window(second), language=EN),
        ],
        lambda place, _: order.append(place),
    )

    assert order == [1, 0]


class MistakenModel(WhisperModel):
    """Hears nonsense in the first window that it encodes, for the gate to doubt or not, and is itself in every other.

    ``doubt`` is ``tokens`` (the text ends by its limit), ``log-probability``, ``compression``, or ``""`` for none.
    """

    NONSENSE = "Goodbye."
    LOOP = "I see, I see, " * 10

    def __init__(self, doubt: str) -> None:
        self.encoded: list[int] = []
        """Lengths of the windows, frames."""
        self.written: list[list[str]] = []
        self._doubt = doubt
        super().__init__(FIXTURES / "whisper-pico", threads=1)
        self.encoded.clear()

    def encode(self, samples: Samples, *, window_frames: int) -> Encoded:
        self.encoded.append(window_frames)
        return super().encode(samples, window_frames=window_frames)

    def go_on(self, beginnings: Sequence[Beginning], *, beam_size: int) -> list[Continuation]:
        [found] = super().go_on(beginnings, beam_size=beam_size)
        if len(self.encoded) == 1:
            nonsense = self.LOOP if self._doubt == "compression" else self.NONSENSE
            found = replace(found, tokens=self.tokens.write(nonsense, EN), cut_short=self._doubt == "tokens")
        self.written.append([word.text for word in self.tokens.words(found.tokens, EN)])
        return [found]

    def align(self, encoded: Encoded, tokens: list[int], *, language: Language) -> Alignment:
        alignment = super().align(encoded, tokens, language=language)
        if len(self.encoded) > 1:
            return alignment
        return replace(alignment, probabilities=[0.3 if self._doubt == "log-probability" else 0.9] * len(tokens))


@pytest.mark.parametrize("last", [False, True], ids=["look", "last words"])
@pytest.mark.parametrize("doubt", ["tokens", "log-probability", "compression"])
def test_what_is_doubted_is_heard_again_in_a_longer_window_and_that_is_told(doubt: str, last: bool) -> None:
    model = MistakenModel(doubt)
    heard = window(first_seconds("en-1", 2.2), last=last)
    told: list[WindowHypothesis] = []

    WindowReader(model, model_used="").read([WindowRequest(window=heard, language=EN)], lambda _, it: told.append(it))
    model.unload()

    # Of 220 frames of sound: a margin of 256 and of 768, each in the next size that there is, or Whisper's own window.
    assert model.encoded == [500, 3000 if last else 1000]
    assert model.written[0] != model.written[1]
    assert [[word.word.text for word in each.words] for each in told] == [model.written[1]]
    assert len(model.written[1]) > 3
    assert not told[0].doubtful


def test_what_nothing_speaks_against_is_heard_once() -> None:
    model = MistakenModel("")
    told: list[WindowHypothesis] = []
    request = WindowRequest(window=window(first_seconds("en-1", 2.2), last=True), language=EN)

    WindowReader(model, model_used="").read([request], lambda _, it: told.append(it))
    model.unload()

    assert len(model.encoded) == 1
    assert [word.word.text for word in told[0].words] == [MistakenModel.NONSENSE]


def test_windows_differ_in_shape_by_length_by_what_was_said_before_and_by_being_the_last(
    engine: FasterWhisper,
) -> None:
    short, long = load("en-1"), first_seconds("en-1", 2.0)
    led = RecognitionContext(previous_text="We have ten minutes left.")
    windows = [window(short), window(long), window(short, last=True), window(short, context=led)]

    shapes = [engine.window_shape(each, language=EN) for each in windows]

    assert len(set(shapes)) == len(shapes)
    assert engine.window_shape(window(short), language=VI) == shapes[0]


def test_what_is_committed_takes_no_room_from_what_follows_it() -> None:
    model = WhisperModel(FIXTURES / "whisper-pico", threads=1)
    encoded = model.encode(load("en-1").samples, window_frames=900)
    prompt = model.tokens.prompt(EN, previous_text="", max_previous=0)

    def go_on(said: list[int], max_tokens: int) -> Continuation:
        beginning = Beginning(encoded=encoded, prompt=prompt, said=said, max_tokens=max_tokens)
        return model.go_on([beginning], beam_size=1)[0]

    whole = go_on([], 50).tokens
    found = go_on(whole[:8], 5)
    model.unload()

    assert found.tokens == whole[8:13]
    assert found.cut_short


def test_hot_words_lead_the_prompt_with_at_most_half_of_its_room() -> None:
    tokens = WhisperTokens(FIXTURES / "whisper-pico" / "tokenizer.json", multilingual=True)
    few = RecognitionContext(hot_words=("Thảo", "Dragoman"), previous_text="Xin chào. " * 100)
    many = RecognitionContext(hot_words=tuple(f"name{number}" for number in range(1000)), previous_text="Yes. " * 9999)
    task = write_prompt(tokens, window(silence(1.0, RECOGNITION_RATE)), EN)

    led = write_prompt(tokens, window(silence(1.0, RECOGNITION_RATE), context=few), EN)
    full = write_prompt(tokens, window(silence(1.0, RECOGNITION_RATE), context=many), EN)

    hot = tokens.write_before("Thảo, Dragoman.")
    assert led[1 : 1 + len(hot)] == hot
    assert len(led) == len(full) == 1 + MAX_PREVIOUS_TOKENS + len(task)
    yes = tokens.write_before("Yes.")
    said = full[-len(task) - MAX_PREVIOUS_TOKENS + MAX_HOT_WORD_TOKENS : -len(task)]
    assert said == (yes * MAX_PREVIOUS_TOKENS)[-len(said) :]


def test_without_hot_words_the_text_before_has_all_the_room() -> None:
    tokens = WhisperTokens(FIXTURES / "whisper-pico" / "tokenizer.json", multilingual=True)
    context = RecognitionContext(previous_text="Xin chào. " * 100)
    task = tokens.prompt(VI, previous_text="", max_previous=0)

    prompt = write_prompt(tokens, window(silence(1.0, RECOGNITION_RATE), context=context), VI)

    assert prompt[1 : -len(task)] == tokens.write_before("Xin chào. " * 100)[-MAX_PREVIOUS_TOKENS:]


@pytest.mark.parametrize(("name", "language"), TALKS)
def test_hot_words_that_were_not_said_are_not_heard(engine: FasterWhisper, name: str, language: Language) -> None:
    plain = engine.hypothesize(window(load(name), last=True), language=language)
    context = RecognitionContext(hot_words=("Dragoman", "Hanoi"))

    led = engine.hypothesize(window(load(name), last=True, context=context), language=language)

    heard = {word.word.text.strip(".,").casefold() for word in led.words}
    assert not heard & {"dragoman", "hanoi"}
    assert len(led.words) >= len(plain.words) // 2
