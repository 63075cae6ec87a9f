"""One recording heard live and offline: what was written when, with what error, at what cost. To ``recognition.py``.

Live means a microphone's frames, one every 50 ms, through the session that the call uses. In virtual time the clock
runs while an engine works and leaps while nobody does: delays are those of real time with the computation on the clock.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jiwer
import soundfile
from benchmarks.lags import TrueWord, read_true_words

from dragoman.engines.broker import most_together
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext, SpeechToText, VoiceActivity
from dragoman.ground.events import EngineCalled, Event
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word, WordState
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A recording whose words and their times are known."""

    name: str
    language: Language
    audio: Audio
    truth: tuple[TrueWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A word that stays, and when it was there."""

    word: Word
    at_s: float
    """Seconds after the recording's first sample."""
    committed: bool
    """While the speaker spoke; else with the utterance's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one run gave."""

    words: tuple[Written, ...]
    audio_s: float
    cpu_s: float
    """Of the engines: voice activity and recognition, their own threads included."""
    looks: int
    """Calls of the recogniser."""
    first_shown_s: tuple[float, ...]
    """Of every utterance: from its start to its first word on the screen."""
    final_lags_s: tuple[float, ...] = ()
    """Of every utterance with words: from the end of speech to its last event, the pause included."""

    @property
    def text(self) -> str:
        return " ".join(written.word.text for written in self.words)


class CpuCounter:
    """Adds up what engine calls cost in their threads."""

    def __init__(self) -> None:
        self.thread_s = 0.0
        self.looks = 0

    def observe(self, event: Event) -> None:
        if isinstance(event, EngineCalled):
            self.thread_s += event.thread_cpu_ms / 1000
            self.looks += event.stage == "recognition"


async def hear_live(talk: Talk, engine: SpeechToText, activity: VoiceActivity, *, tuning: RecognitionTuning) -> Heard:
    """Feed ``talk`` to a live session at the pace of a microphone, by the clock of the running loop."""
    return (await hear_together([talk], engine, activity, tuning=tuning))[0]


async def hear_together(
    talks: Sequence[Talk],
    engine: SpeechToText,
    activity: VoiceActivity,
    *,
    tuning: RecognitionTuning,
    final_engine: SpeechToText | None = None,
) -> list[Heard]:
    """Do so with several speakers at once; each is told the CPU time and the looks of all.

    With a ``final_engine`` that one hears the last words of every utterance.
    """
    counter = CpuCounter()
    natives = [engine, activity, *([final_engine] if final_engine is not None else [])]
    native_s = sum(each.cpu_s() for each in natives)
    with EnginePool(workers=2, together=most_together(2), observer=counter) as pool:
        recognizer = UtteranceRecognizer(
            engines=[engine],
            final_engines=[] if final_engine is None else [final_engine],
            voice_activity=activity,
            pool=pool,
            tuning=tuning,
        )
        async with asyncio.TaskGroup() as tasks:
            speaking = [tasks.create_task(_speak_and_listen(talk, recognizer), name=talk.name) for talk in talks]
        cpu_s = counter.thread_s + sum(each.cpu_s() for each in natives) - native_s
    return [replace(task.result(), cpu_s=cpu_s, looks=counter.looks) for task in speaking]


async def _speak_and_listen(talk: Talk, recognizer: UtteranceRecognizer) -> Heard:
    clock = asyncio.get_running_loop()
    words: list[Written] = []
    first_shown: dict[int, float] = {}
    final_lags_s: list[float] = []
    session = await recognizer.open(language=talk.language, context=RecognitionContext())
    started_s = clock.time()

    async def speak() -> None:
        frame = round(FRAME_S * RECOGNITION_RATE)
        for number, begin in enumerate(range(0, len(talk.audio.samples), frame), start=1):
            await asyncio.sleep(started_s + number * FRAME_S - clock.time())
            await session.push(Audio(samples=talk.audio.samples[begin : begin + frame], sample_rate=RECOGNITION_RATE))
        await session.finish()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(speak(), name="speak")
        async for event in session:
            at_s = clock.time() - started_s
            if event.words:
                first_shown.setdefault(event.utterance, at_s - event.words[0].start_s)
            if event.state is not WordState.PROVISIONAL:
                committed = event.state is WordState.COMMITTED
                words += [Written(word=word, at_s=at_s, committed=committed) for word in event.words]
            if event.state is WordState.FINAL and event.utterance in first_shown:
                final_lags_s.append(at_s - event.speech_end_s)
    await session.close()
    return Heard(
        words=tuple(words),
        audio_s=talk.audio.duration_s,
        cpu_s=0.0,
        looks=0,
        first_shown_s=tuple(first_shown.values()),
        final_lags_s=tuple(final_lags_s),
    )


def hear_offline(talk: Talk, engine: SpeechToText) -> Heard:
    """Recognise the whole recording in one call, with the engine's own defaults for files."""
    native_s, thread_s = engine.cpu_s(), time.thread_time()
    transcript = engine.transcribe(talk.audio, language=talk.language, context=RecognitionContext())
    return Heard(
        words=tuple(Written(word=word, at_s=talk.audio.duration_s, committed=False) for word in transcript.words),
        audio_s=talk.audio.duration_s,
        cpu_s=engine.cpu_s() - native_s + time.thread_time() - thread_s,
        looks=1,
        first_shown_s=(),
    )


def read_talk(wav: Path) -> Talk:
    """Read a WAV (16 kHz) and the JSON beside it."""
    samples, rate = soundfile.read(wav, dtype="float32")
    return Talk(
        name=wav.stem,
        language=Language(wav.stem[:2]),
        audio=Audio(samples=samples, sample_rate=rate),
        truth=tuple(read_true_words(wav.with_suffix(".json"), starts_at_s=0.0)),
    )


def word_errors(talk: Talk, heard: Heard) -> tuple[float, list[float]]:
    """Give the word error rate, and for every right word the seconds from its true end to its being there for good."""
    wer, right = find_right_words(talk, heard)
    return wer, [written.at_s - true.end_s for true, written in right]


def find_right_words(talk: Talk, heard: Heard) -> tuple[float, list[tuple[TrueWord, Written]]]:
    """Give the word error rate, and every word that was heard as it was said beside what was said."""
    said = [word for word in talk.truth if plain(word.text)]
    got = [written for written in heard.words if plain(written.word.text)]
    if not got:
        return 1.0, []
    result = jiwer.process_words(
        " ".join(plain(word.text) for word in said), " ".join(plain(written.word.text) for written in got)
    )
    right: list[tuple[TrueWord, Written]] = []
    for chunk in result.alignments[0]:
        if chunk.type == "equal":
            stretch = said[chunk.ref_start_idx : chunk.ref_end_idx]
            right += zip(stretch, got[chunk.hyp_start_idx : chunk.hyp_end_idx], strict=True)
    return result.wer, right


def time_errors_s(talk: Talk, heard: Heard) -> tuple[list[float], list[float]]:
    """Give, for every right word, how far its start and its end lie from the true ones, seconds without sign."""
    _, right = find_right_words(talk, heard)
    starts = [abs(written.word.start_s - true.start_s) for true, written in right]
    return starts, [abs(written.word.end_s - true.end_s) for true, written in right]


def plain(text: str) -> str:
    """Write a word without capitals and punctuation, as error rates are counted."""
    return re.sub(r"[^\w]", "", text.casefold())


def percentile(values: Sequence[float], part: float) -> float:
    """Give the nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))] if ordered else 0.0
