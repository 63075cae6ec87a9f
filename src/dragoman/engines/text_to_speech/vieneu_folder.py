"""What a folder of VieNeu-TTS v3 holds: Turbo or Nano, whole or not, and which voices. For ``vieneu.py``.

Files and tensors as the package ``vieneu`` 3.8.3 reads them (``_v3_turbo_engine/onnx_runtime_lite.py``, ``v3nano.py``).
Turbo's graphs lie in ``onnx_update/`` or ``onnx_int8/`` as published, or at the top; its codec (MOSS-Audio-Tokenizer-
Nano) in ``codec/``, or at the top.
"""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from dragoman.engines.onnx_header import read_onnx_header
from dragoman.engines.text_to_speech.voice_card import VoiceCard, read_voice_card
from dragoman.engines.text_to_speech.voice_files import VoiceFiles
from dragoman.ground.engines import Gender
from dragoman.ground.errors import EngineUnavailable, ModelCorrupt, ModelIncomplete, ModelWrongFamily
from dragoman.ground.languages import Language


class Size(StrEnum):
    """The two models of version 3."""

    TURBO = "v3turbo"
    NANO = "v3nano"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetVoice:
    """A stock voice."""

    name: str
    gender: Gender | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VieneuFolder:
    """A model that is fit to be loaded."""

    card: VoiceCard
    size: Size
    graphs: Path
    """Folder of the ONNX files."""
    codec: Path
    """Folder of Turbo's codec."""
    presets: Path
    """File of the stock voices."""
    voices: tuple[PresetVoice, ...]

    @property
    def fingerprint(self) -> str:
        """A short hash of the names, sizes and times of the model's files."""
        folders = dict.fromkeys([self.graphs, self.codec, self.presets.parent])
        return hashlib.sha256(" ".join(VoiceFiles(each).fingerprint() for each in folders).encode()).hexdigest()[:12]

    @property
    def sample_rate(self) -> int:
        return 48_000 if self.size is Size.TURBO else 24_000

    @property
    def languages(self) -> tuple[Language, ...]:
        """Nano was made with next to no English."""
        return tuple(map(Language, ("vi", "en") if self.size is Size.TURBO else ("vi",)))


_NANO_INPUTS: Final = {
    "text_encoder.onnx": {"ids", "style"},
    "duration_predictor.onnx": {"ctx", "ctx_mask", "spk"},
    "vector_estimator.onnx": {"x", "t", "ctx", "ctx_mask", "spk", "style"},
    "codec_decoder.onnx": {"x"},
}
_TURBO_INPUTS: Final = {
    "vieneu_prefill.onnx": {"inputs_embeds"},
    "vieneu_decode_step.onnx": {"inputs_embeds", "position_ids"},
    "vieneu_acoustic_cached.onnx": {"token_emb", "position_ids", "past_k_0", "past_v_0"},
}
_TURBO_FILES: Final = ("vieneu_backbone_shared.data", "vieneu_v3_heads.npz", "config.json", "tokenizer.json")
_CODEC_INPUTS: Final = {"moss_audio_tokenizer_decode_full.onnx": {"audio_codes", "audio_code_lengths"}}
_CODEC_FILES: Final = ("moss_audio_tokenizer_decode_shared.data",)
_QUANTIZED: Final = (b"MatMulInteger", b"ConvInteger", b"DynamicQuantizeLinear", b"DynamicQuantizeMatMul")
_DOT_PRODUCTS: Final = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})
"""As Linux names the processor's instructions for sums of 8-bit products, on Intel, AMD and ARM."""
_CPU_FACTS: Final = Path("/proc/cpuinfo")


def read_vieneu_folder(folder: Path, *, cpu_facts: Path = _CPU_FACTS) -> VieneuFolder:
    """Look at ``folder``. Raises a ``ModelError``, or ``EngineUnavailable`` for int8 weights on a processor that would
    distort them (VieNeu's own warning: without VNNI their products overflow)."""
    card = read_voice_card(folder)
    if (folder / "constants.npz").exists():
        _check_graphs(folder, _NANO_INPUTS)
        _require(folder, "config.json")
        return _described(card, folder, Size.NANO, graphs=folder, codec=folder)
    graphs = next((at for at in (folder / "onnx_update", folder, folder / "onnx_int8") if _is_turbo(at)), None)
    if graphs is None:
        raise ModelWrongFamily(
            f"{folder} holds no VieNeu-TTS v3 model; these are the files of pnnbao-ump/VieNeu-TTS-v3-Turbo "
            "(with the codec OpenMOSS-Team/MOSS-Audio-Tokenizer-Nano-ONNX in codec/) or of VieNeu-TTS-v3-Nano"
        )
    codec = folder / "codec" if (folder / "codec").is_dir() else folder
    _check_graphs(graphs, _TURBO_INPUTS)
    _require(graphs, *_TURBO_FILES)
    _check_graphs(codec, _CODEC_INPUTS)
    _require(codec, *_CODEC_FILES)
    if any(_is_quantized(graphs / name) for name in _TURBO_INPUTS) and not _DOT_PRODUCTS & _cpu_flags(cpu_facts):
        raise EngineUnavailable(
            f"{graphs} has int8 weights, which this processor would distort (it lacks VNNI); "
            "take the fp32 files, onnx_update"
        )
    return _described(card, folder, Size.TURBO, graphs=graphs, codec=codec)


def require_package() -> Path:
    """Find the folder of the package, which is not imported here. Raises ``EngineUnavailable``."""
    spec = importlib.util.find_spec("vieneu")
    if spec is None or not spec.submodule_search_locations or importlib.util.find_spec("sea_g2p") is None:
        raise EngineUnavailable(
            "vieneu is not installed (Apache-2.0): pip install sea-g2p, then pip install --no-deps vieneu==3.8.3"
        )
    return Path(spec.submodule_search_locations[0])


def _described(card: VoiceCard, folder: Path, size: Size, *, graphs: Path, codec: Path) -> VieneuFolder:
    file = f"voices_{size.value.replace('v3', 'v3_')}.json"
    presets = folder / file if (folder / file).is_file() else require_package() / "assets" / file
    return VieneuFolder(
        card=card, size=size, graphs=graphs, codec=codec, presets=presets, voices=_read_presets(presets)
    )


def _read_presets(path: Path) -> tuple[PresetVoice, ...]:
    try:
        stated = json.loads(path.read_bytes())
        presets, first = stated["presets"], stated.get("default_voice")
        voices = [PresetVoice(name=str(name), gender=_gender(entry)) for name, entry in presets.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"{path} is no list of VieNeu's voices; fetch it again") from error
    if not voices:
        raise ModelIncomplete(f"{path} lists no voice; fetch it again")
    return tuple(sorted(voices, key=lambda voice: voice.name != first))


def _gender(entry: object) -> Gender | None:
    stated = entry.get("gender") if isinstance(entry, dict) else None
    return Gender(stated) if stated in set(Gender) else None


def _is_turbo(folder: Path) -> bool:
    return (folder / "vieneu_prefill.onnx").is_file()


def _check_graphs(folder: Path, wanted: dict[str, set[str]]) -> None:
    _require(folder, *wanted)
    for name, inputs in wanted.items():
        missing = inputs - set(read_onnx_header(folder / name).inputs)
        if missing:
            raise ModelWrongFamily(
                f"{folder / name} has no input {', '.join(sorted(missing))}; take the files of VieNeu-TTS v3"
            )


def _require(folder: Path, *names: str) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelIncomplete(f"{folder} lacks {', '.join(missing)}; copy all files of the model")


def _is_quantized(path: Path) -> bool:
    data = path.read_bytes()  # the weights are in a file of their own
    return any(mark in data for mark in _QUANTIZED)


def _cpu_flags(facts: Path) -> frozenset[str]:
    try:
        lines = facts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = (line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features")))
    return frozenset(next(flags, "").split())
