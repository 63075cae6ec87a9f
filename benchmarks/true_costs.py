"""Measure live recognition at the true size of Whisper base and small: how soon words are there, at what cost.

``python benchmarks/true_costs.py --help`` says how. The model has the exact shape and random weights, the words come
from the tests' tiny one (``true_cost.py``). Delays are counted in real time; CA-LongYAAL by OmniSTEval, where
``peers/set_up.sh`` has installed it.
"""

import argparse
import asyncio
import dataclasses
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.goals import shortfall
from benchmarks.machine import describe_machine
from benchmarks.peers.arms import PeerFailed
from benchmarks.peers.heard_words import HeardTalk, HeardWord
from benchmarks.peers.long_yaal import long_yaal
from benchmarks.recognition_run import Heard, Talk, hear_together, percentile, read_talk, word_errors
from benchmarks.report import Rows, describe, rounded, table, write_results
from benchmarks.true_cost import SHAPES, TrueCostWhisper, make_model

from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import RECOGNITION_RATE, join_audio, silence
from dragoman.ground.errors import DragomanError
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.wire.frames import Header

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "tests" / "fixtures"
HOLDS_S = 2.2
"""Speakers hold while their last words come so soon after the end of speech, in 95 of 100 utterances."""
LAST_WORDS_S = 1.3
LONG_YAAL_S = 2.2
SPEAKERS = 3
"""What is to be reached on two cores: the first two with small, so many speakers at once with base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is measured at once."""

    size: str
    threads: int
    speakers: int

    @property
    def name(self) -> str:
        threads = f", {self.threads} threads" if self.threads > 1 else ""
        return f"{self.size}{threads}, {self.speakers} speaker{'s' if self.speakers > 1 else ''}"


CASES = (
    Case(size="small", threads=1, speakers=1),
    Case(size="small", threads=2, speakers=1),
    Case(size="base", threads=1, speakers=1),
    Case(size="base", threads=1, speakers=SPEAKERS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one case; seconds."""

    case: str
    size: str
    speakers: int
    audio_s: float
    wer: float
    last_words_s: tuple[float, ...]
    """Of every utterance: from the end of speech to its last words, the pause included."""
    first_shown_s: tuple[float, ...]
    """Of every utterance: from its start to its first word on the screen."""
    delays_s: tuple[float, ...]
    """Of every right word: from its true end to its being there for good."""
    long_yaal_s: float | None
    """Computation-aware; None without OmniSTEval."""
    cpu_s: float

    @property
    def holds(self) -> bool:
        return percentile(self.last_words_s, 0.95) <= HOLDS_S


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    costs = []
    try:
        for case in CASES:
            if case.size in options.sizes:
                costs.append(measure(case, sorted(options.talks.glob(options.only)), options.model))
                print(f"  {case.name}: done", flush=True)
    except (DragomanError, PeerFailed) as error:
        print(f"true costs: {error}", file=sys.stderr)
        return 1
    said = f"{_cost_table(costs)}\n\n{_goals(costs)}"
    print(f"\n{said}", flush=True)
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "costs": [rounded(dataclasses.asdict(cost)) for cost in costs],
        }
        file = write_results(
            HERE / "results",
            "true-cost",
            title="Whisper at its true size",
            command="benchmarks/true_costs.py --write",
            cores=machine.cores,
            text=f"{describe(machine)}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {file}")
    return 0


def measure(case: Case, wavs: Sequence[Path], pico: Path) -> Cost:
    """Hear one talk or several at once. Blocks, as long as the talks last."""
    talks = [_begin_later(read_talk(wavs[place % len(wavs)]), place) for place in range(case.speakers)]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        large = make_model(case.size, pico, Path(folder) / case.size)
        engine = TrueCostWhisper(pico, large, threads=case.threads)
        stack.callback(engine.close)
        activity = silero.open_engine(None, threads=1)
        stack.callback(activity.close)
        engine.warm_up()
        heard = asyncio.run(hear_together(talks, engine, activity, tuning=RecognitionTuning()))
    judged = [word_errors(talk, one) for talk, one in zip(talks, heard, strict=True)]
    words = [len(talk.truth) for talk in talks]
    return Cost(
        case=case.name,
        size=case.size,
        speakers=case.speakers,
        audio_s=max(one.audio_s for one in heard),
        wer=sum(wer * count for (wer, _), count in zip(judged, words, strict=True)) / sum(words),
        last_words_s=tuple(lag for one in heard for lag in one.final_lags_s),
        first_shown_s=tuple(shown for one in heard for shown in one.first_shown_s),
        delays_s=tuple(delay for _, delays in judged for delay in delays),
        long_yaal_s=_long_yaal(wavs[0], heard[0]),
        cpu_s=heard[0].cpu_s,
    )


def _begin_later(talk: Talk, seconds: float) -> Talk:
    """Let a talk begin after some silence, so that not all pause at once."""
    quiet = silence(seconds, RECOGNITION_RATE)
    moved = tuple(dataclasses.replace(word, end_s=word.end_s + seconds) for word in talk.truth)
    return dataclasses.replace(talk, audio=join_audio([quiet, talk.audio], RECOGNITION_RATE), truth=moved)


def _long_yaal(wav: Path, heard: Heard) -> float | None:
    """Of the first speaker, whose talk begins with the clock."""
    words = tuple(HeardWord(text=each.word.text, at_s=each.at_s, heard_s=each.at_s) for each in heard.words)
    try:
        return long_yaal([(wav, HeardTalk(words=words, audio_s=heard.audio_s, cpu_s=0.0, peak_mib=0.0))]).by_clock_s
    except PeerFailed as error:
        print(f"  no CA-LongYAAL: {error}", flush=True)
        return None


def _cost_table(costs: Sequence[Cost]) -> str:
    rows: Rows = [
        ("whisper", "WER", "last words p50", "p95", "first shown", "word end -> there p50", "p95", "CA-LongYAAL",
         "CPU-s/s", ""),
    ]  # fmt: skip
    rows += [
        (
            cost.case,
            f"{cost.wer:.1%}",
            f"{percentile(cost.last_words_s, 0.5):.2f} s",
            f"{percentile(cost.last_words_s, 0.95):.2f} s",
            f"{percentile(cost.first_shown_s, 0.5):.2f} s",
            f"{percentile(cost.delays_s, 0.5):.2f} s",
            f"{percentile(cost.delays_s, 0.95):.2f} s",
            "" if cost.long_yaal_s is None else f"{cost.long_yaal_s:.2f} s",
            f"{cost.cpu_s / cost.audio_s:.2f}",
            "holds" if cost.holds else "too many",
        )
        for cost in costs
    ]
    return table(rows)


def _goals(costs: Sequence[Cost]) -> str:
    rows: Rows = [("goal", "whisper", "measured", "")]
    for cost in costs:
        if cost.size == "small":
            last_s = percentile(cost.last_words_s, 0.5)
            rows.append(
                (f"last words {LAST_WORDS_S} s (p50)", cost.case, f"{last_s:.2f} s", shortfall(last_s, LAST_WORDS_S))
            )
            if cost.long_yaal_s is not None:
                yaal_s = cost.long_yaal_s
                rows.append(
                    (f"CA-LongYAAL {LONG_YAAL_S} s", cost.case, f"{yaal_s:.2f} s", shortfall(yaal_s, LONG_YAAL_S))
                )
        elif cost.speakers == SPEAKERS:
            rows.append((f"{SPEAKERS} speakers at once", cost.case, "", "met" if cost.holds else "missed"))
    return table(rows)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="true_costs.py", description="Measure Whisper at its true size, live.")
    parser.add_argument(
        "--talks", type=Path, default=FIXTURES / "speech", metavar="FOLDER", help="WAV and JSON; tests'"
    )
    parser.add_argument("--only", default="*-long.wav", metavar="PATTERN", help="which of them; *-long.wav")
    parser.add_argument("--model", type=Path, default=FIXTURES / "whisper-pico", metavar="FOLDER", help="whose words")
    parser.add_argument("--sizes", nargs="+", choices=SHAPES, default=list(SHAPES), help="all")
    parser.add_argument("--write", action="store_true", help="write to results/true-cost-<cores>-cores.md and .json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
