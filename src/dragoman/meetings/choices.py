"""Which languages work in a room, for whom, and why not the others. A plain class; to meeting.py and the API.

``models/offer.py`` says which directions this machine interprets.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, language_name, parse_language
from dragoman.ground.rooms import Participant
from dragoman.ground.voices import VoiceWish
from dragoman.meetings.errors import ChoiceNotPossible
from dragoman.models.offer import Direction
from dragoman.rooms.livekit_participants import CONSENT, ORIGINAL, describe_participant, read_participant


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What one participant wants."""

    speaks: Language | None
    reads: Language | None
    listens: Language | None
    consents: bool
    voice: VoiceWish = VoiceWish.NATURAL
    """Of the dubs."""

    def attributes(self) -> dict[str, str]:
        """Write them as LiveKit participant attributes."""
        return describe_participant(self.participant("", ""))

    def participant(self, identity: str, name: str) -> Participant:
        return Participant(
            identity=identity,
            name=name,
            speaks=self.speaks,
            reads=self.reads,
            listens=self.listens,
            voice=self.voice,
            consents=self.consents,
        )


def choices_of(attributes: dict[str, str]) -> Choices:
    """Read what ``Choices.attributes`` wrote; whatever is missing or unknown counts as not chosen, consent too."""
    read = read_participant("", "", attributes)
    return Choices(
        speaks=read.speaks,
        reads=read.reads,
        listens=read.listens,
        consents=attributes.get(CONSENT) == "true",
        voice=read.voice,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOption:
    """One language in a list people choose from."""

    language: Language
    works: bool
    reason: str = ""
    """Stable word for why not: ``not_recognised``, ``not_translated``, ``no_voice``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOption:
    """One kind of dubbed voice in a list people choose from."""

    voice: VoiceWish
    works: bool
    reason: str = ""
    """Stable word for why not: ``no_own_voice``."""


VOICES = (
    VoiceOption(voice=VoiceWish.NATURAL, works=True),
    VoiceOption(voice=VoiceWish.FAST, works=True),
    VoiceOption(voice=VoiceWish.OWN, works=False, reason="no_own_voice"),
)
"""No engine here takes a person's voice yet."""


class LanguageMenu:
    """What can be chosen, given the directions that are interpreted here."""

    def __init__(self, directions: Iterable[Direction]) -> None:
        self.directions = tuple(directions)
        self._sources = {it.source for it in self.directions}
        self._read = self._sources | {it.target for it in self.directions}
        self._voiced = {it.target for it in self.directions if it.voice}

    def speaks(self) -> tuple[LanguageOption, ...]:
        return tuple(_option(code, code in self._sources, "not_recognised") for code in LANGUAGES)

    def reads(self) -> tuple[LanguageOption, ...]:
        return tuple(_option(code, code in self._read, "not_translated") for code in LANGUAGES)

    def listens(self) -> tuple[LanguageOption, ...]:
        return tuple(
            _option(code, code in self._voiced, "no_voice" if code in self._read else "not_translated")
            for code in LANGUAGES
        )

    def voices(self) -> tuple[VoiceOption, ...]:
        return VOICES

    def choose(
        self,
        *,
        speaks: str | None,
        reads: str | None,
        listens: str | None,
        consents: bool,
        voice: VoiceWish = VoiceWish.NATURAL,
    ) -> Choices:
        """Check what a client asks for; ``original`` as ``listens`` is no dub.

        Raises ``UnknownLanguage`` for a language that is none, ``ChoiceNotPossible`` for one that does not work here,
        both with the choices.
        """
        return Choices(
            voice=_offered(voice, self.voices()),
            speaks=None if speaks is None else self.source(speaks),
            reads=None if reads is None else _chosen(reads, self.reads(), "read"),
            listens=None if listens is None or listens == ORIGINAL else _chosen(listens, self.listens(), "hear"),
            consents=consents,
        )

    def source(self, text: str) -> Language:
        """Read a language that is to be spoken. Raises as ``choose``."""
        return _chosen(text, self.speaks(), "speak")

    def target(self, text: str, *, source: Language, dub: bool) -> Language:
        """Read a language that ``source`` is to be interpreted into; for captions, its own one too.

        Raises as ``choose``.
        """
        found = {it.target for it in self.directions if it.source == source and (it.voice or not dub)}
        if not dub:
            found.add(source)
        options = tuple(_option(code, code in found, "not_translated") for code in LANGUAGES)
        return _chosen(text, options, f"{'hear' if dub else 'read'} {language_name(source)} in")


def _option(language: Language, works: bool, reason: str) -> LanguageOption:
    return LanguageOption(language=language, works=works, reason="" if works else reason)


def _offered(voice: VoiceWish, options: tuple[VoiceOption, ...]) -> VoiceWish:
    working = [option.voice for option in options if option.works]
    if voice not in working:
        raise ChoiceNotPossible(f"nobody can hear the voice {voice.value!r} here; there are: {', '.join(working)}")
    return voice


def _chosen(text: str, options: tuple[LanguageOption, ...], verb: str) -> Language:
    working = [option.language for option in options if option.works]
    choices = describe_languages(working) or "none"
    try:
        language = parse_language(text)
    except UnknownLanguage as error:
        raise UnknownLanguage(f"no language {text[:40]!r}; you can {verb}: {choices}") from error
    if language not in working:
        raise ChoiceNotPossible(f"nobody can {verb} {language_name(language)} here; you can {verb}: {choices}")
    return language
