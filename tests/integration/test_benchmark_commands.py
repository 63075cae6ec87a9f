"""The commands that measure what people wait for, on a few seconds: in real time, with processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def test_the_command_measures_six_seconds_and_names_the_machine(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "latency.py"), "--what", "recordings", "--seconds", "6"]
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


def test_the_load_command_measures_a_small_call_and_names_the_machine(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "load.py"), "--rooms", "1", "--people", "2"]
    out = tmp_path / "figures.json"

    ended = subprocess.run(
        [*command, "--seconds", "6", "--engines", "fixtures", "--json", str(out)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        cwd=tmp_path,
    )

    assert ended.returncode == 0, ended.stderr
    assert "cores usable" in ended.stdout
    load = json.loads(out.read_text(encoding="utf-8"))["loads"][0]
    assert load["caption_lags_s"]
    assert load["dub_lags_s"]
    assert load["finals_lost"] == 0
