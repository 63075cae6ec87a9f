"""Russian numbers: gender, the three forms of what is counted, ordinals, the genitive. For ``ru.py``."""

from dragoman.voicing.spoken_text.language import Noun, in_groups

_SMALL = (
    "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
    "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split()
_TENS = ("", "", *"двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split())
_HUNDREDS = ("", *"сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split())
_SCALES = (
    Noun(one="", many=""),
    Noun(one="тысяча", few="тысячи", many="тысяч", feminine=True),
    Noun(one="миллион", few="миллиона", many="миллионов"),
    Noun(one="миллиард", few="миллиарда", many="миллиардов"),
    Noun(one="триллион", few="триллиона", many="триллионов"),
)
_FEMININE = {"один": "одна", "два": "две"}
_STEMS = {
    "один": "перв", "два": "втор", "три": "трет", "четыре": "четвёрт", "семь": "седьм", "восемь": "восьм",
    "сорок": "сороков", "пятьдесят": "пятидесят", "шестьдесят": "шестидесят", "семьдесят": "семидесят",
    "восемьдесят": "восьмидесят", "девяносто": "девяност", "сто": "сот", "двести": "двухсот", "триста": "трёхсот",
    "четыреста": "четырёхсот", "пятьсот": "пятисот", "шестьсот": "шестисот", "семьсот": "семисот",
    "восемьсот": "восьмисот", "девятьсот": "девятисот",
}  # fmt: skip
_STRESSED_ENDING = {"втор", "шест", "седьм", "восьм", "сороков"}
_THOUSANDS = ("", "", "двух", "трёх", "четырёх", "пяти", "шести", "семи", "восьми", "девяти")
_GENITIVE = {
    "ноль": "нуля", "один": "одного", "одна": "одной", "два": "двух", "две": "двух", "три": "трёх",
    "четыре": "четырёх", "восемь": "восьми", "сорок": "сорока", "пятьдесят": "пятидесяти",
    "шестьдесят": "шестидесяти", "семьдесят": "семидесяти", "восемьдесят": "восьмидесяти",
    "девяносто": "девяноста", "сто": "ста", "двести": "двухсот", "триста": "трёхсот", "четыреста": "четырёхсот",
    "пятьсот": "пятисот", "шестьсот": "шестисот", "семьсот": "семисот", "восемьсот": "восьмисот",
    "девятьсот": "девятисот", "тысяча": "тысячи", "тысячи": "тысяч",
    **{scale.one: scale.few for scale in _SCALES[2:]}, **{scale.few: scale.many for scale in _SCALES[2:]},
}  # fmt: skip
LARGEST_ORDINAL = 9999


def cardinal(number: int, *, feminine: bool = False) -> str:
    """Read a whole number from 0: 2,021 is "две тысячи двадцать один"."""
    groups = in_groups(number)
    said: list[str] = []
    for place in reversed(range(len(groups))):
        if not groups[place]:
            continue
        scale = _SCALES[place]
        if place == 1 and groups[place] == 1:
            said.append(scale.one)
        else:
            said += _three_digits(groups[place], feminine=scale.feminine if place else feminine)
            said += [form(groups[place], scale)] if place else []
    return " ".join(said) or _SMALL[0]


def _three_digits(number: int, *, feminine: bool) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10) if rest >= 20 else (0, rest)
    said = [_HUNDREDS[hundreds], _TENS[tens], _SMALL[ones] if ones else ""]
    if feminine:
        said[2] = _FEMININE.get(said[2], said[2])
    return [word for word in said if word]


def form(number: int, noun: Noun) -> str:
    """Give the noun's form: один рубль, два рубля, пять рублей."""
    last = number % 10
    if number % 100 // 10 == 1 or last == 0 or last >= 5:
        return noun.many
    return noun.one if last == 1 else noun.few


def counted(number: int, noun: Noun) -> str:
    return f"{cardinal(number, feminine=noun.feminine)} {form(number, noun)}"


def genitive(words: str) -> str:
    """Give a number as it is after "до" and "около": "пять" becomes "пяти"."""
    return " ".join(_GENITIVE.get(word, f"{word[:-1]}и" if word.endswith("ь") else word) for word in words.split(" "))


def counted_genitive(number: int, noun: Noun) -> str:
    """Read "около двадцати одного километра", "до пяти километров"."""
    words = genitive(cardinal(number, feminine=noun.feminine))
    return f"{words} {noun.few if form(number, noun) == noun.one else noun.many}"


def ordinal(number: int, ending: str) -> str:
    """Read a number up to ``LARGEST_ORDINAL`` as an ordinal: 21 with "ого" is "двадцать первого".

    ``ending`` is that of an adjective after a hard stem: ый ая ое ого ому ом ым ую ой ые ых ыми.
    """
    if number and number % 1000 == 0:
        return f"{_THOUSANDS[number // 1000]}тысячн{ending}"
    head, _, last = cardinal(number).rpartition(" ")
    stem = _STEMS.get(last, last[:-1])
    if stem == "трет":
        soft = {"ый": "ий", "ая": "ья", "ую": "ью", "ой": "ьей", "ое": "ье", "ые": "ьи", "ого": "ьего", "ому": "ьему"}
        said = stem + soft.get(ending, {"ом": "ьем", "ым": "ьим", "ых": "ьих", "ыми": "ьими"}.get(ending, ending))
    elif ending == "ый" and (stem in _STRESSED_ENDING or last == "ноль"):
        said = f"{'нулев' if last == 'ноль' else stem}ой"
    else:
        said = f"{'нулев' if last == 'ноль' else stem}{ending}"
    return f"{head} {said}".lstrip()


def fraction(whole: str, digits: str) -> str:
    """Read 3,5 as "три целых пять десятых"; from four digits on, one by one."""
    if len(digits) > 3 or len(whole) > 15 or (whole[0] == "0" and whole != "0"):
        one_by_one = " ".join(_SMALL[int(digit)] for digit in digits)
        many = " ".join(_SMALL[int(digit)] for digit in whole) if len(whole) > 15 else cardinal(int(whole))
        return f"{many} запятая {one_by_one}"
    part = ("десят", "сот", "тысячн")[len(digits) - 1]
    wholes = Noun(one="целая", few="целых", many="целых", feminine=True)
    parts = Noun(one=f"{part}ая", few=f"{part}ых", many=f"{part}ых", feminine=True)
    return f"{counted(int(whole), wholes)} {counted(int(digits), parts)}"
