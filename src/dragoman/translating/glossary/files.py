"""Read and write glossaries as people exchange them: CSV and TSV (``delimited.py``), TBX (``tbx.py``).

Which one it is shows in the file itself. For the API and ``dragoman translate --glossary``.
"""

from enum import StrEnum
from typing import Final

from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import GlossaryInvalid, TermBase, make_term_base
from dragoman.translating.glossary.delimited import read_delimited, write_delimited
from dragoman.translating.glossary.fields import Direction
from dragoman.translating.glossary.tbx import read_tbx, write_tbx

MAX_FILE_BYTES: Final = 1_000_000


class FileFormat(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    TBX = "tbx"


def read_glossary_file(data: bytes, *, direction: Direction | None = None) -> TermBase:
    """Read the terms of a file of any of the formats.

    ``direction`` is of terms that name no languages. Raises ``GlossaryInvalid`` with the line that cannot be used.
    """
    if len(data) > MAX_FILE_BYTES:
        raise GlossaryInvalid(
            f"the file is over {MAX_FILE_BYTES // 1_000_000} MB; a glossary holds 1000 terms, and is smaller",
            facts=Facts(reason=Reason.FILE_TOO_LARGE, allowed=MAX_FILE_BYTES),
        )
    if not data.strip():
        raise GlossaryInvalid(
            "the file is empty; write a line for each term: the word, a comma, its translation",
            facts=Facts(reason=Reason.FILE_EMPTY),
        )
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<"):
        return make_term_base(read_tbx(data, direction))
    return make_term_base(read_delimited(_decoded(data), direction))


def write_glossary_file(base: TermBase, file_format: FileFormat) -> bytes:
    """Write all terms; what is read again is equal."""
    match file_format:
        case FileFormat.CSV:
            return write_delimited(base.terms, ",").encode()
        case FileFormat.TSV:
            return write_delimited(base.terms, "\t").encode()
        case FileFormat.TBX:
            return write_tbx(base.terms)


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise GlossaryInvalid(
            f"line {line}: this is no UTF-8 text; save the file as CSV UTF-8, or as TBX",
            facts=Facts(reason=Reason.NOT_UTF8, line=line),
        ) from error
    if "\0" in text:
        raise GlossaryInvalid("this is no text; give a CSV, TSV or TBX file", facts=Facts(reason=Reason.NOT_TEXT))
    return text
