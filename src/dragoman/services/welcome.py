"""What a person reads when everything is ready: where to go, what works now, how to end it. Plain text. To cli.py."""

from collections.abc import Sequence
from dataclasses import dataclass

import segno

from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.languages import language_name, parse_language
from dragoman.services.doors import Doors

MOST_NAMED = 4
"""Languages of one direction that are named."""
QUIET_MODULES = 2
"""White around a QR code; the standard asks for four (ISO/IEC 18004), and telephones take two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Of one start."""

    doors: Doors
    host_password: str | None
    """None where nobody but this machine can come in."""
    fingerprint: str
    """Of the certificate made here, SHA-256; empty without one: browsers do not know it, people can compare it."""
    works_now: str
    """One sentence, ``describe_works_now``."""

    @property
    def address_for_phones(self) -> str:
        """What the QR code leads to; empty where no other machine can come in."""
        return self.doors.link_origin

    def lines(self) -> list[str]:
        """Write the block, a line each."""
        doors = self.doors
        rows = [("on this machine", (doors.local or doors.plain)[0])]
        if doors.public:
            rows.append(("from anywhere", doors.public))
        rows += [("other machines" if not number else "", name) for number, name in enumerate(doors.secure)]
        if self.host_password is not None:
            rows.append(("host password", f"{self.host_password} (to start a call from another machine)"))
        if self.fingerprint:
            rows.append(("certificate", "made here, so browsers warn: go on if they show this SHA-256 fingerprint"))
            rows += [("", part) for part in _halves(self.fingerprint)]
        rows += [("works now", self.works_now), ("to end it", "Ctrl-C")]
        return ["everything is ready", *(f"  {name:15}  {value}" for name, value in rows)]


def describe_works_now(directions: Sequence[tuple[str, str, bool]]) -> str:
    """Write what works in one line, of (source, target, with a voice): ``English into Spanish, ... and 7 more``."""
    if not directions:
        return "nothing is interpreted yet; dragoman doctor says what is missing"
    sentences = []
    for source in dict.fromkeys(source for source, _, _ in directions):
        with_voice_first = sorted(directions, key=lambda direction: not direction[2])
        targets = [_name(target) for it, target, _ in with_voice_first if it == source]
        named = ", ".join(targets[:MOST_NAMED])
        rest = len(targets) - MOST_NAMED
        sentences.append(f"{_name(source)} into {named}{f' and {rest} more' if rest > 0 else ''}")
    more = len(sentences) - MOST_NAMED
    return "; ".join(sentences[:MOST_NAMED]) + (f"; {more} more languages" if more > 0 else "")


def qr_lines(text: str) -> list[str]:
    """Draw a QR code of half blocks, two rows of it in a line; to be shown black on white.

    A dark module is drawn in the colour of the writing, a light one in that of the paper.
    """
    rows = [list(row) for row in segno.make(text, micro=False).matrix_iter(border=QUIET_MODULES)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    return [
        "".join(blocks[upper & 1, lower & 1] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def _halves(fingerprint: str) -> list[str]:
    """Cut a fingerprint of 95 characters where it fits into a terminal."""
    pairs = fingerprint.split(":")
    middle = len(pairs) // 2
    return [":".join(pairs[:middle]), ":".join(pairs[middle:])]


def _name(code: str) -> str:
    try:
        return language_name(parse_language(code))
    except UnknownLanguage:
        return code
