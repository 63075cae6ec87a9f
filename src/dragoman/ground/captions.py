"""What people read: captions, with their times and the lag of every stage."""

from dataclasses import dataclass, replace

from dragoman.ground.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """How long each stage took, milliseconds; None where a stage did not happen (yet).

    ``recognition`` runs from the end of the segment's last word to its recognised text (the pause that ends an
    utterance included), ``translation`` from there to the translated text, ``caption`` from the end of the last word to
    publication, ``voice`` from the end of the last word to the first sound of the dub.
    """

    recognition_ms: float | None = None
    translation_ms: float | None = None
    caption_ms: float | None = None
    voice_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """One segment in one language, provisional or final."""

    segment: str
    """Id of the segment, the same in every language and from the first partial to the final."""
    speaker: str
    """Identity of the participant who speaks."""
    language: Language
    """Language of ``text`` for its readers."""
    source_language: Language
    text: str
    start_s: float
    """Room seconds at which its first word began."""
    end_s: float
    """Room seconds at which its last word ended."""
    final: bool
    seq: int = 0
    """Of finals: counts up from 1 in the room over all languages, without gaps. 0 for partials."""
    committed_chars: int = 0
    """How many characters at the front will not change any more."""
    untranslated: bool = False
    """Ladder level 4: the text is the speaker's own words because no translation could be had."""
    replaces: bool = False
    """A final that was translated afterwards: it takes the place of the untranslated one of its segment."""
    gap: bool = False
    """Something was said here that is lost: an interpreter or a recogniser was away. Final, and without text."""
    original: str = ""
    """Of a translated final: what the speaker said, in ``source_language``."""
    lags: Lags = Lags()

    def numbered(self, seq: int) -> "Caption":
        """Give this final caption its place in the room."""
        return replace(self, seq=seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A segment that still owes somebody a final caption: what whoever takes over must know of it."""

    segment: str
    """As in ``Caption``."""
    speaker: str
    source_language: Language
    text: str
    """What will not change any more, in ``source_language``; empty while all of it may."""
    start_s: float
    end_s: float
    closed: bool
    """All of it was said and recognised; otherwise its speaker was speaking on."""
    languages: frozenset[Language]
    """Those whose readers have no final of it yet, ``source_language`` among them; none takes it away."""
