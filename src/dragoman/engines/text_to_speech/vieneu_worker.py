"""The process in which VieNeu speaks: its package brings libraries of its own, and NumPy work between the graphs.

    load   {"size": "v3turbo" | "v3nano", "graphs": folder, "codec": folder, "presets": file, "threads": n}
    speak  {"text": ..., "voice": name, "speed": s}

For ``vieneu.py``. The engines of the package are used below its front class, which would fetch files from a hub.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from dragoman.engines.text_to_speech.voice_worker import Emit, LoadedVoice, serve
from dragoman.ground.audio import Samples
from dragoman.ground.errors import EngineUnavailable, TextNotReadable
from dragoman.wire.frames import Header

# Whatever is missing is an error here, never a reason to ask a hub; set before the package is imported.
os.environ["HF_HUB_OFFLINE"] = "1"

_SEED: Final = 0
"""The same words sound the same every time."""
_TURBO_CHARS: Final = 256
_NANO_CHARS: Final = 140
"""Longest piece spoken at once: Nano was made with recordings of at most 15 s."""


class _Preset:
    """A stock voice's vectors: 192 numbers of timbre, and codes (Turbo) or a style (Nano)."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.speaker = np.asarray(entry["speaker_emb"], np.float32)
        codes = entry.get("codes")
        self.codes = None if codes is None else np.asarray(codes, np.int64)
        self.style = np.asarray(entry["style"], np.float32) if isinstance(entry.get("style"), list) else None


class NanoVoice:
    """24 kHz, one piece of sound for each piece of text."""

    def __init__(self, header: Header) -> None:
        from vieneu.v3nano import OnnxV3NanoEngine

        self._engine = OnnxV3NanoEngine(local_dir=str(header["graphs"]), threads=_threads(header))
        self._presets = _read_presets(header)

    @property
    def facts(self) -> Header:
        return {"sample_rate": self._engine.SAMPLE_RATE, "voices": len(self._presets)}

    def speak(self, request: Header, emit: Emit) -> None:
        preset = _preset(self._presets, request)
        pieces = list(_phonemes(str(request.get("text")), _NANO_CHARS))
        # The package would leave out what the model has no number for.
        unknown = sorted(set("".join(pieces)) - set(self._engine.vocab))
        if unknown:
            raise TextNotReadable(f"the model does not know the phonemes {' '.join(unknown)}")
        for phonemes in pieces:
            samples = self._engine.infer(phonemes, preset.speaker, preset.style, speed=_speed(request), seed=_SEED)
            if not emit(np.asarray(samples, np.float32)):
                return


class TurboVoice:
    """48 kHz, sound frame by frame while it is made."""

    def __init__(self, header: Header) -> None:
        from vieneu._v3_turbo_engine.onnx_runtime_lite import OnnxV3LiteEngine
        from vieneu_utils.core_utils import strip_encoder_pad_frame

        graphs = str(header["graphs"])
        self._engine = OnnxV3LiteEngine(
            checkpoint_path=graphs, onnx_dir=graphs, codec_dir=str(header["codec"]), threads=_threads(header)
        )
        self._presets = _read_presets(header)
        for preset in self._presets.values():
            if preset.codes is not None:
                preset.codes = strip_encoder_pad_frame(preset.codes)

    @property
    def facts(self) -> Header:
        return {"sample_rate": self._engine.SAMPLE_RATE, "voices": len(self._presets)}

    def speak(self, request: Header, emit: Emit) -> None:
        preset = _preset(self._presets, request)
        np.random.seed(_SEED)  # the generator that the package draws from
        for phonemes in _phonemes(str(request.get("text")), _TURBO_CHARS):
            pieces: Iterator[Samples] = self._engine.infer_stream(
                phonemes=phonemes, speaker_emb=preset.speaker, ref_codes=preset.codes
            )
            for samples in pieces:
                if not emit(np.asarray(samples, np.float32)):
                    return


def load(header: Header) -> LoadedVoice:
    """Load the model that ``header`` names. Raises ``EngineUnavailable`` for another size."""
    sizes: dict[str, Callable[[Header], LoadedVoice]] = {"v3nano": NanoVoice, "v3turbo": TurboVoice}
    size = str(header.get("size"))
    if size not in sizes:
        raise EngineUnavailable(f"VieNeu has no model {size!r}; there are: {', '.join(sizes)}")
    return sizes[size](header)


def _phonemes(text: str, most_chars: int) -> Iterator[str]:
    from vieneu_utils.phonemize_text import normalize_to_chunks_v3_with_gaps, phonemize_text_with_emotions

    pieces, _ = normalize_to_chunks_v3_with_gaps(text, max_chars=most_chars)
    for piece in pieces:
        yield phonemize_text_with_emotions(piece)


def _read_presets(header: Header) -> dict[str, _Preset]:
    stated = json.loads(Path(str(header["presets"])).read_bytes())
    return {name: _Preset(entry) for name, entry in stated["presets"].items()}


def _preset(presets: dict[str, _Preset], request: Header) -> _Preset:
    name = str(request.get("voice"))
    if name not in presets:
        raise EngineUnavailable(f"VieNeu has no voice {name!r}")
    return presets[name]


def _threads(header: Header) -> int:
    threads = header.get("threads")
    return threads if isinstance(threads, int) else 1


def _speed(request: Header) -> float:
    speed = request.get("speed")
    return float(speed) if isinstance(speed, int | float) else 1.0


if __name__ == "__main__":
    serve(load)
