"""The benchmarks: their sums are right, and the command works on a short piece of audio."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.call_lags import (
    Clause,
    Level,
    Shown,
    VoiceBegan,
    delay_s,
    flash_delays,
    hear_dubs,
    place_clauses,
    rising_edges,
    seen_at,
)
from benchmarks.call_report import describe_call
from benchmarks.call_run import CAPTION_SEEN, DUB_AUDIBLE, CallRun
from benchmarks.call_site import read_events, voices_begun
from benchmarks.call_speech import loudness, read_fixture, read_talk, read_talk_pieces
from benchmarks.goals import missed_by, share_shortfall, shortfall
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
from benchmarks.load import plan_loads
from benchmarks.load_report import describe_loads
from benchmarks.load_run import Load, LoadRun
from benchmarks.machine import ProcessMemory, Spending, measure_spending
from benchmarks.one_run import Cost
from benchmarks.report import table, write_results
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


def test_the_source_caption_is_that_of_the_last_words_once_an_utterance() -> None:
    recognized = UtteranceRecognized(
        speaker="an", language=ENGLISH, words=4, audio_s=2.0, lag_ms=500.0, endpoint_lag_ms=480.0
    )
    seen = [
        Seen(at_s=10.0, event=recognized),
        Seen(at_s=10.1, event=_caption("an.1", ENGLISH, "One.", end_s=5.0, caption_ms=4000.0)),
        Seen(at_s=10.1, event=_caption("an.2", ENGLISH, "Two.", end_s=9.0, caption_ms=700.0)),
    ]

    lags = stage_lags(seen)

    assert lags[SOURCE_CAPTION] == pytest.approx([700.0])


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


# --- calls


def _process(name: str, *, pss_mib: float) -> ProcessMemory:
    return ProcessMemory(name=name, rss_mib=pss_mib, pss_mib=pss_mib, peak_rss_mib=pss_mib)


def _sounding(*pieces: tuple[float, float]) -> list[Level]:
    """Give a level each 10 ms of 10 s, loud within the pieces."""
    times = [number / 100 for number in range(1000)]
    return [Level(at_s=at_s, rms=0.1 if any(a <= at_s < b for a, b in pieces) else 0.0) for at_s in times]


def test_sound_begins_after_quiet_and_not_after_every_short_gap() -> None:
    levels = _sounding((1.0, 2.0), (2.05, 3.0), (4.0, 5.0))

    assert rising_edges(levels) == [1.0, 4.0]


def test_a_clause_ends_where_its_sentence_truly_ended_if_that_is_near() -> None:
    at_the_end, within = place_clauses([("We have seven doctors.", 12.2), ("and twenty", 15.5)], [12.0, 19.0])

    assert (at_the_end.true_end_s, at_the_end.end_s) == (12.0, 12.0)
    assert (within.true_end_s, within.end_s) == (None, 15.5)


def test_a_dub_is_heard_where_its_sound_begins_and_one_that_runs_on_where_it_should() -> None:
    first = Clause(text="Uno.", engine_end_s=10.0, true_end_s=9.9)
    second = Clause(text="Dos.", engine_end_s=13.0, true_end_s=13.0)
    unvoiced = Clause(text="Tres.", engine_end_s=16.0, true_end_s=16.0)
    voices = [VoiceBegan(at_s=11.4, lag_s=1.5), VoiceBegan(at_s=14.9, lag_s=2.0)]

    dubs = hear_dubs([first, second, unvoiced], voices, [3.0, 11.6])

    assert [dub.clause.text for dub in dubs] == ["Uno.", "Dos."]
    assert [dub.heard for dub in dubs] == [True, False]
    assert dubs[0].lag_s == pytest.approx(1.7)
    assert dubs[1].lag_s == pytest.approx(2.0 + 0.1)  # the first one took 0.1 s to the ear


def test_a_caption_is_seen_when_its_words_stand_there_for_good() -> None:
    shown = [
        Shown(at_s=1.0, cues=("Hoy quiero",)),
        Shown(at_s=5.0, cues=("Hoy quiero", "Tenemos siete médicos y")),
        Shown(at_s=6.0, cues=()),
    ]

    assert seen_at("Tenemos siete  médicos y veinte camas.", shown, after_s=3.0) == 5.0
    assert seen_at("Gracias.", shown, after_s=3.0) is None


def test_the_way_from_mouth_to_ear_is_found_by_how_loud_it_was() -> None:
    speech = read_fixture("en-1")
    spoken = loudness(speech.audio)
    heard = [Level(at_s=100.085 + 0.01 * number, rms=0.3 * float(rms)) for number, rms in enumerate(spoken, 1)]
    nothing = [Level(at_s=100.0 + 0.01 * number, rms=0.0) for number in range(700)]

    assert delay_s(spoken, 100.0, heard) == pytest.approx(0.085, abs=0.005)
    assert delay_s(spoken, 100.0, nothing) is None


def test_a_flash_that_is_never_seen_is_left_out() -> None:
    flips = [(1.0, True), (1.5, False), (2.0, True)]
    brightness = [(0.9, 16.0), (1.06, 235.0), (1.5, 235.0), (1.58, 16.0), (2.6, 16.0)]

    assert flash_delays(flips, brightness) == pytest.approx([0.06, 0.08])


def test_the_sentences_of_the_talk_are_those_of_its_text() -> None:
    text = (REPOSITORY / "src" / "dragoman" / "samples" / "talk.txt").read_text(encoding="utf-8")

    assert len(read_talk().sentences) == len(text.splitlines())
    assert len(read_talk(14.0).sentences) == 4
    assert {len(piece.sentences) for piece in read_talk_pieces(2)} == {2}


def test_the_log_tells_which_dubs_began_in_a_room() -> None:
    began = '{"room": "R", "language": "es", "lag_ms": 1400, "event": "voice_started", "timestamp": "%s"}'
    log = "\n".join(
        [
            "dragoman       | api is ready after 3.0 s",
            "interpreter    | " + began % "2026-11-21T17:14:18.500000Z",
            "interpreter    | {broken",
        ]
    )

    events = read_events(log)

    assert [event.process for event in events] == ["interpreter"]
    assert [voice.lag_s for voice in voices_begun(events, room="R", language="es")] == [1.4]
    assert voices_begun(events, room="R", language="ca") == []


def test_what_a_process_spends_is_counted_with_its_children_and_without_what_was_before() -> None:
    spin = "import sys\nx = 0\nwhile x < int(sys.argv[1]): x += 1\nprint(flush=True)\ninput()"
    start = [sys.executable, "-c", spin]
    with (
        subprocess.Popen([*start, "4000000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child,
        subprocess.Popen([*start, "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as namesake,
    ):
        for each in (child, namesake):
            assert each.stdout is not None
            each.stdout.readline()
        before = measure_spending(os.getpid())
        after = measure_spending(os.getpid(), since=before)
        child.kill()
        namesake.kill()

    assert max(one.cpu_s for one in before[1:]) > 0.1
    assert all(one.cpu_s < 0.1 for one in after)


def _call_run(*, dub_s: float, start_s: float, memory_mib: float) -> CallRun:
    return CallRun(
        lags_s={CAPTION_SEEN: [1.2, 1.4], DUB_AUDIBLE: [dub_s]},
        sentences=2,
        clauses=2,
        clauses_within=0,
        dubs_run_on=0,
        first_start_s=20.0,
        second_start_s=start_s,
        audio_s=10.0,
        spending=[
            Spending(name="dragoman serve interpreter", cpu_s=1.0, media_s=0.7),
            Spending(name="dragoman serve api", cpu_s=0.1, media_s=0.0),
            Spending(name="livekit-server", cpu_s=0.5, media_s=0.0),
        ],
        memory=[_process("dragoman serve api", pss_mib=memory_mib)],
        load=0.1,
    )


def test_the_report_of_a_call_says_which_goals_are_met_and_what_is_missing() -> None:
    good = describe_call([_call_run(dub_s=2.5, start_s=9.0, memory_mib=700)])
    bad = describe_call([_call_run(dub_s=3.5, start_s=16.0, memory_mib=900)])

    goals = [line.split()[-1] for line in good[good.index("goals ") :].splitlines()[1:]]
    assert goals == ["met"] * 4
    assert ["+0.50 s" in bad, "+1.00 s" in bad, "+44 MB" in bad] == [True] * 3
    own = next(line for line in good.splitlines() if line.startswith("our own code together"))
    assert own.split()[-2:] == ["40.0", "ms"]


def test_what_is_missing_to_a_limit_has_its_unit() -> None:
    assert missed_by(899.9, 900.0, "MB") == "met"
    assert missed_by(930.2, 900.0, "MB") == "+30 MB"


def test_loads_are_every_number_of_rooms_with_every_number_of_people() -> None:
    sizes = [(load.rooms, load.people) for load in plan_loads("builtin", rooms=(1, 4), people=(2, 10), quick=False)]

    assert sizes == [(1, 2), (1, 10), (4, 2), (4, 10)]
    assert len(plan_loads("all", rooms=(1, 2, 4), people=(2, 5, 10), quick=True)) == 4


def test_the_report_of_a_load_tells_drops_and_the_cost_of_the_generator_apart() -> None:
    run = LoadRun(
        load=Load(kind="builtin", rooms=4, people=10),
        sentences=8,
        caption_lags_s=[1.0, 3.0],
        dub_lags_s=[],
        captions_expected=6,
        speakers_refused=1,
        captions_refused=2,
        captions_missing=2,
        finals_lost=1,
        voices_skipped={"late": 3},
        ladder={"2 (capacity)": 5},
        engine_failures={},
        spoke_s=10.0,
        talk_s=5.0,
        machine_cpu_s=8.0,
        cores=2,
        spending=[Spending(name="dragoman serve interpreter", cpu_s=4.0, media_s=2.0)],
        generator_cpu_s=9.0,
        cpu_s_by_group={"dragoman": 4.0, "media server": 3.0, "people": 9.0},
        memory=[_process("dragoman", pss_mib=60)],
        start_s=8.0,
        load_before=0.2,
    )

    said = describe_loads([run])

    lags = next(line.split() for line in said.splitlines() if line.startswith("4 x 10"))
    assert " ".join(lags) == "4 x 10 8 3.00 / 3.00 none 1 2 of 4 1 3 2 (capacity): 5"
    assert "voices skipped (late): 3" in said
    groups = next(
        line.split() for line in said[said.index("CPU, % of all") :].splitlines() if line.startswith("4 x 10")
    )
    assert groups[3:] == ["25", "19", "56", "80"]
    shares = next(
        line.split() for line in said[said.index("CPU, % of a core") :].splitlines() if line.startswith("4 x 10")
    )
    assert shares[3:] == ["40", "40", "90", "60", "0.2"]


def test_results_are_written_with_their_command_for_so_many_cores(tmp_path: Path) -> None:
    path = write_results(
        tmp_path, "load", title="Calls", command="python load.py", cores=2, text="figures", figures={"loads": []}
    )

    assert path == tmp_path / "load-2-cores.md"
    assert "`python load.py`" in path.read_text(encoding="utf-8")
    assert json.loads((tmp_path / "load-2-cores.json").read_text(encoding="utf-8")) == {"loads": []}
