"""Recordings with their words, heard offline and live, and what is wrong with what was heard. To ``quality.py``.

A manifest has one JSON object a line: ``file`` (beside it, or an absolute path), ``language`` and ``text``, which is
empty where nobody speaks. Lines for ``translation_quality.py`` may have no ``file``.
"""

import json
import time
import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
from benchmarks.recognition_run import Talk, hear_live, plain

from dragoman.engines.registry import open_speech_to_text
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import EngineChoice, RecognitionContext, SpeechToText, VoiceActivity
from dragoman.ground.errors import DragomanError, InputError, ModelError, ModelIncomplete, ModelWrongFamily
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.models.families import RECOGNISERS, recognise_engine
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.recognition.who_hears import engines_for
from dragoman.rooms.audio_file import open_recording
from dragoman.services.transcribing.hearing import Hearing
from dragoman.services.transcribing.stretches import Stretches

MANIFEST = "manifest.jsonl"
MAX_FILE_S = 3600.0
INVENTED_RUN = 3
"""So many words in a row that nobody said are invented; fewer are mishearings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line of a manifest."""

    file: Path
    language: Language
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What is wrong with words that were written, in counts that can be added up."""

    said: int = 0
    wrong: int = 0
    """Substituted, left out or added."""
    written: int = 0
    invented: int = 0
    """Written where nobody spoke, or in runs of words that nobody said."""

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            said=self.said + other.said,
            wrong=self.wrong + other.wrong,
            written=self.written + other.written,
            invented=self.invented + other.invented,
        )

    @property
    def word_error_rate(self) -> float:
        return self.wrong / self.said if self.said else 0.0

    @property
    def invented_share(self) -> float:
        return self.invented / self.written if self.written else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One recording."""

    sample: Sample
    model_used: str
    audio_s: float
    offline: Errors
    offline_s: float
    """What recognising it took."""
    live: Errors
    final_lags_s: tuple[float, ...]
    """Of every utterance heard live, from the end of speech to its last words, the pause included."""


def read_manifest(data: Path) -> list[Sample]:
    """Read the recordings of ``manifest.jsonl`` in a folder, or of the file itself.

    Raises ``InputError`` with the line. None at all is an error unless there are translations.
    """
    file = find_manifest(data)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: a folder of recordings has a {MANIFEST} in it") from error
    read = [_read_line(line, file, number) for number, line in enumerate(lines, start=1) if line.strip()]
    samples = [sample for sample in read if sample is not None]
    if not read:
        raise InputError(f"{file} names no recording; a line is " + '{"file": "a.wav", "language": "vi", "text": "…"}')
    return samples


def find_manifest(data: Path) -> Path:
    return data / MANIFEST if data.is_dir() else data


def _read_line(line: str, manifest: Path, number: int) -> Sample | None:
    try:
        found = json.loads(line)
        if "translation" in found and "file" not in found:
            return None
        sample = Sample(
            file=manifest.parent / str(found["file"]),
            language=parse_language(str(found["language"])),
            text=str(found["text"]),
        )
    except (ValueError, KeyError, TypeError, DragomanError) as error:
        raise InputError(f"{manifest}, line {number}: file, language and text are wanted: {error}") from error
    if not sample.file.is_file():
        raise InputError(f"{manifest}, line {number}: there is no {sample.file}")
    return sample


def find_recognisers(folder: Path) -> list[Path]:
    """Give the folder itself if it is a model, else the recognisers in it, the largest first.

    Raises ``InputError`` where there is none, and ``ModelWrongFamily`` for a model that recognises nothing.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}: a model is one, or lies in one")
    try:
        engine = recognise_engine(folder)
    except ModelIncomplete:  # no model, but perhaps a folder of them
        found = [child for child in folder.iterdir() if child.is_dir() and _recognises(child)]
        if not found:
            raise InputError(
                f"{folder} is no model that recognises speech and has none in it: one is a folder with model.bin "
                "(Whisper), or with encoder, decoder and joiner (.onnx) and tokens.txt (sherpa)"
            ) from None
        return sorted(found, key=lambda model: (-_weight_bytes(model), model.name))
    if engine not in RECOGNISERS:
        raise ModelWrongFamily(f"{folder} holds a model for {engine}, which recognises no speech")
    return [folder]


def _recognises(folder: Path) -> bool:
    try:
        return recognise_engine(folder) in RECOGNISERS
    except ModelError:
        return False


def _weight_bytes(model: Path) -> int:
    return sum(file.stat().st_size for pattern in ("model.bin", "*.onnx") for file in model.glob(pattern))


def open_recogniser(stack: ExitStack, model: Path) -> SpeechToText:
    """Open the engine that takes ``model``, ready for its first call. Raises a ``ModelError``."""
    if recognise_engine(model) not in RECOGNISERS:
        raise ModelWrongFamily(f"{model} holds a model that recognises no speech")
    choice = EngineChoice(name=recognise_engine(model), model=str(model))
    engine = open_speech_to_text(choice, find_model=Path, threads=1)
    stack.callback(engine.close)
    engine.warm_up()
    return engine


def judge(sample: Sample, engines: Sequence[SpeechToText], activity: VoiceActivity) -> Judged:
    """Hear a recording as ``POST /transcribe`` does and as a call does. Raises what the engines raise."""
    chosen = engines_for(sample.language, engines)
    started = time.perf_counter()
    hearing = Hearing(chosen, language=sample.language, context=RecognitionContext())
    audio = _hear_offline(sample.file, hearing)
    offline_s = time.perf_counter() - started
    talk = Talk(name=sample.file.stem, language=sample.language, audio=audio, truth=())
    heard = run_in_virtual_time(lambda: hear_live(talk, chosen[0], activity, tuning=RecognitionTuning()))
    return Judged(
        sample=sample,
        model_used=hearing.model_used,
        audio_s=audio.duration_s,
        offline=count_errors(sample.text, " ".join(word.text for word in hearing.words)),
        offline_s=offline_s,
        live=count_errors(sample.text, heard.text),
        final_lags_s=heard.final_lags_s,
    )


def _hear_offline(file: Path, hearing: Hearing) -> Audio:
    reader = open_recording(file, limit_s=MAX_FILE_S)
    pieces: list[Samples] = []
    try:
        stretches = Stretches(reader)
        while (stretch := stretches.next()) is not None:
            pieces.append(stretch.audio.samples)
            hearing.hear(stretch)
    finally:
        reader.close()
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


def count_errors(said: str, written: str) -> Errors:
    """Compare words without capitals and punctuation."""
    truth, found = _words(said), _words(written)
    if not truth or not found:
        return Errors(
            said=len(truth),
            wrong=len(truth) or len(found),
            written=len(found),
            invented=0 if truth else len(found),
        )
    result = jiwer.process_words(" ".join(truth), " ".join(found))
    runs = [chunk.hyp_end_idx - chunk.hyp_start_idx for chunk in result.alignments[0] if chunk.type == "insert"]
    return Errors(
        said=len(truth),
        wrong=result.substitutions + result.deletions + result.insertions,
        written=len(found),
        invented=sum(run for run in runs if run >= INVENTED_RUN),
    )


def _words(text: str) -> list[str]:
    return [word for part in unicodedata.normalize("NFC", text).split() if (word := plain(part))]
