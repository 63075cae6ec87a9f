"""What every speech-to-text engine promises, wherever it runs. A new engine is one more case at the top."""

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import cast

import jiwer
import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient
from tests.toy_transducer import say_in_letters, write_nemotron, write_zipformer

from dragoman.engines.pool import EnginePool
from dragoman.engines.speech_to_text import faster_whisper, pocketsphinx, sherpa
from dragoman.engines.speech_to_text.remote import RemoteSpeechToText
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import EngineKind, IncrementalSpeechToText, RecognitionContext, SpeechToText
from dragoman.ground.errors import EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import Language, language_name
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.steady_streams import JointStreams, StreamRequest
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.testing.engines import FakeSpeechToText
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.tones import say_as_tones

FIXTURES = Path(__file__).parent.parent / "fixtures"
NO_CONTEXT = RecognitionContext()


class OverHttp(RemoteSpeechToText):
    """An engine behind its service, in this process and over the wire format; closing it closes them all."""

    def __init__(self, engine: SpeechToText) -> None:
        self._engine = engine
        self._pool = EnginePool(workers=4, observer=RecordingObserver())
        super().__init__(TestClient(speech_to_text_app([engine], FakeRecognizer(), pool=self._pool)))

    def close(self) -> None:
        super().close()
        self._pool.close()
        self._engine.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Speech, and what is true of it."""

    audio: Audio
    text: str
    known_starts_s: dict[int, float] = field(default_factory=dict)
    """Word number to the second at which it begins; as many as are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An engine under contract."""

    name: str
    open: Callable[[], SpeechToText]
    language: Language
    sample: Callable[[], Sample]
    unsupported: Language
    max_wer: float = 0.0
    start_tolerance_s: float = 0.2
    streaming: bool = False
    joint: bool = False
    """Streams of several speakers hear more in one call."""
    computes_elsewhere: bool = True
    """Its work shows in ``cpu_s``."""


@cache
def recorded_sample(name: str) -> Sample:
    truth = json.loads((FIXTURES / "speech" / f"{name}.json").read_text(encoding="utf-8"))
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    words = [word for sentence in truth["sentences"] for word in sentence["words"]]
    starts = {index: word["start"] for index, word in enumerate(words)}
    return Sample(audio=Audio(samples=samples, sample_rate=rate), text=truth["text"], known_starts_s=starts)


def say_with_flite(text: str) -> Audio:
    """Speak English with flite, without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.wav"
        subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(file)], check=True, timeout=30)
        samples, rate = soundfile.read(file, dtype="float32")
    loud = np.flatnonzero(np.abs(samples) > 0.005)
    return Audio(samples=samples[loud[0] : loud[-1] + 1], sample_rate=rate)


@cache
def english_sample() -> Sample:
    """Two phrases with a pause, so that the first word of each has a known start."""
    pause = silence(0.6, RECOGNITION_RATE)
    first, second = say_with_flite("let us start"), say_with_flite("with the first question on the list")
    audio = join_audio([pause, first, pause, second, pause], RECOGNITION_RATE)
    starts = {0: pause.duration_s, 3: 2 * pause.duration_s + first.duration_s}
    return Sample(audio=audio, text="let us start with the first question on the list", known_starts_s=starts)


@cache
def tones_sample() -> Sample:
    """What the fake engine hears: two phrases in tones."""
    pause = silence(0.6, RECOGNITION_RATE)
    first, second = say_as_tones("let us start"), say_as_tones("with the first question")
    audio = join_audio([pause, first, pause, second, pause], RECOGNITION_RATE)
    starts = {0: pause.duration_s, 3: 2 * pause.duration_s + first.duration_s}
    return Sample(audio=audio, text="let us start with the first question", known_starts_s=starts)


@cache
def letters_sample() -> Sample:
    """What the toy transducer hears: two phrases in letters."""
    pause = silence(0.6, RECOGNITION_RATE)
    first, second = say_in_letters("let us start"), say_in_letters("with the first question")
    audio = join_audio([pause, first, pause, second, pause], RECOGNITION_RATE)
    starts = {0: pause.duration_s, 3: 2 * pause.duration_s + first.duration_s}
    return Sample(audio=audio, text="let us start with the first question", known_starts_s=starts)


def open_zipformer() -> SpeechToText:
    with tempfile.TemporaryDirectory() as folder:
        return sherpa.open_engine(write_zipformer(Path(folder) / "zipformer-en"), threads=1)


def open_nemotron() -> SpeechToText:
    with tempfile.TemporaryDirectory() as folder:
        return sherpa.open_engine(write_nemotron(Path(folder), prompts={"auto": 0, "vi-VN": 1}), threads=1)


CASES = [
    Case(
        name="faster_whisper-en",
        open=lambda: faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=1),
        language=Language("en"),
        sample=lambda: recorded_sample("en-1"),
        unsupported=Language("eo"),
    ),
    Case(
        name="faster_whisper-vi",
        open=lambda: faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=2),
        language=Language("vi"),
        sample=lambda: recorded_sample("vi-1"),
        unsupported=Language("eo"),
    ),
    Case(
        name="pocketsphinx",
        open=lambda: pocketsphinx.open_engine(None, threads=1),
        language=Language("en"),
        sample=english_sample,
        unsupported=Language("vi"),
        max_wer=0.15,
        streaming=True,
    ),
    Case(
        name="sherpa-zipformer",
        open=open_zipformer,
        language=Language("en"),
        sample=letters_sample,
        unsupported=Language("vi"),
        streaming=True,
        joint=True,
    ),
    Case(
        name="sherpa-nemotron",
        open=open_nemotron,
        language=Language("vi"),
        sample=letters_sample,
        unsupported=Language("en"),
        streaming=True,
        joint=True,
    ),
    Case(
        name="fake",
        open=FakeSpeechToText,
        language=Language("en"),
        sample=tones_sample,
        unsupported=Language("eo"),
        computes_elsewhere=False,
    ),
    Case(
        name="fake over HTTP",
        open=lambda: OverHttp(FakeSpeechToText()),
        language=Language("en"),
        sample=tones_sample,
        unsupported=Language("eo"),
        computes_elsewhere=False,
    ),
    Case(
        name="faster_whisper-vi over HTTP",
        open=lambda: OverHttp(faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=1)),
        language=Language("vi"),
        sample=lambda: recorded_sample("vi-1"),
        unsupported=Language("eo"),
        computes_elsewhere=False,
    ),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return cast(Case, request.param)


@pytest.fixture(scope="module")
def engine(case: Case) -> Iterator[SpeechToText]:
    engine = case.open()
    yield engine
    engine.close()


@pytest.fixture(params=[case for case in CASES if case.streaming], ids=lambda case: case.name, scope="module")
def streaming_case(request: pytest.FixtureRequest) -> Case:
    return cast(Case, request.param)


@pytest.fixture(scope="module")
def streaming_engine(streaming_case: Case) -> Iterator[IncrementalSpeechToText]:
    engine = cast(IncrementalSpeechToText, streaming_case.open())
    yield engine
    engine.close()


@pytest.fixture(params=[case for case in CASES if case.joint], ids=lambda case: case.name, scope="module")
def joint_case(request: pytest.FixtureRequest) -> Case:
    return cast(Case, request.param)


@pytest.fixture(scope="module")
def joint_engine(joint_case: Case) -> Iterator[JointStreams]:
    engine = joint_case.open()
    assert isinstance(engine, JointStreams)
    yield engine
    engine.close()


def bare(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower())


def word_error_rate(sample: Sample, words: tuple[Word, ...]) -> float:
    return float(jiwer.wer(bare(sample.text), bare(" ".join(word.text for word in words))))


def transcribe(engine: SpeechToText, case: Case, audio: Audio | None = None) -> Transcript:
    return engine.transcribe(audio or case.sample().audio, language=case.language, context=NO_CONTEXT)


def frames_of(audio: Audio) -> list[Audio]:
    """Cut as a microphone does: 50 ms."""
    step = RECOGNITION_RATE // 20
    pieces = [audio.samples[start : start + step] for start in range(0, len(audio.samples), step)]
    return [Audio(samples=piece, sample_rate=RECOGNITION_RATE) for piece in pieces]


def test_it_says_what_it_is(engine: SpeechToText, case: Case) -> None:
    info = engine.info

    assert info.kind is EngineKind.SPEECH_TO_TEXT
    assert info.name
    assert info.licence
    assert case.language in info.languages
    assert case.unsupported not in info.languages
    assert info.sample_rate == RECOGNITION_RATE
    assert info.streaming == case.streaming


def test_warming_up_is_quiet_and_may_be_repeated(engine: SpeechToText) -> None:
    engine.warm_up()
    engine.warm_up()


def test_it_recognises_its_sample(engine: SpeechToText, case: Case) -> None:
    transcript = transcribe(engine, case)

    assert word_error_rate(case.sample(), transcript.words) <= case.max_wer, transcript.text
    assert transcript.language == case.language
    assert transcript.model_used == engine.info.label


def test_it_recognises_without_being_told_the_language(engine: SpeechToText, case: Case) -> None:
    transcript = engine.transcribe(case.sample().audio, language=None, context=NO_CONTEXT)

    assert transcript.language == case.language
    assert word_error_rate(case.sample(), transcript.words) <= case.max_wer


def test_text_said_before_does_not_show_in_the_words(engine: SpeechToText, case: Case) -> None:
    context = RecognitionContext(previous_text=case.sample().text, hot_words=("Dragoman",))

    transcript = engine.transcribe(case.sample().audio, language=case.language, context=context)

    assert word_error_rate(case.sample(), transcript.words) <= case.max_wer + 0.1


def test_words_ascend_within_the_audio(engine: SpeechToText, case: Case) -> None:
    transcript = transcribe(engine, case)

    times = [time for word in transcript.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= case.sample().audio.duration_s


def test_words_begin_when_they_sound(engine: SpeechToText, case: Case) -> None:
    transcript = transcribe(engine, case)

    for index, start_s in case.sample().known_starts_s.items():
        assert transcript.words[index].start_s == pytest.approx(start_s, abs=case.start_tolerance_s)


def test_words_have_no_spaces_around_and_honest_probabilities(engine: SpeechToText, case: Case) -> None:
    transcript = transcribe(engine, case)

    assert all(word.text and word.text == word.text.strip() for word in transcript.words)
    assert all(word.probability is None or 0 <= word.probability <= 1 for word in transcript.words)


@pytest.mark.parametrize("duration_s", [0.0, 0.02, 0.3, 3.0])
def test_silence_gives_no_words(engine: SpeechToText, case: Case, duration_s: float) -> None:
    transcript = transcribe(engine, case, silence(duration_s, RECOGNITION_RATE))

    assert transcript.words == ()


def test_an_unsupported_language_is_refused_by_name(engine: SpeechToText, case: Case) -> None:
    with pytest.raises(LanguageNotSupported, match=language_name(case.unsupported)) as refusal:
        engine.transcribe(case.sample().audio, language=case.unsupported, context=NO_CONTEXT)

    assert language_name(case.language) in str(refusal.value)


def test_several_threads_get_what_one_gets(engine: SpeechToText, case: Case) -> None:
    alone = transcribe(engine, case)

    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda _: transcribe(engine, case), range(3)))

    assert [transcript.words for transcript in together] == [alone.words] * 3


def test_its_cpu_time_grows_with_its_work(engine: SpeechToText, case: Case) -> None:
    before_s = engine.cpu_s()

    transcribe(engine, case)

    assert engine.cpu_s() > before_s if case.computes_elsewhere else engine.cpu_s() >= before_s


def test_a_closed_engine_says_that_it_is_unavailable(case: Case) -> None:
    engine = case.open()
    engine.close()

    engine.close()

    with pytest.raises(EngineUnavailable):
        transcribe(engine, case)


def test_words_come_while_the_utterance_is_spoken(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    stream = streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)

    counts = [len(stream.accept(frame)) for frame in frames_of(streaming_case.sample().audio)]

    assert counts[0] == 0
    assert counts[len(counts) // 2] > 0
    assert counts[-1] > counts[len(counts) // 2]
    stream.cancel()


def test_a_followed_utterance_ends_as_good_as_a_whole_one(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    stream = streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)
    for frame in frames_of(streaming_case.sample().audio):
        stream.accept(frame)

    transcript = stream.finish()

    assert word_error_rate(streaming_case.sample(), transcript.words) <= streaming_case.max_wer + 0.15
    assert transcript.model_used == streaming_engine.info.label
    times = [time for word in transcript.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[-1] <= streaming_case.sample().audio.duration_s


def test_streams_do_not_mix(streaming_engine: IncrementalSpeechToText, streaming_case: Case) -> None:
    speaker, silent = (
        streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT) for _ in range(2)
    )
    for frame in frames_of(streaming_case.sample().audio):
        speaker.accept(frame)
        silent.accept(silence(frame.duration_s, RECOGNITION_RATE))

    spoken, unspoken = speaker.finish(), silent.finish()

    assert word_error_rate(streaming_case.sample(), spoken.words) <= streaming_case.max_wer + 0.15
    assert unspoken.words == ()


def test_streams_that_hear_together_write_what_each_writes_alone(joint_engine: JointStreams, joint_case: Case) -> None:
    audio = joint_case.sample().audio
    talks = [join_audio([silence(later_s, RECOGNITION_RATE), audio], RECOGNITION_RATE) for later_s in (0.0, 0.13, 0.4)]
    alone, together = (
        [joint_engine.open_stream(language=joint_case.language, context=NO_CONTEXT) for _ in talks] for _ in range(2)
    )

    for frames in zip_longest(*map(frames_of, talks)):
        going_on = [(place, frame) for place, frame in enumerate(frames) if frame is not None]
        expected = [alone[place].accept(frame) for place, frame in going_on]
        requests = [StreamRequest(stream=together[place], audio=frame) for place, frame in going_on]
        assert joint_engine.accept_together(requests) == expected

    finals = [stream.finish() for stream in together]
    assert finals == [stream.finish() for stream in alone]
    assert all(word_error_rate(joint_case.sample(), final.words) <= joint_case.max_wer for final in finals)


def test_a_stream_that_is_over_spoils_nothing_for_those_that_go_on(
    joint_engine: JointStreams, joint_case: Case
) -> None:
    over, going_on = (joint_engine.open_stream(language=joint_case.language, context=NO_CONTEXT) for _ in range(2))
    over.cancel()
    audio = joint_case.sample().audio

    with pytest.raises(EngineUnavailable):
        joint_engine.accept_together([StreamRequest(stream=one, audio=audio) for one in (over, going_on)])

    going_on.accept(audio)
    assert word_error_rate(joint_case.sample(), going_on.finish().words) <= joint_case.max_wer


def test_a_stream_that_heard_nothing_ends_without_words(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    stream = streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)

    stream.accept(silence(0.0, RECOGNITION_RATE))

    assert stream.finish().words == ()


def test_cancelling_an_utterance_leaves_the_engine_usable(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    for _ in range(10):
        stream = streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)
        stream.accept(frames_of(streaming_case.sample().audio)[20])
        stream.cancel()
        stream.cancel()

    transcript = transcribe(streaming_engine, streaming_case)

    assert word_error_rate(streaming_case.sample(), transcript.words) <= streaming_case.max_wer


def test_an_utterance_that_is_over_takes_no_more(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    stream = streaming_engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)
    stream.finish()

    with pytest.raises(EngineUnavailable):
        stream.accept(silence(0.05, RECOGNITION_RATE))


def test_a_stream_in_an_unsupported_language_is_refused(
    streaming_engine: IncrementalSpeechToText, streaming_case: Case
) -> None:
    with pytest.raises(LanguageNotSupported, match=language_name(streaming_case.unsupported)):
        streaming_engine.open_stream(language=streaming_case.unsupported, context=NO_CONTEXT)


def test_closing_the_engine_ends_its_streams(streaming_case: Case) -> None:
    engine = cast(IncrementalSpeechToText, streaming_case.open())
    stream = engine.open_stream(language=streaming_case.language, context=NO_CONTEXT)

    engine.close()

    with pytest.raises(EngineUnavailable):
        stream.accept(silence(0.05, RECOGNITION_RATE))
    stream.cancel()
