"""The layers that all encoder-decoder models of this family share, from Transformers' names into CTranslate2's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.models.converting.stored_arrays import Weights


def set_layer_norm(spec: Any, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def set_linear(spec: Any, weights: Weights, *names: str) -> None:
    """Put several projections of the same input into one; what has no bias gets zeros."""
    parts = [weights[f"{name}.weight"] for name in names]
    spec.weight = np.concatenate(parts)
    spec.bias = np.concatenate([_bias(weights, name, part) for name, part in zip(names, parts, strict=True)])


def _bias(weights: Weights, name: str, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    found = f"{name}.bias"
    return weights[found] if found in weights else np.zeros(weight.shape[0], dtype=np.float32)


def set_layer(spec: Any, weights: Weights, name: str, *, decoder: bool) -> None:
    """Fill one layer: attention to itself, to the encoder (``decoder``), and the feed-forward part."""
    own = f"{name}.self_attn"
    set_layer_norm(spec.self_attention.layer_norm, weights, f"{own}_layer_norm")
    set_linear(spec.self_attention.linear[0], weights, f"{own}.q_proj", f"{own}.k_proj", f"{own}.v_proj")
    set_linear(spec.self_attention.linear[1], weights, f"{own}.out_proj")
    if decoder:
        other = f"{name}.encoder_attn"
        set_layer_norm(spec.attention.layer_norm, weights, f"{other}_layer_norm")
        set_linear(spec.attention.linear[0], weights, f"{other}.q_proj")
        set_linear(spec.attention.linear[1], weights, f"{other}.k_proj", f"{other}.v_proj")
        set_linear(spec.attention.linear[2], weights, f"{other}.out_proj")
    set_layer_norm(spec.ffn.layer_norm, weights, f"{name}.final_layer_norm")
    set_linear(spec.ffn.linear_0, weights, f"{name}.fc1")
    set_linear(spec.ffn.linear_1, weights, f"{name}.fc2")


def sinusoids(positions: int, width: int, *, first: int) -> NDArray[np.float32]:
    """Make position encodings: half sines, half cosines, shape ``(positions, width)``, counted from ``first``.

    Source: Vaswani et al., Attention Is All You Need, 2017, in the arrangement of fairseq.
    """
    half = width // 2
    frequencies = np.exp(np.arange(half) * -(np.log(10000.0) / (half - 1)))
    angles = np.arange(first, first + positions)[:, None] * frequencies[None, :]
    made = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return np.pad(made, ((0, 0), (0, width - 2 * half))).astype(np.float32)
