"""Words become sentences and subtitles, and subtitles become files that players read."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import webvtt

from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.services.transcribing.formats import (
    TextFormat,
    write_file,
    write_json,
    write_srt,
    write_verbose_json,
    write_vtt,
)
from dragoman.services.transcribing.transcription import (
    SUBTITLE_CHARS,
    SUBTITLE_S,
    Passage,
    Transcription,
    cut_sentences,
    cut_subtitles,
)

EN, ZH = Language("en"), Language("zh")


def say(text: str, *, word_s: float = 0.3, start_s: float = 0.0) -> tuple[Word, ...]:
    """Say words one after the other; each ``|`` is a pause of 0.5 s."""
    words = []
    for part in text.split():
        if part == "|":
            start_s += 0.5
            continue
        words.append(Word(text=part, start_s=start_s, end_s=start_s + word_s, probability=0.9))
        start_s += word_s
    return tuple(words)


def transcription(text: str, *, language: Language = EN, word_s: float = 0.3) -> Transcription:
    words = say(text, word_s=word_s)
    return Transcription(
        words=words, language=language, model_used="fake", duration_s=60.04, cut_short=False, processing_s=1.5
    )


def sentences_of(text: str) -> list[str]:
    return [sentence.text for sentence in cut_sentences(say(text), EN)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("We start. Are you there? Yes!", ["We start.", "Are you there?", "Yes!"]),
        ("we start | are you there", ["we start", "are you there"]),
        ("We start. | Yes", ["We start.", "Yes"]),
        ('He said "we start." Then he left.', ['He said "we start."', "Then he left."]),
        ("Dr. Tran and J. Smith agree.", ["Dr. Tran and J. Smith agree."]),
        ("He came with me and I. Then we left.", ["He came with me and I.", "Then we left."]),
        ("It costs 3.5 dollars. Fine.", ["It costs 3.5 dollars.", "Fine."]),
    ],
)
def test_sentences_end_at_marks_and_in_pauses(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


def test_a_pause_of_less_than_half_a_second_ends_nothing() -> None:
    words = (*say("we start"), *say("again", start_s=0.6 + 0.49))

    assert len(cut_sentences(words, EN)) == 1


def test_sentences_of_unspaced_languages_are_written_without_spaces() -> None:
    [first, second] = cut_sentences(say("你 好 。 再 见"), ZH)

    assert (first.text, second.text) == ("你好。", "再见")


def test_long_sentences_are_parted_into_subtitles_that_can_be_read() -> None:
    words = say("this is a very long sentence, " * 10)
    sentence = Passage(words=words, language=EN)

    subtitles = cut_subtitles(sentence)

    assert tuple(word for subtitle in subtitles for word in subtitle.words) == words
    assert all(len(subtitle.text) <= SUBTITLE_CHARS for subtitle in subtitles)
    assert all(subtitle.end_s - subtitle.start_s <= SUBTITLE_S for subtitle in subtitles)
    assert all(subtitle.text.endswith(",") for subtitle in subtitles)


def test_one_endless_word_stays_one_subtitle() -> None:
    sentence = Passage(words=say("a" * 200), language=EN)

    assert cut_subtitles(sentence) == [sentence]


def test_json_holds_everything_with_the_names_of_the_interface() -> None:
    answer = write_json(transcription("We start. | Good morning."))

    assert list(answer) == [
        "text", "language", "duration", "cut_short", "segments", "sentences", "words", "model_used", "processing_time"
    ]  # fmt: skip
    assert answer["text"] == "We start. Good morning."
    assert answer["sentences"] == [
        {"id": 0, "start": 0.0, "end": 0.6, "text": "We start.", "confidence": 0.9},
        {"id": 1, "start": 1.1, "end": 1.7, "text": "Good morning.", "confidence": 0.9},
    ]
    assert json.loads(write_file(transcription("We start."), TextFormat.JSON))["duration"] == 60.04


def test_plain_text_has_a_sentence_on_each_line() -> None:
    assert write_file(transcription("We start. Good morning."), TextFormat.TXT) == "We start.\nGood morning.\n"


def test_webvtt_is_read_back_by_a_player(tmp_path: Path) -> None:
    file = tmp_path / "talk.vtt"
    file.write_text(write_vtt(transcription("A <b> --> & b. | Good morning.")), encoding="utf-8")

    cues = webvtt.read(str(file)).captions

    assert [(cue.start, cue.end) for cue in cues] == [
        ("00:00:00.000", "00:00:01.500"), ("00:00:02.000", "00:00:02.600")
    ]  # fmt: skip
    assert [cue.raw_text for cue in cues] == ["A &lt;b&gt; --&gt; &amp; b.", "Good morning."]


def test_subrip_is_read_back_by_a_player() -> None:
    written = write_srt(transcription("One --> two. | Good morning."))

    cues = webvtt.from_buffer(io.StringIO(written), format="srt").captions

    assert [cue.text for cue in cues] == ["One -> two.", "Good morning."]


def test_a_cue_ends_after_it_begins() -> None:
    written = write_srt(transcription("Now.", word_s=0.0))

    assert "00:00:00,000 --> 00:00:00,001" in written


def test_hours_and_controls_are_written_as_subtitles_have_them() -> None:
    words = (Word(text="a\nb\x1b", start_s=3723.5, end_s=3724.0),)
    late = replace(transcription(""), words=words, duration_s=4000.0)

    written = write_srt(late)

    assert written == "1\n01:02:03,500 --> 01:02:04,000\na b\n"


def test_without_words_every_format_is_whole() -> None:
    silent = transcription("")

    assert write_file(silent, TextFormat.TXT) == ""
    assert write_file(silent, TextFormat.SRT) == ""
    assert write_file(silent, TextFormat.VTT).startswith("WEBVTT\n")
    assert json.loads(write_file(silent, TextFormat.JSON))["words"] == []


@pytest.mark.parametrize(
    ("granularities", "present"),
    [(("segment",), {"segments"}), (("word",), {"words"}), (("word", "segment"), {"words", "segments"})],
)
def test_verbose_json_holds_the_times_that_were_asked_for(granularities: tuple[str, ...], present: set[str]) -> None:
    answer = write_verbose_json(transcription("We start."), granularities)

    assert {"words", "segments"} & set(answer) == present
    assert (answer["language"], answer["usage"]) == ("english", {"type": "duration", "seconds": 61})
