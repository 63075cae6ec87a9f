"""NLLB-200 and M2M100 into CTranslate2. From convert.py."""

import math
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.layers import set_layer, set_layer_norm, sinusoids
from dragoman.models.converting.stored_arrays import Weights
from dragoman.models.converting.tokens import read_tokens
from dragoman.models.converting.weights_folder import open_weights
from dragoman.models.fields import Fields

FILES = ("sentencepiece.bpe.model",)
"""Copied as they are."""
_FIRST_POSITION = 2
"""Fairseq counts positions from behind the padding's."""
_ACTIVATIONS = {"relu": common_spec.Activation.RELU, "gelu": common_spec.Activation.GELU}


def convert_m2m100(folder: Path, config: Fields) -> transformer_spec.TransformerSpec:
    """Read weights and vocabulary of ``folder``. Raises ``ModelCorrupt`` or ``ModelIncomplete``."""
    weights = open_weights(folder)
    width = config.whole("d_model")
    activation = config.text("activation_function", "relu")
    if activation not in _ACTIVATIONS:
        raise config.wrong(f"the activation {activation} is not known; these are: {', '.join(_ACTIVATIONS)}")
    spec = transformer_spec.TransformerSpec.from_config(
        (config.whole("encoder_layers"), config.whole("decoder_layers")),
        config.whole("encoder_attention_heads"),
        pre_norm=True,
        activation=_ACTIVATIONS[activation],
    )
    embeddings = weights["model.shared.weight"]
    if embeddings.shape[1] != width:
        raise ModelCorrupt(f"{folder}: embeddings are {embeddings.shape[1]} wide, and config.json says {width}")
    count = config.whole("max_position_embeddings", 1024)
    for side, name in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        own = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        own.weight = embeddings
        side.scale_embeddings = math.sqrt(width) if config.flag("scale_embedding", True) else 1.0
        side.position_encodings.encodings = _positions(weights, name, count, width)
        set_layer_norm(side.layer_norm, weights, f"model.{name}.layer_norm")
        for number, layer in enumerate(side.layer):
            set_layer(layer, weights, f"model.{name}.layers.{number}", decoder=name == "decoder")
    spec.decoder.projection.weight = weights.first("lm_head.weight", "model.shared.weight")
    spec.decoder.projection.bias = np.zeros(embeddings.shape[0], dtype=np.float32)
    tokens = read_tokens(folder, size=embeddings.shape[0], fill="madeupword{}")
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.decoder_start_token = "</s>"  # noqa: S105  # a token of text
    return spec


def _positions(weights: Weights, side: str, count: int, width: int) -> NDArray[np.float32]:
    """Give the encodings of positions: few publish them, because they are computed."""
    published = f"model.{side}.embed_positions.weights"
    if published in weights:
        return weights[published][_FIRST_POSITION:]
    return sinusoids(count, width, first=_FIRST_POSITION)
