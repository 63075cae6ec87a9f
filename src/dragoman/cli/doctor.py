"""``dragoman doctor``: what works on this machine. The work is in services/doctor.py and call_checks.py."""

import typer

from dragoman.cli.screen import out, prepare
from dragoman.services.call_checks import diagnose_calls
from dragoman.services.doctor import (
    describe_directions,
    describe_offer,
    describe_recognition,
    describe_voices,
    diagnose,
)
from dragoman.services.saying.watermarking import describe_watermark


def doctor() -> None:
    """Say what works on this machine, and what would add more."""
    settings = prepare()
    diagnosis, calls = diagnose(settings), diagnose_calls(settings)
    out.say("works now:")
    for line in describe_directions(diagnosis.directions) or ["nothing"]:
        out.say(f"  {line}")
    for line in describe_recognition(settings):
        out.say(f"hears {line}")
    for line in describe_voices(settings):
        out.say(f"speaks {line}")
    out.say(describe_watermark(settings))
    for offer in diagnosis.offers:
        out.say(describe_offer(offer))
    if calls.runs_already:
        out.say("dragoman runs here already, so its ports were not looked at")
    for sentence in diagnosis.missing:
        out.say(f"missing: {sentence}")
    for fault in calls.faults:
        out.say(f"for calls: {fault}")
    if not diagnosis.healthy or calls.faults:
        raise typer.Exit(1)
