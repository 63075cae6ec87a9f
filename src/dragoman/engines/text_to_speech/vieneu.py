"""Vietnamese and English with VieNeu-TTS v3: Turbo (48 kHz, streams frame by frame) and Nano (24 kHz, for two cores).

The folder is looked at in ``vieneu_folder.py``; the package ``vieneu`` speaks in ``vieneu_worker.py``, a process of its
own (``voice_process.py``). It knows how to take a voice from a recording; here it has its stock voices.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dragoman.engines.text_to_speech.spoken_clauses import cut_sentences, longest_plausible_s, neutralise
from dragoman.engines.text_to_speech.vieneu_folder import Size, read_vieneu_folder, require_package
from dragoman.engines.text_to_speech.voice_process import VoiceProcess
from dragoman.engines.text_to_speech.voice_requests import choose_voice, require_speed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, EngineKind, Voice
from dragoman.ground.errors import EngineOutputInvalid, EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.wire.frames import Header

PACKAGE_VERSION: Final = "3.8.3"
"""The one whose inner engines ``vieneu_worker.py`` calls."""
_WORKER: Final = "dragoman.engines.text_to_speech.vieneu_worker"


def open_engine(model: Path | None, *, threads: int) -> "VieneuTextToSpeech":
    """Open the model in the folder ``model``; raises ``EngineUnavailable`` without the package, or a ``ModelError``."""
    if model is None:
        raise EngineUnavailable("vieneu needs a model: vieneu:ID or vieneu:FOLDER")
    return VieneuTextToSpeech(model, threads=threads)


class VieneuTextToSpeech:
    """Speaks sentence by sentence, with the stock voices of the package or of the model's folder."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        require_package()
        self._model = model = read_vieneu_folder(folder.resolve())
        self._info = EngineInfo(
            name="vieneu",
            kind=EngineKind.TEXT_TO_SPEECH,
            model=model.card.id,
            version=f"{PACKAGE_VERSION} {model.size.value} {model.graphs.name} {model.fingerprint}",
            languages=model.languages,
            sample_rate=model.sample_rate,
            licence=model.card.licence,
            commercial=model.card.commercial,
            attribution=model.card.attribution or "VieNeu-TTS v3 by Pham Nguyen Ngoc Bao",
            streaming=True,
            honours_speed=model.size is Size.NANO,
            clones=True,
        )
        load: Header = {
            "size": model.size.value,
            "graphs": str(model.graphs),
            "codec": str(model.codec),
            "presets": str(model.presets),
            "threads": threads,
        }
        self._process = VoiceProcess(_WORKER, name=self._info.label, load=load)

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        return self._process.pid

    def warm_up(self) -> None:
        """Load the model and say one word."""
        for _ in self.speak("một", language=self._info.languages[0], voice=Voice(), speed=1.0):
            pass

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text``, one or more pieces per sentence. Contract: ``TextToSpeech.speak``."""
        chosen = choose_voice(self._info, self._voices_of(language), language=language, voice=voice)
        require_speed(self._info, speed)
        self._process.refuse_if_closed()
        sentences = cut_sentences(neutralise(text), language)
        if not sentences:
            raise EngineOutputInvalid("nothing to speak: the text has no letter and no digit")
        for sentence in sentences:
            request: Header = {"text": sentence, "voice": chosen.name, "speed": speed}
            longest_s = longest_plausible_s(sentence) / speed
            yield from self._process.speak(request, sample_rate=self._info.sample_rate, longest_s=longest_s)

    def voices(self, language: Language) -> tuple[Voice, ...]:
        """List the stock voices, the default one first."""
        return self._voices_of(language)

    def cpu_s(self) -> float:
        return self._process.cpu_s()

    def close(self) -> None:
        self._process.close()

    def _voices_of(self, language: Language) -> tuple[Voice, ...]:
        if language not in self._info.languages:
            return ()
        return tuple(Voice(name=voice.name, gender=voice.gender) for voice in self._model.voices)
