"""Addresses of the web and of mail, in the words that people say: "example dot com"."""

import re

from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.rules import Rule

_MAIL = re.compile(
    r"(?<![^\s(<\"'])[A-Za-z0-9][\w.+-]*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]*[A-Za-z0-9])++(?=[.,;:!?)>\"']*+(?:\s|$))"
)
_LINK = re.compile(r"(?<![\w@./])(?:https?://|www\.)(?P<rest>[^\s<>\"']++)", re.IGNORECASE)
_OTHER = re.compile(r"(?<![^\s(<\"'])[^\s@]{0,80}@\S{0,80}+")
"""Handles and what is glued to an address stay as they are."""
_DIGITS = re.compile("[0-9]++")
_END = ".,;:!?)]}…'"


def address_rules(language: SpokenLanguage) -> list[Rule]:
    """Say the host of a link, whose path nobody could follow, and the whole of a mail address."""

    def mail(match: re.Match[str]) -> str:
        name, _, host = match[0].partition("@")
        return f"{_dotted(name, language)} {language.at} {_dotted(host, language)}"

    def link(match: re.Match[str]) -> str | None:
        rest: str = match["rest"]
        address = rest.rstrip(_END)
        host = re.split("[/?#:]", address, maxsplit=1)[0].rpartition("@")[2]
        if host.lower().startswith("www."):
            host = host[4:]
        said = _dotted(host, language)
        return said + rest[len(address) :] if said else None

    return [Rule(_LINK, link), Rule(_MAIL, mail), Rule(_OTHER, lambda match: match[0])]


def _dotted(text: str, language: SpokenLanguage) -> str:
    """Say the dots, and the digits one by one."""

    def digits(match: re.Match[str]) -> str:
        return " ".join(["", *(language.cardinal(int(digit)) for digit in match[0]), ""])

    said = [" ".join(_DIGITS.sub(digits, part).split()) for part in text.lower().split(".") if part]
    return f" {language.point} ".join(said)
