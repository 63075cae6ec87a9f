"""What the doctor says about calls: everything that is missing at once, each with how to mend it."""

import os
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.certificates import make_pair

import dragoman.services.call_checks as checks
from dragoman.rooms.livekit_server import LIVEKIT_VERSION
from dragoman.services.call_checks import CallDiagnosis, diagnose_calls
from dragoman.settings import Settings
from dragoman.testing.free_ports import free_ports

PORTS = (
    "api_port",
    "speech_to_text_port",
    "translation_port",
    "text_to_speech_port",
    "interpreter_port",
    "livekit_port",
    "livekit_tcp_port",
    "livekit_udp_port",
    "https_port",
)


def livekit_program(folder: Path, version: str) -> Path:
    program = folder / "livekit-server"
    program.write_text(f"#!/bin/sh\necho livekit-server version {version}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def everything(tmp_path: Path) -> dict[str, object]:
    """Give settings with which nothing is missing."""
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>Dragoman</title>")
    return {
        **dict(zip(PORTS, free_ports(len(PORTS)), strict=True)),
        "page_dir": page,
        "data_dir": tmp_path / "data" / "dragoman",
        "livekit_server": livekit_program(tmp_path, LIVEKIT_VERSION),
        "media_address": "127.0.0.1",
    }


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have a network, whatever it runs in."""
    from ipaddress import IPv4Address

    monkeypatch.setattr(checks, "local_addresses", lambda: (IPv4Address("192.168.1.5"),))


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def diagnosis(settings: dict[str, object], **changed: object) -> CallDiagnosis:
    return diagnose_calls(Settings.model_validate({**settings, **changed}))


def test_where_nothing_is_missing_nothing_is_said_and_nothing_is_made(
    everything: dict[str, object], tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())

    found = diagnosis(everything)

    assert found == CallDiagnosis(faults=(), runs_already=False)
    assert sorted(tmp_path.iterdir()) == before


def test_everything_that_is_missing_is_told_at_once(everything: dict[str, object], tmp_path: Path, taken: int) -> None:
    (tmp_path / "file").write_text("")
    pair = make_pair(tmp_path)

    found = diagnosis(
        everything,
        livekit_server=livekit_program(tmp_path, "1.9.0"),
        page_dir=tmp_path / "nothing",
        tls_certificate=pair.certificate,
        data_dir=tmp_path / "file" / "data",
        api_port=taken,
        interpreter_port=taken,
    )

    told = "\n".join(found.faults)
    for part in (
        f"is of version 1.9.0, and {LIVEKIT_VERSION} is needed; make run installs it",
        f"no index.html in {tmp_path / 'nothing'}; in a checkout make run builds it",
        "tls_certificate is set and tls_key is not",
        f"{tmp_path / 'file'} is no folder; let the user who starts dragoman write there",
        f"port {taken} of 127.0.0.1 is taken by another program",
        "api_port in dragoman.toml",
        "change api_port or interpreter_port",
    ):
        assert part in told
    assert len(found.faults) == 6


def test_a_media_server_that_is_not_there_is_missed(everything: dict[str, object], tmp_path: Path) -> None:
    found = diagnosis(everything, livekit_server=tmp_path / "none")

    assert found.faults == (
        f"livekit_server in the settings: {tmp_path / 'none'} is no livekit-server; "
        "make run installs it, in a checkout, or scripts/install_livekit.sh alone",
    )


def test_every_taken_port_is_named_with_its_setting(everything: dict[str, object], taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as second:
        other = second.getsockname()[1]

        found = diagnosis(everything, speech_to_text_port=taken, livekit_tcp_port=other)

    assert [f"port {taken} of" in found.faults[0], "speech_to_text_port" in found.faults[0]] == [True, True]
    assert [f"port {other} of" in found.faults[1], "livekit_tcp_port" in found.faults[1]] == [True, True]
    assert len(found.faults) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the hostile tests ask without that right")
def test_a_data_folder_that_this_user_may_not_write_is_named(everything: dict[str, object], tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    found = diagnosis(everything, data_dir=closed / "data")

    assert len(found.faults) == 1
    assert f"this user may not write into {closed}" in found.faults[0]
    assert "DRAGOMAN_DATA_DIR" in found.faults[0]


def test_without_a_network_calls_have_no_sound_and_nobody_comes_in(
    everything: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "local_addresses", lambda: ())

    alone, lan = diagnosis(everything), diagnosis(everything, lan=True)

    assert [fault.partition(" has")[0] for fault in alone.faults] == ["no network interface but loopback"]
    assert "start without --lan for calls on this machine" in lan.faults[1]


class _Live(BaseHTTPRequestHandler):
    """Answers as our API does."""

    def do_GET(self) -> None:
        body = b'{"live":true}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


def test_the_ports_of_a_dragoman_that_runs_are_not_missing(everything: dict[str, object]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Live) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        found = diagnosis(everything, api_port=server.server_address[1])

        server.shutdown()
    assert found == CallDiagnosis(faults=(), runs_already=True)
