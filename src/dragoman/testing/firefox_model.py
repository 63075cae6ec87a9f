"""Write small Firefox Translations models that translate word for word: a real file for the real engine, made in tests.

The weights are not trained but computed. Half of a state's dimensions hold the position in the sentence, the other half
the word. The decoder looks for the source word at its own position and turns it into its partner. What Firefox's models
have is all there: a shared SentencePiece vocabulary, self-attention, the recurrent decoder, 8-bit matrices; only what
this needs is not zero.

Format: Marian's binary model, version 1 (``common/binary.cpp``, little-endian, blocks of 256 bytes); layers by the
names of Marian's transformer with an SSRU decoder (Kim et al., WNGT 2019); positions sinusoidal, sines first
(Vaswani et al., 2017).
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentencepiece import sentencepiece_model_pb2

END, UNKNOWN = 0, 1
"""Tokens of Marian's SentencePiece vocabularies."""

_INT8, _FLOAT32, _INTGEMM8 = 0x0101, 0x0404, 0x4101
_BLOCK_BYTES = 256
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?'\"()-áàảãạăâéèẽẹêíìóòõôơúùưýđñç"
_GAIN = 8.0
"""Of the few weights that are not zero; the largest that 8 bits hold here."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of a model; 128 is the least width at which a few hundred words do not blur."""

    width: int = 128
    heads: int = 2
    encoder_layers: int = 1
    decoder_layers: int = 1
    inner: int = 128
    """Width inside the feed-forward layers."""


def write_firefox_model(folder: Path, pair: str, words: Mapping[str, str], *, shape: Shape | None = None) -> Path:
    """Write the model of ``pair`` (``enes``) into ``folder`` and give the folder; it turns each word into its partner.

    Words are whole, as written; others are copied letter by letter as far as their letters are known.
    """
    pieces = _pieces(words)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"vocab.{pair}.spm").write_bytes(_vocabulary(pieces))
    model = _Writer()
    _add_layers(model, _embeddings(pieces, words, shape or Shape()), shape or Shape())
    (folder / f"model.{pair}.intgemm.alphas.bin").write_bytes(model.file())
    return folder


def write_shortlist(folder: Path, pair: str, words: Mapping[str, str], *, without: str = "") -> None:
    """Write beside the model of ``words`` what may come out for each: itself, its partner, the end.

    The word ``without`` never does. Format: Marian's binary shortlist (``data/shortlist.h``): a header, where each
    list begins, and the lists.
    """
    pieces = _pieces(words)
    number = {piece: index for index, piece in enumerate(pieces)}
    partners = {f"▁{source}": f"▁{target}" for source, target in words.items()}
    lists = [
        sorted({END, *(number[it] for it in (piece, partners.get(piece, piece)) if it != f"▁{without}")})
        for piece in pieces
    ]
    offsets = np.cumsum([0, *map(len, lists)]).astype("<u8").tobytes()
    content = np.array([index for one in lists for index in one], "<u4").tobytes()
    head = struct.pack("<6Q", 0xF11A48D5013417F5, 0, 2, 2, len(lists) + 1, len(content) // 4)
    (folder / f"lex.50.50.{pair}.s2t.bin").write_bytes(head + offsets + content)


def _pieces(words: Mapping[str, str]) -> list[str]:
    whole = dict.fromkeys(f"▁{word}" for pair in words.items() for word in pair)
    letters = dict.fromkeys(["▁", *_LETTERS, *(letter for word in whole for letter in word)])
    return ["</s>", "<unk>", *whole, *(letter for letter in letters if letter not in whole)]


def _vocabulary(pieces: list[str]) -> bytes:
    vocabulary = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made when it is imported
    kinds = {END: 3, UNKNOWN: 2}  # control, unknown; 1 is normal
    for number, piece in enumerate(pieces):
        # A whole word beats its letters.
        vocabulary.pieces.add(piece=piece, score=-1.0 if len(piece) > 1 else -10.0, type=kinds.get(number, 1))
    spec = vocabulary.trainer_spec
    spec.model_type, spec.vocab_size = 1, len(pieces)
    spec.eos_id, spec.unk_id, spec.bos_id, spec.pad_id = END, UNKNOWN, -1, -1
    vocabulary.normalizer_spec.name = "identity"
    return bytes(vocabulary.SerializeToString())


def _embeddings(pieces: list[str], words: Mapping[str, str], shape: Shape) -> Matrix:
    """Give each piece a random code; partners differ in the sign of its second half, which others do not have."""
    number = {piece: index for index, piece in enumerate(pieces)}
    is_word = _is_slow(shape.width)
    flip = _flip(int(is_word.sum()))
    # As many of one sign as of the other, so that layer normalisation treats all pieces alike.
    halves = np.tile(np.repeat([1.0, -1.0], len(flip) // 4), (2 * len(pieces), 1))
    code = np.random.default_rng(0).permuted(halves, axis=1).reshape(len(pieces), len(flip))
    partners = {f"▁{source}": f"▁{target}" for source, target in words.items() if source != target}
    for source, target in partners.items():
        code[number[target]] = code[number[source]] * flip
    paired = {*partners, *partners.values()}
    alone = [index for piece, index in number.items() if piece not in paired]
    code[alone] *= np.sqrt(2) * (flip > 0)
    embeddings = np.zeros((len(pieces), shape.width), np.float32)
    embeddings[:, is_word] = code / np.sqrt(shape.width)
    return embeddings


def _flip(size: int) -> NDArray[np.float64]:
    return np.where(np.arange(size) < size // 2, 1.0, -1.0)


def _is_slow(width: int) -> NDArray[np.bool_]:
    """Say in which dimensions the sine or cosine of the position hardly moves: but for the last, words are there."""
    place = np.arange(width // 2)
    return np.tile((place >= width // 4) & (place < width // 2 - 2), 2)


def _is_quick(width: int) -> NDArray[np.bool_]:
    """Say which dimensions tell neighbouring positions apart."""
    return np.tile(np.arange(width // 2) < width // 8, 2)


def _add_layers(model: "_Writer", embeddings: Matrix, shape: Shape) -> None:
    model.matrix("Wemb", embeddings, quantised_input="none")
    model.vector("decoder_ff_logit_out_b", len(embeddings))
    for number in range(1, shape.encoder_layers + 1):
        _add_attention(model, f"encoder_l{number}_self", shape)
        _add_feed_forward(model, f"encoder_l{number}_ffn", shape)
    for number in range(1, shape.decoder_layers + 1):
        model.matrix(f"decoder_l{number}_rnn_W", _zeros(shape.width, shape.width))
        model.matrix(f"decoder_l{number}_rnn_Wf", _zeros(shape.width, shape.width))
        model.vector(f"decoder_l{number}_rnn_bf", shape.width)
        _add_norm(model, f"decoder_l{number}_rnn_ffn", shape)
        _add_attention(model, f"decoder_l{number}_context", shape, looks_at_its_position=number == 1)
        _add_feed_forward(model, f"decoder_l{number}_ffn", shape)
    model.text("special:model.yml", _configuration(len(embeddings), shape))


def _add_attention(model: "_Writer", name: str, shape: Shape, *, looks_at_its_position: bool = False) -> None:
    """Add an attention that does nothing, or one whose first head finds the word at its own position and translates."""
    matrices = {part: _zeros(shape.width, shape.width) for part in "qkvo"}
    if looks_at_its_position:
        places = np.flatnonzero(_is_quick(shape.width))
        words = np.flatnonzero(_is_slow(shape.width))
        head = np.arange(shape.width // shape.heads)
        if len(head) < len(words):
            raise ValueError(f"{shape.heads} heads are too narrow; give at most 2")
        matrices["q"][places, head[: len(places)]] = _GAIN
        # Normalisation has moved all dimensions alike; the slowest sine, 0 before, says how far.
        matrices["q"][shape.width // 2 - 1, head[: len(places)]] = -_GAIN
        matrices["k"] = matrices["q"]
        matrices["v"][words, head[: len(words)]] = _flip(len(words))
        matrices["o"][head[: len(words)], words] = _GAIN
    for part, weights in matrices.items():
        model.matrix(f"{name}_W{part}", weights)
        model.vector(f"{name}_b{part}", shape.width)
    _add_norm(model, f"{name}_Wo", shape)


def _add_feed_forward(model: "_Writer", name: str, shape: Shape) -> None:
    for number, rows, columns in ((1, shape.width, shape.inner), (2, shape.inner, shape.width)):
        model.matrix(f"{name}_W{number}", _zeros(rows, columns))
        model.vector(f"{name}_b{number}", columns)
    _add_norm(model, f"{name}_ffn", shape)


def _add_norm(model: "_Writer", name: str, shape: Shape) -> None:
    model.vector(f"{name}_ln_scale", shape.width, value=1.0)
    model.vector(f"{name}_ln_bias", shape.width)


def _zeros(rows: int, columns: int) -> Matrix:
    return np.zeros((rows, columns), np.float32)


def _configuration(vocabulary: int, shape: Shape) -> str:
    values = {
        "bert-train-type-embeddings": "true",
        "dec-cell": "ssru",
        "dec-depth": shape.decoder_layers,
        "dim-emb": shape.width,
        "dim-vocabs": f"[{vocabulary}, {vocabulary}]",
        "enc-depth": shape.encoder_layers,
        "tied-embeddings-all": "true",
        "transformer-decoder-autoreg": "rnn",
        "transformer-dim-ffn": shape.inner,
        "transformer-ffn-activation": "relu",
        "transformer-heads": shape.heads,
        "transformer-postprocess": "dan",
        "transformer-postprocess-emb": "d",
        "type": "transformer",
        "version": "v1.9.56",
    }
    return "".join(f"{name}: {value}\n" for name, value in values.items())


class _Writer:
    """Collects the items of a model."""

    def __init__(self) -> None:
        self._items: list[tuple[str, int, tuple[int, ...], bytes]] = []

    def matrix(self, name: str, weights: Matrix, *, quantised_input: str = "") -> None:
        """Add a matrix in 8 bits, its scale behind it, and the scale of what it is multiplied with."""
        scale = 127.0 / max(float(np.abs(weights).max()), 1e-3)
        eight_bits = np.rint(weights * scale).astype(np.int8)
        # intgemm keeps B transposed in the file, embeddings as they are.
        stored = eight_bits if quantised_input else np.ascontiguousarray(eight_bits.T)
        self._items.append((name, _INTGEMM8, weights.shape, stored.tobytes() + struct.pack("<f", scale)))
        self._items.append((f"{quantised_input or name}_QuantMultA", _FLOAT32, (1, 1), struct.pack("<f", 127.0 / 8)))

    def vector(self, name: str, size: int, *, value: float = 0.0) -> None:
        self._items.append((name, _FLOAT32, (1, size), np.full(size, value, np.float32).tobytes()))

    def text(self, name: str, text: str) -> None:
        encoded = text.encode() + b"\0"
        self._items.append((name, _INT8, (len(encoded),), encoded))

    def file(self) -> bytes:
        names = [name.encode() + b"\0" for name, _, _, _ in self._items]
        head = struct.pack("<QQ", 1, len(self._items))
        for name, (_, kind, shape, data) in zip(names, self._items, strict=True):
            head += struct.pack("<QQQQ", len(name), kind, len(shape), _padded(len(data)))
        head += b"".join(names) + b"".join(struct.pack(f"<{len(item[2])}i", *item[2]) for item in self._items)
        padding = _padded(len(head) + 8) - len(head) - 8
        return head + struct.pack("<Q", padding) + bytes(padding) + b"".join(self._blocks())

    def _blocks(self) -> Iterator[bytes]:
        for _, _, _, data in self._items:
            yield data.ljust(_padded(len(data)), b"\0")


def _padded(count: int) -> int:
    return -(-count // _BLOCK_BYTES) * _BLOCK_BYTES
