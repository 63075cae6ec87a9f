"""Captions and report as JSON that any program reads back."""

import json
from dataclasses import replace
from pathlib import Path

from dragoman.ground.captions import Caption, Lags
from dragoman.ground.languages import Language
from dragoman.rooms.caption_log import write_caption_log, write_report

EN, ES = Language("en"), Language("es")
HOLA = Caption(
    segment="an-1",
    speaker="an",
    language=ES,
    source_language=EN,
    text="Hola,\n«Eva» \u2028 \x85 --> \ud800 =1+1",
    start_s=0.25,
    end_s=2.1844,
    final=True,
    seq=2,
    lags=Lags(recognition_ms=700.04, translation_ms=40.0, caption_ms=745.0),
)


def test_each_final_is_a_line_in_the_order_of_seq(tmp_path: Path) -> None:
    path = tmp_path / "captions.jsonl"
    first, third = replace(HOLA, seq=1, language=EN, text="Hello, Eva"), replace(HOLA, seq=3, segment="an-2")

    written = write_caption_log(
        path, [third, HOLA, first], spoken={("an-1", ES): 1402.22}, skipped=frozenset({("an-2", ES)})
    )

    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert written == 3
    assert [(line["seq"], line["voice"]) for line in lines] == [(1, None), (2, "spoken"), (3, "skipped")]
    assert lines[1] == {
        "seq": 2,
        "segment": "an-1",
        "speaker": "an",
        "language": "es",
        "source_language": "en",
        "text": HOLA.text,
        "start": 0.25,
        "end": 2.184,
        "untranslated": False,
        "voice": "spoken",
        "lag_ms": {"recognition": 700.0, "translation": 40.0, "caption": 745.0, "voice": 1402.2},
    }


def test_a_report_is_json_whatever_was_measured(tmp_path: Path) -> None:
    write_report(tmp_path / "report.json", {"lag_ms": {"median": 12.5, "p95": float("nan")}, "names": ["Bà Lê"]})

    read = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert read == {"lag_ms": {"median": 12.5, "p95": None}, "names": ["Bà Lê"]}
