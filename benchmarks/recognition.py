"""Measure live recognition: word errors, delay from a word's true end to its being there for good, and CPU.

``python benchmarks/recognition.py --help`` says how. One talk after the other is heard live, as a microphone brings it,
and offline in one call, by the same engine with the same weights; ``recognition_run.py`` does one of them.
``true_costs.py`` measures what Whisper costs at its true size. Where it puts the words in time is held beside where
they are, too. ``--write`` hears talks of a seed that nobody tuned to, and keeps what does not depend on how quick or
busy a machine is: word errors and word times.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fresh_talks import make_talks
from benchmarks.machine import describe_machine
from benchmarks.recognition_report import HEADER, Row, TimeErrors, line, total, without_costs, word_table
from benchmarks.recognition_run import (
    Heard,
    Talk,
    hear_live,
    hear_offline,
    read_talk,
    time_errors_s,
    word_errors,
)
from benchmarks.report import describe, rounded, write_results

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.engines.voice_activity import silero
from dragoman.ground.engines import SpeechToText, VoiceActivity
from dragoman.ground.errors import DragomanError
from dragoman.ground.virtual_time import VirtualTimeLoop, run_in_virtual_time
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.wire.frames import Header

T = TypeVar("T")

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "tests" / "fixtures"
CLOCKS = ("real", "leaping", "cpu")


class CpuTimeLoop(VirtualTimeLoop):
    """A loop on whose clock computation takes its CPU time: delays as on a machine with nothing else to do."""

    def time(self) -> float:
        return time.process_time() + self._leapt_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    print(f"\nmodel {options.model.name}, clock {options.clock}\n\n{HEADER}", flush=True)
    rows = []
    try:
        with ExitStack() as stack:
            engine = faster_whisper.open_engine(options.model, threads=options.threads)
            stack.callback(engine.close)
            activity = silero.open_engine(None, threads=1)
            stack.callback(activity.close)
            engine.warm_up()
            if options.write:
                folder = Path(stack.enter_context(TemporaryDirectory()))
                wavs = make_talks(folder, seed=options.seed, each=options.each, seconds=options.seconds)
            else:
                wavs = sorted(options.talks.glob(options.only))
            for wav in wavs:
                rows.append(measure(read_talk(wav), engine, activity, clock=options.clock))
                print(line(rows[-1]), flush=True)
    except DragomanError as error:
        print(f"recognition: {error}", file=sys.stderr)
        return 1
    if len(rows) > 1:
        print(line(total(rows)), flush=True)
    said = word_table(rows)
    print(f"\n{said}", flush=True)
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "model": options.model.name,
            "seed": options.seed,
            "talks": [without_costs(row) for row in rows],
        }
        head = f"{describe(machine)}\n\nmodel {options.model.name}; talks of seed {options.seed}"
        file = write_results(
            HERE / "results",
            "recognition",
            title="Word errors and word times",
            command=f"benchmarks/recognition.py --write --clock {options.clock}",
            cores=machine.cores,
            text=f"{head}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {file}")
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
        language=str(talk.language),
        audio_s=heard.audio_s,
        words=len(talk.truth),
        offline_wer=word_errors(talk, offline)[0],
        live_wer=wer,
        delays_s=tuple(delays_s),
        first_shown_s=heard.first_shown_s,
        committed_share=sum(word.committed for word in heard.words) / max(1, len(heard.words)),
        live_cpu_s=heard.cpu_s,
        offline_cpu_s=offline.cpu_s,
        offline_times=_time_errors(talk, offline),
        live_times=_time_errors(talk, heard),
    )


def _time_errors(talk: Talk, heard: Heard) -> TimeErrors:
    starts_s, ends_s = time_errors_s(talk, heard)
    return TimeErrors(starts_s=tuple(starts_s), ends_s=tuple(ends_s))


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
    parser.add_argument("--seed", type=int, default=83, metavar="N", help="of the talks of --write; 83")
    parser.add_argument("--each", type=int, default=3, metavar="N", help="talks a language of --write; 3")
    parser.add_argument("--seconds", type=float, default=28.0, metavar="N", help="length of a talk, about; 28")
    parser.add_argument(
        "--write", action="store_true", help="hear new talks; to results/recognition-<cores>-cores.md and .json"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
