"""German numbers: cardinals, ordinals with their endings, years. For ``de.py``, ``de_rules.py``."""

from dragoman.voicing.spoken_text.language import in_groups

_SMALL = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
).split()
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_LARGE = ((4, "Billion", "Billionen"), (3, "Milliarde", "Milliarden"), (2, "Million", "Millionen"))
_ORDINALS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


def cardinal(number: int) -> str:
    """Read a whole number from 0: 321 is "dreihunderteinundzwanzig"."""
    groups = in_groups(number)
    words = []
    for place, one, many in _LARGE:
        if len(groups) > place and groups[place]:
            words.append(f"eine {one}" if groups[place] == 1 else f"{_three_digits(groups[place])} {many}")
    below = number % 10**6
    thousands, rest = divmod(below, 1000)
    if below or not words:
        head = f"{_before(_three_digits(thousands))}tausend" if thousands else ""
        words.append(head + (_three_digits(rest) if rest or not head else ""))
    return " ".join(words)


def _three_digits(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    head = f"{_before(_SMALL[hundreds])}hundert" if hundreds else ""
    if not rest and head:
        return head
    if rest < 20:
        return head + _SMALL[rest]
    tens, ones = divmod(rest, 10)
    return head + (f"{_before(_SMALL[ones])}und" if ones else "") + _TENS[tens - 2]


def _before(words: str) -> str:
    """Say ein, not eins, before what follows."""
    return words[:-1] if words.endswith("eins") else words


def count(number: int, feminine: bool) -> str:
    if number == 1:
        return "eine" if feminine else "ein"
    return cardinal(number)


def year(number: int) -> str:
    """Read 1984 as "neunzehnhundertvierundachtzig"."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return cardinal(number)
    return f"{_SMALL[century]}hundert{_three_digits(rest) if rest else ''}"


def ordinal(number: int, ending: str) -> str:
    """Read 21 with "er" as "einundzwanzigster"; from 1, below a million."""
    rest = number % 100
    words = cardinal(number)
    if rest in _ORDINALS:
        return f"{words[: -len(_SMALL[rest])]}{_ORDINALS[rest]}{ending}"
    return f"{words}{'t' if 0 < rest < 20 else 'st'}{ending}"
