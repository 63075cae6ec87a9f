"""Whisper and PhoWhisper into CTranslate2. From convert.py."""

import re
from itertools import product
from pathlib import Path

from ctranslate2.specs import whisper_spec

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.layers import set_layer, set_layer_norm
from dragoman.models.converting.tokens import read_tokens
from dragoman.models.converting.weights_folder import open_weights
from dragoman.models.durable import read_json
from dragoman.models.fields import Fields

_LANGUAGE = re.compile(r"<\|[a-z]{2,3}\|>")
_GENERATION = "generation_config.json"
_HEADS = {
    (4, 6): "2,2 3,0 3,2 3,3 3,4 3,5",
    (6, 8): "3,1 4,2 4,3 4,7 5,1 5,2 5,4 5,6",
    (12, 12): "5,3 5,9 8,0 8,4 8,7 8,8 9,0 9,7 9,9 10,5",
    (24, 16): "13,15 15,4 15,15 16,1 20,0 23,4",
}
"""By layers and heads of the decoder (tiny, base, small, medium): the heads whose attention follows the sound."""
_STEP_S = 0.02
"""Between two time tokens."""


def convert_whisper(folder: Path, config: Fields) -> whisper_spec.WhisperSpec:
    """Read weights and vocabulary of ``folder``. Raises ``ModelCorrupt`` or ``ModelIncomplete``."""
    weights = open_weights(folder)
    layers, heads = config.whole("decoder_layers"), config.whole("decoder_attention_heads")
    spec = whisper_spec.WhisperSpec(
        config.whole("encoder_layers"), config.whole("encoder_attention_heads"), layers, heads
    )
    for conv, name in ((spec.encoder.conv1, "conv1"), (spec.encoder.conv2, "conv2")):
        conv.weight, conv.bias = weights[f"model.encoder.{name}.weight"], weights[f"model.encoder.{name}.bias"]
    for side, name in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        side.position_encodings.encodings = weights[f"model.{name}.embed_positions.weight"]
        set_layer_norm(side.layer_norm, weights, f"model.{name}.layer_norm")
        for number, layer in enumerate(side.layer):
            set_layer(layer, weights, f"model.{name}.layers.{number}", decoder=name == "decoder")
    embeddings = weights["model.decoder.embed_tokens.weight"]
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.projection.weight = weights.first("proj_out.weight", "model.decoder.embed_tokens.weight")
    tokens = _with_times(read_tokens(folder, size=0, fill=""), embeddings.shape[0])
    spec.register_vocabulary(tokens)
    generation = _generation(folder)
    spec.config.suppress_ids = list(generation.wholes("suppress_tokens") or config.wholes("suppress_tokens"))
    begin = generation.wholes("begin_suppress_tokens") or config.wholes("begin_suppress_tokens")
    spec.config.suppress_ids_begin = list(begin)
    spec.config.lang_ids = [number for number, token in enumerate(tokens) if _LANGUAGE.fullmatch(token)]
    spec.config.alignment_heads = _alignment_heads(generation, layers, heads)
    return spec


def _with_times(tokens: list[str], size: int) -> list[str]:
    """Add the time tokens, which few lists have."""
    if len(tokens) > size:
        raise ModelCorrupt(f"there are {len(tokens)} tokens, and the model has embeddings of {size}")
    return [*tokens, *(f"<|{step * _STEP_S:.2f}|>" for step in range(size - len(tokens)))]


def _alignment_heads(generation: Fields, layers: int, heads: int) -> list[list[int]]:
    published = [list(row) for row in generation.whole_lists("alignment_heads")]
    if published:
        return published
    if (layers, heads) in _HEADS:
        return [[int(part) for part in pair.split(",")] for pair in _HEADS[layers, heads].split()]
    return [list(pair) for pair in product(range(layers // 2, layers), range(heads))]


def _generation(folder: Path) -> Fields:
    path = folder / _GENERATION
    return Fields(read_json(path) if path.is_file() else {}, where=_GENERATION, error=ModelCorrupt)
