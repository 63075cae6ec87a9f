"""The recognisers that are compared, and how a talk is put through one of them. to ``recognition_peers.py``.

Each runs in a process of its own with one thread for the model, after loading it and hearing a second of silence.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.heard_words import HeardTalk

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parent.parent / ".cache" / "peers"
"""Where ``set_up.sh`` puts the peers."""
BEYOND_TALK_S = 360.0


class PeerFailed(Exception):
    """A recogniser ended with an error; the message holds what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One recogniser with its options."""

    name: str
    script: str
    options: tuple[str, ...] = ()
    peer: bool = True

    def hear(self, wav: Path, *, language: str, model: Path, seconds: float) -> HeardTalk:
        """Put a talk of ``seconds`` through it, in real time. Raises ``PeerFailed``."""
        python = INSTALLED / "venv" / "bin" / "python" if self.peer else Path(sys.executable)
        command = [python, HERE / self.script, wav, "--language", language, "--model", model, *self.options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            list(map(str, command)),
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds + BEYOND_TALK_S,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"words"')]
        if done.returncode != 0 or not lines:
            raise PeerFailed(f"{self.name}: {(done.stderr or done.stdout)[-2000:]}")
        return HeardTalk.read(lines[-1])


DRAGOMAN = Arm(name="Dragoman", script="hear_with_dragoman.py", peer=False)
DRAGOMAN_FULL = Arm(
    name="Dragoman, 30-s windows", script="hear_with_dragoman.py", options=("--window", "full"), peer=False
)
WHISPERLIVEKIT = Arm(name="WhisperLiveKit", script="hear_with_whisperlivekit.py")
WHISPERLIVEKIT_SHORT = Arm(
    name="WhisperLiveKit, short windows", script="hear_with_whisperlivekit.py", options=("--window", "short")
)
_CHECKOUT = ("--checkout", str(INSTALLED / "whisper_streaming"))
WHISPER_STREAMING = Arm(
    name="whisper_streaming", script="hear_with_whisper_streaming.py", options=(*_CHECKOUT, "--chunk", "0.3")
)
WHISPER_STREAMING_SHORT = Arm(
    name="whisper_streaming, short windows",
    script="hear_with_whisper_streaming.py",
    options=(*_CHECKOUT, "--chunk", "0.3", "--window", "short"),
)
ARMS = (DRAGOMAN, WHISPERLIVEKIT, WHISPER_STREAMING)
CROSS_ARMS = (DRAGOMAN_FULL, WHISPERLIVEKIT_SHORT, WHISPER_STREAMING_SHORT)
