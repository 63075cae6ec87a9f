"""Write letters and figures plainly that have a sign of their own: ﬁ, Ⅳ, ㎞, Ａ. Voices spell a sign's number.

Chinese and Japanese keep theirs: their voices know them.
"""

import re
import unicodedata

from dragoman.ground.languages import Language

_STYLED = re.compile("[\ufb00-\ufb06\u2160-\u217f\u3371-\u33df\u33ff\uff01-\uff5e\u212a\u212b\U0001d400-\U0001d7ff]")
_KEPT_BY = frozenset({Language("zh"), Language("zh-TW"), Language("ja")})


def write_plainly(text: str, language: Language) -> str:
    """Give ``text`` with the plain letters that such signs stand for; twice changes nothing more."""
    if text.isascii() or language in _KEPT_BY:
        return text
    return _STYLED.sub(lambda styled: unicodedata.normalize("NFKC", styled[0]), text)
