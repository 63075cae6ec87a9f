"""Translation models of the exact shape of real ones: speed and memory hold, words do not.

Weights are random, but for what sets the length: the embedding of each token of the answer is the position at which it
comes, so that every sentence is answered in 16 pieces and ends. Firefox's are computed (``testing/firefox_model.py``).
Made once and kept in a folder; to ``translation_run.py``. NLLB's takes 3 GB of memory and half a minute to make.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.translation_words import PIECES, first_piece, tokenizer, vocabulary, word
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from dragoman.engines.translation.shortlist import write_shortlist
from dragoman.engines.translation.statement import STATEMENT
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.services.model_commands.shortlisting import MOST_PIECES
from dragoman.testing.firefox_model import Shape, write_firefox_model

EN, VI = Language("en"), Language("vi")
FORM: Final = 2
"""Of the files that are made; those of another one are made again."""
_POSITIONS: Final = 1024
_LOUD: Final = 10.0
"""Of positions, so that neither the word before nor what random layers add decides what comes."""
_FIRST_OF_ANSWER: Final = 1000
"""Number of the word that an answer begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer:
    """The shape of a model for CTranslate2, int8."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    inner: int
    pre_norm: bool
    codes: tuple[str, ...] = ()
    """Of languages; the output begins with one then."""
    shortlisted: int = 0
    """Pieces of its shortlist; 0 for none."""
    options: Mapping[str, Any] = field(default_factory=dict)


TRANSFORMERS: Final = {
    "nllb-600m": Transformer(
        vocabulary=256_206,
        width=1024,
        layers=12,
        heads=16,
        inner=4096,
        pre_norm=True,
        codes=(LANGUAGES[EN].flores, LANGUAGES[VI].flores),
        # Of two languages that have none in common: less is left of two real ones.
        shortlisted=2 * MOST_PIECES,
    ),
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
FIREFOX: Final = {
    "firefox-tiny": Shape(width=256, heads=2, encoder_layers=6, decoder_layers=2, inner=1536),
    "firefox-base-memory": Shape(width=384, heads=2, encoder_layers=6, decoder_layers=4, inner=1536),
    "firefox-base": Shape(width=512, heads=2, encoder_layers=6, decoder_layers=2, inner=2048),
}
"""Source: ``student.*.yml`` of github.com/mozilla/translations. Two heads instead of eight, which the computed model
needs, cost the same."""
FIREFOX_WORDS: Final = 16_000
"""And as many partners: a vocabulary of 32,000."""


def make_model(name: str, folder: Path) -> Path:
    """Give the folder of the model ``name``, made if it is not there yet."""
    target = folder / name
    if not _is_made(target):
        part = folder / f"{name}.part"
        for old in (part, target):
            shutil.rmtree(old, ignore_errors=True)
        if name in FIREFOX:
            words = {word(number): word(number + FIREFOX_WORDS) for number in range(FIREFOX_WORDS)}
            write_firefox_model(part, "envi", words, shape=FIREFOX[name])
        else:
            _write_transformer(part, TRANSFORMERS[name])
        (part / "README.json").write_text(json.dumps({"weights": "made", "form": FORM}) + "\n")
        part.rename(target)
    return target


def _is_made(folder: Path) -> bool:
    readme = folder / "README.json"
    return readme.is_file() and json.loads(readme.read_text()).get("form") == FORM


def _write_transformer(folder: Path, shape: Transformer) -> None:
    tokens = vocabulary(shape.vocabulary, shape.codes)
    spec = _make_weights(shape, tokens)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.decoder_start_token = "</s>"  # noqa: S105  # a token of text
    spec.validate()
    spec.optimize("int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    names = ("sentencepiece.bpe.model",) if shape.codes else ("source.spm", "target.spm")
    for name in names:
        (folder / name).write_bytes(tokenizer(tokens, shape.codes))
    (folder / STATEMENT).write_text(json.dumps({"pairs": [[EN, VI]]}) + "\n")
    if shape.shortlisted:
        write_shortlist(folder, tokens[: shape.shortlisted], languages=(EN, VI))


def _make_weights(shape: Transformer, tokens: list[str]) -> transformer_spec.TransformerSpec:
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
    positions = random.standard_normal((_POSITIONS, shape.width), dtype=np.float32)
    embeddings = weights(shape.vocabulary, shape.width)
    # After the language's code, where there is one, the words of the answer and its end.
    answer = [*(first_piece(_FIRST_OF_ANSWER + number) for number in range(PIECES)), "</s>"]
    for place, token in enumerate(answer, start=1 if shape.codes else 0):
        embeddings[tokens.index(token)] = positions[place] / np.linalg.norm(positions[place])
    for side in (spec.encoder, spec.decoder):
        own = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        own.weight = embeddings
        side.position_encodings.encodings, side.scale_embeddings = positions * np.float32(_LOUD), True
        if shape.pre_norm:
            norm(side.layer_norm)
        for layer in side.layer:
            add(layer, is_decoder=side is spec.decoder)
    spec.decoder.projection.weight = embeddings
    spec.decoder.projection.bias = np.zeros(shape.vocabulary, np.float32)
    return spec
