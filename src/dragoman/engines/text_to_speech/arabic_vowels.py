"""Write the short vowels of Arabic number words for espeak-ng. For espeak.py and espeak_phonemes.py.

Texts leave them out, and espeak-ng then reads none: خمسة is "khmst". With them the words sound as its own reading of
the digits does. Voices that read letters are not asked: they may not know the signs.
"""

import re
from typing import Final

_VOWELLED: Final = """
صِفْر وَاحِد وَاحِدَة اِثْنَان اِثْنَيْن اِثْنَتَان اِثْنَتَيْن
اِثْنَا اِثْنَتَا اِثْنَي اِثْنَتَي ثَلَاثَة ثَلَاث أَرْبَعَة أَرْبَع
خَمْسَة خَمْس سِتَّة سِتّ سَبْعَة سَبْع ثَمَانِيَة ثَمَانِي تِسْعَة
تِسْع عَشَرَة أَحَد إِحْدَى عِشْرُون عِشْرِين ثَلَاثُون ثَلَاثِين
أَرْبَعُون أَرْبَعِين خَمْسُون خَمْسِين سِتُّون سِتِّين سَبْعُون
سَبْعِين ثَمَانُون ثَمَانِين تِسْعُون تِسْعِين مِئَة مِئَتَان
مِئَتَيْن مِئَتَا ثَلَاثُمِئَة أَرْبَعُمِئَة خَمْسُمِئَة سِتُّمِئَة
سَبْعُمِئَة ثَمَانُمِئَة تِسْعُمِئَة أَلْف أَلْفَان أَلْفَيْن أَلْفَا
آلَاف أَلْفًا مِلْيُون مِلْيُونَان مِلْيُونَيْن مَلَايِين مِلْيُونًا
مِلْيَار مِلْيَارَان مِلْيَارَات مِلْيَارًا فَاصِلَة
""".split()
_SIGNS: Final = re.compile("[\u064c-\u0652]")
"""Short vowels and doubling; the ً of ألفًا is written in plain text too."""
_BY_LETTERS: Final = {_SIGNS.sub("", word): word for word in _VOWELLED}
_WORD: Final = re.compile("[\u0621-\u065f]++")
_AND: Final = "و"


def with_short_vowels(text: str) -> str:
    """Give ``text`` with the vowels of its number words, also behind "and"; all else stays."""
    return _WORD.sub(_vowelled, text)


def _vowelled(match: re.Match[str]) -> str:
    word = match[0]
    if word in _BY_LETTERS:
        return _BY_LETTERS[word]
    number = _BY_LETTERS.get(word[1:]) if word.startswith(_AND) else None
    return f"\u0648\u064e{number}" if number else word
