"""Leave out what nobody says: emoji with their modifiers, arrows and other figures, and all white space but single
spaces. Voices call them by their names: "black medium small square".
"""

import re

_PICTURE = (
    r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2300-\u23FF\u2B00-\u2BFF\U000E0020-\U000E007F\uFE0F\u20E3"
    r"\u2139\u2190-\u21FF\u24C2\u25A0-\u25FF\u2900-\u297F\u3030\u303D\u3297\u3299©®\u2117\u2120\u2122]"
)
# The joiner also shapes Indic letters, and so goes only between pictures.
_PICTURES = re.compile(rf"{_PICTURE}++(?:\u200d{_PICTURE}++)*+")
_KEYCAPS = re.compile(r"([0-9#*])\uFE0F?\u20E3")
_SPACES = re.compile(r"\s++")
_EXCLAIMED = str.maketrans({"\u203c": "!!", "\u2049": "!?"})


def leave_out_pictures(text: str) -> str:
    """Give ``text`` without emoji, on one line. A digit on a key stays a digit."""
    without = _PICTURES.sub(" ", _KEYCAPS.sub(r"\1 ", text.translate(_EXCLAIMED)))
    return _SPACES.sub(" ", without).strip()
