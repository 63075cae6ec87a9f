"""Write what came out of interpreted recordings: captions, dubs, and a report. From recording.py."""

import dataclasses
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.events import LadderChanged
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import Costs
from dragoman.observe.figures import Figures
from dragoman.rooms.caption_log import write_caption_log, write_report
from dragoman.rooms.mixdown import Original, write_mixdown
from dragoman.rooms.results_folder import ResultsFolder
from dragoman.rooms.wav_room import FileSpeaker
from dragoman.rooms.webvtt import captions_as_spoken, captions_to_read, write_webvtt
from dragoman.services.recording_request import RecordingRequest
from dragoman.services.recording_run import EndedRoom
from dragoman.wire.frames import Header, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run cost."""

    figures: Figures
    cpu_s_by_stage: dict[str, float]
    process_cpu_s: float
    """CPU seconds of this process, engines inside it included, engines' own processes not."""
    wall_s: float
    costs: Costs
    speakers_at_once: int
    engines: tuple[EngineInfo, ...]


def write_results(
    results: ResultsFolder,
    *,
    ended: EndedRoom,
    speakers: list[FileSpeaker],
    request: RecordingRequest,
    run: RunFigures,
) -> None:
    """Write every file of the results. Raises ``OutputNotWritable``."""
    finals = ended.record.finals
    names = {speaker.identity: speaker.name for speaker in speakers}
    for source in dict.fromkeys(request.sources):
        write_webvtt(results.path(f"source.{source}.vtt"), captions_as_spoken(finals, source), names=names)
    for target in request.targets:
        write_webvtt(results.path(f"{target}.vtt"), captions_to_read(finals, target), names=names)
        _write_dub(results, target, ended=ended, speakers=speakers, request=request, engines=run.engines)
    write_caption_log(
        results.path("captions.jsonl"),
        finals,
        spoken={(segment, Language(to)): lag for (segment, to), lag in run.figures.voice_lag_ms.items()},
        skipped=ended.record.unvoiced,
    )
    write_report(results.path("report.json"), _report(ended, request, run))


def _write_dub(
    results: ResultsFolder,
    target: Language,
    *,
    ended: EndedRoom,
    speakers: list[FileSpeaker],
    request: RecordingRequest,
    engines: Sequence[EngineInfo],
) -> None:
    """Write ``dub.<target>.wav``; none if nothing was ever said in it."""
    dub = ended.record.dubs.get(target)
    if dub is None:
        return
    originals = [
        Original(path=it.recording.path, starts_at_s=it.starts_at_s, ducked=it.speaks != target) for it in speakers
    ]
    voices = [it.label for it in engines if it.kind is EngineKind.TEXT_TO_SPEECH and target in it.languages]
    write_mixdown(
        results.path(f"dub.{target}.wav"), originals=[] if request.dub_only else originals, dub=dub, engines=voices
    )


def _report(ended: EndedRoom, request: RecordingRequest, run: RunFigures) -> Header:
    figures = run.figures
    return {
        "audio_s": round(ended.audio_s, 3),
        "wall_s": round(run.wall_s, 3),
        "virtual_time": request.fast,
        "interrupted": ended.interrupted,
        "from": list(dict.fromkeys(request.sources)),
        "to": list(request.targets),
        "captions": len(ended.record.finals),
        "lag_ms": {name: dict(dataclasses.asdict(spread)) for name, spread in figures.lags().items()},
        "cpu_s": {**run.cpu_s_by_stage, "this_process": round(run.process_cpu_s, 3)},
        "voice_skipped": dict(figures.skipped),
        "echoes_dropped": figures.echoes,
        "engine_failures": dict(figures.failures),
        "ladder": [_ladder_row(change) for change in figures.ladder],
        "capacity": {
            "recognition_cost": round(run.costs.recognition, 4),
            "voice_cost": round(run.costs.voice, 4),
            "speakers_at_once": run.speakers_at_once,
        },
        "worst_lateness_s": round(ended.worst_lateness_s, 3),
        "engines": [_engine_row(info) for info in run.engines],
        "machine": f"{platform.machine()}, {platform.system()} {platform.release()}",
    }


def _ladder_row(change: LadderChanged) -> JsonValue:
    return {
        "speaker": change.speaker,
        "language": change.language,
        "level": int(change.level),
        "reason": change.reason,
    }


def _engine_row(info: EngineInfo) -> JsonValue:
    return {"kind": info.kind, "engine": info.label, "licence": info.licence, "commercial": info.commercial}
