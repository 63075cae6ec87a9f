"""``dragoman translate --glossary``: a file is read before anything is translated, and named if it cannot be used."""

from pathlib import Path

import pytest

from dragoman.ground.glossary import NO_TERMS, GlossaryInvalid
from dragoman.services.translating_texts.command import OutputFormat, TranslateWish, make_translate_wish


def wish(glossary: Path | None) -> TranslateWish:
    return make_translate_wish(
        text="x", source="en", target="vi", engine="", model="", output=OutputFormat.TXT, glossary=glossary
    )


def test_terms_without_languages_are_for_the_direction_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_text("report,bản tin\nDragoman\n", encoding="utf-8")

    terms = wish(file).terms.terms

    assert [(it.source, it.source_language, it.target_language) for it in terms] == [
        ("report", "en", "vi"),
        ("Dragoman", None, None),
    ]
    assert wish(None).terms == NO_TERMS


@pytest.mark.parametrize("content", [None, b"", b"a,b,c,d,e", b"\xff\xff", b"x" * 2_000_000])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "terms.csv"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(GlossaryInvalid, match=r"terms\.csv"):
        wish(file)


@pytest.mark.parametrize("file", ["/dev/zero", "/"])
def test_what_is_no_file_is_refused_at_once(file: str) -> None:
    with pytest.raises(GlossaryInvalid):
        wish(Path(file))
