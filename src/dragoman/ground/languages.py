"""The languages the house knows, in one table, and how people's ways of writing their codes are read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NewType

from dragoman.ground.errors import UnknownLanguage

Language = NewType("Language", str)
"""Our code of a language, always a key of ``LANGUAGES``: ``vi``, ``en``, ``zh``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageEntry:
    """What the house knows of one language."""

    name: str
    """English name."""
    own_name: str
    """The name its speakers use."""
    flores: str
    """FLORES-200 code, as NLLB and others spell it."""
    words_have_spaces: bool = True
    """False where text is written without spaces between words."""
    also: tuple[str, ...] = ()
    """Other codes for it, in small letters: of ISO 639-2, of older standards, of other programs."""


def _entry(
    name: str, own_name: str, flores: str, *, words_have_spaces: bool = True, also: tuple[str, ...] = ()
) -> LanguageEntry:
    return LanguageEntry(name=name, own_name=own_name, flores=flores, words_have_spaces=words_have_spaces, also=also)


LANGUAGES: dict[Language, LanguageEntry] = {
    Language("en"): _entry("English", "English", "eng_Latn"),
    Language("vi"): _entry("Vietnamese", "Tiếng Việt", "vie_Latn"),
    Language("zh"): _entry("Chinese", "中文", "zho_Hans", words_have_spaces=False, also=("cmn", "chi")),
    Language("ja"): _entry("Japanese", "日本語", "jpn_Jpan", words_have_spaces=False, also=("jap",)),
    Language("ko"): _entry("Korean", "한국어", "kor_Hang"),
    Language("fr"): _entry("French", "Français", "fra_Latn", also=("fre",)),
    Language("de"): _entry("German", "Deutsch", "deu_Latn", also=("ger",)),
    Language("es"): _entry("Spanish", "Español", "spa_Latn"),
    Language("it"): _entry("Italian", "Italiano", "ita_Latn"),
    Language("pt"): _entry("Portuguese", "Português", "por_Latn", also=("pb",)),
    Language("ru"): _entry("Russian", "Русский", "rus_Cyrl"),
    Language("ar"): _entry("Arabic", "العربية", "arb_Arab", also=("ara",)),
    Language("hi"): _entry("Hindi", "हिन्दी", "hin_Deva"),
    Language("th"): _entry("Thai", "ไทย", "tha_Thai", words_have_spaces=False),
    Language("id"): _entry("Indonesian", "Bahasa Indonesia", "ind_Latn", also=("in",)),
    # Beyond the base fifteen: the neighbours of Vietnam, and Chinese in its other script.
    Language("zh-TW"): _entry("Chinese (traditional)", "繁體中文", "zho_Hant", words_have_spaces=False, also=("zt",)),
    Language("ms"): _entry("Malay", "Bahasa Melayu", "zsm_Latn", also=("msa", "may")),
    Language("tl"): _entry("Filipino", "Filipino", "tgl_Latn", also=("fil",)),
    Language("lo"): _entry("Lao", "ລາວ", "lao_Laoo", words_have_spaces=False),
    Language("my"): _entry("Burmese", "မြန်မာ", "mya_Mymr", words_have_spaces=False, also=("bur",)),
    Language("km"): _entry("Khmer", "ខ្មែរ", "khm_Khmr", words_have_spaces=False),
    # What Debian's Apertium packages translate from or into English.
    Language("ca"): _entry("Catalan", "Català", "cat_Latn"),
    Language("gl"): _entry("Galician", "Galego", "glg_Latn"),
    Language("eo"): _entry("Esperanto", "Esperanto", "epo_Latn"),
    Language("hr"): _entry("Croatian", "Hrvatski", "hrv_Latn"),
    Language("bs"): _entry("Bosnian", "Bosanski", "bos_Latn"),
    Language("sr"): _entry("Serbian", "Srpski", "srp_Latn"),
    Language("eu"): _entry("Basque", "Euskara", "eus_Latn", also=("baq",)),
    Language("is"): _entry("Icelandic", "Íslenska", "isl_Latn", also=("ice",)),
    Language("mk"): _entry("Macedonian", "Македонски", "mkd_Cyrl", also=("mac",)),
}

BASE_LANGUAGES = tuple(LANGUAGES)[:15]
"""The fifteen languages that Dragoman promises to grow into first."""

_TRADITIONAL: Final = Language("zh-TW")
_TRADITIONAL_REGIONS: Final = frozenset({"tw", "hk", "mo"})
"""Regions that write Chinese in the traditional script, if no script is named."""

_CODE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(?:_(?P<script>[a-z]{4}))?(?:_(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:_(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:\.[a-z0-9_]{3,12})?(?:@[a-z0-9]{3,12})?"
)
"""ISO 639, BCP 47 and FLORES-200 codes and the names of locales (``vi_VN.UTF-8``), in small letters with ``_``."""

_LONGEST_CODE: Final = 40


def _spellings() -> dict[str, Language]:
    """Map what stands before script and region to the language; of two in one family the first one is meant."""
    found: dict[str, Language] = {}
    for code, entry in LANGUAGES.items():
        for spelling in (code.lower(), entry.flores[:3], *entry.also):
            found.setdefault(spelling, code)
    return found


_BY_SPELLING: Final = _spellings()


def parse_language(text: str) -> Language:
    """Read a language as people write it: ``vi``, ``VI``, ``vi_VN``, ``vi-VN``, ``vie``, ``vie_Latn``, ``zh-Hant``.

    Script and region decide between Chinese and traditional Chinese; elsewhere they may be named, and change nothing.
    Raises ``UnknownLanguage`` with the list of choices; nothing unknown is ever taken for English.
    """
    match = _CODE.fullmatch(text[: _LONGEST_CODE + 1].strip().lower().replace("-", "_"))
    language = _BY_SPELLING.get(match["language"]) if match else None
    if match is None or language is None:
        raise UnknownLanguage(f"no language {text[:_LONGEST_CODE]!r}; there are: {describe_languages(LANGUAGES)}")
    if language == "zh":
        traditional = match["script"] == "hant" or (match["script"] is None and match["region"] in _TRADITIONAL_REGIONS)
        return _TRADITIONAL if traditional else language
    return language


def describe_languages(languages: Iterable[Language]) -> str:
    """List languages for a person: ``en (English), vi (Vietnamese)``."""
    return ", ".join(f"{code} ({LANGUAGES[code].name})" for code in languages)


def language_name(language: Language) -> str:
    """Give the English name, the form used in messages."""
    return LANGUAGES[language].name


def join_words(words: Iterable[str], language: Language | None) -> str:
    """Write words as running text, with spaces only where the language has them."""
    spaced = language is None or LANGUAGES[language].words_have_spaces
    return (" " if spaced else "").join(word for word in words if word)
