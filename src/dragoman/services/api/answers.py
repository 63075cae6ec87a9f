"""What several resources read and write: choices, secrets, languages. Pydantic models of ``/api/v1``."""

import unicodedata
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dragoman.ground.languages import LANGUAGES
from dragoman.ground.voices import VoiceWish
from dragoman.meetings.choices import Choices, LanguageOption, VoiceOption
from dragoman.rooms.livekit_participants import ORIGINAL

MAX_NAME_CHARS = 60

_UNSEEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_DIRECTIONS = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b")
"""Marks that turn the text behind a name around, and spaces of no width."""


def clean_name(text: str) -> str:
    """Take out what nobody sees and what turns text around; joiners, which Hindi needs, stay.

    Raises ``ValueError`` for a name of which nothing is left.
    """
    kept = "".join(" " if unicodedata.category(it) in _UNSEEN else it for it in text if it not in _DIRECTIONS)
    name = " ".join(unicodedata.normalize("NFC", kept).split())
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in name):
        raise ValueError("a name has at least one visible character")
    return name


Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS), AfterValidator(clean_name)]
LanguageText = Annotated[str, Field(min_length=1, max_length=40)]
VoiceText = Annotated[VoiceWish, Field(strict=False)]
"""One of the words; a JSON text, so not as strict as the rest."""
RoomId = Annotated[str, Path(max_length=64)]
Identity = Annotated[str, Path(max_length=64)]


class Body(BaseModel):
    """A request: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ChoicesAnswer(BaseModel):
    """What a participant chose, as it counts now."""

    speaks: str | None
    reads: str | None
    listens: str
    voice: str
    """Of the dubs: ``natural``, ``fast`` or ``own``."""
    consent: bool


class LanguageAnswer(BaseModel):
    """One language to choose."""

    code: str
    name: str
    own_name: str
    works: bool
    reason: str


class VoiceAnswer(BaseModel):
    """One kind of dubbed voice to choose."""

    voice: str
    works: bool
    reason: str


def write_voices(options: tuple[VoiceOption, ...]) -> list[VoiceAnswer]:
    return [VoiceAnswer(voice=it.voice, works=it.works, reason=it.reason) for it in options]


def write_choices(choices: Choices) -> ChoicesAnswer:
    return ChoicesAnswer(
        speaks=choices.speaks,
        reads=choices.reads,
        listens=choices.listens or ORIGINAL,
        voice=choices.voice,
        consent=choices.consents,
    )


def write_options(options: tuple[LanguageOption, ...]) -> list[LanguageAnswer]:
    """Write a list of languages, those that work first."""
    return [
        LanguageAnswer(
            code=option.language,
            name=LANGUAGES[option.language].name,
            own_name=LANGUAGES[option.language].own_name,
            works=option.works,
            reason=option.reason,
        )
        for option in sorted(options, key=lambda option: not option.works)
    ]
