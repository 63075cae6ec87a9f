"""What is said to models that stand for no language: words of made-up letters, and a tokenizer that knows them whole.

To ``translation_models.py`` and ``translation_run.py``.
"""

from collections.abc import Sequence
from typing import Final

from sentencepiece import sentencepiece_model_pb2

WORDS: Final = 12
"""Of a sentence."""
PIECES: Final = 16
"""Of a sentence of 12 words: three words are of two pieces, and the full stop is one."""
SPECIAL: Final = ("<s>", "</s>", "<unk>")
STOP, SPACE = ".", "▁"

_LETTERS: Final = "bcdfghjklmnpqrst"
_OF_TWO_PIECES: Final = frozenset({3, 7, 11})


def word(number: int, *, syllables: int = 4) -> str:
    """Make a word, another one for each number below ``16 ** syllables``."""
    return "".join(_LETTERS[number >> 4 * place & 15] + "a" for place in reversed(range(syllables)))


def first_piece(number: int) -> str:
    """Give the piece that begins a word."""
    return SPACE + word(number, syllables=5)


def sentence(number: int) -> str:
    """Say 12 words in 16 pieces, others for each number."""
    pieces = iter(range(number, PIECES * 17 + number, 17))
    words = []
    for place in range(WORDS):
        said = word(next(pieces), syllables=5)
        words.append(said + word(next(pieces), syllables=5) if place in _OF_TWO_PIECES else said)
    return " ".join(words) + STOP


def vocabulary(size: int, codes: Sequence[str] = ()) -> list[str]:
    """List ``size`` tokens: special ones, ``codes``, and words, each as it begins one and as it goes on."""
    tokens = [*SPECIAL, *codes, SPACE, STOP]
    for number in range((size - len(tokens) + 1) // 2):
        tokens += [first_piece(number), word(number, syllables=5)]
    return tokens[:size]


def tokenizer(tokens: Sequence[str], codes: Sequence[str] = ()) -> bytes:
    """Write the SentencePiece model that cuts text into these tokens; ``codes`` are not text."""
    model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made when it is imported
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3}  # unknown, control; 1 is normal
    for token in tokens:
        if token not in codes:
            model.pieces.add(piece=token, score=-1.0, type=kinds.get(token, 1))
    spec = model.trainer_spec
    spec.model_type, spec.vocab_size = 1, len(model.pieces)
    spec.bos_id, spec.eos_id, spec.unk_id, spec.pad_id = 0, 1, 2, -1
    model.normalizer_spec.name = "identity"
    return bytes(model.SerializeToString())
