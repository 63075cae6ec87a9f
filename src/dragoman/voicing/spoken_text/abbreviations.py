"""Abbreviations that are spoken in full. Which there are is each language's own; see ``vi.py`` and the others."""

import re

from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, Rule, one_of


def abbreviation_rules(language: SpokenLanguage) -> list[Rule]:
    """Read them; the dot of one that ends the text still ends its sentence."""

    def read(match: re.Match[str]) -> str:
        said = language.abbreviations[match[0]]
        return f"{said}." if match[0].endswith(".") and match.end() == len(match.string) else said

    def read_title(match: re.Match[str]) -> str | None:
        begins_name = match["next"].isupper() or match["next"].isdigit()
        return language.abbreviations[match[0]] if begins_name else None

    rules = [Rule(re.compile("(?<= )&(?= )"), lambda _: language.ampersand)]
    plain = [each for each, said in language.abbreviations.items() if not said.endswith(" ")]
    titles = [each for each, said in language.abbreviations.items() if said.endswith(" ")]
    spaced = [each for each in titles if each.endswith(" ")]
    glued = [each for each in titles if not each.endswith(" ")]
    if spaced:
        # Before a capital or a figure only: "No." and "St." are words at the end of a sentence.
        rules.append(Rule(re.compile(rf"{BEFORE}{one_of(spaced)}(?=(?P<next>[^\W_]))"), read_title))
    if glued:
        rules.append(
            Rule(
                re.compile(rf"{BEFORE}(?P<title>{one_of(glued)})(?P<number>[0-9]{{1,3}})(?![\w]|[.,][\w])"),
                lambda match: language.abbreviations[match["title"]] + language.cardinal(int(match["number"])),
            )
        )
    if plain:
        rules.append(Rule(re.compile(rf"{BEFORE}{one_of(plain)}{AFTER}"), read))
    return rules
