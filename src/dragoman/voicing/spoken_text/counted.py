"""A number with what it counts: one kilometre, five kilometres. For ``figures.py``, ``quantities.py``."""

from dragoman.voicing.spoken_text.language import Noun, SpokenLanguage


def count(number: int, noun: Noun, language: SpokenLanguage) -> str:
    if language.counted is not None:
        return language.counted(number, noun)
    return put_together(language.count(number, noun.feminine), noun.one if number == 1 else noun.many)


def from_to(first: str, last: str, language: SpokenLanguage) -> str:
    """Say the ends of a range, in words already."""
    if "{" in language.up_to:
        return language.up_to.format(first, last)
    return f"{first} {language.up_to} {last}"


def put_together(words: str, noun: str) -> str:
    """Put the noun behind the number, or the number in the noun's middle: "時速{}キロメートル"."""
    return noun.format(words) if "{" in noun else f"{words} {noun}".rstrip()
