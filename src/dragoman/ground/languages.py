"""The languages the house knows, in one table, and how people's ways of writing their codes are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType

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


def _entry(name: str, own_name: str, flores: str, *, words_have_spaces: bool = True) -> LanguageEntry:
    return LanguageEntry(name=name, own_name=own_name, flores=flores, words_have_spaces=words_have_spaces)


LANGUAGES: dict[Language, LanguageEntry] = {
    Language("en"): _entry("English", "English", "eng_Latn"),
    Language("vi"): _entry("Vietnamese", "Tiếng Việt", "vie_Latn"),
    Language("zh"): _entry("Chinese", "中文", "zho_Hans", words_have_spaces=False),
    Language("ja"): _entry("Japanese", "日本語", "jpn_Jpan", words_have_spaces=False),
    Language("ko"): _entry("Korean", "한국어", "kor_Hang"),
    Language("fr"): _entry("French", "Français", "fra_Latn"),
    Language("de"): _entry("German", "Deutsch", "deu_Latn"),
    Language("es"): _entry("Spanish", "Español", "spa_Latn"),
    Language("it"): _entry("Italian", "Italiano", "ita_Latn"),
    Language("pt"): _entry("Portuguese", "Português", "por_Latn"),
    Language("ru"): _entry("Russian", "Русский", "rus_Cyrl"),
    Language("ar"): _entry("Arabic", "العربية", "arb_Arab"),
    Language("hi"): _entry("Hindi", "हिन्दी", "hin_Deva"),
    Language("th"): _entry("Thai", "ไทย", "tha_Thai", words_have_spaces=False),
    Language("id"): _entry("Indonesian", "Bahasa Indonesia", "ind_Latn"),
    # Beyond the base fifteen: what Debian's Apertium packages translate from or into English.
    Language("ca"): _entry("Catalan", "Català", "cat_Latn"),
    Language("gl"): _entry("Galician", "Galego", "glg_Latn"),
    Language("eo"): _entry("Esperanto", "Esperanto", "epo_Latn"),
    Language("hr"): _entry("Croatian", "Hrvatski", "hrv_Latn"),
    Language("bs"): _entry("Bosnian", "Bosanski", "bos_Latn"),
    Language("sr"): _entry("Serbian", "Srpski", "srp_Latn"),
    Language("eu"): _entry("Basque", "Euskara", "eus_Latn"),
    Language("is"): _entry("Icelandic", "Íslenska", "isl_Latn"),
    Language("mk"): _entry("Macedonian", "Македонски", "mkd_Cyrl"),
}

BASE_LANGUAGES = tuple(LANGUAGES)[:15]
"""The fifteen languages that Dragoman promises to grow into first."""

_BY_FLORES_STEM = {entry.flores[:3]: code for code, entry in LANGUAGES.items()}
_BY_FLORES_STEM |= {"ara": Language("ar"), "fre": Language("fr"), "ger": Language("de"), "chi": Language("zh")}


def parse_language(text: str) -> Language:
    """Read a language as people write it: ``vi``, ``VI``, ``vi_VN``, ``vi-VN``, ``vie`` or ``vie_Latn``.

    Raises ``UnknownLanguage`` with the list of choices; nothing unknown is ever taken for English.
    """
    stem = text.strip().replace("-", "_").split("_")[0].lower()
    code = Language(stem)
    if code in LANGUAGES:
        return code
    if stem in _BY_FLORES_STEM:
        return _BY_FLORES_STEM[stem]
    raise UnknownLanguage(f"no language {text!r}; there are: {describe_languages(LANGUAGES)}")


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
