"""The figures of the README are those of the results that it cites: what was measured again is written again."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks.recognition_run import percentile

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")

Result = Mapping[str, Any]
"""What a benchmark wrote, as JSON."""
Figures = Mapping[str, float | str]
"""By what they are called: a number as the README rounds it, or words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A row of the README with figures of a result."""

    row: str
    """How it begins."""
    result: str
    figures: Callable[[Result], Figures]


def of_peers(result: Result) -> Figures:
    figures: dict[str, float | str] = {}
    for arm in ("Dragoman", "WhisperLiveKit", "whisper_streaming"):
        scores = [score for score in result["scores"] if score["arm"] == arm]
        figures[f"p50 of {arm}, s"] = round(percentile(joined(scores, "delays_s"), 0.5), 2)
        cpu_s, audio_s = (sum(score[name] for score in scores) for name in ("cpu_s", "audio_s"))
        figures[f"CPU-s/s of {arm}"] = round(cpu_s / audio_s, 2)
    return {**figures, **of_word_errors(result)}


def of_word_errors(result: Result) -> Figures:
    arms = ("Dragoman", "WhisperLiveKit", "whisper_streaming")
    return {
        f"wrong words of {arm}, %": percent_wrong((score for score in result["scores"] if score["arm"] == arm), "wer")
        for arm in arms
    }


def of_committed_words(result: Result) -> Figures:
    delays_s = joined((score for score in result["scores"] if score["arm"] == "Dragoman"), "delays_s")
    return {f"p{part}, s": round(percentile(delays_s, part / 100), 2) for part in (50, 95)}


def of_true_costs(result: Result) -> Figures:
    figures: dict[str, float | str] = {}
    for cost in result["costs"]:
        figures[f"last words of {cost['case']}, s"] = round(percentile(cost["last_words_s"], 0.5), 2)
        if cost["size"] == "small" and cost["long_yaal_s"] is not None:
            figures[f"CA-LongYAAL of {cost['case']}, s"] = round(cost["long_yaal_s"], 2)
    return figures


def of_recognition(result: Result) -> Figures:
    figures: dict[str, float | str] = {}
    worst_s = []
    for language in ("en", "vi"):
        talks = [talk for talk in result["talks"] if talk["language"] == language]
        for way in ("live", "offline"):
            figures[f"wrong words {way}, {language}, %"] = percent_wrong(talks, f"{way}_wer")
        times = [talk["live_times"] for talk in talks]
        worst_s += [percentile(joined(times, which), 0.95) for which in ("starts_s", "ends_s")]
    return figures | {"p95 of word times, s": round(max(worst_s), 2)}


def of_noise(result: Result) -> Figures:
    behind = sum(heard["finals"] for heard in result["behind the gate"])
    figures: dict[str, float | str] = {"finals behind the gate": behind or "none behind the voice gate"}
    for language in ("en", "vi"):
        heard = [one["finals"] for one in result["gate open"] if one["language"] == language]
        figures[f"finals with the gate open, {language}"] = sum(heard)
    return figures


def of_backlog(result: Result) -> Figures:
    return {"worst backlog, s": round(max(one["worst_s"] for one in result["backlog"]), 1)}


def of_call(lag: str) -> Callable[[Result], Figures]:
    def figures(result: Result) -> Figures:
        [found] = [found for name, found in result["call"]["lag_s"].items() if name.startswith(lag)]
        return {f"{part}, s": round(found[part], 2) for part in ("p50", "p95")}

    return figures


def of_pipeline(result: Result) -> Figures:
    lag_ms = result["scenes"]["true-cost"]["lag_ms"]
    ways = ("speech end -> source caption", "clause end -> dub starts")
    return {f"{way}, {part}, s": round(lag_ms[way][part] / 1000, 2) for way in ways for part in ("p50", "p95")}


CLAIMS = (
    Claim(row="Words committed while their speaker goes on", result="peers", figures=of_committed_words),
    Claim(row="The same beside WhisperLiveKit and whisper_streaming", result="peers", figures=of_peers),
    Claim(row="The same beside WhisperLiveKit and whisper_streaming", result="peers-cross", figures=of_word_errors),
    Claim(row="Recognition alone at the true cost", result="true-cost", figures=of_true_costs),
    Claim(row="A whole pipeline at the true cost", result="latency-recordings", figures=of_pipeline),
    Claim(row="Word errors and word times", result="recognition", figures=of_recognition),
    Claim(row="Words written where nobody speaks", result="noise", figures=of_noise),
    Claim(row="Ten minutes behind a speaker", result="voices", figures=of_backlog),
    Claim(row="In the call: speech end", result="latency-call", figures=of_call("speech end -> caption seen")),
    Claim(row="In the call: clause end", result="latency-call", figures=of_call("clause end -> dub audible")),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.row} ({claim.result})")
def test_figures_of_the_readme_are_those_of_the_result_that_it_cites(claim: Claim) -> None:
    cited = re.findall(rf"benchmarks/results/({claim.result}-\d+-cores)\.md", README)
    if not cited:
        return

    result = json.loads((REPOSITORY / "benchmarks" / "results" / f"{cited[0]}.json").read_text(encoding="utf-8"))
    rows = [line for line in README.splitlines() if line.startswith(f"| {claim.row}")]

    assert len(rows) == 1, f"the README cites {cited[0]}.md, and no row of it begins with {claim.row!r}"
    assert stale(rows[0], claim.figures(result)) == [], f"write what {cited[0]}.json says into the row {claim.row!r}"


def test_a_figure_that_was_measured_anew_is_missed_in_its_row() -> None:
    row = "| Words | works, 8 talks | 0.33 s against 0.77 s; 1.0 % wrong, none left |"

    assert stale(row, {"ours": 0.33, "theirs": 0.77, "wrong": 1.0, "left": "none left"}) == []
    assert stale(row, {"ours": 0.3, "theirs": 0.78, "left": "none at all"}) == [
        "ours is 0.3",
        "theirs is 0.78",
        "left is none at all",
    ]


def stale(row: str, figures: Figures) -> list[str]:
    """Say which figures the row does not tell."""
    told = {float(number) for number in NUMBER.findall(row)}
    return [
        f"{name} is {figure}"
        for name, figure in figures.items()
        if (figure not in row if isinstance(figure, str) else figure not in told)
    ]


def joined(parts: Iterable[Mapping[str, Sequence[float]]], name: str) -> list[float]:
    return [value for part in parts for value in part[name]]


def percent_wrong(heard: Iterable[Mapping[str, float]], name: str) -> float:
    """Of all words together."""
    counted = [(one["words"], one[name]) for one in heard]
    return round(100 * sum(words * wer for words, wer in counted) / sum(words for words, _ in counted), 1)
