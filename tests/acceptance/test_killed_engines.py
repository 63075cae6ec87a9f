"""An engine that is killed in the middle: the run goes on, no word is lost, and the report names what failed."""

import os
import signal
from pathlib import Path

import pytest
from tests.acceptance.commands import SAMPLES, Child, Command, Home, Live
from tests.acceptance.conftest import ALLOWED_WORD_ERRORS, Figures, said_in
from tests.acceptance.hearing import word_errors
from tests.acceptance.results import Results, said

TALK = SAMPLES / "talk.flac"


@pytest.mark.parametrize("process", ["pocketsphinx_worker", "lt-proc"])
def test_a_killed_engine_is_replaced_and_costs_no_word(
    process: str, talk: Results, home: Home, tmp_path: Path, figures: Figures
) -> None:
    out = tmp_path / "out"

    with Command(files=[TALK], source="en", targets=["es"]).start(home, out) as live:
        live.wait_for_captions("es", 3)
        killed = _find(live, process)
        os.kill(killed.pid, signal.SIGKILL)
        live.wait_for_captions("es", 10)
        replaced = _find(live, process)
        status = live.wait()

    results = Results(out=out, shown="".join(live.lines), wall_s=0.0)
    assert status == 0, results.shown
    assert killed != replaced
    assert not killed.alive()
    undisturbed = word_errors(said=said_in([TALK]), heard=said(talk.source()))
    ours = word_errors(said=said_in([TALK]), heard=said(results.source()))
    figures(f"talk.flac with {process} killed", ours=ours)
    assert ours.rate <= undisturbed.rate + ALLOWED_WORD_ERRORS
    assert {line.segment for line in results.source()} == {line.segment for line in results.target("es")}
    assert not [line for line in results.target("es") if line.untranslated]
    # Apertium's pipeline repairs itself within the call, so that only the recogniser's death is a failure.
    assert [name.split(":")[0] for name in results.failures()] == (["pocketsphinx"] if "sphinx" in process else [])


def _find(live: Live, process: str) -> Child:
    found = [child for child in live.children() if process in child.arguments and "bash" not in child.arguments]
    assert found, f"no {process} runs; there are {[child.arguments for child in live.children()]}"
    return found[0]
