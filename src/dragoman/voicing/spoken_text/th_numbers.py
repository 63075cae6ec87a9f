"""Thai numbers and their kin of Laos: a word for each place up to a million, which then begins anew."""

from collections.abc import Sequence
from dataclasses import dataclass

_MILLION = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWords:
    """What ``read_places`` says."""

    digits: Sequence[str]
    """From 0 to 9."""
    tens: Sequence[str]
    """From 10 to 90; the number at 0 is nothing."""
    places: Sequence[str]
    """100, 1,000, 10,000, 100,000."""
    million: str
    last_one: str
    """One behind anything else."""


def read_places(number: int, words: PlaceWords) -> str:
    """Read a whole number from 0."""
    millions, rest = divmod(number, _MILLION)
    said = read_places(millions, words) + words.million if millions else ""
    for place in range(len(words.places), 0, -1):
        digit, rest = divmod(rest, 10 ** (place + 1))
        if digit:
            said += words.digits[digit] + words.places[place - 1]
    tens, ones = divmod(rest, 10)
    said += words.tens[tens]
    if ones == 1 and said:
        return said + words.last_one
    return said + words.digits[ones] if ones or not said else said
