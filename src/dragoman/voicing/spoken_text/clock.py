"""Times of day: 14:30, 9:05 pm, 14h30."""

import re

from dragoman.voicing.spoken_text.language import SpokenLanguage
from dragoman.voicing.spoken_text.rules import BEFORE, OUTSIDE, Rule, one_of


def clock_rules(language: SpokenLanguage) -> list[Rule]:
    half = (
        rf"(?: ?(?P<half>{one_of(list(language.halves_of_day))})(?![\w]))?" if language.halves_of_day else "(?P<half>)?"
    )

    def read(match: re.Match[str]) -> str | None:
        found = match.groupdict()
        hour, minute = int(found["hour"]), int(found.get("minute") or 0)
        if hour > 24 or minute > 59:
            return None
        second = found.get("second")
        half_of_day = found.get("half")
        if half_of_day and second is None and minute == 0:
            if language.halves_first:
                return f"{language.halves_of_day[half_of_day]} {language.clock(hour, 0, None)}"
            return f"{language.cardinal(hour)} {language.halves_of_day[half_of_day]}"
        said = language.clock(hour, minute, None if second is None else int(second))
        if not half_of_day:
            return said
        half_in_words = language.halves_of_day[half_of_day]
        return f"{half_in_words} {said}" if language.halves_first else f"{said} {half_in_words}"

    word = rf"(?: ?{language.clock_word}(?![\w]))?" if language.clock_word else ""
    hour_minute = rf"(?P<hour>[0-9]{{1,2}}){language.hour_mark}(?P<minute>[0-5][0-9])"
    rules = [
        Rule(re.compile(rf"{BEFORE}{hour_minute}(?::(?P<second>[0-5][0-9]))?{half}{word}(?![\w:]|[.,][0-9])"), read)
    ]
    # A single letter behind a lone number is a unit: "5 م" is five metres.
    long_halves = [half for half in language.halves_of_day if len(half) > 1]
    if long_halves:
        halves = one_of(long_halves)
        rules.append(Rule(re.compile(rf"{OUTSIDE}(?P<hour>[0-9]{{1,2}}) ?(?P<half>{halves})(?![\w])"), read))
    return rules
