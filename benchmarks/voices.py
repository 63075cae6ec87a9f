"""Measure the voices: first sound, speed, loudness, what our own code adds, and the backlog behind a fast speaker.

``python benchmarks/voices.py --help`` says how. ``voices_run.py`` measures; README.md says how to read it.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.goals import missed_by, shortfall
from benchmarks.machine import describe_machine
from benchmarks.recognition_run import percentile
from benchmarks.report import Rows, describe, rounded, table, write_results
from benchmarks.voices_run import (
    HURRIES,
    SENTENCES,
    Added,
    Backlog,
    Spoken,
    cost_of_our_steps,
    follow_a_fast_speaker,
    middle,
    speak_sentences,
)

from dragoman.engines.registry import REGISTRY
from dragoman.ground.engines import EngineKind, TextToSpeech
from dragoman.ground.errors import DragomanError, EngineUnavailable
from dragoman.services.assembly import EngineWishes, open_engines, parse_choices
from dragoman.settings import read_settings
from dragoman.wire.frames import Header

RESULTS = Path(__file__).resolve().parent / "results"
FIRST_SOUND_S = 1.0
FACTOR = 0.3
LOUDNESS_LU = 1.0
BACKLOG_S = 8.0
"""What is to be reached: quick voices, clauses within 1 LU, never more than 8 s behind."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit status: 1 only if an engine is missing or fails, never for being slow."""
    options = _parse(arguments)
    machine = describe_machine()
    print(describe(machine), flush=True)
    rounds, minutes = (1, 1.0) if options.quick else (options.rounds, options.minutes)
    settings = read_settings()
    wishes = EngineWishes(text_to_speech=parse_choices(options.engine or ()))
    try:
        with open_engines(settings, wishes, kinds={EngineKind.TEXT_TO_SPEECH}) as engines:
            voices = engines.text_to_speech
            if not voices:
                raise EngineUnavailable("; ".join(["nothing here speaks", *engines.left_out]))
            spoken = _speak_all(voices, rounds=rounds, quick=options.quick)
            built_in = {name for name, entry in REGISTRY[EngineKind.TEXT_TO_SPEECH].items() if not entry.needs_model}
            steady = next((each for each in voices if each.info.name in built_in), voices[0])
            language = next(each for each in SENTENCES if each in steady.info.languages)
            added = cost_of_our_steps(steady, language, rounds=5 * rounds, watermark=options.watermark)
            hurries = HURRIES[1::2] if options.quick else HURRIES
            backlogs = [follow_a_fast_speaker(steady, language, hurry=each, minutes=minutes) for each in hurries]
    except DragomanError as error:
        print(f"voices: {error}", file=sys.stderr)
        return 1
    said = "\n\n".join([_spoken_table(spoken), _added_table(added), _backlog_table(backlogs)])
    print(f"\n{said}", flush=True)
    figures: Header = {
        "machine": rounded(dataclasses.asdict(machine)),
        "spoken": [rounded(dataclasses.asdict(each)) for each in spoken],
        "added": [rounded(dataclasses.asdict(each)) for each in added],
        "backlog": [rounded(dataclasses.asdict(each)) for each in backlogs],
    }
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.write:
        path = write_results(
            RESULTS,
            "voices",
            title=f"Voices on {machine.cores} cores",
            command=" ".join(["python benchmarks/voices.py", *(sys.argv[1:] if arguments is None else arguments)]),
            cores=machine.cores,
            text="\n\n".join([describe(machine), said]),
            figures=figures,
        )
        print(f"\nwritten to {path.relative_to(RESULTS.parent.parent)}")
    return 0


def _speak_all(voices: Sequence[TextToSpeech], *, rounds: int, quick: bool) -> list[Spoken]:
    spoken: list[Spoken] = []
    for engine in voices:
        engine.warm_up()
        languages = [each for each in SENTENCES if each in engine.info.languages]
        measured = languages[:1] if quick else languages
        spoken += [speak_sentences(engine, language, rounds=rounds) for language in measured]
    return spoken


def _spoken_table(spoken: Sequence[Spoken]) -> str:
    head = ("engine", "language", "clauses", "first sound p50", "p95", f"to {FIRST_SOUND_S:g} s")
    rows: Rows = [(*head, "s per s of sound p50", "p95", f"to {FACTOR:g}", "loudness error LU, worst", "to 1 LU")]
    for each in spoken:
        first_s, factor = percentile(each.first_sound_s, 0.95), percentile(each.factors, 0.95)
        errors = sorted(each.loudness_errors_lu, key=abs)
        rows.append(
            (
                each.engine,
                each.language,
                str(each.clauses),
                f"{middle(each.first_sound_s):.3f} s",
                f"{first_s:.3f} s",
                shortfall(first_s, FIRST_SOUND_S),
                f"{middle(each.factors):.3f}",
                f"{factor:.3f}",
                shortfall(factor, FACTOR).removesuffix(" s"),
                f"{errors[len(errors) // 2]:+.2f}, {errors[-1]:+.2f}",
                shortfall(abs(errors[-1]), LOUDNESS_LU).replace(" s", " LU"),
            )
        )
    return table(rows)


def _added_table(added: Sequence[Added]) -> str:
    rows: Rows = [("our own code", "CPU ms per s of sound")]
    rows += [(each.step, f"{each.cpu_ms_per_s:.2f}") for each in added]
    return table(rows)


def _backlog_table(backlogs: Sequence[Backlog]) -> str:
    head = ("s of dub per s", "minutes", "clauses", "skipped", "backlog worst", f"to {BACKLOG_S:g} s")
    rows: Rows = [(*head, "mean of first third", "of last")]
    rows += [
        (
            f"{each.hurry:g}",
            f"{each.minutes:g}",
            str(each.clauses),
            str(each.skipped),
            f"{each.worst_s:.1f} s",
            missed_by(each.worst_s, BACKLOG_S, "s"),
            f"{each.first_third_s:.1f} s",
            f"{each.last_third_s:.1f} s",
        )
        for each in backlogs
    ]
    return table(rows)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engine", action="append", metavar="ENGINE[:MODEL]", help="may be repeated; all by default")
    parser.add_argument("--rounds", type=_count, default=5, help="how often each sentence is said: 5")
    parser.add_argument("--minutes", type=float, default=10.0, help="of a fast speaker, in virtual time: 10")
    parser.add_argument("--watermark", type=Path, metavar="FOLDER", help="an AudioSeal model, to measure it too")
    parser.add_argument("--quick", action="store_true", help="each sentence once, one language, 1 minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
    parser.add_argument("--write", action="store_true", help=f"write the figures of this machine to {RESULTS.name}/")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
