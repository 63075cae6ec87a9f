"""Measure live recognition at the true size of Whisper base and small: how soon words are there, at what cost.

``python benchmarks/true_costs.py --help`` says how. The model has the exact shape and random weights, the words come
from the tests' tiny one, and how many tokens are decoded from the reference of each talk (``true_cost.py``): how many
words are wrong says nothing of this size and is not told. The talks are new ones of a seed (``fresh_talks.py``). Delays
are counted in real time; CA-LongYAAL by OmniSTEval, where ``peers/set_up.sh`` has installed it.
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

from benchmarks.fresh_talks import make_talks
from benchmarks.goals import shortfall
from benchmarks.machine import describe_machine
from benchmarks.peers.arms import PeerFailed
from benchmarks.peers.heard_words import HeardTalk, HeardWord
from benchmarks.peers.long_yaal import long_yaal
from benchmarks.peers.reference_tokens import ReferenceTokens
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
    """Of who hears last words,"""
    looks: str = ""
    """and of who hears what is said before them; the same if empty."""
    threads: int = 1
    languages: tuple[str, ...]
    """Of the speakers, one each."""

    @property
    def name(self) -> str:
        looks = f" after {self.looks}" if self.looks else ""
        threads = f", {self.threads} threads" if self.threads > 1 else ""
        return f"{self.size}{looks}{threads}, {' + '.join(self.languages)}"

    def choose(self, wavs: Sequence[Path]) -> list[Path]:
        """Give each speaker a talk of their own, in their language."""
        left = sorted(wavs)
        return [left.pop(next(at for at, wav in enumerate(left) if wav.stem[:2] == own)) for own in self.languages]


CASES = (
    Case(size="small", looks="base", languages=("en",)),
    Case(size="small", looks="base", languages=("vi",)),
    Case(size="small", languages=("en",)),
    Case(size="small", languages=("vi",)),
    Case(size="small", threads=2, languages=("en",)),
    Case(size="small", threads=2, languages=("vi",)),
    Case(size="base", languages=("en",)),
    Case(size="base", languages=("en", "vi", "en")),
)
TALKS_OF_EACH = max(case.languages.count(language) for case in CASES for language in case.languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one case; seconds."""

    case: str
    size: str
    threads: int
    speakers: int
    audio_s: float
    last_words_s: tuple[float, ...]
    """Of every utterance: from the end of speech to its last words, the pause included."""
    first_shown_s: tuple[float, ...]
    """Of every utterance: from its start to its first word on the screen."""
    delays_s: tuple[float, ...]
    """Of every word that the tests' model has right: from its true end to its being there for good."""
    long_yaal_s: float | None
    """Computation-aware, of all speakers; None without OmniSTEval."""
    cpu_s: float
    reference_met: float
    """Of the talks' words, the share that lay in a window that was decoded: what tokens are counted by is all there."""

    @property
    def holds(self) -> bool:
        return percentile(self.last_words_s, 0.95) <= HOLDS_S


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    talks = f"words of {options.model.name}; talks of seed {options.seed}, about {options.seconds:g} s each"
    print(f"\n{talks}\n", flush=True)
    costs = []
    try:
        with TemporaryDirectory() as folder:
            wavs = make_talks(Path(folder), seed=options.seed, each=TALKS_OF_EACH, seconds=options.seconds)
            for case in CASES:
                if case.size in options.sizes:
                    costs.append(measure(case, case.choose(wavs), options.model))
                    met = f"{costs[-1].reference_met:.0%} of the reference's words lay in its windows"
                    print(f"  {case.name}: done, {met}", flush=True)
    except (DragomanError, PeerFailed) as error:
        print(f"true costs: {error}", file=sys.stderr)
        return 1
    said = f"{_cost_table(costs)}\n\n{_goals(costs)}"
    print(f"\n{said}", flush=True)
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "model": options.model.name,
            "seed": options.seed,
            "costs": [rounded(dataclasses.asdict(cost)) for cost in costs],
        }
        file = write_results(
            HERE / "results",
            "true-cost",
            title="Whisper at its true size",
            command=f"benchmarks/true_costs.py --sizes {' '.join(options.sizes)} --seed {options.seed} "
            f"--seconds {options.seconds:g} --write",
            cores=machine.cores,
            text=f"{describe(machine)}\n\n{talks}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {file}")
    return 0


def measure(case: Case, wavs: Sequence[Path], pico: Path) -> Cost:
    """Hear one talk or several at once, each a second after the one before. Blocks, as long as the talks last."""
    talks = [_begin_later(read_talk(wav), place) for place, wav in enumerate(wavs)]
    reference = ReferenceTokens(pico, {wav: wav.with_suffix(".json") for wav in wavs})
    with TemporaryDirectory() as folder, ExitStack() as stack:
        engines = []
        for size in dict.fromkeys((case.looks or case.size, case.size)):
            large = make_model(size, pico, Path(folder) / size)
            engine = TrueCostWhisper(pico, large, threads=case.threads, reference=reference)
            stack.callback(engine.close)
            engine.warm_up()
            engines.append(engine)
        activity = silero.open_engine(None, threads=1)
        stack.callback(activity.close)
        final = engines[1] if case.looks else None
        heard = asyncio.run(hear_together(talks, engines[0], activity, tuning=RecognitionTuning(), final_engine=final))
    delays_s = [word_errors(talk, one)[1] for talk, one in zip(talks, heard, strict=True)]
    return Cost(
        case=case.name,
        size=case.size,
        threads=case.threads,
        speakers=len(case.languages),
        audio_s=max(one.audio_s for one in heard),
        last_words_s=tuple(lag for one in heard for lag in one.final_lags_s),
        first_shown_s=tuple(shown for one in heard for shown in one.first_shown_s),
        delays_s=tuple(delay_s for of_one in delays_s for delay_s in of_one),
        long_yaal_s=_long_yaal(wavs, heard),
        cpu_s=heard[0].cpu_s,
        reference_met=reference.met,
    )


def _begin_later(talk: Talk, seconds: float) -> Talk:
    """Let a talk begin after some silence, so that not all pause at once."""
    quiet = silence(seconds, RECOGNITION_RATE)
    moved = tuple(dataclasses.replace(word, end_s=word.end_s + seconds) for word in talk.truth)
    return dataclasses.replace(talk, audio=join_audio([quiet, talk.audio], RECOGNITION_RATE), truth=moved)


def _long_yaal(wavs: Sequence[Path], heard: Sequence[Heard]) -> float | None:
    """Of all speakers, each by the clock of their own talk."""
    talks = [(wav, since_own_start(one, place)) for place, (wav, one) in enumerate(zip(wavs, heard, strict=True))]
    try:
        return long_yaal(talks).by_clock_s
    except PeerFailed as error:
        print(f"  no CA-LongYAAL: {error}", flush=True)
        return None


def since_own_start(heard: Heard, begins_s: float) -> HeardTalk:
    """Count the times of a talk that began later from its own start."""
    times_s = [max(0.0, each.at_s - begins_s) for each in heard.words]
    words = [
        HeardWord(text=each.word.text, at_s=at_s, heard_s=at_s) for each, at_s in zip(heard.words, times_s, strict=True)
    ]
    return HeardTalk(words=tuple(words), audio_s=heard.audio_s - begins_s, cpu_s=0.0, peak_mib=0.0)


def _cost_table(costs: Sequence[Cost]) -> str:
    rows: Rows = [
        ("whisper", "length", "last words p50", "p95", "first shown", "word end -> there p50", "p95", "CA-LongYAAL",
         "CPU-s/s", ""),
    ]  # fmt: skip
    rows += [
        (
            cost.case,
            f"{cost.audio_s:.0f} s",
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
    parser.add_argument("--seed", type=int, default=97, help="of the talks; 97")
    parser.add_argument("--seconds", type=float, default=50.0, metavar="N", help="length of a talk, about; 50")
    parser.add_argument("--model", type=Path, default=FIXTURES / "whisper-pico", metavar="FOLDER", help="whose words")
    parser.add_argument("--sizes", nargs="+", choices=SHAPES, default=list(SHAPES), help="all")
    parser.add_argument("--write", action="store_true", help="write to results/true-cost-<cores>-cores.md and .json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
