"""Translation models of the exact shape of real ones with random weights: speed and memory hold, words do not.

Made once and kept in a folder; to ``translation_run.py``. NLLB's takes 3 GB of memory and half a minute to make.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from dragoman.testing.firefox_model import Shape, write_firefox_model

PIECE: Final = "t{}"
"""Of vocabularies that stand for no language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """The shape of a model for CTranslate2, int8."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    inner: int
    pre_norm: bool
    options: Mapping[str, Any] = field(default_factory=dict)


TRANSFORMERS: Final = {
    "nllb-600m": Transformer(vocabulary=256_206, width=1024, layers=12, heads=16, inner=4096, pre_norm=True),
    "opus-mt": Transformer(
        vocabulary=53_685,
        width=512,
        layers=6,
        heads=8,
        inner=2048,
        pre_norm=False,
        options={"activation": common_spec.Activation.SWISH},
    ),
}
FIREFOX: Final = {"firefox-base": Shape(width=384, heads=2, encoder_layers=6, decoder_layers=4, inner=1536)}
"""Firefox's *base-memory*; two heads instead of eight, which the computed model needs, cost the same."""
FIREFOX_WORDS: Final = 16_000
"""And as many partners: a vocabulary of 32,000."""


def make_model(name: str, folder: Path) -> Path:
    """Give the folder of the model ``name``, made if it is not there yet."""
    target = folder / name
    if not target.is_dir():
        part = folder / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        if name in FIREFOX:
            words = {word(number): word(number + FIREFOX_WORDS) for number in range(FIREFOX_WORDS)}
            write_firefox_model(part, "envi", words, shape=FIREFOX[name])
        else:
            _write_transformer(part, TRANSFORMERS[name])
        part.rename(target)
    return target


def word(number: int) -> str:
    """Make a word of the Firefox-shaped model."""
    letters = "bcdfghjklmnpqrst"
    return "".join(letters[number >> shift & 15] + "a" for shift in (12, 8, 4, 0))


def write_map(folder: Path, pieces: int) -> None:
    """Write a shortlist of so many pieces beside a model."""
    (folder / "vmap.txt").write_text("\t" + " ".join(PIECE.format(number) for number in range(pieces)) + "\n")


def _write_transformer(folder: Path, shape: Transformer) -> None:
    random = np.random.default_rng(0)

    def weights(*size: int) -> NDArray[np.float32]:
        return random.standard_normal(size, dtype=np.float32) * np.float32(0.02)

    def linear(layer: Any, outputs: int, inputs: int) -> None:
        layer.weight, layer.bias = weights(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(shape.width, np.float32), np.zeros(shape.width, np.float32)

    def attention(layer: Any, outputs: tuple[int, ...]) -> None:
        norm(layer.layer_norm)
        for part, times in zip(layer.linear, outputs, strict=True):
            linear(part, times * shape.width, shape.width)

    def add(layer: Any, *, is_decoder: bool) -> None:
        attention(layer.self_attention, (3, 1))
        if is_decoder:
            attention(layer.attention, (1, 2, 1))
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, shape.inner, shape.width)
        linear(layer.ffn.linear_1, shape.width, shape.inner)

    spec = transformer_spec.TransformerSpec.from_config(
        (shape.layers, shape.layers), shape.heads, pre_norm=shape.pre_norm, **shape.options
    )
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = weights(shape.vocabulary, shape.width)
        side.position_encodings.encodings, side.scale_embeddings = weights(1024, shape.width), True
        if shape.pre_norm:
            norm(side.layer_norm)
        for layer in side.layer:
            add(layer, is_decoder=side is spec.decoder)
    spec.decoder.embeddings.weight = spec.encoder.embeddings[0].weight
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.decoder.projection.bias = np.zeros(shape.vocabulary, np.float32)
    vocabulary = ["<s>", "</s>", "<unk>", *(PIECE.format(number) for number in range(shape.vocabulary - 3))]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize("int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    (folder / "README.json").write_text(json.dumps({"weights": "random"}) + "\n")
