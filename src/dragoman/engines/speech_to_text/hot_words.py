"""Write names and terms as a text that might have been said before: what Whisper is led by. To its two ways of hearing.

``file_decoding.py`` limits it by letters, ``whisper_windows.py`` by tokens.
"""

from collections.abc import Callable, Sequence


def write_hot_words(terms: Sequence[str], fits: Callable[[str], bool]) -> str:
    """Join ``terms`` with commas, each once; the first ones, if not all fit."""
    written = ""
    for term in dict.fromkeys(" ".join(term.split()) for term in terms):
        longer = f"{written}, {term}" if written else term
        if not fits(longer):
            break
        written = longer
    return f"{written}." if written else ""
