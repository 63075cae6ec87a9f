"""Glossaries come in from tables and TBX and go out again unchanged; what cannot be used is named by its line."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.errors import InputError
from dragoman.ground.glossary import MAX_TERMS, GlossaryInvalid, Term, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.translating.glossary.fields import Direction
from dragoman.translating.glossary.files import (
    MAX_FILE_BYTES,
    FileFormat,
    read_glossary_file,
    write_glossary_file,
)

EN, VI = Language("en"), Language("vi")
DIRECTION = Direction(source=EN, target=VI)


def pairs(base: TermBase) -> list[tuple[str, str]]:
    return [(term.source, term.target) for term in base.terms]


@st.composite
def terms(draw: st.DrawFn) -> Term | None:
    try:
        return make_term(
            source=draw(st.text(min_size=1, max_size=12)),
            target=draw(st.text(max_size=12)),
            source_language=draw(st.sampled_from([None, EN])),
            target_language=draw(st.sampled_from([None, VI])),
            state=draw(st.sampled_from(TermState)),
            match_case=draw(st.booleans()),
        )
    except GlossaryInvalid:
        return None


@given(st.lists(terms(), max_size=6), st.sampled_from(FileFormat))
def test_what_is_written_is_read_again_as_it_was(some: list[Term | None], file_format: FileFormat) -> None:
    base = make_term_base(term for term in some if term is not None)

    if base.terms:
        assert read_glossary_file(write_glossary_file(base, file_format)) == base


@pytest.mark.parametrize(
    "data",
    [
        "report,bản tin\nDragoman\n".encode(),
        "\ufeffsource;target\r\nreport;bản tin\r\nDragoman;\r\n".encode(),
        "translation\tterm\nbản tin\treport\n\n\tDragoman\n".encode(),
        "term,translation,from,to\nreport,bản tin,en-GB,vi_VN\nDragoman,,,".encode("utf-16"),
    ],
)
def test_tables_are_read_however_spreadsheets_write_them(data: bytes) -> None:
    base = read_glossary_file(data, direction=DIRECTION)

    assert pairs(base) == [("report", "bản tin"), ("Dragoman", "")]
    assert [term.state for term in base.terms] == [TermState.FORCED, TermState.DO_NOT_TRANSLATE]


def test_tbx_of_other_programs_is_read_with_its_document_type_left_alone() -> None:
    data = b"""<?xml version='1.0'?>
    <!DOCTYPE martif SYSTEM "http://127.0.0.1:9/TBXcoreStructV02.dtd">
    <martif type="TBX" xml:lang="en"><text><body>
      <termEntry id="1">
        <langSet xml:lang="en-US"><tig><term>report</term></tig></langSet>
        <langSet xml:lang="vi"><tig><term>b&#7843;n tin</term></tig>
          <tig><term>b&#225;o c&#225;o</term>
            <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
        </langSet>
        <langSet xml:lang="fr"><tig><term>rapport</term></tig></langSet>
      </termEntry>
    </body></text></martif>"""

    both = read_glossary_file(data)
    one = read_glossary_file(data, direction=DIRECTION)

    assert pairs(both) == [("report", "bản tin"), ("report", "báo cáo"), ("report", "rapport")]
    assert [term.state for term in one.terms] == [TermState.FORCED, TermState.BANNED]
    assert one.terms[0].source_language == EN


@pytest.mark.parametrize(
    ("codes", "direction", "expected"),
    [
        (("de", "en", "zh-TW"), ("en", "zh-TW"), ("2", "3")),
        (("de", "en-US", "zh-Hant-HK"), ("en", "zh-TW"), ("2", "3")),
        (("zh-CN", "en", "zh-TW"), ("en", "zh-TW"), ("2", "3")),
        (("zh-TW", "en", "zh-CN"), ("zh", "en"), ("3", "2")),
        (("deu", "eng", "vie"), ("en", "vi"), ("2", "3")),
        (("de_DE", "VIE", "eng_Latn"), ("en", "vi"), ("3", "2")),
    ],
)
def test_tbx_sections_are_told_apart_however_their_languages_are_written(
    codes: tuple[str, ...], direction: tuple[str, str], expected: tuple[str, str]
) -> None:
    sections = "".join(
        f'<langSec xml:lang="{code}"><termSec><term>term {number}</term></termSec></langSec>'
        for number, code in enumerate(codes, 1)
    )
    data = f"<tbx><text><body><conceptEntry>{sections}</conceptEntry></body></text></tbx>".encode()
    source, target = map(Language, direction)

    base = read_glossary_file(data, direction=Direction(source=source, target=target))

    assert pairs(base) == [(f"term {expected[0]}", f"term {expected[1]}")]
    assert (base.terms[0].source_language, base.terms[0].target_language) == (source, target)


def test_two_sections_of_one_language_are_no_translations_of_each_other() -> None:
    sections = "".join(
        f'<langSec xml:lang="{code}"><termSec><term>{term}</term></termSec></langSec>'
        for code, term in (("en-US", "elevator"), ("en-GB", "lift"), ("vi", "thang"))
    )
    data = f"<tbx><text><body><conceptEntry>{sections}</conceptEntry></body></text></tbx>".encode()

    assert pairs(read_glossary_file(data)) == [("elevator", "thang"), ("lift", "thang")]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a,b\n\na,b,en,klingon\n", "line 3"),
        (b'a,b\n"c,d\n', "line 2"),
        (b"a,b\nx,y,en,vi,forced,maybe", "line 2"),
        (b"a,b\nx,y,en,vi,always", "line 2"),
        (b"a,b\na,b,c,d,e,f,g\n", "line 2"),
        (b"a,b\n\xff\xff,x\n", "line 2"),
        (b"a,b\n" + b"x" * 201 + b",y\n", "line 2"),
        (b"source,source\na,b\n", "line 1"),
        (b"<martif>\n<termEntry>\n", "line 3"),
        (b"<!DOCTYPE a [\n<!ENTITY b 'c'>]>\n<a>&b;</a>", "line 2"),
        (b'<!DOCTYPE a [\n<!ENTITY b SYSTEM "file:///etc/hostname">]>\n<a>&b;</a>', "line 2"),
        (b'<!DOCTYPE a [\n<!ENTITY % b SYSTEM "http://127.0.0.1:9/">%b;]><a/>', "line 2"),
        (b"<a>\n" * 100, "line 41"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_line(data: bytes, line: str) -> None:
    with pytest.raises(GlossaryInvalid, match=line):
        read_glossary_file(data, direction=DIRECTION)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n\n",
        b"source,target\n",
        b"<tbx/>",
        b"PK\x03\x04\0\0",
        b"a,b\n" * MAX_FILE_BYTES,
        "".join(f"word {number},x\n" for number in range(MAX_TERMS + 1)).encode(),
        b"<tbx>" + b"<conceptEntry/>" * (2 * MAX_TERMS + 1) + b"</tbx>",
        b"report,x",
    ],
)
def test_what_is_no_glossary_is_refused(data: bytes) -> None:
    with pytest.raises(GlossaryInvalid):
        read_glossary_file(data, direction=None if data == b"report,x" else DIRECTION)


@pytest.mark.parametrize("direction", [None, DIRECTION])
def test_a_concept_whose_terms_make_more_pairs_than_a_glossary_holds_is_refused_at_once(
    direction: Direction | None,
) -> None:
    def section(code: str) -> str:
        terms = "".join(f"<tig><term>{code}{number}</term></tig>\n" for number in range(9_000))
        return f'<langSet xml:lang="{code}">{terms}</langSet>'

    data = f"<tbx><termEntry>{section('en')}{section('vi')}</termEntry></tbx>".encode()
    assert len(data) < MAX_FILE_BYTES
    began = time.thread_time()

    with pytest.raises(GlossaryInvalid, match=r"line 1: more than 1000 terms, .*leave some out"):
        read_glossary_file(data, direction=direction)

    assert time.thread_time() - began < 5


def test_a_base_of_many_languages_gives_the_terms_of_the_two_that_are_asked_for() -> None:
    def concept(number: int) -> str:
        sections = "".join(
            f'<langSec xml:lang="{code}"><termSec><term>{code} {number}</term></termSec></langSec>'
            for code in ("de", "fr", "en", "vi", "ja")
        )
        return f"<conceptEntry>{sections}</conceptEntry>"

    data = f"<tbx>{''.join(map(concept, range(MAX_TERMS)))}</tbx>".encode()

    assert len(read_glossary_file(data, direction=DIRECTION).terms) == MAX_TERMS


@given(st.binary(max_size=200))
def test_garbage_is_read_or_refused_and_never_breaks(data: bytes) -> None:
    for start in (b"", b"<tbx><conceptEntry>", b"\xff\xfe"):
        try:
            read_glossary_file(start + data, direction=DIRECTION)
        except InputError:
            continue
