"""Read what is to be translated, in our words or in LibreTranslate's. From ``bodies.py`` to ``texts_http.py``.

Source: LibreTranslate's API, https://docs.libretranslate.com/api/operations/translate/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.glossary import NO_TERMS, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language, parse_language
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.translating_texts.problems import TextTooLong
from dragoman.translating.texts import MAX_CONTEXT_CHARACTERS
from dragoman.wire.frames import JsonValue

AUTO: Final = "auto"

_OWN: Final = frozenset({"text", "texts", "source_lang", "target_lang", "model", "glossary", "context"})
_LIBRE: Final = frozenset({"q", "source", "target", "format", "alternatives"})
_LONGEST_CODE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """What a service takes."""

    max_characters: int = 50_000
    """Of one request, all its texts together."""
    max_texts: int = 100
    at_once: int = 4
    """Requests that are translated at the same time."""
    waiting: int = 16
    """Requests that may wait for their turn; the next one is asked to come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTexts:
    """What somebody wants to have translated."""

    texts: tuple[str, ...]
    source: Language | None
    """None to find it out, of each text for itself."""
    target: Language
    model: str = ""
    is_libre: bool = False
    """Asked in LibreTranslate's words, and to be answered in them."""
    is_list: bool = False
    """LibreTranslate takes a list where it takes a text, and answers with one."""
    alternatives: bool = False
    glossary: tuple[tuple[str, str], ...] = ()
    """Words with their translations; empty ones stay as they are."""
    context: str = ""
    """What the texts are about."""

    def terms(self, source: Language) -> TermBase:
        """Give the glossary for texts of one language. Raises ``GlossaryInvalid``."""
        if source == self.target:
            return NO_TERMS
        return make_term_base(
            make_term(
                source=word,
                target=translation,
                source_language=source,
                target_language=self.target,
                state=TermState.FORCED if translation else TermState.DO_NOT_TRANSLATE,
            )
            for word, translation in self.glossary
        )


def read_translate(fields: Mapping[str, JsonValue], limits: TextLimits) -> AskedTexts:
    """Read the fields of ``POST /translate``.

    Raises ``FieldInvalid`` for fields that are missing, of another kind, or of both forms at once, ``TextTooLong``, and
    ``UnknownLanguage`` with the choices.
    """
    _require_one_form(fields, "text, source_lang and target_lang, or q, source and target")
    if _LIBRE.isdisjoint(fields):
        return AskedTexts(
            texts=_limited([read_text(fields, "text")], limits),
            source=_source(fields, "source_lang"),
            target=_target(fields, "target_lang"),
            model=_optional(fields, "model"),
            glossary=_glossary(fields),
            context=_context(fields),
        )
    if _optional(fields, "format") not in ("", "text"):
        raise FieldInvalid("only format text is translated here; take the tags out of HTML first")
    is_list = isinstance(fields.get("q"), list)
    return AskedTexts(
        texts=_limited(_texts(fields, "q") if is_list else [read_text(fields, "q")], limits),
        source=_source(fields, "source"),
        target=_target(fields, "target"),
        is_libre=True,
        is_list=is_list,
        alternatives="alternatives" in fields,
    )


def read_batch(fields: Mapping[str, JsonValue], limits: TextLimits) -> AskedTexts:
    """Read the fields of ``POST /batch_translate``. Raises as ``read_translate``."""
    _require_one_form(fields, "texts, source_lang and target_lang here, or q, source and target to /translate")
    return AskedTexts(
        texts=_limited(_texts(fields, "texts"), limits),
        source=_source(fields, "source_lang"),
        target=_target(fields, "target_lang"),
        model=_optional(fields, "model"),
        glossary=_glossary(fields),
        context=_context(fields),
    )


def read_detect(fields: Mapping[str, JsonValue]) -> tuple[str, bool]:
    """Read the text of ``POST /detect``, and whether LibreTranslate's form was used. Raises ``FieldInvalid``."""
    if "q" in fields and "text" in fields:
        raise FieldInvalid("q and text are of two forms: send one of them")
    is_libre = "q" in fields
    return read_text(fields, "q" if is_libre else "text"), is_libre


def _require_one_form(fields: Mapping[str, JsonValue], choices: str) -> None:
    own, libre = _OWN & fields.keys(), _LIBRE & fields.keys()
    if own and libre:
        raise FieldInvalid(f"{', '.join(sorted(own))} and {', '.join(sorted(libre))} are of two forms: send {choices}")


def read_text(fields: Mapping[str, JsonValue], name: str) -> str:
    """Read a text. Raises ``FieldInvalid``."""
    if name not in fields:
        raise FieldInvalid(f"the field {name!r} is missing")
    return _checked(fields[name], name)


def _texts(fields: Mapping[str, JsonValue], name: str) -> list[str]:
    value = fields.get(name)
    if isinstance(value, str):
        value = [value]  # a form with one of them
    if not isinstance(value, list):
        raise FieldInvalid(f"the field {name!r} is a list of texts")
    return [_checked(each, name) for each in value]


def _checked(value: JsonValue, name: str) -> str:
    if not isinstance(value, str):
        raise FieldInvalid(f"the field {name!r} holds text, not {type(value).__name__}")
    # JSON can escape half a surrogate pair, which no UTF-8 text holds and nothing further on could write.
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise FieldInvalid(f"the field {name!r} holds half a character")
    return value


def _optional(fields: Mapping[str, JsonValue], name: str) -> str:
    return read_text(fields, name).strip() if name in fields else ""


def _glossary(fields: Mapping[str, JsonValue]) -> tuple[tuple[str, str], ...]:
    value = fields.get("glossary", {})
    if not isinstance(value, dict):
        raise FieldInvalid("the field 'glossary' is an object: words, each with its translation, or with an empty one")
    return tuple((_checked(word, "glossary"), _checked(form, "glossary")) for word, form in value.items())


def _context(fields: Mapping[str, JsonValue]) -> str:
    context = _optional(fields, "context")
    if len(context) > MAX_CONTEXT_CHARACTERS:
        raise FieldInvalid(
            f"the field 'context' has {len(context)} characters; say in {MAX_CONTEXT_CHARACTERS} what the text is about"
        )
    return context


def _source(fields: Mapping[str, JsonValue], name: str) -> Language | None:
    text = read_text(fields, name)[:_LONGEST_CODE]
    return None if text.strip().lower() == AUTO else parse_language(text)


def _target(fields: Mapping[str, JsonValue], name: str) -> Language:
    return parse_language(read_text(fields, name)[:_LONGEST_CODE])


def _limited(texts: Sequence[str], limits: TextLimits) -> tuple[str, ...]:
    if len(texts) > limits.max_texts:
        raise TextTooLong(f"{len(texts)} texts are too many; send at most {limits.max_texts} at once")
    characters = sum(map(len, texts))
    if characters > limits.max_characters:
        raise TextTooLong(
            f"{characters} characters are too many; send at most {limits.max_characters} at once, or use: "
            "dragoman translate < FILE"
        )
    return tuple(texts)
