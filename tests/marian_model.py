"""A tiny OPUS-MT as Transformers publishes it, and what such a model computes, written out in NumPy.

``write_marian`` writes random weights; with ``answer`` their positions decide, and every sentence gets that answer.
Source of the computation: Vaswani et al., Attention Is All You Need, 2017, with what Marian does otherwise
(``modeling_marian.py`` of Transformers).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import sentencepiece_model_pb2
from tests.torch_checkpoints import write_torch_checkpoint

WIDTH, INNER, HEADS, LAYERS, POSITIONS = 32, 48, 4, 2, 64
SOURCE_WORDS = ("the", "house", "is", "big", "Good", "morning", ".")
TARGET_WORDS = ("ngôi", "nhà", "này", "lớn", "chào", "buổi", "sáng", ".")

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marian:
    """What was written."""

    folder: Path
    arrays: Arrays
    source: list[str]
    target: list[str]
    """Tokens by number, the padding last."""


def write_marian(
    folder: Path, *, answer: Sequence[str] = (), separate: bool = False, positions: bool = True, **checkpoint: Any
) -> Marian:
    """Write the model's folder; ``separate`` gives each side a vocabulary and embeddings of its own."""
    sides = [[piece_of(word) for word in words] for words in (SOURCE_WORDS, TARGET_WORDS)]
    source, target = ([*("</s>", "<unk>", "▁"), *words, "<pad>"] for words in sides)
    if not separate:
        source = target = [*source[:-1], *dict.fromkeys(word for word in sides[1] if word not in source), "<pad>"]
    arrays = _make_arrays(source, target, separate=separate, answer=answer)
    if not positions:
        arrays = {name: array for name, array in arrays.items() if "embed_positions" not in name}
    folder.mkdir(parents=True)
    write_torch_checkpoint(folder / "pytorch_model.bin", arrays, **checkpoint)
    for name, tokens in (("vocab.json", source), ("target_vocab.json", target)):
        if separate or name == "vocab.json":
            (folder / name).write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    for name, words in zip(("source.spm", "target.spm"), sides, strict=True):
        (folder / name).write_bytes(_tokenizer(words))
    config = {
        "model_type": "marian", "d_model": WIDTH, "encoder_layers": LAYERS, "decoder_layers": LAYERS,
        "encoder_attention_heads": HEADS, "decoder_attention_heads": HEADS, "activation_function": "swish",
        "scale_embedding": True, "normalize_before": False, "normalize_embedding": False,
        "max_position_embeddings": POSITIONS,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return Marian(folder=folder, arrays=arrays, source=source, target=target)


def piece_of(word: str) -> str:
    return word if word == "." else f"▁{word}"


def score(model: Marian, source: Sequence[str], target: Sequence[str]) -> list[float]:
    """Give the log probability of each token of ``target`` and of the end, without padding among the choices."""
    arrays = {name: array.astype(np.float64) for name, array in model.arrays.items()}
    heard = _embed(arrays, "encoder", [model.source.index(token) for token in [*source, "</s>"]])
    for number in range(LAYERS):
        name = f"model.encoder.layers.{number}"
        heard = _add(arrays, f"{name}.self_attn", heard, _attend(arrays, f"{name}.self_attn", heard, heard))
        heard = _add(arrays, f"{name}.final", heard, _feed_forward(arrays, name, heard))
    wanted = [model.target.index(token) for token in [*target, "</s>"]]
    said = _embed(arrays, "decoder", [len(model.target) - 1, *wanted[:-1]])
    for number in range(LAYERS):
        name = f"model.decoder.layers.{number}"
        own = _attend(arrays, f"{name}.self_attn", said, said, only_before=True)
        said = _add(arrays, f"{name}.self_attn", said, own)
        said = _add(arrays, f"{name}.encoder_attn", said, _attend(arrays, f"{name}.encoder_attn", said, heard))
        said = _add(arrays, f"{name}.final", said, _feed_forward(arrays, name, said))
    logits = (said @ _embeddings(arrays, "decoder").T + arrays["final_logits_bias"])[:, :-1]
    chances = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return [float(chances[place, token]) for place, token in enumerate(wanted)]


def _embeddings(arrays: dict[str, Array], side: str) -> Array:
    return arrays.get(f"model.{side}.embed_tokens.weight", arrays.get("model.shared.weight", np.empty(0)))


def _embed(arrays: dict[str, Array], side: str, tokens: Sequence[int]) -> Array:
    return np.asarray(_embeddings(arrays, side)[list(tokens)] * np.sqrt(WIDTH) + _sinusoids()[: len(tokens)])


def _add(arrays: dict[str, Array], name: str, before: Array, new: Array) -> Array:
    """Add and normalise."""
    both = before + new
    centred = both - both.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return np.asarray(scaled * arrays[f"{name}_layer_norm.weight"] + arrays[f"{name}_layer_norm.bias"])


def _linear(arrays: dict[str, Array], name: str, inputs: Array) -> Array:
    return np.asarray(inputs @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"])


def _attend(arrays: dict[str, Array], name: str, asks: Array, looks: Array, *, only_before: bool = False) -> Array:
    def heads(part: str, inputs: Array) -> Array:
        return _linear(arrays, f"{name}.{part}_proj", inputs).reshape(len(inputs), HEADS, -1).transpose(1, 0, 2)

    scores = heads("q", asks) @ heads("k", looks).transpose(0, 2, 1) / np.sqrt(WIDTH // HEADS)
    if only_before:
        scores += np.triu(np.full((len(asks), len(looks)), -np.inf), 1)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    joined = (weights @ heads("v", looks)).transpose(1, 0, 2).reshape(len(asks), WIDTH)
    return _linear(arrays, f"{name}.out_proj", joined)


def _feed_forward(arrays: dict[str, Array], name: str, inputs: Array) -> Array:
    inner = _linear(arrays, f"{name}.fc1", inputs)
    return _linear(arrays, f"{name}.fc2", inner / (1 + np.exp(-inner)))


def _sinusoids() -> Array:
    made = np.zeros((POSITIONS, WIDTH))
    for place in range(POSITIONS):
        for pair in range(WIDTH // 2):
            angle = place / 10000 ** (2 * pair / WIDTH)
            made[place, pair], made[place, WIDTH // 2 + pair] = np.sin(angle), np.cos(angle)
    return made


def _make_arrays(source: list[str], target: list[str], *, separate: bool, answer: Sequence[str]) -> Arrays:
    random = np.random.default_rng(3)
    size = 0.0002 if answer else 0.4

    def weights(*shape: int) -> NDArray[np.float32]:
        return (random.standard_normal(shape) * size).astype(np.float32)

    def embeddings(tokens: list[str]) -> NDArray[np.float32]:
        made = weights(len(tokens), WIDTH)
        if answer:
            # What is peculiar to each place is that place's word, so faintly that the word before hardly counts.
            peculiar = _sinusoids()[: len(answer) + 1]
            peculiar -= peculiar.mean(axis=0)
            for place, word in enumerate([*map(piece_of, answer), "</s>"]):
                made[tokens.index(word)] = 0.02 * peculiar[place] / np.linalg.norm(peculiar[place])
        made[-1] = 0
        return made

    arrays: Arrays = {}
    if separate:
        arrays["model.encoder.embed_tokens.weight"] = embeddings(source)
        arrays["model.decoder.embed_tokens.weight"] = embeddings(target)
    else:
        arrays["model.shared.weight"] = embeddings(target)
    bias = weights(1, len(target))
    bias[0, -1] = 0
    arrays["final_logits_bias"] = bias
    for side, attentions in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "encoder_attn"])):
        arrays[f"model.{side}.embed_positions.weight"] = _sinusoids().astype(np.float32)
        for number in range(LAYERS):
            name = f"model.{side}.layers.{number}"
            for attention in attentions:
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    arrays[f"{name}.{attention}.{part}.weight"] = weights(WIDTH, WIDTH)
                    arrays[f"{name}.{attention}.{part}.bias"] = weights(WIDTH)
            for norm in (*attentions, "final"):
                arrays[f"{name}.{norm}_layer_norm.weight"] = 1 + weights(WIDTH)
                arrays[f"{name}.{norm}_layer_norm.bias"] = weights(WIDTH)
            arrays[f"{name}.fc1.weight"], arrays[f"{name}.fc1.bias"] = weights(INNER, WIDTH), weights(INNER)
            arrays[f"{name}.fc2.weight"], arrays[f"{name}.fc2.bias"] = weights(WIDTH, INNER), weights(WIDTH)
    return arrays


def _tokenizer(words: Sequence[str]) -> bytes:
    model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made when it is imported
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3}
    for piece in ("<unk>", "<s>", "</s>", "▁", *words):
        model.pieces.add(piece=piece, score=-1.0, type=kinds.get(piece, 1))
    model.trainer_spec.model_type, model.trainer_spec.vocab_size = 1, len(model.pieces)
    model.normalizer_spec.name = "identity"
    return bytes(model.SerializeToString())
