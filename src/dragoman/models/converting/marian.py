"""OPUS-MT as Transformers has it (MarianMTModel) into CTranslate2. From convert.py.

Marian adds and normalises behind each layer, scales its embeddings and begins an answer from an embedding of zeros,
for which Transformers has a token more, ``<pad>``: it is left out, as in the models that Marian itself writes.
Source: ``modeling_marian.py`` of Transformers; Junczys-Dowmunt et al., Marian, ACL 2018.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.layers import set_layer
from dragoman.models.converting.stored_arrays import Weights
from dragoman.models.converting.tokens import read_listed_tokens
from dragoman.models.converting.weights_folder import open_weights
from dragoman.models.fields import Fields

FILES = ("source.spm", "target.spm")
"""Copied as they are."""
_VOCABULARY, _TARGET_VOCABULARY = "vocab.json", "target_vocab.json"
_PADDING = "<pad>"
_ACTIVATIONS = {
    "swish": common_spec.Activation.SWISH,
    "silu": common_spec.Activation.SWISH,
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELU,
}


def convert_marian(folder: Path, config: Fields) -> transformer_spec.TransformerSpec:
    """Read weights and vocabulary of ``folder``.

    Raises ``ModelCorrupt``, ``ModelIncomplete``, or ``ModelWrongFamily`` for a model that Marian does not make.
    """
    for flag in ("normalize_before", "normalize_embedding", "add_final_layer_norm"):
        if config.flag(flag, False):
            raise config.wrong(f"{flag} is set, which no model of OPUS-MT has")
    activation = config.text("activation_function", "swish")
    if activation not in _ACTIVATIONS:
        raise config.wrong(f"the activation {activation} is not known; these are: {', '.join(_ACTIVATIONS)}")
    weights = open_weights(folder)
    spec = transformer_spec.TransformerSpec.from_config(
        (config.whole("encoder_layers"), config.whole("decoder_layers")),
        config.whole("encoder_attention_heads"),
        pre_norm=False,
        activation=_ACTIVATIONS[activation],
    )
    width = config.whole("d_model")
    positions = config.whole("max_position_embeddings", 512)
    names = {"encoder": _VOCABULARY, "decoder": _TARGET_VOCABULARY if _is_separate(folder) else _VOCABULARY}
    tokens: dict[str, list[str]] = {}
    for side, name in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        embeddings = weights.first(f"model.{name}.embed_tokens.weight", "model.shared.weight")
        if embeddings.shape[1:] != (width,):
            raise ModelCorrupt(f"{folder}: embeddings have the shape {embeddings.shape}, and config.json says {width}")
        tokens[name] = read_listed_tokens(folder / names[name], size=embeddings.shape[0])
        own = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        own.weight = _without_padding(embeddings, tokens[name])
        side.scale_embeddings = math.sqrt(width) if config.flag("scale_embedding", False) else 1.0
        side.position_encodings.encodings = _positions(weights, name, positions, width)
        for number, layer in enumerate(side.layer):
            set_layer(layer, weights, f"model.{name}.layers.{number}", decoder=name == "decoder")
    spec.decoder.start_from_zero_embedding = True
    _set_projection(spec.decoder.projection, weights, tokens["decoder"])
    spec.register_source_vocabulary(_named(tokens["encoder"]))
    spec.register_target_vocabulary(_named(tokens["decoder"]))
    # Its embedding is not looked at; any token does.
    spec.config.decoder_start_token = "</s>"  # noqa: S105  # a token of text
    return spec


def _is_separate(folder: Path) -> bool:
    return (folder / _TARGET_VOCABULARY).is_file()


def _set_projection(projection: Any, weights: Weights, tokens: list[str]) -> None:
    weight = weights.first("lm_head.weight", "model.decoder.embed_tokens.weight", "model.shared.weight")
    bias = weights["final_logits_bias"].reshape(-1) if "final_logits_bias" in weights else np.zeros(len(tokens))
    if weight.shape[0] != len(tokens) or bias.shape != (len(tokens),):
        raise ModelCorrupt(f"there are {len(tokens)} tokens, and the last layer knows {weight.shape[0]}")
    projection.weight = _without_padding(weight, tokens)
    projection.bias = _without_padding(bias.astype(np.float32), tokens)


def _without_padding(rows: NDArray[np.float32], tokens: list[str]) -> NDArray[np.float32]:
    """Leave the last row out if it is the padding's: nothing may answer with it."""
    return rows[:-1] if tokens[-1] == _PADDING else rows


def _named(tokens: list[str]) -> list[str]:
    return tokens[:-1] if tokens[-1] == _PADDING else tokens


def _positions(weights: Weights, side: str, count: int, width: int) -> NDArray[np.float32]:
    """Give the encodings of positions, shape ``(count, width)``: sines in one half, cosines in the other.

    Those that are published are the same, computed.
    """
    published = f"model.{side}.embed_positions.weight"
    if published in weights:
        return weights[published]
    angles = np.arange(count)[:, None] / np.power(10000.0, np.arange(0, width, 2) / width)[None, :]
    return np.concatenate([np.sin(angles), np.cos(angles[:, : width // 2])], axis=1).astype(np.float32)
