"""Abbreviations that are spoken in full. Which there are is each language's own; see ``vi.py`` and the others."""

import re

from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.rules import AFTER, BEFORE, Rule, one_of


def full_stop(match: re.Match[str], language: SpokenLanguage) -> str:
    """Keep the dot of an abbreviation that ends the text, and so its sentence; Thai ends its sentences without."""
    return "" if language.spaceless else sentence_end(match)


def sentence_end(match: re.Match[str]) -> str:
    return "." if match[0].endswith(".") and match.end() == len(match.string) else ""


def abbreviation_rules(language: SpokenLanguage) -> list[Rule]:
    def read(match: re.Match[str]) -> str:
        return language.abbreviations[match[0]] + full_stop(match, language)

    def read_title(match: re.Match[str]) -> str | None:
        return None if match["next"].islower() else language.abbreviations[match[0]]

    rules = [Rule(re.compile("(?<= )&(?= )"), lambda _: language.ampersand)]
    if language.before_figures:
        numbered = one_of(list(language.before_figures))
        rules.append(
            Rule(re.compile(rf"{BEFORE}{numbered}(?=[^\W\d_]?[0-9])"), lambda match: language.before_figures[match[0]])
        )
    plain = [each for each, said in language.abbreviations.items() if not said.endswith(" ")]
    titles = [each for each, said in language.abbreviations.items() if said.endswith(" ")]
    spaced = [each for each in titles if each.endswith(" ")]
    glued = [each for each in titles if not each.endswith(" ")]
    if spaced:
        # Not before a small letter: "Gen." and "Dec." may end a sentence that goes on.
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
