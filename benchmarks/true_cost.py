"""Whisper at its true size and cost without its weights, for recognition.py: a model of exact shape, filled at random.

The words come from the tests' tiny model, so that a live session decides as it would; beside every step of it the large
twin does the same step: the same window, the same prompt, the same beam, and as many tokens as the reference has words
for in that window (``peers/reference_tokens.py``), whatever the tiny model wrote. It cannot end a text early, for the
end is forbidden to it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np
from benchmarks.peers.reference_tokens import ReferenceTokens
from ctranslate2.specs import attention_spec, common_spec, transformer_spec, whisper_spec
from numpy.typing import NDArray

from dragoman.engines.native_threads import NativeThreads
from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper
from dragoman.engines.speech_to_text.file_decoding import FileTuning
from dragoman.engines.speech_to_text.log_mel import log_mel
from dragoman.engines.speech_to_text.whisper_model import CALLS_AT_ONCE, Beginning, Continuation, Encoded
from dragoman.engines.speech_to_text.whisper_sampling import SamplingWhisper
from dragoman.ground.audio import Samples

_MELS: Final = 80
_POSITIONS: Final = (1500, 448)
_MOST_POSITIONS: Final = _POSITIONS[1]
"""Prompt and text together."""
_SUPPRESSED_FIRST: Final = (220, 50257)

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Of a Whisper model; the figures are those of the Whisper paper's table 1, the heads those of its repository."""

    width: int
    layers: int
    heads: int
    alignment_heads: tuple[tuple[int, int], ...]
    mels: int = _MELS
    decoder_layers: int = 0
    """0 for as many as the encoder has."""


SHAPES: Final = {
    "base": Shape(
        width=512,
        layers=6,
        heads=8,
        alignment_heads=((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)),
    ),
    "small": Shape(
        width=768,
        layers=12,
        heads=12,
        alignment_heads=(
            (5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5),
        ),
    ),
}  # fmt: skip


def make_model(size: str, pico: Path, folder: Path) -> Path:
    """Write a Whisper model of ``size`` into ``folder``, int8, with the vocabulary of the tests' model."""
    vocabulary = json.loads((pico / "vocabulary.json").read_text(encoding="utf-8"))
    steering = json.loads((pico / "config.json").read_text(encoding="utf-8"))
    return write_model(SHAPES[size], folder, vocabulary=vocabulary, lang_ids=steering["lang_ids"])


def write_model(shape: Shape, folder: Path, *, vocabulary: list[str], lang_ids: list[int]) -> Path:
    """Write a Whisper model of ``shape`` into ``folder``, int8, filled at random."""
    random = np.random.default_rng(0)

    def draw(*dimensions: int) -> Matrix:
        return random.standard_normal(dimensions, dtype=np.float32) * np.float32(0.02)

    spec = whisper_spec.WhisperSpec(shape.layers, shape.heads, shape.decoder_layers or shape.layers, shape.heads)
    width = shape.width
    for convolution, channels in ((spec.encoder.conv1, shape.mels), (spec.encoder.conv2, width)):
        convolution.weight, convolution.bias = draw(width, channels, 3), np.zeros(width, np.float32)
    for side, positions in zip((spec.encoder, spec.decoder), _POSITIONS, strict=True):
        side.position_encodings.encodings = draw(positions, width)
        _fill_norm(side.layer_norm, width)
        for layer in side.layer:
            _fill_layer(layer, width, draw, decoder=side is spec.decoder)
    spec.decoder.embeddings.weight = draw(len(vocabulary), width)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], list(_SUPPRESSED_FIRST)
    spec.config.lang_ids = lang_ids
    spec.config.alignment_heads = [list(head) for head in shape.alignment_heads]
    spec.validate()
    spec.optimize("int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    return folder


Draw = Callable[..., Matrix]


def _fill_layer(
    layer: transformer_spec.TransformerEncoderLayerSpec | transformer_spec.TransformerDecoderLayerSpec,
    width: int,
    draw: Draw,
    *,
    decoder: bool,
) -> None:
    _fill_attention(layer.self_attention, (3 * width, width), width, draw)
    if decoder:
        _fill_attention(layer.attention, (width, 2 * width, width), width, draw)
    _fill_norm(layer.ffn.layer_norm, width)
    _fill_linear(layer.ffn.linear_0, 4 * width, width, draw)
    _fill_linear(layer.ffn.linear_1, width, 4 * width, draw)


def _fill_attention(
    attention: attention_spec.MultiHeadAttentionSpec, outputs: tuple[int, ...], width: int, draw: Draw
) -> None:
    _fill_norm(attention.layer_norm, width)
    for linear, size in zip(attention.linear, outputs, strict=True):
        _fill_linear(linear, size, width, draw)


def _fill_linear(linear: common_spec.LinearSpec, outputs: int, inputs: int, draw: Draw) -> None:
    linear.weight, linear.bias = draw(outputs, inputs), np.zeros(outputs, np.float32)


def _fill_norm(norm: common_spec.LayerNormSpec, width: int) -> None:
    norm.gamma, norm.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinEncoded(Encoded):
    """The same sound as both models left it."""

    twin: ctranslate2.StorageView
    said: tuple[int, ...] | None
    """The tokens of the reference in it; None of a sound that no reference knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinText:
    """What the twin does for one window."""

    encoded: TwinEncoded
    beginning: Beginning
    new: Continuation
    """What the tiny model wrote."""
    tokens: list[int]
    """Of the reference, as far as the budget of the window goes; of a sound that it does not know, the tiny model's."""

    @property
    def steps(self) -> int:
        """Tokens that are decoded: what was committed is stepped through again, and the end is a token too."""
        return max(len(self.tokens), len(self.beginning.said)) + 1

    @property
    def is_aligned(self) -> bool:
        """Where something new was said, or the tiny model believes so: its numbers have more tokens than Whisper's."""
        return bool(self.tokens) and (len(self.tokens) > len(self.beginning.said) or bool(self.new.tokens))


class TwinWhisper(SamplingWhisper):
    """The tiny model, and the large one that takes every step of live windows with it."""

    def __init__(self, pico: Path, large: Path, *, threads: int, reference: ReferenceTokens) -> None:
        self._reference = reference
        self._twin_threads = NativeThreads()
        with self._twin_threads:
            self._twin = ctranslate2.models.Whisper(
                str(large), device="cpu", compute_type="int8", inter_threads=CALLS_AT_ONCE, intra_threads=threads
            )
            self._encode_twin(np.zeros(0, np.float32), 250)
        super().__init__(pico, threads=threads)

    def cpu_s(self) -> float:
        return super().cpu_s() + self._twin_threads.cpu_s()

    def unload(self) -> None:
        self._twin.unload_model()
        del self._twin
        super().unload()

    def encode(self, samples: Samples, *, window_frames: int) -> Encoded:
        own = super().encode(samples, window_frames=window_frames)
        return TwinEncoded(
            features=own.features,
            content_frames=own.content_frames,
            window_frames=own.window_frames,
            twin=self._encode_twin(samples, window_frames),
            said=self._reference.tokens_in(samples),
        )

    def go_on(self, beginnings: Sequence[Beginning], *, beam_size: int) -> list[Continuation]:
        """Decode and align: the tiny model's alignment, which follows, would be one of other tokens."""
        found = super().go_on(beginnings, beam_size=beam_size)
        if min(_MOST_POSITIONS - len(each.prompt) - len(each.said) for each in beginnings) < 1:
            return found  # nothing was decoded, or each came here alone
        texts = [_twin_text(each, new) for each, new in zip(beginnings, found, strict=True)]
        # Of several windows each pays for the longest text.
        steps = max(text.steps for text in texts)
        self._twin.generate(
            ctranslate2.StorageView.from_array(np.concatenate([np.asarray(text.encoded.twin) for text in texts])),
            [[*each.prompt, *each.said] for each in beginnings],
            beam_size=beam_size,
            # As in ``WhisperModel.go_on``, and not one token more.
            max_length=max(2 * steps, steps + len(beginnings[0].prompt) - 1),
            suppress_tokens=[self.tokens.end_of_text],
            suppress_blank=False,
            return_no_speech_prob=True,
        )
        for text in texts:
            if text.is_aligned:
                prompt = text.beginning.prompt
                start = prompt[prompt.index(self.tokens.start) : -1]  # without the token for "no times"
                self._twin.align(text.encoded.twin, start, [text.tokens], text.encoded.content_frames)
        return found

    def _encode_twin(self, samples: Samples, window_frames: int) -> ctranslate2.StorageView:
        features = log_mel(samples, n_mels=_MELS, frames=window_frames)
        return self._twin.encode(ctranslate2.StorageView.from_array(features[None]))


def _twin_text(beginning: Beginning, new: Continuation) -> TwinText:
    assert isinstance(beginning.encoded, TwinEncoded)
    said, committed = beginning.encoded.said, len(beginning.said)
    tokens = [*beginning.said, *new.tokens] if said is None else list(said)
    room = min(beginning.max_tokens, _MOST_POSITIONS - len(beginning.prompt) - committed)
    # The limit of a window holds for the end too.
    tokens = tokens[: committed + room - 1]
    return TwinText(encoded=beginning.encoded, beginning=beginning, new=new, tokens=tokens)


class TrueCostWhisper(FasterWhisper):
    """The tests' model at the cost of a large one, live; ``reference`` knows the talks that it will hear."""

    def __init__(self, pico: Path, large: Path, *, threads: int, reference: ReferenceTokens) -> None:
        super().__init__(pico, threads=threads, tuning=FileTuning())
        if self._model is not None:
            self._model.unload()
        self._model = TwinWhisper(pico, large, threads=threads, reference=reference)
        self._info = replace(self._info, model=large.name)  # two sizes beside each other are two engines
