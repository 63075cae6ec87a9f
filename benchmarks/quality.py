"""Measure how well models hear recordings whose words are known and translate texts whose translations are known.

It fails where they do worse than they should.

``make quality MODELS=FOLDER DATA=FOLDER``, or ``python benchmarks/quality.py --help``; docs/howto/measure-quality.md
says what the folders hold. ``quality_run.py`` hears one recording, ``translation_quality.py`` translates.
"""

import argparse
import dataclasses
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import describe_machine
from benchmarks.quality_run import (
    Errors,
    Judged,
    Sample,
    find_manifest,
    find_recognisers,
    judge,
    open_recogniser,
    read_manifest,
)
from benchmarks.quality_voices import complain_of_voices
from benchmarks.recognition_run import percentile
from benchmarks.report import describe
from benchmarks.translation_quality import complain_of_scores, describe_scores, measure_translation, read_pairs

from dragoman.engines.voice_activity import silero
from dragoman.ground.errors import DragomanError
from dragoman.ground.languages import Language

LIMITS = {"en": 8.0, "vi": 15.0}
"""Highest word error rate by language, per cent; other languages are told and not judged."""
CHRF_LIMITS = {"vi-en": 57.0, "en-vi": 57.0}
"""Lowest chrF++ by pair; other pairs are told and not judged."""
INVENTED_LIMIT = 5.0
"""Highest share of words that nobody said, per cent."""

_HEADER = (
    "language  recordings   audio    words  WER offline    live  invented offline    live"
    "  speech end -> last words p50    p95  s/s offline  model"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, 1 where a limit is passed, 2 where something is missing or fails."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    try:
        samples, pairs = read_manifest(options.data), read_pairs(find_manifest(options.data))
        judged = measure(options.models, samples) if samples else []
        scores = measure_translation(options.models, pairs) if pairs else []
    except DragomanError as error:
        print(f"quality: {error}", file=sys.stderr)
        return 2
    by_language: dict[Language, list[Judged]] = defaultdict(list)
    for one in judged:
        by_language[one.sample.language].append(one)
    complaints = complain_of_scores(scores, options.chrf)
    if judged:
        print(f"\n{_HEADER}", flush=True)
    for language, of_language in sorted(by_language.items()):
        print(_line(language, of_language), flush=True)
        complaints += complain(language, of_language, limits=options.limit, invented_limit=options.invented)
    if scores:
        print(f"\n{describe_scores(scores)}", flush=True)
    if judged:
        complaints += complain_of_voices(find_recognisers(options.models), options.data)
    for complaint in complaints:
        print(f"quality: {complaint}", file=sys.stderr)
    if options.json is not None:
        written = {"machine": dataclasses.asdict(machine), "recordings": [_as_json(one) for one in judged]}
        written["translations"] = [dataclasses.asdict(score) for score in scores]
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if complaints else 0


def measure(models: Path, samples: Sequence[Sample]) -> list[Judged]:
    """Hear every recording with the model made for its language, or else the largest. Raises our errors."""
    with ExitStack() as stack:
        engines = [open_recogniser(stack, folder) for folder in find_recognisers(models)]
        activity = silero.open_engine(None, threads=1)
        stack.callback(activity.close)
        return [judge(sample, engines, activity) for sample in samples]


def complain(
    language: Language, judged: Sequence[Judged], *, limits: Mapping[str, float], invented_limit: float
) -> list[str]:
    """Say which limits are passed, offline or live."""
    complaints = []
    for way, errors in _ways(judged).items():
        rate, share = 100 * errors.word_error_rate, 100 * errors.invented_share
        limit = limits.get(language)
        if limit is not None and rate > limit:
            complaints.append(f"{language} {way}: word error rate {rate:.1f} %, at most {limit:g} % is wanted")
        if share > invented_limit:
            complaints.append(
                f"{language} {way}: {share:.1f} % of the words are invented, at most {invented_limit:g} %"
            )
    return complaints


def _ways(judged: Sequence[Judged]) -> dict[str, Errors]:
    return {
        "offline": sum((one.offline for one in judged), Errors()),
        "live": sum((one.live for one in judged), Errors()),
    }


def _line(language: Language, judged: Sequence[Judged]) -> str:
    offline, live = _ways(judged).values()
    audio_s = sum(one.audio_s for one in judged)
    lags_s = [lag_s for one in judged for lag_s in one.final_lags_s]
    models = ", ".join(dict.fromkeys(one.model_used for one in judged))
    return (
        f"{language:8} {len(judged):11} {audio_s:5.0f} s {offline.said:8} {offline.word_error_rate:12.1%}"
        f" {live.word_error_rate:7.1%} {offline.invented_share:17.1%} {live.invented_share:7.1%}"
        f" {percentile(lags_s, 0.5):28.2f} s {percentile(lags_s, 0.95):4.2f} s"
        f" {sum(one.offline_s for one in judged) / audio_s if audio_s else 0.0:11.3f}  {models}"
    )


def _as_json(one: Judged) -> dict[str, object]:
    return {**dataclasses.asdict(one), "sample": {**dataclasses.asdict(one.sample), "file": one.sample.file.name}}


def _read_limit(text: str) -> tuple[str, float]:
    language, _, percent = text.partition("=")
    return language, float(percent)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality.py", description="Measure what models make of known recordings.")
    parser.add_argument("--models", type=Path, required=True, metavar="FOLDER", help="a model, or a folder of models")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="recordings and manifest.jsonl")
    parser.add_argument(
        "--limit",
        type=_read_limit,
        action="append",
        default=[],
        metavar="LANGUAGE=PERCENT",
        help="highest word error rate; en=8 and vi=15",
    )
    parser.add_argument(
        "--invented", type=float, default=INVENTED_LIMIT, metavar="PERCENT", help="highest share of invented words; 5"
    )
    parser.add_argument(
        "--chrf",
        type=_read_limit,
        action="append",
        default=[],
        metavar="PAIR=POINTS",
        help="lowest chrF++ of translations; vi-en=57 and en-vi=57",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found of every recording there")
    options = parser.parse_args(arguments)
    options.chrf = {**CHRF_LIMITS, **dict(options.chrf)}
    options.limit = {**LIMITS, **dict(options.limit)}
    return options


if __name__ == "__main__":
    sys.exit(main())
