"""The parent's side of every voice for background jobs; the library works in a ``voice_worker.py`` of its own."""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dragoman.engines.text_to_speech.recorded_voices import recorded_voices
from dragoman.engines.text_to_speech.spoken_clauses import cut_sentences, longest_plausible_s, neutralise
from dragoman.engines.text_to_speech.voice_card import read_voice_card
from dragoman.engines.text_to_speech.voice_files import VoiceFiles
from dragoman.engines.text_to_speech.voice_folder import FolderVoice
from dragoman.engines.text_to_speech.voice_process import VoiceProcess
from dragoman.engines.text_to_speech.voice_requests import choose_voice, require_speed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, EngineKind, Voice
from dragoman.ground.errors import EngineOutputInvalid, EngineUnavailable, ModelIncomplete
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

LOAD_S: Final = 600.0
"""For PyTorch and gigabytes of weights."""
PIECE_S: Final = 300.0
"""For one sentence, at ten times its length."""
TURN_S: Final = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLibrary:
    """What is known of one library before it is imported."""

    name: str
    """Of the engine, and of the optional extra that installs the library."""
    package: str
    """What is imported."""
    worker: str
    """The module that is run."""
    files: tuple[str, ...]
    """Of the model's folder, without which it cannot be loaded."""
    languages: tuple[Language, ...]
    codes: Mapping[Language, str] = field(default_factory=dict)
    """The library's own names of languages, where they differ."""
    licence: str
    """SPDX, of the published weights."""
    commercial: bool
    attribution: str
    sample_rate: int = 24_000
    """Hertz."""
    honours_speed: bool = False
    needs_transcript: bool = False
    built_in_voice: str = ""
    """Name of the voice that the model has without a recording; empty if it has none."""


class JobVoice:
    """Speaks with the voices whose recordings lie in ``voices/`` of the model's folder, and the built-in one."""

    def __init__(self, library: JobLibrary, folder: Path, *, threads: int = 1) -> None:
        """Look at ``folder``. Raises ``EngineUnavailable`` without the library, or a ``ModelError``."""
        self._library = library
        if importlib.util.find_spec(library.package) is None:
            terms = "" if library.commercial else ", not for commercial use"
            raise EngineUnavailable(
                f"{library.name} is not installed: pip install 'dragoman[{library.name}]' "
                f"(licence of its weights: {library.licence}{terms})"
            )
        card = read_voice_card(folder)
        missing = [name for name in library.files if not (folder / name).exists()]
        if missing:
            raise ModelIncomplete(f"{folder} lacks {', '.join(missing)}; copy all files of the model")
        self._voices = self._find_voices(folder)
        self._info = EngineInfo(
            name=library.name,
            kind=EngineKind.TEXT_TO_SPEECH,
            model=card.id,
            version=VoiceFiles(folder).fingerprint(),
            languages=card.languages or library.languages,
            sample_rate=library.sample_rate,
            licence=library.licence if card.licence == "NOASSERTION" else card.licence,
            # A folder may be stricter than what is published of its kind, never freer.
            commercial=library.commercial and (card.commercial or card.licence == "NOASSERTION"),
            attribution=card.attribution or library.attribution,
            honours_speed=library.honours_speed,
            clones=True,
            needs_transcript=library.needs_transcript,
            jobs_only=True,
        )
        self._process = VoiceProcess(
            library.worker,
            name=self._info.label,
            load={"folder": str(folder.resolve()), "threads": threads},
            load_s=LOAD_S,
            piece_s=PIECE_S,
            turn_s=TURN_S,
        )

    @property
    def info(self) -> EngineInfo:
        return self._info

    def warm_up(self) -> None:
        """Load the model. Raises ``EngineOutputInvalid`` if it speaks at another rate than its library states."""
        rate = self._process.facts().get("sample_rate")
        if rate != self._info.sample_rate:
            raise EngineOutputInvalid(f"{self._info.label} speaks at {rate} Hz, not at {self._info.sample_rate} Hz")

    def health(self) -> Header:
        """Say whether the worker runs, and how many sentences it has spoken."""
        return self._process.health()

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text``, a sentence after the other. Contract: ``TextToSpeech.speak``."""
        known = self._voices if language in self._info.languages else ()
        chosen = choose_voice(self._info, known, language=language, voice=voice)
        require_speed(self._info, speed)
        self._process.refuse_if_closed()
        sentences = cut_sentences(neutralise(text), language)
        if not sentences:
            raise EngineOutputInvalid("nothing to speak: the text has no letter and no digit")
        for sentence in sentences:
            request: Header = {
                "text": sentence,
                "language": self._library.codes.get(language, language),
                "speed": speed,
                "reference": chosen.reference,
                "reference_text": chosen.reference_text,
            }
            longest_s = longest_plausible_s(sentence) / (speed if self._info.honours_speed else 1.0)
            yield from self._process.speak(request, sample_rate=self._info.sample_rate, longest_s=longest_s)

    def voices(self, language: Language) -> tuple[Voice, ...]:
        known = self._voices if language in self._info.languages else ()
        return tuple(Voice(name=voice.name) for voice in known)

    def cpu_s(self) -> float:
        return self._process.cpu_s()

    def close(self) -> None:
        self._process.close()

    def _find_voices(self, folder: Path) -> tuple[FolderVoice, ...]:
        built_in = (FolderVoice(name=self._library.built_in_voice),) if self._library.built_in_voice else ()
        if built_in and not (folder / "voices").is_dir():
            return built_in
        return built_in + recorded_voices(folder, with_text=self._library.needs_transcript)


def open_job_voice(library: JobLibrary, model: Path | None, threads: int) -> JobVoice:
    """Open the model in the folder ``model``. Raises ``EngineUnavailable`` or a ``ModelError``."""
    if model is None:
        raise EngineUnavailable(f"{library.name} needs a model: {library.name}:FOLDER")
    return JobVoice(library, model, threads=threads)
