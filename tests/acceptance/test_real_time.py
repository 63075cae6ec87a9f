"""At the pace of a call: the same captions as in --fast, and whole files of what was done after Ctrl-C."""

from pathlib import Path

from tests.acceptance.commands import PICO, SAMPLES, SPEECH, Command, Home
from tests.acceptance.hearing import load, plain
from tests.acceptance.results import Results, said


def test_real_time_gives_the_captions_of_fast_and_takes_as_long_as_the_recording(home: Home, tmp_path: Path) -> None:
    recording = SPEECH / "en-1.wav"
    length_s = load(recording).duration_s
    in_real_time = Command(files=[recording], source="en", targets=["vi"], options=PICO)
    fast = Command(files=[recording], source="en", targets=["vi"], options=("--fast", *PICO))

    live, quick = in_real_time.run(home, tmp_path / "live"), fast.run(home, tmp_path / "quick")

    assert live.lines()
    for language in ("en", "vi"):
        own = [line.text for line in live.lines() if line.language == language]
        assert own == [line.text for line in quick.lines() if line.language == language]
    assert length_s <= live.wall_s <= length_s + 15
    assert live.report()["virtual_time"] is False


def test_ctrl_c_leaves_whole_files_of_what_was_done_and_nothing_else(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = Command(files=[SAMPLES / "talk.flac"], source="en", targets=["es"], options=())

    with command.start(home, out) as live:
        live.wait_for_captions("es", 2)
        children = live.children()
        live.interrupt()
        status = live.wait(limit_s=30)

    results = Results(out=out, shown="".join(live.lines), wall_s=0.0)
    assert status == 130, results.shown
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {path.name for path in out.iterdir()} == {
        "captions.jsonl", "dub.es.wav", "es.vtt", "report.json", "source.en.vtt",
    }  # fmt: skip
    lines = results.lines()
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert 2 <= len(results.target("es")) < 13
    assert plain(said(results.source())).startswith("today i want to speak about the new hospital")
    assert {line.segment for line in results.source()} == {line.segment for line in results.target("es")}
    assert [cue.text for cue in results.cues("es.vtt")] == [line.text for line in results.target("es")]
    assert results.report()["interrupted"] is True
    assert results.dub("es").duration_s > results.target("es")[0].voice_starts_s + 1
    assert any("pocketsphinx" in child.arguments for child in children)
    assert [child for child in children if child.alive()] == []
