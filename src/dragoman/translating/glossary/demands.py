"""Does a translation have what the glossary wants? From matcher.py; to verifying.py and enforcing.py."""

from collections.abc import Iterable

from dragoman.ground.languages import Language
from dragoman.translating.glossary.forms import holds_form
from dragoman.translating.glossary.matcher import Found, Wanted


def is_met(wanted: Wanted, translation: str, target: Language) -> bool:
    """Say whether one of the targets is there, in any inflection, and nothing banned is."""
    holds = not wanted.targets or any(
        holds_form(translation, form, target, match_case=wanted.match_case) for form in wanted.targets
    )
    return holds and not _banned_forms(wanted, translation, target)


def unmet(found: Iterable[Found], translation: str, target: Language) -> tuple[Wanted, ...]:
    """Give what the glossary wants and ``translation`` lacks, each once, in the order of the sentence."""
    wanted = dict.fromkeys(it.wanted for it in found)
    return tuple(it for it in wanted if not is_met(it, translation, target))


def _banned_forms(wanted: Wanted, translation: str, target: Language) -> list[str]:
    """A banned form that is part of a wanted one ("call" in "conference call") is banned elsewhere only."""
    rest = translation
    for form in wanted.targets:
        rest = rest.replace(form, " ")
    return [form for form in wanted.banned if holds_form(rest, form, target)]
