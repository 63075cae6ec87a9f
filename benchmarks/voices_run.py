"""One voice measured: its first sound, its speed, its loudness; and what our own code adds. To ``voices.py``.

Everything goes through the parts of a call: ``VoiceRouter`` over an ``EnginePool``, a ``DubChannel`` in virtual time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

import numpy as np

from dragoman.engines.pool import EnginePool
from dragoman.engines.watermark.audioseal import open_audioseal
from dragoman.ground.audio import FRAME_S, Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech
from dragoman.ground.events import Event, Observers, VoiceSkipped, VoiceStarted
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.ground.voices import VoicePiece, VoiceWish
from dragoman.interpreting.dub_channel import DubChannel, DubItem
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.testing.rooms import FakeDubTrack, FakeRoom
from dragoman.voicing.levelling import ClauseLeveller, VoiceLevel
from dragoman.voicing.loudness import measure_loudness
from dragoman.voicing.room_voices import RoomVoices
from dragoman.voicing.router import VoiceRouter
from dragoman.voicing.stretch import ClauseStretcher
from dragoman.voicing.watermark import Watermark

STRETCHED_BY = 1.25
PIECE_S = 0.25
"""As an engine that streams gives them."""
HURRIES = (1.0, 1.3, 1.6, 2.0)
"""How many seconds of dub a speaker gives cause for in a second."""
SAMPLED_EVERY_S = 0.5
_DEADLINE_S = 60.0
SPEAKERS_LUFS = (-22.0, -17.0)
"""How loud the people are who are dubbed: one quiet, one loud, both within what a dub follows."""
_SILENT_LUFS = -70.0

SENTENCES: dict[Language, tuple[str, ...]] = {
    Language("vi"): (
        "Cuộc họp bắt đầu lúc chín giờ sáng mai.",
        "Chúng tôi cần thêm hai tuần để hoàn thành bản báo cáo này.",
        "Xin cảm ơn mọi người đã tham dự, hẹn gặp lại vào thứ sáu.",
        "Giá thuê căn phòng này là bao nhiêu một tháng?",
    ),
    Language("en"): (
        "The meeting starts at nine tomorrow morning.",
        "We need two more weeks to finish this report.",
        "Thank you all for coming, see you again on Friday.",
        "How much is the rent for this room each month?",
    ),
    Language("es"): (
        "La reunión empieza mañana a las nueve.",
        "Necesitamos dos semanas más para terminar este informe.",
        "Gracias a todos por venir, hasta el viernes.",
    ),
    Language("de"): (
        "Die Besprechung beginnt morgen um neun Uhr.",
        "Wir brauchen noch zwei Wochen für diesen Bericht.",
        "Vielen Dank fürs Kommen, bis Freitag.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Of one engine in one language."""

    engine: str
    language: Language
    clauses: int
    first_sound_s: tuple[float, ...]
    """From asking until there is a first piece, for each clause."""
    factors: tuple[float, ...]
    """Seconds of work for each second of sound, for each clause; on the wall clock."""
    loudness_errors_lu: tuple[float, ...]
    """Of each clause, against the speaker who is dubbed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a step of our own code costs."""

    step: str
    cpu_ms_per_s: float
    """CPU milliseconds for each second of sound, all threads of this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Of a dub behind a fast speaker: seconds of voice that were still to come, whatever the channel believed."""

    hurry: float
    minutes: float
    clauses: int
    skipped: int
    worst_s: float
    first_third_s: float
    """Mean of the first third of the time; a flat backlog is the same in the last one."""
    last_third_s: float


class _Counter:
    """Counts clauses as they begin to sound, and keeps those that never will."""

    def __init__(self) -> None:
        self.started = 0
        self.skipped: set[str] = set()

    def observe(self, event: Event) -> None:
        match event:
            case VoiceStarted():
                self.started += 1
            case VoiceSkipped(segment=segment):
                self.skipped.add(segment)


class _InPieces:
    """The voices of a room as those of an engine that streams: every clause in pieces of ``PIECE_S``."""

    def __init__(self, voices: RoomVoices) -> None:
        self._voices = voices
        self.begun_s = 0.0
        """Seconds of voice of all clauses whose first piece was given."""

    def hear(self, speaker: str, audio: Audio) -> None:
        self._voices.hear(speaker, audio)

    def forget(self, speaker: str) -> None:
        self._voices.forget(speaker)

    async def prepare(self, language: Language) -> None:
        await self._voices.prepare(language)

    async def speak(
        self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
    ) -> AsyncIterator[VoicePiece]:
        spoken = self._voices.speak(
            text, speaker=speaker, language=language, wish=wish, speed=speed, deadline_s=deadline_s
        )
        made = [piece async for piece in spoken]
        whole = join_audio([piece.audio for piece in made], made[0].audio.sample_rate)
        self.begun_s += whole.duration_s
        for audio in _cut(whole):
            yield replace(made[0], audio=audio)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How far a dub was at a moment."""

    at_s: float
    offered: int
    started: int
    begun_s: float


def _to_come_s(look: _Look, lengths_s: Mapping[str, float], skipped: Set[str], tracks: Sequence[FakeDubTrack]) -> float:
    """Give the seconds of voice that came after ``look``, of what was offered until then.

    ``lengths_s`` are of all segments, in the order in which they were offered; what was skipped never came.
    """
    played = [each for track in tracks for each in track.played]
    sounded_s = sum(min(look.at_s, each.ends_s) - each.starts_s for each in played if each.starts_s < look.at_s)
    coming_s = [length_s for segment, length_s in [*lengths_s.items()][: look.offered] if segment not in skipped]
    return look.begun_s - sounded_s + sum(coming_s[look.started :])


def speak_sentences(engine: TextToSpeech, language: Language, *, rounds: int) -> Spoken:
    """Dub speakers of ``SPEAKERS_LUFS`` by turns with the sentences of ``language``; the first of each is left out."""

    async def measure() -> Spoken:
        first_s, factors, errors = [], [], []
        async with _router([engine]) as router:
            voices = router.in_room()
            for loudness in SPEAKERS_LUFS:
                _let_hear(voices, f"{loudness}", _own_sound(engine, language, loudness))
            texts = [(text, loudness) for text in SENTENCES[language] * rounds for loudness in SPEAKERS_LUFS]
            for place, (text, loudness) in enumerate((*texts[: len(SPEAKERS_LUFS)], *texts), -len(SPEAKERS_LUFS)):
                started, began_s, pieces = time.perf_counter(), 0.0, []
                spoken = voices.speak(
                    text,
                    speaker=f"{loudness}",
                    language=language,
                    wish=VoiceWish.NATURAL,
                    speed=1.0,
                    deadline_s=_DEADLINE_S,
                )
                async for piece in spoken:
                    began_s = began_s or time.perf_counter() - started
                    pieces.append(piece.audio)
                took_s = time.perf_counter() - started
                if place >= 0:
                    whole = join_audio(pieces, pieces[0].sample_rate)
                    first_s.append(began_s)
                    factors.append(took_s / whole.duration_s)
                    errors.append((measure_loudness(whole.samples, whole.sample_rate) or _SILENT_LUFS) - loudness)
        return Spoken(
            engine=engine.info.label,
            language=language,
            clauses=len(factors),
            first_sound_s=tuple(first_s),
            factors=tuple(factors),
            loudness_errors_lu=tuple(errors),
        )

    return asyncio.run(measure())


def cost_of_our_steps(engine: TextToSpeech, language: Language, *, rounds: int, watermark: Path | None) -> list[Added]:
    """Time levelling, stretching and, with a model of it, the watermark, on what ``engine`` spoke."""
    clauses = [
        join_audio(engine.speak(text, language=language, voice=DEFAULT_VOICE, speed=1.0), engine.info.sample_rate)
        for text in SENTENCES[language]
    ]
    steps: dict[str, Callable[[Audio], object]] = {
        "loudness": lambda audio: ClauseLeveller(VoiceLevel()).push(audio),
        f"stretch x {STRETCHED_BY}": _stretched,
    }
    if watermark is not None:
        marking = Watermark(open_audioseal(watermark))
        steps["watermark"] = lambda audio: list(marking.mark(lambda: iter([audio]), engine=engine.info.label))
    return [Added(step=name, cpu_ms_per_s=_cpu_ms_per_s(step, clauses, rounds)) for name, step in steps.items()]


def _stretched(clause: Audio) -> list[Audio]:
    """Stretch as a call does: a step after the other, as the clause comes."""
    stretcher = ClauseStretcher(STRETCHED_BY)
    made = [stretcher.push(piece) for piece in _cut(clause)]
    return [audio for audio in (*made, stretcher.end(clause.sample_rate)) if audio is not None]


def _cut(clause: Audio) -> Iterator[Audio]:
    step = round(PIECE_S * clause.sample_rate)
    for first in range(0, len(clause.samples), step):
        yield Audio(samples=clause.samples[first : first + step], sample_rate=clause.sample_rate)


def _cpu_ms_per_s(step: Callable[[Audio], object], clauses: Sequence[Audio], rounds: int) -> float:
    step(clauses[0])
    before_s = time.process_time()
    for clause in [*clauses] * rounds:
        step(clause)
    return 1000 * (time.process_time() - before_s) / (rounds * sum(clause.duration_s for clause in clauses))


def follow_a_fast_speaker(engine: TextToSpeech, language: Language, *, hurry: float, minutes: float) -> Backlog:
    """Dub somebody who says, in every second, what takes ``hurry`` seconds to say in ``language``; in virtual time."""

    async def measure() -> Backlog:
        counter = _Counter()
        async with _router([engine]) as router:
            room, voices = FakeRoom(), _InPieces(router.in_room())
            channel = DubChannel(
                language=language,
                room=room,
                voices=voices,
                echo=EchoGuard(window_s=10.0),
                observer=Observers(observers=(counter,)),
                tuning=InterpretingTuning(),
                wish=VoiceWish.NATURAL,
            )
            sentences = [(text, _length_s(engine, language, text)) for text in SENTENCES[language]]
            running = asyncio.create_task(channel.run(), name="dub")
            await channel.set_listeners("an", frozenset({"ben"}))
            clock = asyncio.get_running_loop()
            ends_s, next_s = clock.time() + 60 * minutes, clock.time()
            offered_s: dict[str, float] = {}
            looks: list[_Look] = []
            while clock.time() < ends_s:
                while next_s <= clock.time():
                    text, length_s = sentences[len(offered_s) % len(sentences)]
                    segment = f"an.{len(offered_s) + 1}"
                    offered_s[segment] = length_s
                    channel.offer(_item(segment, text, clock.time()))
                    next_s += length_s / hurry
                looks.append(
                    _Look(
                        at_s=clock.time(),
                        offered=len(offered_s),
                        started=counter.started,
                        begun_s=voices.begun_s,
                    )
                )
                await asyncio.sleep(SAMPLED_EVERY_S)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        backlogs_s = [_to_come_s(look, offered_s, counter.skipped, room.tracks) for look in looks]
        third = max(1, len(backlogs_s) // 3)
        return Backlog(
            hurry=hurry,
            minutes=minutes,
            clauses=len(offered_s),
            skipped=len(counter.skipped),
            worst_s=max(backlogs_s),
            first_third_s=mean(backlogs_s[:third]),
            last_third_s=mean(backlogs_s[-third:]),
        )

    return run_in_virtual_time(measure)


def _own_sound(engine: TextToSpeech, language: Language, loudness: float) -> Audio:
    """Give somebody's talk that is so loud, in LUFS."""
    pieces = [
        piece
        for text in SENTENCES[language]
        for piece in engine.speak(text, language=language, voice=DEFAULT_VOICE, speed=1.0)
    ]
    talk = join_audio(pieces, engine.info.sample_rate)
    now = measure_loudness(talk.samples, talk.sample_rate) or _SILENT_LUFS
    samples = np.asarray(talk.samples * 10 ** ((loudness - now) / 20), np.float32)
    return Audio(samples=samples, sample_rate=talk.sample_rate)


def _let_hear(voices: RoomVoices, speaker: str, audio: Audio) -> None:
    step = round(FRAME_S * audio.sample_rate)
    for first in range(0, len(audio.samples), step):
        frame = audio.samples[first : first + step]
        voices.hear(speaker, Audio(samples=frame, sample_rate=audio.sample_rate))


def middle(values: Sequence[float]) -> float:
    return median(values) if values else 0.0


def _length_s(engine: TextToSpeech, language: Language, text: str) -> float:
    return sum(piece.duration_s for piece in engine.speak(text, language=language, voice=DEFAULT_VOICE, speed=1.0))


def _item(segment: str, text: str, now_s: float) -> DubItem:
    async def outcome(wish: VoiceWish, piece: VoicePiece | None) -> None:
        """What it sounded like is nobody's concern here."""

    return DubItem(segment=segment, speaker="an", text=text, ended_at_s=now_s, offered_at_s=now_s, outcome=outcome)


@asynccontextmanager
async def _router(engines: Sequence[TextToSpeech]) -> AsyncIterator[VoiceRouter]:
    observer = Observers(observers=())
    with EnginePool(workers=2, observer=observer) as pool:
        yield VoiceRouter(engines=engines, pool=pool, observer=observer)
