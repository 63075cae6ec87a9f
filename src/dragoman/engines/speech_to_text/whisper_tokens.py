"""Whisper's tokens: the ones that steer the model, and text tokens put together to words. To ``whisper_model.py``.

A thin layer over ``tokenizers``. Text tokens are pieces of UTF-8 bytes, each byte written as one printable character
(GPT-2's byte-level alphabet), so one letter may need several tokens and a word often does.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from dragoman.ground.errors import ModelCorrupt
from dragoman.ground.languages import LANGUAGES, Language

_OPENING = frozenset("\"'“‘¿¡([{«「『（-")
"""Standing alone before a word these belong to it; all other lone punctuation belongs to the word before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWord:
    """A word as a run of tokens."""

    text: str
    """With its punctuation, without spaces around."""
    first: int
    """Index of its first token that sounds."""
    end: int
    """Index behind its last token that sounds: punctuation after it is not in the range."""


class WhisperTokens:
    """What ``tokenizer.json`` knows. Raises ``ModelCorrupt`` if it is not Whisper's."""

    def __init__(self, file: Path, *, multilingual: bool) -> None:
        self._tokenizer = _load(file)
        self._multilingual = multilingual
        self.start = self._special("<|startoftranscript|>")
        self.end_of_text = self._special("<|endoftext|>")
        self._transcribe = self._special("<|transcribe|>")
        self._no_timestamps = self._special("<|notimestamps|>")
        self._start_of_previous = self._special("<|startofprev|>")
        self.languages = self._find_languages()
        """What the model can be told to recognise, in the order of our table."""

    def start_sequence(self, language: Language) -> list[int]:
        """Give the tokens that say what to do, as ``align`` wants them."""
        if not self._multilingual:
            return [self.start]
        return [self.start, self._special(f"<|{language}|>"), self._transcribe]

    def write(self, text: str, language: Language) -> list[int]:
        """Give the tokens of ``text`` as they stand at a transcript's start."""
        text = text.strip()
        if not text:
            return []
        led = f" {text}" if LANGUAGES[language].words_have_spaces else text
        return self.text_tokens(self._tokenizer.encode(led, add_special_tokens=False).ids)

    def prompt(self, language: Language, *, previous_text: str, max_previous: int, hot_words: str = "") -> list[int]:
        """Give what ``generate`` starts from: names and terms, the end of the text before, then the task.

        The first two have at most ``max_previous`` tokens together.
        """
        task = [*self.start_sequence(language), self._no_timestamps]
        led = self.write_before(hot_words)[: max(0, max_previous)]
        room = max_previous - len(led)
        previous = self.write_before(previous_text)[-room:] if room > 0 else []
        return [self._start_of_previous, *led, *previous, *task] if led or previous else task

    def write_before(self, text: str) -> list[int]:
        """Give the tokens of ``text`` as they stand in what was said before a transcript."""
        text = text.strip()
        return self.text_tokens(self._tokenizer.encode(f" {text}", add_special_tokens=False).ids) if text else []

    def text_tokens(self, tokens: Sequence[int]) -> list[int]:
        """Leave out all that is not text: every special token has an id above the text's."""
        return [token for token in tokens if token < self.end_of_text]

    def words(self, tokens: Sequence[int], language: Language) -> list[TokenWord]:
        """Put text tokens together to words, in order; text that never sounds (lone punctuation) gives none."""
        spaced = LANGUAGES[language].words_have_spaces
        builder = _WordBuilder(spaced=spaced)
        for piece in self._pieces(tokens):
            builder.add(piece)
        return builder.words()

    def _pieces(self, tokens: Sequence[int]) -> "list[_Piece]":
        """Cut tokens into the shortest runs whose bytes are whole characters."""
        pieces = []
        pending = b""
        first = 0
        for index, token in enumerate(tokens):
            pending += self._bytes(token)
            text = _decode(pending)
            if text is not None:
                pieces.append(_Piece(text=text, first=first, end=index + 1))
                pending, first = b"", index + 1
        if pending:  # The token cap may cut within a letter; what came before it in these bytes is kept.
            pieces.append(_Piece(text=pending.decode("utf-8", "ignore"), first=first, end=len(tokens)))
        return pieces

    def _bytes(self, token: int) -> bytes:
        written = self._tokenizer.id_to_token(token) or ""
        alphabet = _byte_alphabet()
        return bytes(alphabet[character] for character in written if character in alphabet)

    def _special(self, name: str) -> int:
        token = self._tokenizer.token_to_id(name)
        if token is None:
            raise ModelCorrupt(f"tokenizer.json lacks {name}; it must be the tokenizer.json of this Whisper model")
        return int(token)

    def _find_languages(self) -> tuple[Language, ...]:
        if not self._multilingual:
            return (Language("en"),)
        return tuple(code for code in LANGUAGES if self._tokenizer.token_to_id(f"<|{code}|>") is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    text: str
    first: int
    end: int


@dataclass(slots=True, kw_only=True)
class _OpenWord:
    text: str
    first: int
    end: int

    def sounds(self) -> bool:
        return any(character.isalnum() for character in self.text)


class _WordBuilder:
    """Takes pieces in order and says where one word ends and the next begins."""

    def __init__(self, *, spaced: bool) -> None:
        self._spaced = spaced
        self._words: list[_OpenWord] = []

    def add(self, piece: _Piece) -> None:
        if not piece.text:
            return
        last = self._words[-1] if self._words else None
        if last is None or self._begins_word(piece.text, last):
            self._words.append(_OpenWord(text=piece.text, first=piece.first, end=piece.end))
            return
        silent_before = not last.sounds()
        last.text += piece.text
        if any(character.isalnum() for character in piece.text):
            last.end = piece.end
            if silent_before:
                last.first = piece.first

    def words(self) -> list[TokenWord]:
        return [
            TokenWord(text=word.text.strip(), first=word.first, end=word.end) for word in self._words if word.sounds()
        ]

    def _begins_word(self, text: str, last: _OpenWord) -> bool:
        if not last.sounds() and last.text.strip():
            return False  # an opening quote or bracket takes what follows
        # Before letters of several tokens, such as Vietnamese "ả", the space is a token of its own.
        spaced = text[0].isspace() or last.text[-1].isspace()
        stripped = text.strip()
        if not any(character.isalnum() for character in stripped):
            return bool(stripped) and spaced and stripped[0] in _OPENING
        if spaced:
            return True
        if self._spaced:
            return False
        # Without spaces every whole token is a word, except that Latin words, numbers and their vowel signs hold.
        both_latin = (last.text[-1] + text[0]).isascii() and (last.text[-1] + text[0]).isalnum()
        return not both_latin and not unicodedata.category(text[0]).startswith("M")


def _decode(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Bytes that no letter can begin with will never become whole: they are left out.
        return None if error.reason == "unexpected end of data" else data.decode("utf-8", "ignore")


@lru_cache(maxsize=1)
def _byte_alphabet() -> dict[str, int]:
    """Map each character of GPT-2's alphabet to its byte: printable Latin-1 stands for itself, the rest from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {chr(byte): byte for byte in printable}
    others = [byte for byte in range(0x100) if byte not in alphabet.values()]
    return alphabet | {chr(0x100 + index): byte for index, byte in enumerate(others)}


def _load(file: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelCorrupt(f"{file} is not a tokenizer: {error}; fetch the model again") from error
