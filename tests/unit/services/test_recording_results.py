"""The files of a run: what is in them, and that a run in which nothing happened has whole files too."""

import json
from pathlib import Path

from dragoman.ground.captions import Caption
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.events import EngineFailed, LadderChanged, Stage, VoiceSkipped, VoiceStarted
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import Costs
from dragoman.observe.figures import Figures
from dragoman.rooms.audio_file import Recording
from dragoman.rooms.results_folder import ResultsFolder
from dragoman.rooms.wav_room import FileSpeaker, RoomRecord
from dragoman.services.recording_request import RecordingRequest
from dragoman.services.recording_results import RunFigures, write_results
from dragoman.services.recording_run import EndedRoom
from dragoman.wire.frames import Header

EN, ES = Language("en"), Language("es")
INFO = EngineInfo(
    name="ears", kind=EngineKind.SPEECH_TO_TEXT, model="tiny", languages=(EN,), licence="MIT", commercial=True
)


def caption(seq: int, segment: str, text: str, language: Language) -> Caption:
    return Caption(
        segment=segment,
        speaker="an",
        language=language,
        source_language=EN,
        text=text,
        start_s=float(seq),
        end_s=seq + 1.0,
        final=True,
        seq=seq,
    )


def write(out: Path, record: RoomRecord, figures: Figures, *, interrupted: bool = False) -> Header:
    """Write the results of a run and give its report."""
    speaker = FileSpeaker(
        identity="an",
        name="An",
        speaks=EN,
        recording=Recording(path=Path("an.wav"), duration_s=9.0, cut_short=False),
    )
    with ResultsFolder(out) as results:
        write_results(
            results,
            ended=EndedRoom(record=record, audio_s=9.0, worst_lateness_s=0.01, interrupted=interrupted),
            speakers=[speaker],
            request=RecordingRequest(files=(Path("an.wav"),), sources=(EN,), targets=(ES,), out=out),
            run=RunFigures(
                figures=figures,
                cpu_s_by_stage={"recognition": 1.5},
                process_cpu_s=0.25,
                wall_s=9.5,
                costs=Costs(recognition=0.4, voice=0.05),
                speakers_at_once=3,
                engines=(INFO,),
            ),
        )
    report: Header = json.loads((out / "report.json").read_text())
    return report


def test_a_run_in_which_nothing_was_said_has_whole_files_and_no_dub(tmp_path: Path) -> None:
    report = write(tmp_path / "out", RoomRecord(), Figures(), interrupted=True)

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "captions.jsonl", "es.vtt", "report.json", "source.en.vtt",
    ]  # fmt: skip
    assert (report["captions"], report["interrupted"], report["lag_ms"]) == (0, True, {})


def test_captions_say_whether_they_were_spoken_and_the_report_what_went_wrong(tmp_path: Path) -> None:
    record = RoomRecord(
        finals=[
            caption(1, "s1", "Good morning.", EN),
            caption(2, "s1", "Buenos días.", ES),
            caption(3, "s2", "Um.", EN),
            caption(4, "s2", "Eh.", ES),
        ],
        unvoiced={("s2", ES)},
    )
    figures = Figures()
    figures.observe(VoiceStarted(segment="s1", speaker="an", language=ES, lag_ms=840.04, speed=1.0))
    figures.observe(VoiceSkipped(segment="s2", speaker="an", language=ES, reason="filler"))
    figures.observe(LadderChanged(speaker="an", language=ES, level=3, reason="voice_gone"))
    figures.observe(EngineFailed(stage=Stage.VOICE, engine="mouth", code="engine_timeout", detail="slow"))

    report = write(tmp_path / "out", record, figures)

    rows = [json.loads(line) for line in (tmp_path / "out" / "captions.jsonl").read_text().splitlines()]
    assert [(row["seq"], row["voice"]) for row in rows] == [(1, None), (2, "spoken"), (3, None), (4, "skipped")]
    assert rows[1]["lag_ms"]["voice"] == 840.0
    assert report["voice_skipped"] == {"filler": 1}
    assert report["engine_failures"] == {"mouth: engine_timeout": 1}
    assert report["ladder"] == [{"speaker": "an", "language": "es", "level": 3, "reason": "voice_gone"}]


def test_the_report_names_engines_with_their_licences_and_what_the_machine_carries(tmp_path: Path) -> None:
    report = write(tmp_path / "out", RoomRecord(), Figures())

    assert report["engines"] == [
        {"kind": "speech-to-text", "engine": "ears:tiny", "licence": "MIT", "commercial": True}
    ]
    assert report["capacity"] == {"recognition_cost": 0.4, "voice_cost": 0.05, "speakers_at_once": 3}
    assert report["cpu_s"] == {"recognition": 1.5, "this_process": 0.25}


def test_each_language_has_its_captions(tmp_path: Path) -> None:
    finals = [caption(1, "s1", "Good morning.", EN), caption(2, "s1", "Buenos días.", ES)]

    write(tmp_path / "out", RoomRecord(finals=finals), Figures())

    assert "Good morning." in (tmp_path / "out" / "source.en.vtt").read_text()
    assert "Buenos días." in (tmp_path / "out" / "es.vtt").read_text()
    assert "Good morning." not in (tmp_path / "out" / "es.vtt").read_text()
