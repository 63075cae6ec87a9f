"""Interpret recordings: files in, captions and dubbed voice out. For ``dragoman interpret``.

``recording_checks.py`` refuses what cannot work before anything is computed, ``recording_run.py`` lets the interpreter
work in a room of files, ``recording_results.py`` writes what came out.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dragoman.ground.events import Observers
from dragoman.observe.figures import EnginesCpu, Figures
from dragoman.observe.log import LogObserver
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.rooms.results_folder import ResultsFolder
from dragoman.services.assembly import assemble, open_engines
from dragoman.services.calibration import make_admission, measure_costs
from dragoman.services.recording_checks import check_directions, measure_speakers, voiced_targets
from dragoman.services.recording_request import RecordingRequest, Telling
from dragoman.services.recording_results import RunFigures, write_results
from dragoman.services.recording_run import RecordingRun
from dragoman.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOutcome:
    """What came out."""

    out: Path
    captions: int
    interrupted: bool


def interpret_recording(request: RecordingRequest, settings: Settings, telling: Telling) -> RecordingOutcome:
    """Interpret and write the results. Interrupting it (``KeyboardInterrupt``) keeps whole files of what was done.

    Raises an ``InputError`` for files, languages or an output folder that cannot be used, before anything is computed,
    and an ``EngineError`` or ``ModelError`` for engines that were asked for and cannot be had.
    """
    with ExitStack() as stack:
        results = stack.enter_context(ResultsFolder(request.out))
        speakers = measure_speakers(request, settings, telling)
        engines = stack.enter_context(open_engines(settings, request.wishes, languages=request.languages))
        check_directions(request, engines, settings)
        voiced = voiced_targets(request, engines, telling)
        costs = measure_costs(engines, source=request.sources[0], target=request.targets[0], cache=settings.cache_dir)
        admission = make_admission(costs, cores=settings.cores, speakers_at_once=settings.speakers_at_once)
        figures = Figures()
        observers = Observers(observers=(figures, LogObserver(request.out.name), MetricsObserver(Metrics())))
        parts = stack.enter_context(assemble(settings, engines, observers))
        run = RecordingRun(
            request=request,
            speakers=speakers,
            voiced=voiced,
            parts=parts,
            admission=admission,
            observers=observers,
            telling=telling,
            work_folder=results.work,
            limit_s=settings.max_recording_hours * 3600,
        )
        wall_s, process_cpu_s, engines_cpu = time.perf_counter(), time.process_time(), EnginesCpu(engines.by_stage())
        ended = run.play()
        stack.callback(ended.record.close)
        write_results(
            results,
            ended=ended,
            speakers=speakers,
            request=request,
            run=RunFigures(
                figures=figures,
                cpu_s_by_stage=figures.cpu_s(engines_cpu),
                process_cpu_s=time.process_time() - process_cpu_s,
                wall_s=time.perf_counter() - wall_s,
                costs=costs,
                speakers_at_once=admission.speakers_at_once,
                engines=tuple(engine.info for stage in engines.by_stage().values() for engine in stage),
            ),
        )
        return RecordingOutcome(out=results.out, captions=len(ended.record.finals), interrupted=ended.interrupted)
