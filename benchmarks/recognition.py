"""Measure live recognition: word errors, delay from a word's true end to its being there for good, and CPU.

``python benchmarks/recognition.py --help`` says how. One talk after the other is heard live, as a microphone brings it,
and offline in one call, by the same engine with the same weights; ``recognition_run.py`` does one of them.
``--true-cost`` measures instead what Whisper costs at its true size, and how many speakers it keeps up with
(``true_cost.py``).
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TypeVar

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import describe_machine
from benchmarks.recognition_run import (
    Talk,
    hear_live,
    hear_offline,
    percentile,
    read_talk,
    word_errors,
)
from benchmarks.report import describe

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.engines.voice_activity import silero
from dragoman.ground.engines import SpeechToText, VoiceActivity
from dragoman.ground.errors import DragomanError
from dragoman.ground.virtual_time import VirtualTimeLoop, run_in_virtual_time
from dragoman.recognition.tuning import RecognitionTuning

T = TypeVar("T")

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
CLOCKS = ("real", "leaping", "cpu")


class CpuTimeLoop(VirtualTimeLoop):
    """A loop on whose clock computation takes its CPU time: delays as on a machine with nothing else to do."""

    def time(self) -> float:
        return time.process_time() + self._leapt_s


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is printed of one talk."""

    talk: str
    audio_s: float
    words: int
    offline_wer: float
    live_wer: float
    delays_s: tuple[float, ...]
    """Of the right words, from their true end."""
    first_shown_s: tuple[float, ...]
    committed_share: float
    """Words committed before their utterance ended."""
    live_cpu_s: float
    offline_cpu_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    print(f"\nmodel {options.model.name}, clock {options.clock}\n\n{_HEADER}", flush=True)
    rows = []
    try:
        engine = faster_whisper.open_engine(options.model, threads=options.threads)
        activity = silero.open_engine(None, threads=1)
        try:
            engine.warm_up()
            for wav in sorted(options.talks.glob(options.only)):
                rows.append(measure(read_talk(wav), engine, activity, clock=options.clock))
                print(_line(rows[-1]), flush=True)
        finally:
            engine.close()
            activity.close()
    except DragomanError as error:
        print(f"recognition: {error}", file=sys.stderr)
        return 1
    if len(rows) > 1:
        print(_line(_total(rows)), flush=True)
    if options.json is not None:
        written = {"machine": dataclasses.asdict(machine), "clock": options.clock, "model": options.model.name}
        written["talks"] = [dataclasses.asdict(row) for row in rows]
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def run_by_clock(clock: str, work: Callable[[], Coroutine[None, None, T]]) -> T:
    """Run ``work`` by one of ``CLOCKS``."""
    if clock == "real":
        return asyncio.run(work())
    if clock == "leaping":
        return run_in_virtual_time(work)
    with asyncio.Runner(loop_factory=CpuTimeLoop) as runner:
        return runner.run(work())


def measure(talk: Talk, engine: SpeechToText, activity: VoiceActivity, *, clock: str) -> Row:
    """Hear ``talk`` offline and live."""
    offline = hear_offline(talk, engine)

    heard = run_by_clock(clock, lambda: hear_live(talk, engine, activity, tuning=RecognitionTuning()))
    wer, delays_s = word_errors(talk, heard)
    return Row(
        talk=talk.name,
        audio_s=heard.audio_s,
        words=len(talk.truth),
        offline_wer=word_errors(talk, offline)[0],
        live_wer=wer,
        delays_s=tuple(delays_s),
        first_shown_s=heard.first_shown_s,
        committed_share=sum(word.committed for word in heard.words) / max(1, len(heard.words)),
        live_cpu_s=heard.cpu_s,
        offline_cpu_s=offline.cpu_s,
    )


_HEADER = (
    "talk            audio  WER offline    live   word end -> there p50    p95   first shown   committed early"
    "   CPU-s/s live  offline"
)


def _line(row: Row) -> str:
    return (
        f"{row.talk:14} {row.audio_s:5.0f} s {row.offline_wer:10.1%} {row.live_wer:7.1%}"
        f" {percentile(row.delays_s, 0.5):20.2f} s {percentile(row.delays_s, 0.95):5.2f} s"
        f" {percentile(row.first_shown_s, 0.5):11.2f} s {row.committed_share:17.0%}"
        f" {row.live_cpu_s / row.audio_s:14.3f} {row.offline_cpu_s / row.audio_s:8.3f}"
    )


def _total(rows: Sequence[Row]) -> Row:
    words = sum(row.words for row in rows)
    return Row(
        talk="all",
        audio_s=sum(row.audio_s for row in rows),
        words=words,
        offline_wer=sum(row.offline_wer * row.words for row in rows) / words,
        live_wer=sum(row.live_wer * row.words for row in rows) / words,
        delays_s=tuple(delay for row in rows for delay in row.delays_s),
        first_shown_s=tuple(shown for row in rows for shown in row.first_shown_s),
        committed_share=sum(row.committed_share * row.words for row in rows) / words,
        live_cpu_s=sum(row.live_cpu_s for row in rows),
        offline_cpu_s=sum(row.offline_cpu_s for row in rows),
    )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="recognition.py", description="Measure live recognition against offline.")
    parser.add_argument(
        "--talks", type=Path, default=FIXTURES / "speech", metavar="FOLDER", help="WAV and JSON; tests'"
    )
    parser.add_argument("--only", default="*-long.wav", metavar="PATTERN", help="which of them; *-long.wav")
    parser.add_argument("--model", type=Path, default=FIXTURES / "whisper-pico", metavar="FOLDER", help="the tests'")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the model; 1")
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="real",
        help="real: as long as the talks last; leaping: idle time is skipped; cpu: so, and computing takes CPU time",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
