"""One scene interpreted once in real time, through the parts of ``dragoman interpret``, with what it took and cost.

``latency.py`` calls it in a process of its own, so that no run inherits the memory and the threads of another. The null
interpreter does the same in a process beside it: it shows what reading and pacing the recordings cost alone.
"""

import asyncio
import os
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lags import (
    LagCollector,
    Lags,
    read_true_words,
    source_captions,
    stage_lags,
    true_clause_ends,
    true_lags,
)
from benchmarks.machine import ProcessMemory, measure_memory, threads_cpu_s
from benchmarks.peers.reference_tokens import ReferenceTokens
from benchmarks.scenes import Scene
from benchmarks.true_cost import TrueCostWhisper, make_model

from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.events import Observers
from dragoman.ground.rooms import MicrophoneOpened
from dragoman.observe.figures import EnginesCpu, Figures
from dragoman.observe.log import LogObserver, set_up_log
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.rooms.wav_room import WavRoom
from dragoman.services.assembly import Engines, assemble, open_engines
from dragoman.services.calibration import SENTENCE, make_admission, measure_costs
from dragoman.services.recording_checks import check_directions, measure_speakers, voiced_targets
from dragoman.services.recording_request import RecordingRequest, Telling
from dragoman.services.recording_run import RecordingRun
from dragoman.settings import read_settings

COMPUTES_IN_THREADS = frozenset({"faster_whisper", "ctranslate2"})
"""Engines whose ``cpu_s`` is of threads in our process; that of the others is of processes of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one run."""

    process_s: float
    """Of our process, all threads, user and system."""
    engine_calls_s: float
    """Of it, engines at work in the pool's threads."""
    native_threads_s: float
    """Of it, the engines' own threads, as the engines count them."""
    other_threads_s: float
    """Of it, threads of libraries that no engine answers for, such as numpy's: part of our own code."""
    null_s: float
    """Of it, reading and pacing the recordings, as the null interpreter shows."""
    by_stage_s: dict[str, float]
    """Of the engines by stage, their own processes included."""

    @property
    def engines_s(self) -> float:
        return sum(self.by_stage_s.values())

    @property
    def own_s(self) -> float:
        """What is left for our own code."""
        return self.process_s - self.engine_calls_s - self.native_threads_s - self.null_s

    @property
    def own_share(self) -> float:
        """Our own code as a share of the engines' compute; 0 if they did nothing."""
        return self.own_s / self.engines_s if self.engines_s else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreted:
    """What one run took; the null interpreter's part is added by whoever ran both."""

    lags: Lags
    segments: int
    """Final captions in the speakers' own languages."""
    clauses_without_truth: int
    """Of them, those whose last word could not be placed in the true text."""
    audio_s: float
    wall_s: float
    worst_lateness_s: float
    voice_skipped: dict[str, int]
    failures: dict[str, int]
    engine_calls: dict[str, int]
    cost: Cost
    memory: list[ProcessMemory]
    load: float
    """Load average of the last minute before the run."""


def interpret_scene(scene: Scene) -> Interpreted:
    """Interpret ``scene`` in real time. Raises what ``interpret_recording`` raises."""
    settings, telling, load = read_settings(), Telling(), os.getloadavg()[0]
    set_up_log(level=settings.log_level, as_json=settings.log_json)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dragoman-benchmark-")))
        request = _request(scene, folder)
        speakers = measure_speakers(request, settings, telling)
        engines = stack.enter_context(open_engines(settings, request.wishes, languages=request.languages))
        if scene.true_size:
            engines = _at_true_cost(engines, scene, folder, stack)
        check_directions(request, engines, settings)
        _warm_up(engines, request)
        costs = measure_costs(engines, source=request.sources[0], target=request.targets[0], cache=folder)
        figures, collector = Figures(), LagCollector()
        observers = Observers(observers=(figures, LogObserver(scene.name), MetricsObserver(Metrics()), collector))
        parts = stack.enter_context(assemble(settings, engines, observers))
        run = RecordingRun(
            request=request,
            speakers=speakers,
            voiced=voiced_targets(request, engines, telling),
            parts=parts,
            admission=make_admission(costs, cores=settings.cores, speakers_at_once=settings.speakers_at_once),
            observers=observers,
            telling=telling,
            work_folder=folder,
            limit_s=settings.max_recording_hours * 3600,
        )
        meter = _Meter(engines)
        ended = run.play()
        cost = meter.read(figures)
        memory = measure_memory(os.getpid())
        ended.record.close()
    lags = stage_lags(collector.seen)
    captions = source_captions(collector.seen)
    truth = [
        word
        for spoken in scene.spoken
        if spoken.truth is not None
        for word in read_true_words(spoken.truth, starts_at_s=spoken.starts_at_s)
    ]
    ends = true_clause_ends(captions, truth) if truth else {}
    return Interpreted(
        lags=lags | (true_lags(collector.seen, ends) if truth else {}),
        segments=len(captions),
        clauses_without_truth=len(captions) - len(ends) if truth else 0,
        audio_s=ended.audio_s,
        wall_s=meter.wall_s,
        worst_lateness_s=ended.worst_lateness_s,
        voice_skipped=dict(figures.skipped),
        failures=dict(figures.failures),
        engine_calls=dict(collector.engine_calls),
        cost=cost,
        memory=memory,
        load=load,
    )


def _at_true_cost(engines: Engines, scene: Scene, folder: Path, stack: ExitStack) -> Engines:
    """Put a recogniser that costs what the large one does in the place of the tiny one."""
    tiny = Path(scene.wishes.speech_to_text[0].model)
    large = make_model(scene.true_size, tiny, folder / scene.true_size)
    reference = ReferenceTokens(tiny, {each.path: each.truth for each in scene.spoken if each.truth is not None})
    recogniser = TrueCostWhisper(tiny, large, threads=1, reference=reference)
    stack.callback(recogniser.close)
    return replace(engines, speech_to_text=[recogniser], final_speech_to_text=[])


def pull_scene(scene: Scene) -> float:
    """Play ``scene`` to a loop that only takes the frames and drops them; give the CPU seconds of it."""
    settings = read_settings()
    with TemporaryDirectory(prefix="dragoman-benchmark-") as folder:
        request = _request(scene, Path(folder))
        speakers = measure_speakers(request, settings, Telling())

        async def pull() -> None:
            room = WavRoom.open(name=scene.name, speakers=speakers, targets=scene.targets, work_folder=Path(folder))
            async with room, asyncio.TaskGroup() as tasks:
                async for event in room.events():
                    if isinstance(event, MicrophoneOpened):
                        tasks.create_task(_pull_microphone(room, event.identity))

        before_s = time.process_time()
        asyncio.run(pull())
        return time.process_time() - before_s


async def _pull_microphone(room: WavRoom, identity: str) -> None:
    async for _ in room.microphone(identity):
        pass


def _request(scene: Scene, folder: Path) -> RecordingRequest:
    return RecordingRequest(
        files=tuple(spoken.path for spoken in scene.spoken),
        sources=tuple(spoken.language for spoken in scene.spoken),
        targets=scene.targets,
        out=folder / scene.name,
        starts_at_s=tuple(spoken.starts_at_s for spoken in scene.spoken),
        wishes=scene.wishes,
    )


def _warm_up(engines: Engines, request: RecordingRequest) -> None:
    """Load what is loaded late: a call that lasts for days has its first sentence only once."""
    for stage in engines.by_stage().values():
        for engine in stage:
            engine.warm_up()
    for translator in engines.translation:
        for source in dict.fromkeys(request.sources):
            for target in request.targets:
                if (source, target) in translator.info.pairs:
                    # What it makes of the sentence is no matter: a tiny model may make nothing of it.
                    with suppress(EngineOutputInvalid):
                        translator.translate([SENTENCE], source=source, target=target)


class _Meter:
    """Reads CPU time twice: when it is made, and when it is read."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self.wall_s = 0.0
        self._started_s = time.perf_counter()
        self._outside = EnginesCpu(engines.by_stage())
        self._in_threads_s = self._in_threads()
        self._native_s = _native_cpu_s()
        self._process_s = time.process_time()

    def read(self, figures: Figures) -> Cost:
        process_s = time.process_time() - self._process_s
        self.wall_s = time.perf_counter() - self._started_s
        engines_threads_s = self._in_threads() - self._in_threads_s
        return Cost(
            process_s=process_s,
            engine_calls_s=figures.thread_cpu_s(),
            native_threads_s=engines_threads_s,
            other_threads_s=_native_cpu_s() - self._native_s - engines_threads_s,
            null_s=0.0,
            by_stage_s=figures.cpu_s(self._outside),
        )

    def _in_threads(self) -> float:
        engines = [engine for stage in self._engines.by_stage().values() for engine in stage]
        return sum(engine.cpu_s() for engine in engines if engine.info.name in COMPUTES_IN_THREADS)


def _native_cpu_s() -> float:
    """CPU seconds of the threads that Python does not know: those of libraries, which live on."""
    python = {thread.native_id for thread in threading.enumerate()}
    return sum(spent for thread, spent in threads_cpu_s().items() if thread not in python)
