"""``dragoman up`` where something is missing, taken or wrong: one sentence says what to do, and nothing is started."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.certificates import make_pair
from tests.hostile.command import CommandLine, without_rights
from tests.lan import SERVER, lan, machine
from tests.livekit_server import INSTALLED

from dragoman.testing.free_ports import free_ports

NAMES = (
    "api",
    "speech_to_text",
    "translation",
    "text_to_speech",
    "interpreter",
    "livekit",
    "livekit_tcp",
    "livekit_udp",
)


@pytest.fixture
def ports() -> dict[str, int]:
    return dict(zip([*NAMES, "https"], free_ports(len(NAMES) + 1), strict=True))


@pytest.fixture
def variables(ports: dict[str, int], tmp_path: Path) -> dict[str, str]:
    """Give settings with which everything would start: free ports, a page, the media server of this checkout."""
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>Dragoman</title>")
    return {
        **{f"DRAGOMAN_{name.upper()}_PORT": str(port) for name, port in ports.items()},
        "DRAGOMAN_PAGE_DIR": str(page),
        "DRAGOMAN_LIVEKIT_SERVER": str(INSTALLED),
    }


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.mark.parametrize("name", [name for name in NAMES if name != "livekit_udp"])
def test_a_taken_port_is_named_with_the_setting_that_changes_it(
    command: CommandLine, variables: dict[str, str], taken: socket.socket, name: str
) -> None:
    port = taken.getsockname()[1]

    ended = command.run("up", env={**variables, f"DRAGOMAN_{name.upper()}_PORT": str(port)})

    command.expect_refused(ended, f"port {port} of 127.0.0.1 is taken", f"{name}_port in dragoman.toml")
    assert "is ready" not in ended.stderr


def test_a_taken_port_for_datagrams_is_named_too(command: CommandLine, variables: dict[str, str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        ended = command.run("up", env={**variables, "DRAGOMAN_LIVEKIT_UDP_PORT": str(port)})

    command.expect_refused(ended, f"port {port} of 127.0.0.1 is taken", "livekit_udp_port")


def test_a_taken_port_for_https_is_named_too(
    command: CommandLine, variables: dict[str, str], ports: dict[str, int]
) -> None:
    with lan() as network, listening_there(network.server, SERVER, ports["https"]):
        ended = command.run("up", "--lan", env=variables, before=network.server)

    command.expect_refused(ended, f"port {ports['https']} of {SERVER} is taken", "https_port in dragoman.toml")
    assert "is ready" not in ended.stderr


@contextmanager
def listening_there(there: Sequence[str], address: str, port: int) -> Iterator[None]:
    """Let a program of another network have a port."""
    program = (
        f"import socket, sys; s = socket.create_server(({address!r}, {port})); print(flush=True); sys.stdin.read()"
    )
    started = subprocess.Popen(
        [*there, sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with started as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "\n"
        yield


def test_two_services_of_one_port_are_told_apart(
    command: CommandLine, variables: dict[str, str], ports: dict[str, int]
) -> None:
    ended = command.run("up", env={**variables, "DRAGOMAN_INTERPRETER_PORT": str(ports["api"])})

    command.expect_refused(ended, "api and interpreter both have port", "change api_port or interpreter_port")


def test_a_media_server_that_is_not_there_is_missed(command: CommandLine, variables: dict[str, str]) -> None:
    ended = command.run("up", env={**variables, "DRAGOMAN_LIVEKIT_SERVER": str(command.folder / "nothing")})

    command.expect_refused(ended, "nothing is no livekit-server", "make run installs it")


def test_a_media_server_of_another_version_is_not_used(command: CommandLine, variables: dict[str, str]) -> None:
    other = command.folder / "livekit-server"
    other.write_text("#!/bin/sh\necho livekit-server version 1.9.0\n")
    other.chmod(0o755)

    ended = command.run("up", env={**variables, "DRAGOMAN_LIVEKIT_SERVER": str(other)})

    command.expect_refused(ended, f"{other} is of version 1.9.0, and 1.13.5 is needed", "make run installs it")


def test_a_page_that_is_not_built_is_missed(command: CommandLine, variables: dict[str, str]) -> None:
    empty = command.folder / "empty"
    empty.mkdir()

    ended = command.run("up", env={**variables, "DRAGOMAN_PAGE_DIR": str(empty)})

    command.expect_refused(ended, f"no index.html in {empty}", "make run builds it", "page_dir")


def test_the_doctor_tells_what_a_call_lacks_all_at_once(command: CommandLine, variables: dict[str, str]) -> None:
    empty = command.folder / "empty"
    empty.mkdir(mode=0o500)
    lacking = {"DRAGOMAN_PAGE_DIR": str(empty), "DRAGOMAN_DATA_DIR": str(empty / "data")}

    ended = command.run("doctor", env={**variables, **lacking}, before=without_rights())

    assert ended.status == 1
    assert f"for calls: the page is not built: there is no index.html in {empty}" in ended.stdout
    assert f"this user may not write into {empty}" in ended.stdout
    assert ended.stdout.count("for calls: ") == 2 + ended.stdout.count("no network interface")


def test_without_a_network_nobody_can_come_in(command: CommandLine, variables: dict[str, str]) -> None:
    with machine() as alone:
        ended = command.run("up", "--lan", env=variables, before=alone)

    command.expect_refused(ended, "no address in a private network", "start without --lan")


@pytest.mark.parametrize("name", ["tls_certificate", "tls_key"])
def test_one_file_of_a_pair_is_not_enough(command: CommandLine, variables: dict[str, str], name: str) -> None:
    pair = make_pair(command.folder)
    path = pair.certificate if name == "tls_certificate" else pair.key

    ended = command.run("up", env={**variables, f"DRAGOMAN_{name.upper()}": str(path)})

    command.expect_refused(ended, f"{name} is set and", "https takes both")


def test_a_certificate_that_has_expired_is_refused(command: CommandLine, variables: dict[str, str]) -> None:
    pair = make_pair(command.folder, valid_from_days=-90, valid_days=60)

    ended = command.run("up", env={**variables, **pair.variables()})

    command.expect_refused(ended, "has expired on", "renew it")


def test_a_certificate_of_tomorrow_is_refused(command: CommandLine, variables: dict[str, str]) -> None:
    pair = make_pair(command.folder, valid_from_days=1)

    ended = command.run("up", env={**variables, **pair.variables()})

    command.expect_refused(ended, "is valid from", "is the clock of this machine right?")


def test_a_key_of_another_certificate_is_refused(command: CommandLine, variables: dict[str, str]) -> None:
    pair, other = make_pair(command.folder), make_pair(command.folder, name="other")

    ended = command.run("up", env={**variables, **pair.variables(), "DRAGOMAN_TLS_KEY": str(other.key)})

    command.expect_refused(ended, "is not the key of the certificate")


def test_a_key_with_a_passphrase_is_refused(command: CommandLine, variables: dict[str, str]) -> None:
    pair = make_pair(command.folder, passphrase="-".join(["open", "sesame"]))

    ended = command.run("up", env={**variables, **pair.variables()})

    command.expect_refused(ended, "is locked by a passphrase", "openssl pkey")


@pytest.mark.parametrize("name", ["tls_certificate", "tls_key"])
@pytest.mark.parametrize(
    ("content", "says"), [(None, "there is no file"), (b"", "in PEM"), (b"\x30\x82\x00", "in PEM")]
)
def test_files_that_hold_something_else_are_refused(
    command: CommandLine, variables: dict[str, str], name: str, content: bytes | None, says: str
) -> None:
    wrong = command.folder / "wrong.pem"
    if content is not None:
        wrong.write_bytes(content)
    pair = make_pair(command.folder)

    ended = command.run("up", env={**variables, **pair.variables(), f"DRAGOMAN_{name.upper()}": str(wrong)})

    command.expect_refused(ended, f"{name}: ", str(wrong), says)


def test_a_key_that_may_not_be_read_is_refused(command: CommandLine, variables: dict[str, str]) -> None:
    pair = make_pair(command.folder)
    pair.key.chmod(0o000)

    ended = command.run("up", env={**variables, **pair.variables()}, before=without_rights())

    command.expect_refused(ended, "tls_key: ", "cannot be read by the user who starts dragoman: Permission denied")


def test_a_data_folder_that_cannot_be_written_is_named(command: CommandLine, variables: dict[str, str]) -> None:
    occupied = command.folder / "file"
    occupied.write_text("")

    with lan() as network:
        ended = command.run("up", "--lan", env={**variables, "DRAGOMAN_DATA_DIR": str(occupied)}, before=network.server)

    command.expect_refused(ended, "the certificate for https cannot be written", "DRAGOMAN_DATA_DIR")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_ADDRESS", "http://calls.example.org"),
        ("PUBLIC_ADDRESS", "https://calls.example.org/below"),
        ("HOST_PASSWORD", "short"),
        ("HTTPS_PORT", "0"),
        ("MEDIA_ADDRESS", "everywhere"),
    ],
)
def test_settings_of_the_front_are_checked(
    command: CommandLine, variables: dict[str, str], name: str, value: str
) -> None:
    ended = command.run("up", env={**variables, f"DRAGOMAN_{name}": value})

    command.expect_refused(ended, f"DRAGOMAN_{name}")


def test_a_host_password_that_is_too_short_is_not_repeated(command: CommandLine, variables: dict[str, str]) -> None:
    ended = command.run("up", env={**variables, "DRAGOMAN_HOST_PASSWORD": "secret1"})

    assert "secret1" not in ended.stderr
