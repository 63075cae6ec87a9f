"""``dragoman up`` for other machines, in a network of two: somebody on the other one starts a call, reads and hears."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.certificates import HOST, Pair, make_pair
from tests.lan import SERVER, Lan, lan

READY_WITHIN_S = 120.0
GUEST_WITHIN_S = 180.0
ADDRESS = f"https://{SERVER}:8443"
INNER_PORTS = (7880, 8000, 8002, 8003, 8004, 8005)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status 0 is nobody's."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running ``dragoman up``."""

    network: Lan
    trusted: Path
    """The certificate that people there have accepted."""
    said: str

    @property
    def password(self) -> str:
        found = re.search(r"host password +(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def run(self, there: Sequence[str], *arguments: str) -> str:
        """Run a module of the tests on one of the machines. Gives what it wrote."""
        done = subprocess.run(
            [*there, sys.executable, "-m", *arguments],
            env={**os.environ, "SSL_CERT_FILE": str(self.trusted)},
            capture_output=True,
            text=True,
            timeout=GUEST_WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, there: Sequence[str], at: str, port: int, host: str, *, tls: bool, path: str = "/") -> Answer:
        question = {"at": [at, port], "host": host, "tls": tls, "path": path}
        (told,) = json.loads(self.run(there, "tests.lan_ask", json.dumps([question])))
        return Answer(status=told["status"], headers=told["headers"], body=told["body"])


@contextmanager
def running(folder: Path, *arguments: str, trusted: Path, variables: Mapping[str, str]) -> Iterator[House]:
    """Run ``dragoman up`` on the first machine, with its usual ports: nobody else has them there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "XDG_"))}
    own = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("DATA", "CACHE", "CONFIG")}
    log_file = folder / "up.log"
    with lan() as network, log_file.open("wb") as log:
        process = subprocess.Popen(
            [*network.server, sys.executable, "-m", "dragoman", "up", *arguments],
            env={**kept, **own, **variables},
            stdout=log,
            stderr=log,
            process_group=0,
        )
        try:
            until_s = time.monotonic() + READY_WITHIN_S
            while "to end it" not in log_file.read_text(errors="replace"):
                assert process.poll() is None, log_file.read_text(errors="replace")
                assert time.monotonic() < until_s, log_file.read_text(errors="replace")
                time.sleep(0.05)
            yield House(network=network, trusted=trusted, said=log_file.read_text(errors="replace"))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    made = folder / "data" / "dragoman" / "certificate" / "dragoman.pem"
    with running(folder, "--lan", trusted=made, variables={}) as running_house:
        yield running_house


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run with a certificate of one's own, and a tunnel in front."""
    folder = tmp_path_factory.mktemp("own-house")
    pair: Pair = make_pair(folder)
    variables = {**pair.variables(), "DRAGOMAN_PUBLIC_ADDRESS": "https://tunnel.example.net"}
    with running(folder, trusted=pair.certificate, variables=variables) as running_house:
        yield running_house


def test_somebody_on_another_machine_starts_a_call_reads_captions_and_hears_the_dub(house: House) -> None:
    told = json.loads(house.run(house.network.guest, "tests.lan_guest", ADDRESS, house.password))

    assert ADDRESS in house.said
    assert (told["home"], told["password"], told["uninvited"], told["practice"]) == (200, True, 403, 202)
    assert told["link"].startswith(f"{ADDRESS}/r/")
    assert told["captions"]
    assert len([name for name, loudest in told["loudest"].items() if loudest > 0.01]) >= 2, told["loudest"]


def test_everything_else_stays_on_the_machine_itself(house: House) -> None:
    from_there = [house.ask(house.network.guest, SERVER, port, f"127.0.0.1:{port}", tls=False) for port in INNER_PORTS]
    at_home = [house.ask(house.network.server, "127.0.0.1", 8000, "localhost:8000", tls=False)]

    assert [answer.status for answer in from_there] == [0] * len(INNER_PORTS)
    assert [answer.status for answer in at_home] == [200]


def test_the_other_machines_are_answered_under_the_printed_names_alone(house: House) -> None:
    guest = house.network.guest
    health = house.ask(guest, SERVER, 8443, f"{SERVER}:8443", tls=True, path="/health/ready")
    stranger = house.ask(guest, SERVER, 8443, "localhost:8443", tls=True)

    assert health.status == 200
    assert stranger.status == 403


def test_an_own_certificate_and_a_tunnel_are_served_by_their_names(own_house: House) -> None:
    path = "/api/v1/capabilities"
    guest, server = own_house.network.guest, own_house.network.server

    by_name = own_house.ask(guest, SERVER, 8443, f"{HOST}:8443", tls=True, path=path)
    by_tunnel = own_house.ask(server, "127.0.0.1", 8000, "tunnel.example.net", tls=False, path=path)
    at_home = own_house.ask(server, "127.0.0.1", 8000, "127.0.0.1:8000", tls=False, path=path)
    by_another_name = own_house.ask(server, "127.0.0.1", 8000, "other.example.net", tls=False, path=path)

    assert [it.status for it in (by_name, by_tunnel, at_home, by_another_name)] == [200, 200, 200, 403]
    assert [it.body["host_password"] for it in (by_name, by_tunnel, at_home)] == [True, True, False]
    assert "strict-transport-security" in by_name.headers
    assert "https://tunnel.example.net" in own_house.said
    assert "fingerprint" not in own_house.said
