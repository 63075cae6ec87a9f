"""Firefox as Debian has it, driven by WebDriver BiDi, which it speaks itself. Beside chromium.py, for a smoke test.

Playwright drives only a Firefox of its own. What is needed here is little: open an address, run a script, wait.
Source: https://www.w3.org/TR/webdriver-bidi/.
"""

import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from dragoman.testing.free_ports import free_ports

PROGRAM = "/usr/bin/firefox-esr"
START_S = 60.0
ANSWER_S = 30.0
WAIT_S = 30.0
Answer = dict[str, Any]
"""What JSON holds; nothing of it leaves this file."""
PREFERENCES = {
    "media.navigator.streams.fake": "true",
    "media.navigator.permission.disabled": "true",
    "media.autoplay.default": "0",
    "media.autoplay.blocking_policy": "0",
    "media.cubeb.force_mock_context": "true",
    "intl.accept_languages": '"en-US"',
    "app.update.enabled": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
}
"""Fake devices, used without asking, one to sound on too, without which no AudioContext runs; and a test browser asks
nobody for anything."""
METER = """
const loud = new Set();
window.loudTracks = () => loud.size;
const createSource = AudioContext.prototype.createMediaStreamSource;
const tracks = new WeakMap();
AudioContext.prototype.createMediaStreamSource = function (stream) {
  const node = createSource.call(this, stream);
  tracks.set(node, stream.getAudioTracks()[0].id);
  return node;
};
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...ports) {
  const track = tracks.get(this);
  if (track !== undefined && to instanceof AudioDestinationNode) {
    const analyser = this.context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    connect.call(this, analyser);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample) > 0.01)) loud.add(track);
    }, 30);
  } else if (track !== undefined && to instanceof AudioNode) tracks.set(to, track);
  return connect.call(this, to, ...ports);
};
"""
"""A script for ``prepare``: ``loudTracks()`` is how many tracks have sounded where sound leaves the page. Firefox has
nothing that the ears of mouth_and_ears.js could record with."""


class Firefox:
    """One window. Raises ``AssertionError`` where the page, or Firefox, does not do what is asked."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)
        self.errors: list[str] = []
        """What was written to the console as an error, and what no script caught."""
        self._ask("session.new", {"capabilities": {}})
        self._ask("session.subscribe", {"events": ["log.entryAdded"]})
        tree = self._ask("browsingContext.getTree", {})
        self._window = tree["contexts"][0]["context"]

    def prepare(self, script: str) -> None:
        """Run a script in every page before its own."""
        self._ask("script.addPreloadScript", {"functionDeclaration": f"() => {{ {script} }}"})

    def open(self, address: str) -> None:
        self._ask("browsingContext.navigate", {"context": self._window, "url": address, "wait": "complete"})

    def run(self, script: str) -> object:
        """Give the value of an expression in the page: text, number, true or false, or nothing."""
        answer = self._ask(
            "script.evaluate",
            {"expression": script, "target": {"context": self._window}, "awaitPromise": True, "userActivation": True},
        )
        assert answer["type"] == "success", answer
        value: object = answer["result"].get("value")
        return value

    def wait_for(self, script: str) -> object:
        """Wait until an expression is true, and give it."""
        until_s = time.monotonic() + WAIT_S
        while not (value := self.run(script)):
            assert time.monotonic() < until_s, f"{script} in: {self.run('document.body.innerText')}"
            time.sleep(0.1)
        return value

    def press(self, button: str) -> None:
        """Press a button by its name."""
        name = json.dumps(button)
        found = (
            f"[...document.querySelectorAll('button')].find(b => (b.ariaLabel ?? b.innerText).trim() === {name}"
            " && !b.disabled)"
        )
        self.wait_for(f"!!{found}")
        self.run(f"{found}.click()")

    def switch_on(self, what: str) -> None:
        """Turn the page's only switch on, which is called ``what``."""
        self.wait_for_text(what)
        self.run("document.querySelector('input[role=switch]').click()")
        self.wait_for("document.querySelector('input[role=switch]').checked")

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by its label and how the option begins."""
        named = f"[...document.querySelectorAll('label, span')].find(l => l.innerText === {json.dumps(label)})"
        self.wait_for(f"!!{named}")
        self.run(f"{named}.parentElement.querySelector('button').click()")
        wanted = "[...document.querySelectorAll('[role=option]')]"
        wanted += f".find(o => o.innerText.startsWith({json.dumps(option)}))"
        self.wait_for(f"!!{wanted}")
        self.run(f"{wanted}.click()")
        self.wait_for("!document.querySelector('[role=option]')")

    def type(self, label: str, words: str) -> None:
        """Write into a field by its label."""
        field = f"[...document.querySelectorAll('label')].find(l => l.innerText === {json.dumps(label)})?.control"
        self.wait_for(f"!!{field}")
        self.run(f"{field}.focus()")
        keys = [{"type": kind, "value": letter} for letter in words for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        self._ask("input.performActions", {"context": self._window, "actions": actions})

    def wait_for_text(self, words: str) -> None:
        self.wait_for(f"document.body.innerText.includes({json.dumps(words)})")

    def _ask(self, method: str, parameters: Mapping[str, object]) -> Answer:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=ANSWER_S))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(str(message["params"]["text"]))
            if message.get("id") == number:
                assert message["type"] == "success", message
                answer: Answer = message["result"]
                return answer


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Run it without a window, with a profile in ``folder``."""
    (folder / "user.js").write_text("".join(f'user_pref("{name}", {value});\n' for name, value in PREFERENCES.items()))
    (port,) = free_ports(1)
    command = [PROGRAM, "--headless", "--no-remote", "--profile", str(folder), f"--remote-debugging-port={port}"]
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen([*command, "about:blank"], stdout=log, stderr=log, process_group=0)
    try:
        with _connected(port, process) as socket:
            yield Firefox(socket)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_S)


def _connected(port: int, process: subprocess.Popen[bytes]) -> ClientConnection:
    until_s = time.monotonic() + START_S
    while True:
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None)
        except (OSError, InvalidHandshake):
            assert process.poll() is None, "Firefox has ended"
            assert time.monotonic() < until_s, "Firefox does not answer"
            time.sleep(0.1)
