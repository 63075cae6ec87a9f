"""A glossary crosses a process border as it was, and garbage is refused by name."""

import json

import pytest

from dragoman.ground.errors import WireError
from dragoman.ground.glossary import NO_TERMS, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.wire.terms import read_term_base, write_term_base

BASE = make_term_base(
    [
        make_term(source="Dragoman", state=TermState.DO_NOT_TRANSLATE, match_case=True),
        make_term(source="report", target="bản tin", source_language=Language("en"), target_language=Language("vi")),
    ]
)


@pytest.mark.parametrize("base", [BASE, NO_TERMS])
def test_a_glossary_is_read_as_it_was_written(base: TermBase) -> None:
    read = read_term_base(json.loads(json.dumps(write_term_base(base))))

    assert (read, read.version) == (base, base.version)


@pytest.mark.parametrize(
    ("part", "value"),
    [("state", "always"), ("source", ""), ("source_language", "xx"), ("match_case", 1), ("target", None)],
)
def test_a_term_that_cannot_be_is_refused(part: str, value: object) -> None:
    written = json.loads(json.dumps(write_term_base(BASE)))
    written["terms"][1][part] = value

    with pytest.raises(WireError):
        read_term_base(written)
