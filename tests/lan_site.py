"""A running ``dragoman up`` in a network of two machines (lan.py), for those who come to it from the other one."""

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

from tests.lan import SERVER, Lan, lan

READY_WITHIN_S = 120.0
GUEST_WITHIN_S = 180.0
ADDRESS = f"https://{SERVER}:8443"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status 0 is nobody's."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanSite:
    """A running ``dragoman up``."""

    network: Lan
    trusted: Path
    """The certificate that people there have accepted."""
    said: str
    folder: Path
    """Of all that it writes."""

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
def running_lan_site(folder: Path, *arguments: str, trusted: Path, variables: Mapping[str, str]) -> Iterator[LanSite]:
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
            said = log_file.read_text(errors="replace")
            yield LanSite(network=network, trusted=trusted, said=said, folder=folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
