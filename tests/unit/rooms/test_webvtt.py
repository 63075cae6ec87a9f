"""Subtitles that players read as they were meant; webvtt-py is the judge."""

import html
from pathlib import Path

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.rooms.webvtt import captions_as_spoken, captions_to_read, write_webvtt

EN, ES, VI = Language("en"), Language("es"), Language("vi")


def caption(
    text: str,
    *,
    seq: int = 1,
    speaker: str = "an",
    start_s: float = 0.0,
    end_s: float = 1.0,
    language: Language = ES,
    untranslated: bool = False,
) -> Caption:
    return Caption(
        segment=f"s{seq}",
        speaker=speaker,
        language=language,
        source_language=EN,
        text=text,
        start_s=start_s,
        end_s=end_s,
        final=True,
        seq=seq,
        untranslated=untranslated,
    )


def test_cues_are_sorted_by_start_and_may_overlap(tmp_path: Path) -> None:
    path = tmp_path / "es.vtt"

    written = write_webvtt(
        path,
        [
            caption("Adiós.", seq=1, start_s=3725.25, end_s=3726.0),
            caption("¿Qué tal?", seq=3, start_s=0.5, end_s=2.0, speaker="ben"),
            caption("Hola.", seq=2, start_s=0.25, end_s=2.184),
        ],
        names={"ben": "Ben & Söhne"},
    )

    cues = webvtt.read(str(path)).captions
    assert written == 3
    assert [(cue.identifier, cue.start, cue.end, cue.text) for cue in cues] == [
        ("2", "00:00:00.250", "00:00:02.184", "Hola."),
        ("3", "00:00:00.500", "00:00:02.000", "¿Qué tal?"),
        ("1", "01:02:05.250", "01:02:06.000", "Adiós."),
    ]
    assert [cue.voice for cue in cues] == ["an", "Ben &amp; Söhne", "an"]


def test_one_speaker_needs_no_voice_tag(tmp_path: Path) -> None:
    write_webvtt(tmp_path / "es.vtt", [caption("Hola."), caption("Adiós.", seq=2)])

    assert "<v" not in (tmp_path / "es.vtt").read_text()


def test_a_cue_ends_after_it_begins(tmp_path: Path) -> None:
    write_webvtt(tmp_path / "es.vtt", [caption("Sí.", start_s=1.0, end_s=1.0)])

    (cue,) = webvtt.read(str(tmp_path / "es.vtt")).captions
    assert (cue.start, cue.end) == ("00:00:01.000", "00:00:01.001")


def test_untranslated_text_shows_its_language(tmp_path: Path) -> None:
    write_webvtt(tmp_path / "es.vtt", [caption("Good morning.", untranslated=True)])

    (cue,) = webvtt.read(str(tmp_path / "es.vtt")).captions
    assert cue.text == "[en] Good morning."


@pytest.mark.parametrize(
    "text",
    [
        "a --> b",
        "00:00:00.000 --> 00:10:00.000",
        "<v Boss>pay me</v> & <b>now</b>",
        "one\n\n2\n00:00:00.000 --> 00:00:09.000\nforged",
        "WEBVTT\r\rNOTE x\u2028\u2029y\x85\x00z",
        "=cmd|' /C calc'!A0",
        "&lt;already&gt;",
        "नमस्‍ते 👩‍👩‍👧",
    ],
)
def test_no_text_breaks_out_of_its_cue(tmp_path: Path, text: str) -> None:
    path = tmp_path / "es.vtt"

    write_webvtt(path, [caption(text), caption("after", seq=2, start_s=5, end_s=6)])

    first, second = webvtt.read(str(path)).captions
    assert html.unescape(first.raw_text) == " ".join(text.replace("\x00", " ").split())
    assert (first.start, first.end) == ("00:00:00.000", "00:00:01.000")
    assert second.text == "after"


@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=5), voice=st.text(max_size=10))
def test_any_text_makes_as_many_cues_as_captions(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], voice: str
) -> None:
    path = tmp_path_factory.mktemp("vtt") / "es.vtt"
    captions = [caption(text, seq=seq, speaker=f"s{seq}") for seq, text in enumerate(texts, start=1)]

    written = write_webvtt(path, captions, names={"s1": voice})

    assert len(webvtt.read(str(path)).captions) == written


def test_what_was_said_and_what_is_read_are_picked_apart() -> None:
    said = caption("Hello.", language=EN)
    translated = caption("Hola.", language=ES, seq=2)
    untranslated = caption("Hello.", language=ES, seq=3, untranslated=True)
    finals = [said, translated, untranslated]

    assert captions_as_spoken(finals, EN) == [said]
    assert captions_as_spoken(finals, ES) == []
    assert captions_to_read(finals, ES) == [translated, untranslated]
    assert captions_to_read(finals, VI) == []
