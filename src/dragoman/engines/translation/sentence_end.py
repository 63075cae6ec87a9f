"""What every translator does to a sentence before and after: tidy it, and lend it a full stop.

Models cut sentences short that end without a mark. For all translators of this folder but remote.py.
"""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_ENDINGS = ".!?…,;:-–—。！？、，；：।؟،؛"
_CLOSERS = "\"'”’»)]}」』）"


def tidy(text: str) -> str:
    """Give ``text`` in NFC on one line: control characters and runs of white space become single spaces."""
    printable = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", printable)).strip()


def ends_open(sentence: str) -> bool:
    """Say whether no mark ends ``sentence``; closing quotes and brackets are looked through."""
    return not sentence.rstrip(_CLOSERS).endswith(tuple(_ENDINGS))


def with_full_stop(sentence: str) -> str:
    """End a tidy, not empty sentence with a full stop, unless a mark ends it."""
    return f"{sentence}." if ends_open(sentence) else sentence


def without_full_stop(translation: str, *, like: str) -> str:
    """Take the lent full stop back out of the translation of ``like``."""
    if not ends_open(like):
        return translation
    return translation.removesuffix(".").removesuffix("。").removesuffix("।").rstrip()
