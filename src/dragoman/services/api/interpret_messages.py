"""What clients of ``WS /api/v1/interpret`` say, read strictly, and how a session can end. To interpret.py."""

from dataclasses import dataclass
from enum import IntEnum

from dragoman.ground.errors import WireError
from dragoman.ground.languages import Language
from dragoman.meetings.choices import LanguageMenu
from dragoman.rooms.socket_room import Wishes
from dragoman.wire.fields import Fields
from dragoman.wire.frames import Header

MOST_LANGUAGES = 8
"""Read or heard by one client at once."""


class CloseCode(IntEnum):
    """Why a session was closed."""

    DONE = 1000
    WRONG_KIND = 1003
    """A message of a kind that does not belong there."""
    GARBAGE = 1007
    POLICY = 1008
    TOO_BIG = 1009
    DEFECT = 1011
    LATER = 1013
    """The database is away."""
    IDLE = 4408
    SLOW_READER = 4409
    """Open again with ``resume``: no final caption is lost."""
    LANGUAGE = 4422


class SessionOver(Exception):
    """The session ends; the client is told."""

    def __init__(self, close_code: CloseCode, code: str, message: str, *, resume: str = "") -> None:
        super().__init__(message)
        self.close_code = close_code
        self.code = code
        self.resume = resume


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The first message."""

    wishes: Wishes
    resume: str
    after_seq: int
    password: str


def read_opening(message: Header, menu: LanguageMenu) -> Opening:
    """Raises ``WireError``, ``UnknownLanguage`` or ``ChoiceNotPossible``."""
    message = {"type": "open", "resume": "", "after_seq": 0, "password": "", **message}
    fields = Fields(message, of="the first message")
    if (kind := fields.text("type")) != "open":
        raise WireError(f"the first message is of type 'open', not {kind[:40]!r}")
    opening = Opening(
        resume=fields.text("resume"),
        after_seq=fields.count("after_seq"),
        password=fields.text("password"),
        wishes=_wishes(fields, menu),
    )
    fields.end()
    return opening


def read_wishes(message: Header, menu: LanguageMenu) -> Wishes:
    """Read a change of languages. Raises as ``read_opening``."""
    fields = Fields(message, of="a change of languages")
    fields.text("type")
    wishes = _wishes(fields, menu)
    fields.end()
    return wishes


def _wishes(fields: Fields, menu: LanguageMenu) -> Wishes:
    speaks, reads, listens = fields.text("speaks"), fields.texts("reads"), fields.texts("listens")
    if max(len(reads), len(listens)) > MOST_LANGUAGES:
        raise WireError(f"at most {MOST_LANGUAGES} languages are read or heard at once")
    source = menu.source(speaks)
    return Wishes(speaks=source, reads=_targets(reads, source, menu), listens=_targets(listens, source, menu, dub=True))


def _targets(texts: tuple[str, ...], source: Language, menu: LanguageMenu, *, dub: bool = False) -> frozenset[Language]:
    return frozenset(menu.target(text, source=source, dub=dub) for text in texts)
