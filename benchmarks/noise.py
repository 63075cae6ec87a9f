"""Count what live recognition makes of sound in which nobody speaks: nothing, if all is well.

``python benchmarks/noise.py --help`` says how. Every kind of ``noises.py`` runs through the session of a call, in
virtual time, as each of the languages; once behind the voice gate, and once with the gate forced open, which tells what
the checks behind the gate refuse by themselves.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import describe_machine
from benchmarks.noises import NOISES, make_noise
from benchmarks.recognition_run import Talk, hear_live
from benchmarks.report import Rows, describe, rounded, table, write_results

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.engines.voice_activity import silero
from dragoman.engines.voice_activity.silero import SileroVoiceActivity
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import SpeechToText, VoiceActivity, VoiceActivityStream
from dragoman.ground.errors import DragomanError
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.wire.frames import Header

HERE = Path(__file__).resolve().parent
PICO = HERE.parent / "tests" / "fixtures" / "whisper-pico"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was made of one kind of noise."""

    language: str
    """That was listened for."""
    kind: str
    audio_s: float
    finals: int
    """Utterances of which words were on the screen, if only for a moment."""
    words: int
    text: str


class OpenGate(SileroVoiceActivity):
    """Takes everything for a voice."""

    def open(self) -> VoiceActivityStream:
        return _AllVoice()


class _AllVoice:
    def speech_probability(self, window: Samples) -> float:
        return 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and print. Returns 1 if an engine fails or a word passed the gate."""
    options = _parse(arguments)
    machine = describe_machine()
    head = f"{describe(machine)}\n\nmodel {options.model.name}, {options.minutes:g} minutes of noise a language"
    print(head, flush=True)
    behind: list[Count] = []
    forced: list[Count] = []
    try:
        engine = faster_whisper.open_engine(options.model, threads=1)
        gate, open_gate = silero.open_engine(None, threads=1), OpenGate(silero.find_model_file())
        try:
            seconds = 60 * options.minutes / len(NOISES)
            for language in options.languages:
                for kind in NOISES:
                    noise = make_noise(kind, seconds=seconds, seed=options.seed)
                    behind.append(count_words(kind, noise, engine, gate, language=language))
                    forced.append(count_words(kind, noise, engine, open_gate, language=language))
                    print(f"  {language} {kind}: {behind[-1].finals} and {forced[-1].finals} finals", flush=True)
        finally:
            engine.close()
            gate.close()
            open_gate.close()
    except DragomanError as error:
        print(f"noise: {error}", file=sys.stderr)
        return 1
    said = count_table(behind, forced)
    print(f"\n{said}", flush=True)
    if options.write:
        figures: Header = {
            "machine": rounded(asdict(machine)),
            "model": options.model.name,
            "seed": options.seed,
            "behind the gate": [rounded(asdict(count)) for count in behind],
            "gate open": [rounded(asdict(count)) for count in forced],
        }
        file = write_results(
            HERE / "results",
            "noise",
            title="Words heard where nobody speaks",
            command="benchmarks/noise.py --write",
            cores=machine.cores,
            text=f"{head}\n\n{said}",
            figures=figures,
        )
        print(f"\nwritten to {file}")
    return 1 if any(count.words for count in behind) else 0


def count_words(kind: str, noise: Samples, engine: SpeechToText, gate: VoiceActivity, *, language: Language) -> Count:
    """Hear ``noise`` (16 kHz) live, as quickly as it can be computed."""
    audio = Audio(samples=noise, sample_rate=RECOGNITION_RATE)
    talk = Talk(name=kind, language=language, audio=audio, truth=())
    heard = run_in_virtual_time(lambda: hear_live(talk, engine, gate, tuning=RecognitionTuning()))
    return Count(
        language=str(language),
        kind=kind,
        audio_s=audio.duration_s,
        finals=len(heard.final_lags_s),
        words=len(heard.words),
        text=heard.text,
    )


def add_up(counts: Sequence[Count]) -> Count:
    """Add the kinds of one language, at least one."""
    return Count(
        language=counts[0].language,
        kind="all",
        audio_s=sum(count.audio_s for count in counts),
        finals=sum(count.finals for count in counts),
        words=sum(count.words for count in counts),
        text="",
    )


def count_table(behind: Sequence[Count], forced: Sequence[Count]) -> str:
    """Write both counts beside each other, language by language."""
    rows: Rows = [
        ("heard as", "noise", "audio", "behind the gate: finals", "words", "gate forced open: finals", "words", "")
    ]
    for language in dict.fromkeys(count.language for count in behind):
        own = [[count for count in counts if count.language == language] for counts in (behind, forced)]
        pairs = [*zip(*own, strict=True), (add_up(own[0]), add_up(own[1]))]
        rows += [
            (
                language,
                gated.kind,
                f"{gated.audio_s:.0f} s",
                str(gated.finals),
                str(gated.words),
                str(opened.finals),
                str(opened.words),
                opened.text[:40],
            )
            for gated, opened in pairs
        ]
    return table(rows)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="noise.py", description="Count words that live recognition hears in noise.")
    parser.add_argument("--minutes", type=float, default=30.0, metavar="N", help="of all kinds together; 30")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the noise; 1")
    parser.add_argument("--model", type=Path, default=PICO, metavar="FOLDER", help="the tests'")
    parser.add_argument(
        "--languages",
        nargs="+",
        type=parse_language,
        default=[Language("en"), Language("vi")],
        metavar="CODE",
        help="en vi",
    )
    parser.add_argument("--write", action="store_true", help="write to results/noise-<cores>-cores.md and .json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
