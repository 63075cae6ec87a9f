"""One term as files spell it: its state, its languages, and the line to name if it cannot be used. To files.py."""

from dataclasses import dataclass, replace

from dragoman.ground.errors import InputError
from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import GlossaryInvalid, Term, TermState, make_term
from dragoman.ground.languages import Language, parse_language

_YES = frozenset({"1", "yes", "true", "x", "y"})
_NO = frozenset({"", "0", "no", "false", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """From which language into which one."""

    source: Language
    target: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTerm:
    """The fields of one term as a file has them; empty ones are left to be understood."""

    line: int
    source: str
    target: str = ""
    source_language: str = ""
    target_language: str = ""
    state: str = ""
    match_case: str = ""


def read_term(written: WrittenTerm, direction: Direction | None) -> Term:
    """Make a term of what is written. Without a state a term with a translation is forced, one without is kept.

    Raises ``GlossaryInvalid`` with the line.
    """
    try:
        state = _state(written.state, has_target=bool(written.target.strip()))
        takes_any = state is TermState.DO_NOT_TRANSLATE
        default = None if takes_any else direction
        return make_term(
            source=written.source,
            target=written.target,
            source_language=_language(written.source_language, default.source if default else None),
            target_language=_language(written.target_language, default.target if default else None),
            state=state,
            match_case=_flag(written.match_case),
        )
    except InputError as error:
        raise GlossaryInvalid(
            f"line {written.line}: {error}", facts=replace(facts_of_term(error), line=written.line)
        ) from error


def facts_of_term(error: InputError) -> Facts:
    """Give the facts of what is wrong with a term; of its languages nothing else is."""
    return replace(error.facts, reason=error.facts.reason or Reason.LANGUAGE_UNKNOWN)


def _state(text: str, *, has_target: bool) -> TermState:
    plain = text.strip().casefold().replace("_", "-").replace(" ", "-")
    if not plain:
        return TermState.FORCED if has_target else TermState.DO_NOT_TRANSLATE
    if plain not in set(TermState):
        raise GlossaryInvalid(
            f"no state {text[:40]!r}; there are: {', '.join(TermState)}", facts=Facts(reason=Reason.STATE_UNKNOWN)
        )
    return TermState(plain)


def _language(text: str, default: Language | None) -> Language | None:
    plain = text.strip()
    return default if plain in ("", "*", "und") else parse_language(plain)


def _flag(text: str) -> bool:
    plain = text.strip().casefold()
    if plain not in _YES | _NO:
        raise GlossaryInvalid(
            f"match_case is yes or no, not {text[:40]!r}", facts=Facts(reason=Reason.NEITHER_YES_NOR_NO)
        )
    return plain in _YES
