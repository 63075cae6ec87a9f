"""The benchmark of language models: its model answers every sentence, and tokens are counted as they were read."""

from pathlib import Path

from benchmarks import language_model
from benchmarks.language_model import Asked, Ran, measure, write_report
from benchmarks.language_model_shape import SENTENCES, LanguageModelShape, background, write_language_model

SMALL = LanguageModelShape(name="small", vocabulary=2600, width=256, layers=2, heads=2, shared_heads=1, inner=256)


def test_sentences_are_of_twelve_words_and_backgrounds_begin_differently() -> None:
    assert {len(text.split()) for text in SENTENCES} == {12}
    assert len({background(number, 5).split()[0] for number in range(20)}) == 20


def test_a_known_meeting_reads_its_new_sentence_alone(tmp_path: Path) -> None:
    ran = measure(tmp_path, SMALL, rounds=2, threads=1)

    assert all(one.tokens_read < 40 and one.tokens_kept > 100 for one in ran.known)
    assert all(one.tokens_read > 100 and one.tokens_kept < 40 for one in ran.new)
    assert ran.rss_mib > 10


def test_the_model_is_made_once(tmp_path: Path) -> None:
    folder = write_language_model(tmp_path, SMALL)
    (file,) = folder.glob("*.gguf")
    first = file.stat().st_mtime_ns

    assert write_language_model(tmp_path, SMALL) == folder
    assert file.stat().st_mtime_ns == first


def test_the_report_says_how_many_times_quicker_it_is() -> None:
    known, new = Asked(tokens_read=30, tokens_kept=170, seconds=2.0), Asked(tokens_read=200, tokens_kept=0, seconds=9.0)

    said = write_report(Ran(known=(known,), new=(new,), rss_mib=1500.0))

    assert "4.5 times quicker" in said
    assert language_model.WORDS == 20
