"""The log: what is logged with a traceback is counted as a fault of our own."""

import json

import pytest
import structlog

from dragoman.ground.events import LadderChanged
from dragoman.observe.log import DefectCounter, LogObserver, defects, set_up_log
from dragoman.observe.metrics import Metrics


def test_a_fault_that_is_caught_and_logged_with_its_traceback_is_counted_and_shown_to_a_scrape() -> None:
    set_up_log(level="INFO", as_json=True)
    log, before = structlog.get_logger(), defects.seen
    try:
        int("broken")
    except ValueError:
        log.exception("booth_failed")
    log.warning("engine_failed")
    structlog.reset_defaults()

    assert defects.seen == before + 1
    assert Metrics().registry.get_sample_value("dragoman_defects") == defects.seen


def test_counting_leaves_the_event_as_it_is() -> None:
    counter = DefectCounter()

    assert counter(None, "error", {"event": "x", "exc_info": True}) == {"event": "x", "exc_info": True}
    assert counter.seen == 1


def test_a_line_about_the_ladder_says_which_level_and_how_grave_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log(level="INFO", as_json=True)

    LogObserver("room").observe(LadderChanged(speaker="an", language=None, level=5, reason="capacity"))
    structlog.reset_defaults()

    line = json.loads(capsys.readouterr().err)
    assert (line["ladder_level"], line["level"], line["reason"]) == (5, "warning", "capacity")
