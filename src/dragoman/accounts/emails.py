"""E-mail addresses: one spelling for each, and an honest check. To sign_up.py and sign_in.py.

What stands before the @ belongs to its mail server; but for small and capital letters, which none tells apart any
more, it is left as it is. Whether mail arrives there only mail can say (RFC 5321, section 4.5.3.1 for the lengths).
"""

import re
import unicodedata

from dragoman.accounts.errors import EmailInvalid

MAX_CHARS = 254
_MAX_LOCAL_BYTES = 64
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_EXAMPLE = "an e-mail address looks like an@example.org"


def normal_email(text: str) -> str:
    """Give the one spelling of an address, its domain as it stands in the DNS. Raises ``EmailInvalid``."""
    composed = unicodedata.normalize("NFC", text.strip()).lower()
    local, at, domain = composed.rpartition("@")
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise EmailInvalid(_EXAMPLE) from error
    fits = len(local.encode("utf-8", "replace")) <= _MAX_LOCAL_BYTES and len(f"{local}@{plain}") <= MAX_CHARS
    if not at or not fits or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(plain):
        raise EmailInvalid(_EXAMPLE)
    return f"{local}@{plain}"
