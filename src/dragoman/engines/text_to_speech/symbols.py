"""The symbols a voice model knows, and whether a sentence has others, which the model would leave out unsaid.

sherpa-onnx writes a line to its log about what it leaves out, and speaks the rest; so everything is checked here first.
For ``sherpa.py``; phonemes come from ``espeak_phonemes.py``.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from dragoman.ground.errors import ModelCorrupt, TextNotReadable

_TOLD: Final = 8
"""Unknown symbols that a message names."""
_MAX_TABLE_BYTES: Final = 4 << 16
"""As many numbers as there are 16-bit code points."""
_CONTROLS: Final = frozenset("_^$")
_WORD: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_IDEOGRAPH: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbols:
    """A model's ``tokens.txt``: a symbol and its number in each line."""

    known: frozenset[str]

    def require_controls(self, folder: Path) -> None:
        """Check that Piper's symbols for pad, begin and end are there. Raises ``ModelCorrupt``."""
        if not self.known >= _CONTROLS:
            raise ModelCorrupt(f"tokens.txt of {folder} lacks the symbols _ ^ $; fetch the model again")

    def without_unknown_marks(self, phonemes: str) -> str:
        """Put what the model knows for the marks that it does not: a full stop for ``! ?``, a comma for ``; :``."""
        for mark, instead in ((";", ","), (":", ","), ("!", "."), ("?", "."), (",", ""), (".", "")):
            if mark not in self.known:
                phonemes = phonemes.replace(mark, instead)
        return phonemes

    def require_phonemes(self, phonemes: str, sentence: str) -> None:
        """Check that every character of ``phonemes`` is a symbol. Raises ``TextNotReadable`` with those that are
        none."""
        unknown = sorted(set(phonemes) - self.known)
        if unknown:
            raise TextNotReadable(
                f"the voice does not know {_named(unknown)}, which {len(sentence)} characters of text need; "
                "it was made with another espeak-ng, or for another language"
            )

    def speakable(self, sentence: str) -> str:
        """Give a sentence for a voice that reads letters: in small ones if it knows no others, unknown marks left out.

        Raises ``TextNotReadable`` for letters and digits that are no symbols.
        """
        small = sentence if any(symbol != symbol.lower() for symbol in self.known) else sentence.lower()
        unknown = sorted({char for char in small if char.isalnum() and char not in self.known})
        if unknown:
            raise TextNotReadable(f"the voice does not know {_named(unknown)}; it reads another script")
        return "".join(char if char in self.known else " " for char in small)

    def require_letters(self, sentence: str) -> None:
        """Check a sentence for a voice that decomposes letters itself; raises ``TextNotReadable`` as the others."""
        letters = {char for char in unicodedata.normalize("NFKD", sentence) if unicodedata.category(char)[0] in "LMN"}
        unknown = sorted(letters - self.known)
        if unknown:
            raise TextNotReadable(f"the voice does not know {_named(unknown)}; it reads other languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words of a model's ``lexicon.txt``, in small letters."""

    words: frozenset[str]

    def missing(self, sentence: str) -> list[str]:
        """Give the words, and the Chinese characters, of ``sentence`` that are not in it."""
        words = [word for word in _WORD.findall(_IDEOGRAPH.sub(" ", sentence.lower())) if word not in self.words]
        return words + [char for char in _IDEOGRAPH.findall(sentence) if char not in self.words]

    def require(self, sentence: str) -> None:
        """Raise ``TextNotReadable`` naming words that are not in it."""
        missing = self.missing(sentence)
        if missing:
            raise TextNotReadable(f"the voice's lexicon lacks {_named(missing)}; write figures and names as words")


def read_symbols(path: Path) -> Symbols:
    """Read ``tokens.txt``. Raises ``ModelCorrupt`` if it is none."""
    symbols = []
    for line in _lines(path):
        symbol, _, number = line.rpartition(" ")
        if not number.strip().isdecimal():
            raise ModelCorrupt(f"{path} has a line without a number, {line[:20]!r}; fetch the model again")
        symbols.append(symbol)
    if not symbols:
        raise ModelCorrupt(f"{path} is empty; fetch the model again")
    return Symbols(known=frozenset(symbols))


def read_unicode_indexer(path: Path) -> Symbols:
    """Read Supertonic's table: for each code point a 32-bit number, negative for those without a symbol.

    Raises ``ModelCorrupt`` if it is none.
    """
    table = path.read_bytes()
    if not table or len(table) % 4 or len(table) > _MAX_TABLE_BYTES:
        raise ModelCorrupt(f"{path} is no table of 32-bit numbers; fetch the model again")
    numbers = np.frombuffer(table, "<i4")
    return Symbols(known=frozenset(map(chr, np.flatnonzero(numbers >= 0).tolist())))


def read_lexicons(paths: Iterable[Path]) -> Lexicon:
    """Read the first word of every line of all ``paths``. Raises ``ModelCorrupt``."""
    return Lexicon(words=frozenset(line.split(maxsplit=1)[0].lower() for path in paths for line in _lines(path)))


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelCorrupt(f"{path} cannot be read as UTF-8; fetch the model again") from error
    return [line for line in text.split("\n") if line.strip()]


def _named(symbols: list[str]) -> str:
    shown = [f"{symbol!r} ({unicodedata.name(symbol, 'unnamed')})" if len(symbol) == 1 else repr(symbol)
             for symbol in symbols[:_TOLD]]  # fmt: skip
    return ", ".join(shown) + (f" and {len(symbols) - _TOLD} more" if len(symbols) > _TOLD else "")
