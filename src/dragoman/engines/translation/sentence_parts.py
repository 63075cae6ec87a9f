"""Cut what is too long for a model, between words as far as possible. For ``firefox.py`` and ``llama_cpp.py``."""

from collections.abc import Callable, Iterator


def cut_long(text: str, *, most: int, measure: Callable[[str], int]) -> list[str]:
    """Cut ``text``, which is tidy and not empty, into parts of at most ``most`` by ``measure``, in order.

    ``measure`` counts what the model sees: pieces or tokens. A word that is longer itself is cut between letters, so
    a part may be longer only where a single letter is.
    """
    if measure(text) <= most:
        return [text]
    parts: list[str] = []
    length = 0
    for word, is_new in _words(text, most=most, measure=measure):
        size = measure(word)
        if not parts or length + size > most:
            parts.append(word)
            length = 0
        else:
            parts[-1] += f" {word}" if is_new else word
        length += size
    return parts


def _words(text: str, *, most: int, measure: Callable[[str], int]) -> Iterator[tuple[str, bool]]:
    """Give the words of ``text``, too long ones in pieces, and whether each piece begins a word."""
    for word in text.split(" "):
        # As a rule a letter is one piece at most, so that most words need no measuring here.
        starts = range(0, len(word), most)
        for start in starts:
            for number, piece in enumerate(_halves(word[start : start + most], most=most, measure=measure)):
                yield piece, start == 0 and number == 0


def _halves(piece: str, *, most: int, measure: Callable[[str], int]) -> list[str]:
    if len(piece) < 2 or measure(piece) <= most:
        return [piece]
    middle = len(piece) // 2
    return [half for part in (piece[:middle], piece[middle:]) for half in _halves(part, most=most, measure=measure)]
