"""The benchmarks: their sums are right, and the command works on a short piece of audio."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.goals import share_shortfall, shortfall
from benchmarks.lags import (
    DUB,
    SOURCE_CAPTION,
    TRANSLATED_CAPTION,
    TRUE_DIFFERENCE,
    TRUE_DUB,
    VOICE,
    VOICE_WITHOUT_WAIT,
    Seen,
    TrueWord,
    stage_lags,
    true_clause_ends,
    true_lags,
)
from benchmarks.one_run import Cost
from benchmarks.report import table
from benchmarks.scenes import SCENES, prepare_scene

from dragoman.ground.captions import Caption, Lags
from dragoman.ground.events import CaptionPublished, UtteranceRecognized, VoiceEnded, VoiceStarted
from dragoman.ground.languages import Language

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ENGLISH, VIETNAMESE = Language("en"), Language("vi")


def _caption(segment: str, language: Language, text: str, *, end_s: float, caption_ms: float) -> CaptionPublished:
    caption = Caption(
        segment=segment,
        speaker="an",
        language=language,
        source_language=ENGLISH,
        text=text,
        start_s=end_s - 1.0,
        end_s=end_s,
        final=True,
        lags=Lags(caption_ms=caption_ms),
    )
    return CaptionPublished(caption=caption, readers=1)


def _voice_started(segment: str, lag_ms: float) -> VoiceStarted:
    return VoiceStarted(segment=segment, speaker="an", language=VIETNAMESE, lag_ms=lag_ms, speed=1.0)


@pytest.mark.parametrize(
    ("measured_s", "target_s", "said"),
    [(1.3, 1.3, "met"), (1.304, 1.3, "met"), (1.42, 1.3, "+0.12 s"), (0.2, 1.3, "met"), (9.0, None, "")],
)
def test_a_shortfall_is_what_is_missing_in_plain_numbers(measured_s: float, target_s: float | None, said: str) -> None:
    assert shortfall(measured_s, target_s) == said


def test_a_share_falls_short_in_percentage_points() -> None:
    assert share_shortfall(0.073, 0.05) == "+2.3 points"
    assert share_shortfall(0.05, 0.05) == "met"


def test_own_code_costs_what_is_left_without_the_engines_and_the_null_interpreter() -> None:
    cost = Cost(
        process_s=2.0,
        engine_calls_s=0.6,
        native_threads_s=0.7,
        other_threads_s=0.1,
        null_s=0.3,
        by_stage_s={"recognition": 6.0, "voice": 2.0},
    )

    assert cost.own_s == pytest.approx(0.4)
    assert cost.own_share == pytest.approx(0.05)


def test_columns_of_a_table_stand_below_each_other() -> None:
    assert table([("a", "bb"), ("ccc", "")]) == "a    bb\nccc"


def test_the_source_caption_is_measured_from_the_end_of_speech_once_an_utterance() -> None:
    recognized = UtteranceRecognized(
        speaker="an", language=ENGLISH, words=4, audio_s=2.0, lag_ms=500.0, endpoint_lag_ms=480.0
    )
    seen = [
        Seen(at_s=10.0, event=recognized),
        Seen(at_s=10.1, event=_caption("an.1", ENGLISH, "One.", end_s=5.0, caption_ms=4000.0)),
        Seen(at_s=10.1, event=_caption("an.2", ENGLISH, "Two.", end_s=9.0, caption_ms=700.0)),
    ]

    lags = stage_lags(seen)

    assert lags[SOURCE_CAPTION] == pytest.approx([600.0])


def test_a_voice_that_waits_for_the_dub_before_it_is_told_apart_from_a_slow_one() -> None:
    seen = [
        Seen(at_s=1.0, event=_caption("an.1", VIETNAMESE, "Một.", end_s=1.0, caption_ms=500.0)),
        Seen(at_s=1.1, event=_voice_started("an.1", 600.0)),  # sounds from 1.6 s
        Seen(at_s=1.2, event=VoiceEnded(segment="an.1", speaker="an", language=VIETNAMESE, duration_s=2.0)),
        Seen(at_s=2.0, event=_caption("an.2", VIETNAMESE, "Hai.", end_s=2.0, caption_ms=500.0)),
        Seen(at_s=3.0, event=_voice_started("an.2", 1700.0)),  # sounds from 3.7 s, the other until 3.6 s
    ]

    lags = stage_lags(seen)

    assert lags[DUB] == [600.0, 1700.0]
    assert lags[VOICE] == pytest.approx([100.0, 1200.0])
    assert lags[VOICE_WITHOUT_WAIT] == pytest.approx([100.0, 100.0])
    assert lags[TRANSLATED_CAPTION] == [500.0, 500.0]


def test_clauses_end_where_their_last_word_truly_ended_if_it_was_recognised() -> None:
    truth = [
        TrueWord(text=text, end_s=end_s)
        for text, end_s in [("Emma", 0.5), ("has", 0.8), ("the", 0.9), ("car.", 1.4), ("Mai", 2.0), ("sings.", 2.6)]
    ]
    seen = [
        Seen(at_s=2.0, event=_caption("an.1", ENGLISH, "Emma had the car", end_s=1.3, caption_ms=500.0)),
        Seen(at_s=3.0, event=_caption("an.2", ENGLISH, "Mai rings.", end_s=2.5, caption_ms=500.0)),
        Seen(at_s=3.1, event=_voice_started("an.1", 900.0)),
    ]

    ends = true_clause_ends([it.event.caption for it in seen if isinstance(it.event, CaptionPublished)], truth)
    lags = true_lags(seen, ends)

    assert ends == {"an.1": 1.4}
    assert lags[TRUE_DIFFERENCE] == pytest.approx([-100.0])
    assert lags[TRUE_DUB] == pytest.approx([800.0])


def test_a_cut_scene_holds_as_much_audio_as_was_asked_for(tmp_path: Path) -> None:
    scene = prepare_scene(SCENES["fixtures"], seconds=6.0, folder=tmp_path)

    assert [spoken.starts_at_s for spoken in scene.spoken] == [0.0, 4.0]
    assert scene.ends_at_s == 8.0


def test_the_command_measures_six_seconds_and_names_the_machine(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "latency.py"), "--seconds", "6", "--runs", "1"]
    out = tmp_path / "figures.json"

    ended = subprocess.run(
        [*command, "--engines", "fixtures", "--json", str(out)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )

    assert ended.returncode == 0, ended.stderr
    assert "cores usable" in ended.stdout
    assert "clause end -> translated caption" in ended.stdout
    assert json.loads(out.read_text(encoding="utf-8"))["scenes"]["fixtures"]["runs"][0]["segments"] > 0
