"""Compare live recognition with that of WhisperLiveKit and whisper_streaming: same weights, same talks, same cores.

``--help`` says how; ``peers/set_up.sh`` installs the peers. Each talk goes through one recogniser after the other
(A B C, A B C), in real time, each in a process of its own with one thread for the model. ``--true-cost`` lets a model
of true size work beside every step of the tests' one, on as many tokens as the reference has for the window
(``true_cost.py``, ``peers/true_cost_twin.py``); ``--cross`` adds each recogniser with the other's windows, in the same
run.
"""

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fresh_talks import make_talks
from benchmarks.machine import describe_machine
from benchmarks.peers.arms import ARMS, CROSS_ARMS, DRAGOMAN, Arm, PeerFailed
from benchmarks.peers.heard_words import HeardTalk
from benchmarks.peers.long_yaal import long_yaal
from benchmarks.recognition_run import Heard, Talk, Written, percentile, read_talk, word_errors
from benchmarks.report import Rows, describe, rounded, table, write_results
from benchmarks.true_cost import SHAPES, make_model

from dragoman.ground.speech import Word
from dragoman.wire.frames import Header

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
RESULTS = Path(__file__).resolve().parent / "results"
COMPARABLE_WER = 0.10
"""Of the offline 30-s pass: above it the weights do not understand a talk, and word errors say nothing of policy."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one recogniser did with one talk."""

    arm: str
    talk: str
    words: int
    wer: float
    delays_s: tuple[float, ...]
    """Of the right words: from their true end to their being there for good."""
    first_word_s: float
    """From the true end of the talk's first word to the first word that stays."""
    last_word_s: float
    """From the end of speech to the last word."""
    cpu_s: float
    audio_s: float
    peak_mib: float
    heard: HeardTalk


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if a recogniser is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    arms = [*ARMS, *(CROSS_ARMS if options.cross else ())]
    size = f" at the cost of Whisper {options.true_cost}" if options.true_cost else ""
    said = [
        describe(machine),
        f"model {options.model.name}{size}; talks of seed {options.seed}, real time, one thread each",
    ]
    print("\n\n".join(said), flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if options.true_cost:
                large = make_model(options.true_cost, options.model, Path(folder) / options.true_cost)
                arms = [dataclasses.replace(arm, options=(*arm.options, "--true-cost", str(large))) for arm in arms]
            wavs = make_talks(Path(folder), seed=options.seed, each=options.each, seconds=options.seconds)
            scores = [score for wav in wavs for score in _hear(wav, options.model, arms)]
            offline = {wav.stem: _offline_wer(wav, options.model) for wav in wavs}
            said += [_talk_table(scores, offline), _arm_table(scores, arms, wavs), _goals(scores, offline)]
    except PeerFailed as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    print("\n" + "\n\n".join(said[2:]))
    if options.write:
        figures: Header = {
            "machine": rounded(dataclasses.asdict(machine)),
            "model": options.model.name,
            "seed": options.seed,
            "command": _command(options),
            "offline_wer": rounded(offline),
            "scores": [rounded(dataclasses.asdict(score)) for score in scores],
        }
        file = write_results(
            RESULTS,
            result_name(true_cost=options.true_cost, cross=options.cross),
            title=f"Live recognition beside two peers{size}",
            command=_command(options),
            cores=machine.cores,
            text="\n\n".join(said),
            figures=figures,
        )
        print(f"\nwritten to {file}")
    return 0


def result_name(*, true_cost: str | None, cross: bool) -> str:
    """Name what was measured: the arms and their cost, so that no comparison takes another's place."""
    return "-".join(["peers", *(["true-cost", true_cost] if true_cost else []), *(["cross"] if cross else [])])


def _command(options: argparse.Namespace) -> str:
    """Give what was measured with every option that changes it, as it is typed."""
    size = f" --true-cost {options.true_cost}" if options.true_cost else ""
    cross = " --cross" if options.cross else ""
    talks = f" --seed {options.seed} --each {options.each} --seconds {options.seconds:g}"
    return f"benchmarks/recognition_peers.py{size}{cross}{talks} --write"


def _hear(wav: Path, model: Path, arms: Sequence[Arm]) -> list[Score]:
    talk = read_talk(wav)
    scores = []
    for arm in arms:
        heard = arm.hear(wav, language=str(talk.language), model=model, seconds=talk.audio.duration_s)
        scores.append(_score(arm, talk, heard))
        print(f"  {talk.name}: {arm.name} done", flush=True)
    return scores


def _score(arm: Arm, talk: Talk, heard: HeardTalk) -> Score:
    wer, delays_s = word_errors(talk, _as_heard(heard))
    return Score(
        arm=arm.name,
        talk=talk.name,
        words=len(talk.truth),
        wer=wer,
        delays_s=tuple(delays_s),
        first_word_s=heard.words[0].at_s - talk.truth[0].end_s if heard.words else heard.audio_s,
        last_word_s=heard.words[-1].at_s - talk.truth[-1].end_s if heard.words else heard.audio_s,
        cpu_s=heard.cpu_s,
        audio_s=heard.audio_s,
        peak_mib=heard.peak_mib,
        heard=heard,
    )


def _as_heard(heard: HeardTalk) -> Heard:
    words = tuple(
        Written(word=Word(text=word.text, start_s=0.0, end_s=0.0), at_s=word.at_s, committed=True)
        for word in heard.words
    )
    return Heard(words=words, audio_s=heard.audio_s, cpu_s=heard.cpu_s, looks=0, first_shown_s=())


def _offline_wer(wav: Path, model: Path) -> float:
    """Give the word errors of faster-whisper's own call: windows of 30 s, beam 5."""
    from faster_whisper import WhisperModel

    talk = read_talk(wav)
    recogniser = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=1)
    segments, _ = recogniser.transcribe(str(wav), language=str(talk.language), beam_size=5)
    text = " ".join(segment.text for segment in segments).split()
    words = tuple(
        Written(word=Word(text=word, start_s=0.0, end_s=0.0), at_s=talk.audio.duration_s, committed=False)
        for word in text
    )
    return word_errors(talk, Heard(words=words, audio_s=0.0, cpu_s=0.0, looks=0, first_shown_s=()))[0]


def _talk_table(scores: Sequence[Score], offline: dict[str, float]) -> str:
    rows: Rows = [
        ("talk", "recogniser", "WER", "offline", "p50", "p95", "first word", "last word", "CPU-s/s", "memory")
    ]
    rows += [
        (
            score.talk,
            score.arm,
            f"{score.wer:.1%}",
            f"{offline[score.talk]:.1%}",
            f"{percentile(score.delays_s, 0.5):.2f} s",
            f"{percentile(score.delays_s, 0.95):.2f} s",
            f"{score.first_word_s:.2f} s",
            f"{score.last_word_s:.2f} s",
            f"{score.cpu_s / score.audio_s:.3f}",
            f"{score.peak_mib:.0f} MiB",
        )
        for score in scores
    ]
    return table(rows)


def _arm_table(scores: Sequence[Score], arms: Sequence[Arm], wavs: Sequence[Path]) -> str:
    rows: Rows = [("all talks", "WER", "p50", "p95", "CPU-s/s", "CA-LongYAAL")]
    for arm in arms:
        own = [score for score in scores if score.arm == arm.name]
        delays_s = [delay for score in own for delay in score.delays_s]
        yaal = long_yaal(list(zip(wavs, [score.heard for score in own], strict=True)))
        rows.append(
            (
                arm.name,
                f"{_all_wer(own):.1%}",
                f"{percentile(delays_s, 0.5):.2f} s",
                f"{percentile(delays_s, 0.95):.2f} s",
                f"{_cpu_share(own):.3f}",
                f"{yaal.by_clock_s:.2f} s",
            )
        )
    return table(rows)


def _goals(scores: Sequence[Score], offline: dict[str, float]) -> str:
    """Hold ours beside the better peer, talk by talk, and beside the goals."""
    own = [score for score in scores if score.arm == DRAGOMAN.name]
    peers = [score for score in scores if score.arm in {arm.name for arm in ARMS} - {DRAGOMAN.name}]
    comparable = [score for score in own if offline[score.talk] <= COMPARABLE_WER]
    worse = [
        f"{score.talk} ({score.wer:.1%} against {best:.1%})"
        for score in comparable
        if score.wer > (best := min(peer.wer for peer in peers if peer.talk == score.talk))
    ]
    judged = {score.talk for score in comparable}
    own_wer = _all_wer(comparable)
    best_wer = min(
        _all_wer([peer for peer in peers if peer.arm == arm and peer.talk in judged])
        for arm in {peer.arm for peer in peers}
    )
    delays_s = [delay for score in own for delay in score.delays_s]
    cpu_s = _cpu_share(own)
    peers_cpu_s = min(_cpu_share([peer for peer in peers if peer.arm == arm]) for arm in {peer.arm for peer in peers})
    p50_s, p95_s = percentile(delays_s, 0.5), percentile(delays_s, 0.95)
    rows: Rows = [
        ("goal", "ours", ""),
        ("WER no worse than the better peer's", f"{own_wer:.1%}, theirs {best_wer:.1%}", _met(own_wer, best_wer)),
        ("talks where a peer was better", ", ".join(worse) or "none", ""),
        ("WER within 1 point of offline", f"{_all_wer(comparable) - _all_offline(comparable, offline):+.1%}", ""),
        ("word end -> committed p50 <= 0.40 s", f"{p50_s:.2f} s", _met(p50_s, 0.40)),
        ("word end -> committed p95 <= 0.90 s", f"{p95_s:.2f} s", _met(p95_s, 0.90)),
        ("CPU-s per audio-s <= 0.20", f"{cpu_s:.3f}", _met(cpu_s, 0.20)),
        ("4 times less CPU than the thriftier peer", f"{peers_cpu_s / cpu_s:.1f} times", _met(4 * cpu_s, peers_cpu_s)),
    ]
    return table(rows)


def _met(figure: float, limit: float) -> str:
    return "met" if figure <= limit else f"missed by {figure - limit:.2f}"


def _all_wer(scores: Sequence[Score]) -> float:
    words = sum(score.words for score in scores)
    return sum(score.wer * score.words for score in scores) / words if words else 0.0


def _all_offline(scores: Sequence[Score], offline: dict[str, float]) -> float:
    words = sum(score.words for score in scores)
    return sum(offline[score.talk] * score.words for score in scores) / words if words else 0.0


def _cpu_share(scores: Sequence[Score]) -> float:
    return sum(score.cpu_s for score in scores) / sum(score.audio_s for score in scores)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="recognition_peers.py", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=FIXTURES / "whisper-pico", metavar="FOLDER", help="the tests'")
    parser.add_argument("--seed", type=int, default=71, help="of the talks; 71")
    parser.add_argument("--each", type=int, default=2, metavar="N", help="talks in English, and in Vietnamese; 2")
    parser.add_argument("--seconds", type=float, default=28.0, metavar="N", help="length of a talk, about; 28")
    parser.add_argument("--cross", action="store_true", help="also the peers with short windows, ours with 30 s")
    parser.add_argument("--true-cost", choices=SHAPES, help="let a model of that size work beside every step")
    parser.add_argument("--write", action="store_true", help="write results/peers[-cross]-<cores>-cores.md and .json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
