"""Let the streams of several speakers hear more in one call of their engine. From stream_follower.py and session.py.

Those are joined that wait for their turn at the same moment, first come, first served: nobody is waited for. Where one
of them fails, each is asked by itself.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from dragoman.engines.broker import Job
from dragoman.engines.pool import EnginePool
from dragoman.engines.together import Tell
from dragoman.ground.audio import Audio
from dragoman.ground.engines import SpeechStream
from dragoman.ground.errors import EngineError, EngineTimeout, EngineUnavailable
from dragoman.ground.events import RecognitionBatch, Stage
from dragoman.ground.steady_streams import JointStreams, StreamRequest
from dragoman.recognition.followers import Progress, Words

T = TypeVar("T")


class HearsAlong(Protocol):
    """What ``StreamFollower`` is here: an utterance whose stream hears what is kept of it."""

    working: threading.Lock
    """Held by the thread that works with the stream."""
    joint: JointStreams | None
    """Its engine, if streams can hear in one call there."""

    @property
    def pool(self) -> EnginePool: ...
    @property
    def goes_on(self) -> bool:
        """Whether the stream hears more; asked by the thread that holds ``working``, as all that follows."""
        ...

    def turn_with_others(self) -> Job | None:
        """Give the job for a turn that may be others' too; None if there is nothing to do. From any thread."""
        ...

    def take_unheard(self) -> Audio:
        """Give what the stream is to hear next."""
        ...

    def open_stream(self) -> SpeechStream:
        """Give the utterance's stream, a new one at its beginning. Raises an ``EngineError``."""
        ...

    def hear_alone(self, audio: Audio) -> Progress | None:
        """Let the stream hear ``audio``; None if it fails."""
        ...

    def take_words(self, words: Words) -> Progress | None:
        """Say what all of the stream's words brought."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class _Visit(Generic[T]):
    """Of one microphone to the thread of the engines."""

    follower: HearsAlong
    listen: Callable[[], T]
    _listened: list[T] = field(default_factory=list)

    def listen_once(self) -> T:
        """Give what ``listen`` gave: a visit that is repeated must not listen to the same audio twice."""
        if not self._listened:
            self._listened.append(self.listen())
        return self._listened[0]


async def hear_kept(follower: HearsAlong, listen: Callable[[], T]) -> tuple[T, Progress | None]:
    """Let ``follower`` hear what it keeps when it has its turn, and call ``listen`` on the same way to the thread.

    Without a turn in time it is heard with what comes next, and only ``listen`` is called. Raises what that raises.
    """
    if (job := follower.turn_with_others()) is not None:
        with suppress(EngineTimeout, EngineUnavailable):
            return await follower.pool.visit_together(_visit, _Visit(follower=follower, listen=listen), job=job)
    return await follower.pool.visit(listen), None


def _visit(visits: Sequence[_Visit[T]], tell: Tell[tuple[T, Progress | None]]) -> None:
    listened = [visit.listen_once() for visit in visits]
    found = _hear([visit.follower for visit in visits])
    for place, pair in enumerate(zip(listened, found, strict=True)):
        tell(place, pair)


def _hear(followers: Sequence[HearsAlong]) -> list[Progress | None]:
    """Let the streams hear more; None of one that hears no more. They are of one engine."""
    with ExitStack() as held:
        for follower in followers:
            held.enter_context(follower.working)
        asked = {follower: follower.take_unheard() for follower in followers if follower.goes_on}
        engine = followers[0].joint
        if engine is not None and asked:
            followers[0].pool.observer.observe(RecognitionBatch(engine=engine.info.label, windows=len(asked)))
            if len(asked) > 1:
                with suppress(EngineError):  # the pool has reported it
                    found = _hear_together(engine, asked)
                    return [found.get(follower) for follower in followers]
        return [follower.hear_alone(asked[follower]) if follower in asked else None for follower in followers]


def _hear_together(engine: JointStreams, asked: dict[HearsAlong, Audio]) -> dict[HearsAlong, Progress | None]:
    def ask() -> list[StreamRequest]:
        return [StreamRequest(stream=follower.open_stream(), audio=audio) for follower, audio in asked.items()]

    pool = next(iter(asked)).pool
    found = pool.timed(Stage.RECOGNITION, engine, lambda: engine.accept_together(ask()))
    return {follower: follower.take_words(words) for follower, words in zip(asked, found, strict=True)}
