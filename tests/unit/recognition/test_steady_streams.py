"""A live session with a streaming transducer: words are committed as they come, and nothing of them is taken back."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.toy_transducer import say_in_letters, write_zipformer
from tests.unit.recognition.test_live_session import hear, kept

from dragoman.engines.speech_to_text import sherpa
from dragoman.engines.speech_to_text.sherpa import Sherpa, SherpaStream
from dragoman.engines.speech_to_text.sherpa_folder import read_sherpa_folder
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import RecognitionContext, SpeechToText
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.recognition.plain_windows import words_behind
from dragoman.testing.engines import FakeVoiceActivity

EN = Language("en")
TALK = "good morning to you all this is the first of ten words"
LONG_TALK = " ".join(["one after the other we go on and on without any rest", TALK] * 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zipformer(tmp_path_factory.mktemp("models") / "zipformer-en")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Sherpa]:
    engine = sherpa.open_engine(folder, threads=1)
    yield engine
    engine.close()


def talk(text: str, *, pause_s: float = 1.5) -> Audio:
    pause = silence(pause_s, RECOGNITION_RATE)
    return join_audio([pause, say_in_letters(text), pause], RECOGNITION_RATE)


def listen(engines: list[SpeechToText], audio: Audio) -> list[RecognitionEvent]:
    return hear(audio, engines=engines, activity=FakeVoiceActivity(), language=EN)


def text_of(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def test_words_are_committed_while_the_person_speaks(engine: Sherpa) -> None:
    events = listen([engine], talk(TALK))

    early = [word for event in events if event.state is WordState.COMMITTED for word in event.words]
    assert text_of(kept(events)) == TALK
    assert len(early) >= len(TALK.split()) - 3
    assert any(event.state is WordState.PROVISIONAL for event in events)
    assert events[-1].model_used == engine.info.label


def test_speech_without_a_pause_is_cut_into_utterances_and_loses_no_word(engine: Sherpa) -> None:
    events = listen([engine], talk(LONG_TALK))

    finals = [event for event in events if event.state is WordState.FINAL]
    assert len(finals) > 3
    assert text_of(kept(events)) == LONG_TALK
    starts_s = [word.start_s for word in kept(events)]
    assert starts_s == sorted(starts_s)


def test_a_provisional_tail_begins_behind_what_is_committed(engine: Sherpa) -> None:
    events = listen([engine], talk(TALK))

    for _, utterance in groupby(events, key=lambda event: event.utterance):
        committed = 0
        for event in utterance:
            if event.state is WordState.PROVISIONAL:
                tail = TALK.split()[committed:]
                assert [word.text for word in event.words[:-1]] == tail[: len(event.words) - 1]
            else:
                committed += len(event.words)


def test_the_next_engine_finishes_without_repeating_what_was_committed(folder: Path, engine: Sherpa) -> None:
    weak = Dying(read_sherpa_folder(folder), threads=1)

    events = listen([weak, Another(engine)], talk(TALK))

    early = [word for event in events if event.state is WordState.COMMITTED for word in event.words]
    assert early
    assert "another" in {event.model_used for event in events if event.state is WordState.FINAL}
    assert text_of(kept(events)) == TALK
    weak.close()


class Dying(Sherpa):
    """Its worker is killed in the middle of the utterance, and it does not come back."""

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        raise EngineCrashed("it is gone")

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SherpaStream:
        stream = super().open_stream(language=language, context=context)
        assert self.worker_pid is not None
        return DyingStream(stream, worker=self.worker_pid)  # type: ignore[return-value]


class DyingStream:
    steady = True

    def __init__(self, stream: SherpaStream, *, worker: int) -> None:
        self._stream = stream
        self._worker = worker
        self._heard_s = 0.0

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        self._heard_s += audio.duration_s
        if self._heard_s > 6.0:
            os.kill(self._worker, signal.SIGKILL)
        return self._stream.accept(audio)

    def finish(self) -> Transcript:
        return self._stream.finish()

    def cancel(self) -> None:
        self._stream.cancel()


class Another:
    """An engine that hears as well, under another name."""

    def __init__(self, engine: Sherpa) -> None:
        self._engine = engine
        self.info = replace(engine.info, name="another", model="", streaming=False)

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        found = self._engine.transcribe(audio, language=language, context=context)
        return replace(found, model_used=self.info.label)

    def warm_up(self) -> None: ...

    def cpu_s(self) -> float:
        return self._engine.cpu_s()

    def close(self) -> None: ...


words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=8).map(
    lambda texts: tuple(
        Word(text=text, start_s=0.5 * place, end_s=0.5 * place + 0.4) for place, text in enumerate(texts)
    )
)


@given(words, st.integers(0, 8))
def test_what_is_behind_committed_words_is_the_rest_when_they_are_found_again(
    found: tuple[Word, ...], count: int
) -> None:
    committed = found[:count]

    assert words_behind(committed, found) == found[len(committed) :]
