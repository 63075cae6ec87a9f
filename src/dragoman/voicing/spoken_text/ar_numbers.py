"""Arabic numbers with what they count: gender, the dual, the plural of three to ten. For ``ar.py``.

In the nominative, as a number is read that stands by itself; after the word for year, oblique.
"""

from dragoman.voicing.spoken_text.language import Noun, in_groups

_MASCULINE = ("", *"واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة".split())
_FEMININE = ("", *"واحدة اثنتان ثلاث أربع خمس ست سبع ثماني تسع عشر".split())
_TENS = ("", "", *"عشرون ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون".split())
_HUNDREDS = ("", *"مئة مئتان ثلاثمئة أربعمئة خمسمئة ستمئة سبعمئة ثمانمئة تسعمئة".split())
_SCALES = (
    Noun(one="", many=""),
    Noun(one="ألف", two="ألفان", few="آلاف", many="ألفًا"),
    Noun(one="مليون", two="مليونان", few="ملايين", many="مليونًا"),
    Noun(one="مليار", two="ملياران", few="مليارات", many="مليارًا"),
    Noun(one="تريليون", two="تريليونان", few="تريليونات", many="تريليونًا"),
)
_BEFORE_A_NOUN = {
    "مئتان": "مئتا",
    **{scale.two: scale.two[:-1] for scale in _SCALES if scale.two},
    **{scale.many: scale.one for scale in _SCALES if scale.many},
}
"""What loses its ending before a noun: مئتا كيلومتر."""
_DUALS_BEFORE_A_NOUN = [said for word, said in _BEFORE_A_NOUN.items() if word.endswith("ان")]
_OBLIQUE = (
    {
        word: f"{word[:-2]}ين"
        for word in ("اثنان", "اثنتان", "مئتان", *(scale.two for scale in _SCALES if scale.two), *filter(None, _TENS))
    }
    | {"اثنا": "اثني", "اثنتا": "اثنتي"}
    | {before: f"{before[:-1]}ي" for before in _DUALS_BEFORE_A_NOUN}
)
_ORDINALS = ("", *"الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر".split())
_ORDINALS_FEMININE = ("", *"الأولى الثانية الثالثة الرابعة الخامسة السادسة السابعة الثامنة التاسعة العاشرة".split())


def cardinal(number: int, *, feminine: bool = False) -> str:
    """Read a whole number from 0: 123 is "مئة وثلاثة وعشرون". ``feminine`` is what it counts."""
    groups = in_groups(number)
    said = [
        counted(groups[place], _SCALES[place], alone=False) if place else _three_digits(groups[0], feminine=feminine)
        for place in reversed(range(len(groups)))
        if groups[place]
    ]
    return " و".join(said) or "صفر"


def counted(number: int, noun: Noun, *, alone: bool = True) -> str:
    """Read a number with its noun: "خمس دقائق", "أحد عشر كيلومترًا", "مئة دولار".

    ``alone``: one is said; a thousand is "ألف" without it.
    """
    if number == 1:
        return f"{noun.one} {(_FEMININE if noun.feminine else _MASCULINE)[1]}" if alone else noun.one
    if number == 2:
        return noun.two
    words = cardinal(number, feminine=noun.feminine)
    rest = number % 100
    if 3 <= rest <= 10:
        return f"{words} {noun.few}"
    if rest >= 11:
        return f"{words} {noun.many}"
    return f"{before_noun(words)} {noun.one}"


def before_noun(words: str) -> str:
    """Give a whole hundred or thousand as it is before what it counts: مئتان becomes مئتا."""
    head, space, last = words.rpartition(" ")
    joined = "و" if last.startswith("و") and last[1:] in _BEFORE_A_NOUN else ""
    bare = last[len(joined) :]
    return f"{head}{space}{joined}{_BEFORE_A_NOUN.get(bare, bare)}"


def _three_digits(number: int, *, feminine: bool) -> str:
    hundreds, rest = divmod(number, 100)
    said = [_HUNDREDS[hundreds]] if hundreds else []
    said += [_two_digits(rest, feminine=feminine)] if rest else []
    return " و".join(said)


def _two_digits(number: int, *, feminine: bool) -> str:
    ones_of = _FEMININE if feminine else _MASCULINE
    if number <= 10:
        return ones_of[number]
    tens, ones = divmod(number, 10)
    if tens == 1:
        one, two, ten = ("إحدى", "اثنتا", "عشرة") if feminine else ("أحد", "اثنا", "عشر")
        return f"{ {1: one, 2: two}.get(ones, ones_of[ones]) } {ten}"
    if not ones:
        return _TENS[tens]
    return f"{'إحدى' if feminine and ones == 1 else ones_of[ones]} و{_TENS[tens]}"


def oblique(words: str) -> str:
    """Give the words of a number as they are after another noun: ألفان becomes ألفين."""
    return " ".join(
        f"و{_OBLIQUE[word[1:]]}" if word[:1] == "و" and word[1:] in _OBLIQUE else _OBLIQUE.get(word, word)
        for word in words.split(" ")
    )


def oblique_counted(number: int, noun: Noun) -> str:
    """Read a number and its noun after a preposition: "كيلومترين", "عشرين كيلومترًا"."""
    if number == 2:
        return " ".join(f"{word[:-2]}ين" if word.endswith("ان") else word for word in noun.two.split(" "))
    return oblique(counted(number, noun))


def ordinal(number: int, *, feminine: bool) -> str:
    """Read a day or an hour, from 1 to 31: "الحادي والعشرون"."""
    ordinals = _ORDINALS_FEMININE if feminine else _ORDINALS
    tens, ones = divmod(number, 10)
    if number <= 10:
        return ordinals[number]
    one = "الحادية" if feminine else "الحادي"
    unit = one if ones == 1 else ordinals[ones]
    if tens == 1:
        return f"{unit} {'عشرة' if feminine else 'عشر'}"
    return f"{unit} وال{_TENS[tens]}" if ones else f"ال{_TENS[tens]}"
