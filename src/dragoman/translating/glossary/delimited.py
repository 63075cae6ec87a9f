"""Glossaries as tables: CSV, TSV, and the CSV with semicolons that spreadsheets of many countries write.

A first line that names the columns may put them in any order; without one they are term, translation, and if there are
more the columns of ``COLUMNS``. From files.py.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import MAX_TERMS, TOO_MANY_TERMS, GlossaryInvalid, Term
from dragoman.translating.glossary.fields import Direction, WrittenTerm, read_term

COLUMNS: Final = ("source", "target", "source_language", "target_language", "state", "match_case")

_NAMES: Final = {
    **{name: name for name in COLUMNS},
    "term": "source",
    "translation": "target",
    "from": "source_language",
    "to": "target_language",
    "rule": "state",
    "case": "match_case",
}


def read_delimited(text: str, direction: Direction | None) -> list[Term]:
    """Read every line that is not empty. Raises ``GlossaryInvalid`` with the line."""
    columns: Sequence[str] = COLUMNS
    terms: list[Term] = []
    for number, (line, cells) in enumerate(_rows(text)):
        named = [_NAMES.get(cell.strip().casefold().replace(" ", "_")) for cell in cells]
        if number == 0 and "source" in named and None not in named:
            columns = [name for name in named if name is not None]
            if len(set(columns)) < len(columns):
                raise GlossaryInvalid(
                    f"line {line}: a column stands twice; there are: {', '.join(COLUMNS)}",
                    facts=Facts(reason=Reason.COLUMN_TWICE, line=line),
                )
            continue
        if len(cells) > len(columns):
            raise GlossaryInvalid(
                f"line {line}: {len(cells)} columns, and at most {len(columns)} are known: {', '.join(columns)}; "
                "put a term that has the separator in it between quotes",
                facts=Facts(reason=Reason.TOO_MANY_COLUMNS, line=line, allowed=len(columns)),
            )
        if len(terms) >= 2 * MAX_TERMS:
            raise GlossaryInvalid(
                f"line {line}: more than {MAX_TERMS} terms; leave some out", facts=replace(TOO_MANY_TERMS, line=line)
            )
        terms.append(read_term(WrittenTerm(line=line, **dict(zip(columns, cells, strict=False))), direction))
    if not terms:
        raise GlossaryInvalid(
            "no term is in the file; write a line for each: the word, a comma, its translation",
            facts=Facts(reason=Reason.NO_TERMS),
        )
    return terms


def write_delimited(terms: Iterable[Term], delimiter: str) -> str:
    """Write a line that names the columns, and one for each term."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for term in terms:
        case = "yes" if term.match_case else ""
        languages = (term.source_language or "", term.target_language or "")
        writer.writerow((term.source, term.target, *languages, term.state.value, case))
    return written.getvalue()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not empty with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise GlossaryInvalid(
                f"line {reader.line_num}: {error}; a quote in a term is written twice",
                facts=Facts(reason=Reason.QUOTE_OUT_OF_PLACE, line=reader.line_num),
            ) from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _delimiter(text: str) -> str:
    """Take the separator that the first line has: tabs before semicolons before commas."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in "\t;" if mark in first), ",")
