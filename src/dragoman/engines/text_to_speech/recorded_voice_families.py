"""Pocket and ZipVoice models, whose voices are recordings: what their folders hold. For ``voice_families.py``."""

import json
from pathlib import Path
from typing import Final

from dragoman.engines.text_to_speech.recorded_voices import recorded_voices
from dragoman.engines.text_to_speech.voice_card import VoiceCard
from dragoman.engines.text_to_speech.voice_files import VOCOS, VoiceFiles, lexicon_argument, whole_number
from dragoman.engines.text_to_speech.voice_folder import Family, Reads, VoiceFolder
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.ground.languages import Language

_POCKET_RATE: Final = 24_000
_POCKET_GRAPHS: Final = {"lm_flow": (4, 1), "lm_main": (2, 2), "encoder": (1, 1), "decoder": (1, 1)} | {
    "text_conditioner": (1, 1)
}
"""Inputs and outputs at least; ``lm_main`` and ``decoder`` have their states besides."""
_ZIPVOICE_RATE: Final = 24_000
"""Of a model that states none."""
_BYTES: Final = frozenset(f"<0x{byte:02X}>" for byte in range(256))
"""The pieces of what no other piece of a vocabulary fits."""
_ENGLISH, _CHINESE = Language("en"), Language("zh")


def read_pocket(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    """Look at a folder with a Pocket model. Raises a ``ModelError``."""
    for stem, (inputs, outputs) in _POCKET_GRAPHS.items():
        files.model(stem, inputs=inputs, outputs=outputs)
    vocabulary, scores = files.path("vocab", ".json"), files.path("token_scores", ".json")
    _require_vocabulary(vocabulary, scores)
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.POCKET,
        arguments={
            **files.paths(*_POCKET_GRAPHS),
            "vocab_json": str(vocabulary),
            "token_scores_json": str(scores),
        },
        sample_rate=_POCKET_RATE,
        languages=card.languages or (_ENGLISH,),
        voices=recorded_voices(files.folder, with_text=False),
        reads=Reads.TEXT,
    )


def read_zipvoice(files: VoiceFiles, card: VoiceCard) -> VoiceFolder:
    """Look at a folder with a ZipVoice model. Raises a ``ModelError``."""
    files.model("encoder", inputs=4)
    header = files.model("decoder", inputs=5)
    stated = header.metadata.get("sample_rate", _ZIPVOICE_RATE)
    rate = whole_number(stated, "sample_rate", files.path("decoder"), most=192_000)
    vocoder = files.vocoder("vocos" if files.has("vocos") else "vocoder", kinds=VOCOS, sample_rate=rate)
    lexicons = files.lexicons()
    if not lexicons:
        raise ModelIncomplete(f"{files.folder} lacks lexicon.txt, without which a ZipVoice model cannot read")
    return VoiceFolder(
        card=card,
        fingerprint=files.fingerprint(),
        family=Family.ZIPVOICE,
        arguments={
            **files.paths("encoder", "decoder"),
            "vocoder": str(vocoder),
            "tokens": str(files.path("tokens", ".txt")),
            **lexicon_argument(lexicons),
        },
        sample_rate=rate,
        languages=card.languages or (_ENGLISH, _CHINESE),
        voices=recorded_voices(files.folder, with_text=True),
        reads=Reads.WORDS,
        tokens=files.path("tokens", ".txt"),
        lexicons=lexicons,
    )


def _require_vocabulary(vocabulary: Path, scores: Path) -> None:
    """Check what sherpa-onnx believes: pieces numbered from 0 without a gap, the bytes among them, each with a score.

    It would leave out unsaid what it has neither piece nor byte for.
    """
    pieces, weights = _read_table(vocabulary), _read_table(scores)
    if sorted(number for number in pieces.values() if type(number) is int) != list(range(len(pieces))):
        raise ModelCorrupt(f"{vocabulary} does not number its pieces from 0 on; fetch the model again")
    if not pieces.keys() >= _BYTES:
        raise ModelCorrupt(f"{vocabulary} lacks the pieces <0x00> to <0xFF>; fetch the model again")
    if not all(type(weights.get(piece)) in {int, float} for piece in pieces):
        raise ModelCorrupt(f"{scores} has no score for some pieces of {vocabulary.name}; fetch the model again")


def _read_table(path: Path) -> dict[str, object]:
    try:
        table = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelCorrupt(f"{path} is no JSON; fetch the model again") from error
    if not isinstance(table, dict):
        raise ModelCorrupt(f"{path} is no table of pieces; fetch the model again")
    return table
