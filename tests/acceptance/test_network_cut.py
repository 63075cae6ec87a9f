"""A whole call with no way to anything but this machine: nothing is needed from anywhere else, and nobody is asked.

The network is a namespace with loopback and one cable, into which everything for any other machine is led; its far end
belongs to nobody, and every packet that comes out there is read. This proves more than a machine without a route: there
an attempt that fails leaves no trace.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.acceptance.commands import REPOSITORY, SPEECH
from tests.acceptance.cut_off_call import FAR_END
from tests.acceptance.hearing import hear, load, word_errors
from tests.lan import do, machine

from dragoman.ground.audio import Audio
from dragoman.ground.engines import SpeechToText

ADDRESS, ADDRESS_6 = "192.0.2.1/32", "2001:db8::1/128"
"""For documentation: nobody has them."""
CALL_S = 280.0


def test_a_call_needs_nobody_outside_and_asks_nobody(tmp_path: Path, whisper: SpeechToText) -> None:
    with machine() as cut_off:
        lay_cable(cut_off)

        held = subprocess.run(
            [*cut_off, sys.executable, "-m", "tests.acceptance.cut_off_call", str(tmp_path)],
            cwd=REPOSITORY,
            env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            stdout=subprocess.PIPE,
            text=True,
            timeout=CALL_S,
            check=True,
        )

    told = json.loads(held.stdout)
    said = " ".join(
        sentence["translation"]
        for sentence in json.loads((SPEECH / "vi-1.json").read_text(encoding="utf-8"))["sentences"]
    )
    assert told["complaints"] == []
    assert told["went_out"] == []
    assert told["watching"], "packets that leave are not seen here: the test would prove nothing"
    # After Opus the tiny recogniser now and then takes one number for another.
    assert word_errors(said=said, heard=" ".join(told["finals"])).rate <= 0.25
    assert word_errors(said=said, heard=hear(whisper, dub(tmp_path), "en")).rate <= 0.25


def lay_cable(there: tuple[str, ...]) -> None:
    """Lead everything for other machines into a cable whose end is read; without questions for who is near."""
    do(there, "link", "add", "out", "type", "veth", "peer", "name", FAR_END)
    for end in ("out", FAR_END):
        do(there, "link", "set", end, "arp", "off")
        do(there, "link", "set", end, "up")
    do(there, "address", "add", ADDRESS, "dev", "out")
    do(there, "-6", "address", "add", ADDRESS_6, "dev", "out", "nodad")
    do(there, "route", "add", "default", "dev", "out")
    do(there, "-6", "route", "add", "default", "dev", "out")


def dub(folder: Path) -> Audio:
    """Give what was heard, without the silence around it."""
    audio = load(folder / "dub.wav")
    sounding = np.flatnonzero(np.abs(audio.samples) > 0.01)
    return Audio(samples=audio.samples[sounding[0] : sounding[-1]], sample_rate=audio.sample_rate)
