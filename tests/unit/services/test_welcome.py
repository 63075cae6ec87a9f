"""What people read when everything is ready."""

import io
import math
import re
from dataclasses import replace

import pytest
import segno
from tests.qr_reading import read_qr
from tests.unit.services.test_doors import LAN, VPN, doors

from dragoman.cli import up
from dragoman.cli.screen import Screen
from dragoman.services.host_password import make_host_password
from dragoman.services.welcome import QUIET_MODULES, Welcome, describe_works_now, qr_lines

BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
WORDS = "-".join(["lusab", "babad"])


def test_on_this_machine_it_names_the_address_what_works_and_how_to_end_it() -> None:
    welcome = Welcome(doors=doors(LAN), host_password=None, fingerprint="", works_now="English into Spanish")

    text = "\n".join(welcome.lines())

    assert welcome.lines()[0] == "everything is ready"
    assert "http://127.0.0.1:8000" in text
    assert "English into Spanish" in text
    assert "Ctrl-C" in text
    assert "password" not in text
    assert welcome.address_for_phones == ""


def test_for_a_network_it_names_every_address_the_password_and_the_fingerprint() -> None:
    fingerprint = ":".join(["AB"] * 32)
    welcome = Welcome(
        doors=doors(LAN, VPN, lan=True), host_password=WORDS, fingerprint=fingerprint, works_now="nothing"
    )

    lines = welcome.lines()

    assert all(any(part in line for line in lines) for part in (f"https://{LAN}:8443", f"https://{VPN}:8443", WORDS))
    assert "".join(line.strip() for line in lines).count("AB") == 32
    assert max(map(len, lines)) <= 100
    assert welcome.address_for_phones == f"https://{LAN}:8443"


def test_what_works_is_one_line_with_voices_first() -> None:
    directions = [("en", "eu", False), *(("en", code, True) for code in ("es", "ca", "fr", "pt")), ("vi", "en", True)]

    line = describe_works_now(directions)

    assert line == "English into Spanish, Catalan, French, Portuguese and 1 more; Vietnamese into English"
    assert "dragoman doctor" in describe_works_now([])


def test_a_qr_code_is_drawn_with_all_its_modules() -> None:
    lines = qr_lines(f"https://{LAN}:8443")

    drawn = [[BLOCKS[block][half] for block in line] for line in lines for half in (0, 1)]
    expected = [list(row) for row in segno.make(f"https://{LAN}:8443", micro=False).matrix_iter(border=2)]
    assert drawn[: len(expected)] == expected
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize("host", ["10.0.0.7", str(LAN), "192.168.100.200", "calls.example.org"])
def test_what_a_terminal_shows_of_a_start_for_a_network_leads_a_telephone_to_the_address(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown, written = Screen(), io.StringIO()
    shown.file, shown.width = written, 100
    monkeypatch.setattr(up, "out", shown)
    network = replace(doors(LAN, lan=True), secure=(f"https://{host}:8443",))

    up._UpTelling().ready(Welcome(doors=network, host_password=WORDS, fingerprint="", works_now="nothing"))

    plain = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())
    drawn = [line[2:] for line in plain.splitlines() if line and set(line) <= set(BLOCKS)]
    rows = [[BLOCKS[block][half] for block in line] for line in drawn for half in (0, 1)]
    width = len(rows[0]) - 2 * QUIET_MODULES
    modules = [row[QUIET_MODULES:][:width] for row in rows[QUIET_MODULES:][:width]]
    assert "\x1b[30;107m" in written.getvalue()  # dark modules in black, on a white that is brighter than grey
    assert read_qr(modules) == f"https://{host}:8443"


def test_a_host_password_has_sixty_bits_and_can_be_said() -> None:
    made = {make_host_password() for _ in range(100)}

    assert len(made) == 100
    assert 4 * math.log2(16**3 * 4**2) >= 60
    assert all(len(word) == 5 and word[1] in "aiou" and word[3] in "aiou" for it in made for word in it.split("-"))
