"""Glossaries as TBX (ISO 30042), versions 2 and 3: concepts with their terms in several languages. From files.py.

Read by expat event by event: no document type is fetched, and a file that declares entities is refused, so that no
file grows in memory or reaches for another one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import MAX_TERMS, TOO_MANY_TERMS, GlossaryInvalid, Term, TermState
from dragoman.ground.languages import parse_language
from dragoman.translating.glossary.fields import Direction, WrittenTerm, read_term

MAX_DEPTH: Final = 40

_CONCEPTS: Final = frozenset({"termEntry", "conceptEntry"})
_LANGUAGES: Final = frozenset({"langSet", "langSec"})
_TERMS: Final = frozenset({"tig", "ntig", "termSec"})
_NOTES: Final = {"administrativeStatus": "status", "x-dragoman-state": "state", "x-dragoman-match-case": "match_case"}
_DEPRECATED: Final = ("deprecated", "superseded")
"""Beginnings of administrative states of terms that are not to be used any more."""
_NOT_READ: Final = Facts(reason=Reason.XML_NOT_READ)


@dataclass(slots=True, kw_only=True)
class _Said:
    """One term of a concept."""

    language: str
    line: int
    term: str = ""
    status: str = ""
    state: str = ""
    match_case: str = ""


@dataclass(slots=True)
class _Reading:
    """What is open while a file is read."""

    concepts: list[list[_Said]] = field(default_factory=list)
    language: str = ""
    said: _Said | None = None
    collects: str = ""
    """Field of ``said`` that text goes to."""
    path: list[str] = field(default_factory=list)


def read_tbx(data: bytes, direction: Direction | None) -> list[Term]:
    """Read the terms of every concept: of its first language into each other one, or those of ``direction``.

    Raises ``GlossaryInvalid`` with the line.
    """
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = lambda *_: _refuse(parser, "the file declares entities, which are not read")
    parser.StartElementHandler = lambda name, attributes: _begin(parser, reading, _local(name), attributes)
    parser.EndElementHandler = lambda name: _end(reading, _local(name))
    parser.CharacterDataHandler = lambda text: _collect(reading, text)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise GlossaryInvalid(
            f"line {parser.CurrentLineNumber}: this is no XML that can be read: {error}",
            facts=Facts(reason=Reason.NOT_XML, line=parser.CurrentLineNumber),
        ) from error
    if not reading.concepts:
        raise GlossaryInvalid(
            "no term is in the file; a TBX file has termEntry or conceptEntry elements",
            facts=Facts(reason=Reason.NO_TERMS),
        )
    terms: list[Term] = []
    for written in chain.from_iterable(_pairs(concept, direction) for concept in reading.concepts):
        # A concept of many terms in both languages is their product: it is counted, never built.
        if len(terms) >= 2 * MAX_TERMS:
            raise GlossaryInvalid(
                f"line {written.line}: more than {MAX_TERMS} terms, each counted with each of its translations; "
                "leave some out",
                facts=replace(TOO_MANY_TERMS, line=written.line),
            )
        terms.append(read_term(written, direction))
    return terms


def write_tbx(terms: Iterable[Term]) -> bytes:
    """Write TBX-Basic of version 3, a concept for each term."""
    written = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tbx xmlns="urn:iso:std:iso:30042:ed-2" type="TBX-Basic" style="dca" xml:lang="en">',
        "<tbxHeader><fileDesc><sourceDesc><p>Dragoman glossary</p></sourceDesc></fileDesc></tbxHeader>",
        "<text><body>",
        *(_concept(number, term) for number, term in enumerate(terms, 1)),
        "</body></text>",
        "</tbx>",
        "",
    ]
    return "\n".join(written).encode()


def _begin(parser: expat.XMLParserType, reading: _Reading, name: str, attributes: dict[str, str]) -> None:
    reading.path.append(name)
    if len(reading.path) > MAX_DEPTH:
        _refuse(parser, f"elements are nested deeper than {MAX_DEPTH}")
    if name in _CONCEPTS:
        if len(reading.concepts) >= 2 * MAX_TERMS:
            _refuse(parser, f"more than {MAX_TERMS} terms; leave some out", TOO_MANY_TERMS)
        reading.concepts.append([])
    elif name in _LANGUAGES:
        reading.language = attributes.get("http://www.w3.org/XML/1998/namespace lang", "")
    elif name in _TERMS and reading.concepts:
        reading.said = _Said(language=reading.language, line=parser.CurrentLineNumber)
        reading.concepts[-1].append(reading.said)
    elif name == "term":
        reading.collects = "term"
    elif name in ("termNote", "admin"):
        reading.collects = _NOTES.get(attributes.get("type", ""), "")


def _end(reading: _Reading, name: str) -> None:
    reading.path.pop()
    if name in _TERMS:
        reading.said = None
    if name in ("term", "termNote", "admin"):
        reading.collects = ""


def _collect(reading: _Reading, text: str) -> None:
    if reading.said is not None and reading.collects:
        setattr(reading.said, reading.collects, getattr(reading.said, reading.collects) + text)


def _pairs(concept: list[_Said], direction: Direction | None) -> Iterator[WrittenTerm]:
    """Put the terms of a concept together, source beside target, one pair when it is asked for."""
    if not concept:
        return
    first = concept[0]
    if first.state.strip() == TermState.DO_NOT_TRANSLATE:
        yield _written(first, None)
        return
    languages = [_language(said.language) for said in concept]
    named = direction is not None and {direction.source, direction.target} <= set(languages)
    wanted = direction if named else None
    source = wanted.source if wanted else languages[0]
    spoken = list(zip(languages, concept, strict=True))
    targets = [
        said for language, said in spoken if language != source and (wanted is None or language == wanted.target)
    ]
    sources = [said for language, said in spoken if language == source and not said.status.startswith(_DEPRECATED)]
    yield from (_written(said, target) for said in sources for target in targets)


@lru_cache(maxsize=256)
def _language(text: str) -> str:
    """Give the code of our table for a language as a file names it; of one that we do not have, the text itself."""
    try:
        return parse_language(text)
    except UnknownLanguage:
        return text.strip().lower()


def _written(said: _Said, target: _Said | None) -> WrittenTerm:
    if target is None:
        return WrittenTerm(
            line=said.line,
            source=said.term,
            source_language=said.language,
            state=said.state,
            match_case=said.match_case,
        )
    banned = TermState.BANNED.value if target.status.startswith(_DEPRECATED) else ""
    return WrittenTerm(
        line=said.line,
        source=said.term,
        target=target.term,
        source_language=said.language,
        target_language=target.language,
        state=target.state or banned,
        match_case=said.match_case,
    )


def _concept(number: int, term: Term) -> str:
    state = f'<termNote type="x-dragoman-state">{term.state.value}</termNote>'
    case = '<termNote type="x-dragoman-match-case">yes</termNote>' if term.match_case else ""
    status = {TermState.BANNED: "deprecatedTerm-admn-sts", TermState.PREFERRED: "preferredTerm-admn-sts"}
    note = status.get(term.state)
    admn = f'<termNote type="administrativeStatus">{note}</termNote>' if note else ""
    is_kept = term.state is TermState.DO_NOT_TRANSLATE
    source = _section(term.source_language or "und", term.source, (state if is_kept else "") + case)
    target = "" if is_kept else _section(term.target_language or "und", term.target, admn + state)
    return f'<conceptEntry id="t{number}">{source}{target}</conceptEntry>'


def _section(language: str, term: str, notes: str) -> str:
    return f"<langSec xml:lang={quoteattr(language)}><termSec><term>{escape(term)}</term>{notes}</termSec></langSec>"


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(parser: expat.XMLParserType, why: str, facts: Facts = _NOT_READ) -> None:
    line = parser.CurrentLineNumber
    raise GlossaryInvalid(f"line {line}: {why}", facts=replace(facts, line=line))
