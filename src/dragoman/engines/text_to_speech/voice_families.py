"""Which family of voice models a folder holds, whether its files are whole, and which voices they have.

Everything is looked at before sherpa-onnx sees it, which ends its process over a file it does not like. For
``sherpa.py``, over ``voice_files.py``; ``recorded_voice_families.py`` has those whose voices are recordings. Families
and files as sherpa-onnx 2.0.1 publishes and reads them (its ``offline-tts-*-model.cc``).
"""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dragoman.engines.onnx_header import OnnxHeader
from dragoman.engines.text_to_speech.recorded_voice_families import read_pocket, read_zipvoice
from dragoman.engines.text_to_speech.voice_card import VoiceCard, read_voice_card
from dragoman.engines.text_to_speech.voice_files import VOCOS, VoiceFiles, lexicon_argument, whole_number
from dragoman.engines.text_to_speech.voice_folder import Family, FolderVoice, Reads, VoiceFolder
from dragoman.ground.engines import Gender
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelWrongFamily, UnknownLanguage
from dragoman.ground.languages import LANGUAGES, Language, parse_language

_SUPERTONIC_LANGUAGES: Final = tuple(map(Language, "en vi ko ja ar de es fr hi hr id it pt ru".split()))
"""Those of its 31 that the house knows."""
_SUPERTONIC_KINDS: Final = {"F": Gender.FEMALE, "M": Gender.MALE}
_ENGLISH, _CHINESE = Language("en"), Language("zh")
_KOKORO_LANGUAGES: Final = {"a": _ENGLISH, "b": _ENGLISH, "z": _CHINESE}
"""By the first letter of a voice's name; sherpa-onnx reads no others (Spanish, French, Hindi, Italian, Japanese,
Portuguese)."""
_CHINESE_AND_ENGLISH: Final = "zh en-us"
"""How a Matcha model of two languages names its voice."""
_VOCODERS: Final = (*VOCOS, "hifigan")
_GENDERS: Final = {"f": Gender.FEMALE, "m": Gender.MALE}
_MAX_SPEAKERS: Final = 10_000


def read_voice_folder(folder: Path) -> VoiceFolder:
    """Look at ``folder``. Raises a ``ModelError`` that says what is missing or wrong."""
    card = read_voice_card(folder)
    files = VoiceFiles(folder)
    for belongs, read in _FAMILIES:
        if belongs(files):
            found = read(files, card)
            if not found.languages:
                raise ModelIncomplete(
                    f"{folder} does not say which languages its voices speak; "
                    'write it to dragoman.json there: {"languages": ["vi"]}'
                )
            return found
    raise ModelWrongFamily(
        f"{folder} holds no voice model for sherpa; these are a VITS (Piper, MMS), Kokoro, Matcha, Supertonic, "
        "Pocket or ZipVoice model as sherpa-onnx publishes it, with its .onnx files and tokens.txt or tts.json"
    )


def _supertonic(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    files.model("duration_predictor", inputs=3)
    files.model("text_encoder", inputs=3)
    files.model("vector_estimator", inputs=7)
    files.model("vocoder", inputs=1)
    style = files.path("voice", ".bin")
    speakers = _supertonic_speakers(style)
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.SUPERTONIC,
        arguments={
            **files.paths("duration_predictor", "text_encoder", "vector_estimator", "vocoder"),
            "tts_json": str(files.path("tts", ".json")),
            "unicode_indexer": str(files.path("unicode_indexer", ".bin")),
            "voice_style": str(style),
        },
        sample_rate=_supertonic_rate(files.path("tts", ".json")),
        languages=card.languages or _SUPERTONIC_LANGUAGES,
        voices=_supertonic_voices(speakers, card.id),
        reads=Reads.TEXT,
        tokens=files.path("unicode_indexer", ".bin"),
    )


def _supertonic_voices(speakers: int, model: str) -> tuple[FolderVoice, ...]:
    """Name them as published: five women, then five men, in the order of their files."""
    if speakers != 10:
        return _numbered(speakers, model)
    names = [(f"{kind}{place}", gender) for kind, gender in _SUPERTONIC_KINDS.items() for place in range(1, 6)]
    return tuple(FolderVoice(name=name, number=number, gender=gender) for number, (name, gender) in enumerate(names))


def _supertonic_rate(path: Path) -> int:
    try:
        rate = json.loads(path.read_bytes())["ae"]["sample_rate"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{path} does not state ae.sample_rate; fetch the model again") from error
    return whole_number(rate, "ae.sample_rate", path, most=192_000)


def _supertonic_speakers(path: Path) -> int:
    """Read six 64-bit dimensions, then as many floats as two tensors of them hold."""
    data = path.read_bytes()[:48]
    dimensions = struct.unpack("<6q", data) if len(data) == 48 else (0,) * 6
    floats = dimensions[0] * dimensions[1] * dimensions[2] + dimensions[3] * dimensions[4] * dimensions[5]
    if min(dimensions) < 1 or path.stat().st_size != 48 + 4 * floats:
        raise ModelCorrupt(f"{path} is not the voices of a Supertonic model; fetch the model again")
    return whole_number(dimensions[0], "number of voices", path, most=_MAX_SPEAKERS)


def _kokoro(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    path = files.path("model")
    header = files.model("model", inputs=3, needs=("sample_rate", "n_speakers", "has_espeak", "style_dim"))
    speakers = whole_number(header.metadata["n_speakers"], "n_speakers", path, most=_MAX_SPEAKERS)
    voices = files.path("voices", ".bin")
    _check_kokoro_voices(header, voices, speakers)
    names = header.metadata.get("speaker_names", "").split(",")
    found = [_kokoro_voice(name.strip(), number) for number, name in enumerate(names)] if len(names) == speakers else []
    lexicons = files.lexicons()
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.KOKORO,
        arguments={
            "model": str(path),
            "voices": str(voices),
            "tokens": str(files.path("tokens", ".txt")),
            **lexicon_argument(lexicons),
        },
        sample_rate=whole_number(header.metadata["sample_rate"], "sample_rate", path, most=192_000),
        languages=card.languages
        or ((_ENGLISH, _CHINESE) if any("zh" in path.name for path in lexicons) else (_ENGLISH,)),
        voices=tuple(voice for voice in found if voice is not None) or _numbered(speakers, card.id),
        reads=Reads.WORDS if lexicons else Reads.PHONEMES,
        tokens=files.path("tokens", ".txt"),
        lexicons=lexicons,
        espeak_voice=header.metadata.get("voice") or "en-us",
    )


def _check_kokoro_voices(header: OnnxHeader, voices: Path, speakers: int) -> None:
    style = header.metadata["style_dim"].split(",")
    if len(style) != 3 or not all(size.strip().isdecimal() for size in style) or int(style[1]) != 1:
        raise ModelCorrupt(f"the style_dim of {voices.parent} is not three numbers; fetch the model again")
    wanted = 4 * int(style[0]) * int(style[2]) * speakers
    if voices.stat().st_size // 4 * 4 != wanted:
        raise ModelCorrupt(
            f"{voices} has {voices.stat().st_size} bytes, and {wanted} are needed; fetch the model again"
        )


def _kokoro_voice(name: str, number: int) -> FolderVoice | None:
    """Read language and gender from a name such as ``af_heart``; None for a language that cannot be read aloud."""
    language = _KOKORO_LANGUAGES.get(name[:1])
    if language is None:
        return None
    return FolderVoice(name=name, number=number, gender=_GENDERS.get(name[1:2]), languages=(language,))


def _matcha(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    path = files.path("model")
    header = files.model("model", inputs=3, needs=("sample_rate", "n_speakers", "use_eos_bos", "pad_id"))
    if header.inputs[2] != "scales":
        files.model("model", inputs=4)  # noise and length apart
    rate = whole_number(header.metadata["sample_rate"], "sample_rate", path, most=192_000)
    lexicons = files.lexicons()
    if not lexicons and (_is_true(header, "jieba") or header.metadata.get("voice") == _CHINESE_AND_ENGLISH):
        raise ModelIncomplete(f"{files.folder} lacks lexicon.txt, without which this Matcha model cannot read")
    arguments = {
        "acoustic_model": str(path),
        "vocoder": "",  # needed as an argument, even where the model has it inside
        "tokens": str(files.path("tokens", ".txt")),
        **lexicon_argument(lexicons),
    }
    if header.outputs[0] != "audio_output":
        vocoder = next(stem for stem in ("vocos", "hifigan", "vocoder") if files.has(stem) or stem == "vocoder")
        arguments["vocoder"] = str(files.vocoder(vocoder, kinds=_VOCODERS, sample_rate=rate))
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.MATCHA,
        arguments=arguments,
        sample_rate=rate,
        languages=card.languages or _stated_languages(header),
        voices=_numbered(whole_number(header.metadata["n_speakers"], "n_speakers", path, most=_MAX_SPEAKERS), card.id),
        reads=Reads.WORDS if lexicons else Reads.PHONEMES,
        tokens=files.path("tokens", ".txt"),
        lexicons=lexicons,
        espeak_voice="" if lexicons else _espeak_voice(header),
    )


def _vits(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    stem = files.onnx()[0].removesuffix(".onnx").removesuffix(".int8").removesuffix(".fp16")
    path = files.path(stem)
    header = files.model(stem, inputs=3, needs=("sample_rate", "n_speakers", "language", "comment"))
    comment = header.metadata["comment"]
    if not any(maker in comment for maker in ("piper", "coqui")):
        files.model(stem, inputs=4 if "Inflect" in comment else 5)  # their scales are tensors of their own
    lexicons = files.lexicons()
    by_espeak = any(maker in comment for maker in ("piper", "coqui", "icefall")) and not _is_true(header, "has_g2pw")
    if header.metadata.get("frontend") == "characters":
        reads = Reads.LETTERS
    elif lexicons:
        reads = Reads.WORDS
    elif by_espeak:
        reads = Reads.PHONEMES
    else:
        raise ModelIncomplete(f"{files.folder} lacks lexicon.txt, without which this VITS model cannot read")
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.VITS,
        arguments={
            "model": str(path),
            "tokens": str(files.path("tokens", ".txt")),
            **lexicon_argument(lexicons),
        },
        sample_rate=whole_number(header.metadata["sample_rate"], "sample_rate", path, most=192_000),
        languages=card.languages or _stated_languages(header),
        voices=_numbered(whole_number(header.metadata["n_speakers"], "n_speakers", path, most=_MAX_SPEAKERS), card.id),
        reads=reads,
        tokens=files.path("tokens", ".txt"),
        lexicons=lexicons,
        espeak_voice=_espeak_voice(header) if reads is Reads.PHONEMES else "",
    )


_FAMILIES: Final[tuple[tuple[Callable[[VoiceFiles], bool], Callable[[VoiceFiles, VoiceCard], VoiceFolder]], ...]] = (
    (lambda files: files.has("tts", ".json") and files.has("vector_estimator"), _supertonic),
    (lambda files: files.has("lm_flow"), read_pocket),
    (lambda files: files.has("encoder") and files.has("decoder"), read_zipvoice),
    (lambda files: files.has("voices", ".bin") and files.has("model"), _kokoro),
    (lambda files: files.has("model-steps") or files.has("vocos") or files.has("hifigan"), _matcha),
    (lambda files: files.has("tokens", ".txt") and bool(files.onnx()), _vits),
)


def _numbered(speakers: int, model: str) -> tuple[FolderVoice, ...]:
    """Name the voices of a model that gives them only numbers; one alone has the model's name."""
    if speakers <= 1:
        return (FolderVoice(name=model),)
    return tuple(FolderVoice(name=f"speaker-{number}", number=number) for number in range(speakers))


def _stated_languages(header: OnnxHeader) -> tuple[Language, ...]:
    """Read the languages from the metadata: codes such as ``en-us``, or names such as ``English``."""
    names = {entry.name.lower(): code for code, entry in LANGUAGES.items()}
    found = []
    for stated in f"{header.metadata.get('voice', '')} {header.metadata.get('language', '')}".replace("_", "-").split():
        word = stated.strip(",;+()").lower()
        try:
            found.append(names[word] if word in names else parse_language(word))
        except UnknownLanguage:
            continue
    return tuple(dict.fromkeys(found))


def _espeak_voice(header: OnnxHeader) -> str:
    voice = header.metadata.get("voice", "")
    return voice if voice and " " not in voice else next(iter(_stated_languages(header)), "")


def _is_true(header: OnnxHeader, name: str) -> bool:
    return header.metadata.get(name, "0") not in {"", "0"}
