"""Open one model in a process of its own, so that a model that ends its process ends nobody else's.

``python -m dragoman.services.model_commands.trial ENGINE ID`` writes one JSON object, which probing.py reads.
"""

import asyncio
import json
import resource
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass

from dragoman.engines.registry import REGISTRY, open_engine
from dragoman.ground.engines import EngineChoice, EngineKind
from dragoman.ground.errors import DragomanError
from dragoman.models.table import WATERMARKS
from dragoman.services.assembly import open_store
from dragoman.settings import Settings, read_settings

LONGEST_S = 120.0
_LAST_WORDS_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of opening a model."""

    opened: bool
    load_s: float = 0.0
    """Seconds until the first call would have been quick."""
    peak_mb: float = 0.0
    """Most resident memory of the process meanwhile."""
    problem: str = ""


def kind_of(engine: str) -> EngineKind | None:
    """Say what an engine does; None for one that this version lacks. What marks speech belongs to the voices."""
    if engine in WATERMARKS:
        return EngineKind.TEXT_TO_SPEECH
    return next((kind for kind, entries in REGISTRY.items() if engine in entries), None)


def try_model(engine: str, model_id: str, *, within_s: float = LONGEST_S) -> Trial:
    """Open ``model_id`` in a process of its own, with the settings of this one."""
    return asyncio.run(try_model_now(engine, model_id, within_s=within_s))


async def try_model_now(engine: str, model_id: str, *, within_s: float = LONGEST_S) -> Trial:
    """See ``try_model``."""
    command = (sys.executable, "-m", "dragoman.services.model_commands.trial", engine, model_id)
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(within_s):
            stdout, stderr = await process.communicate()
    except TimeoutError:
        return Trial(opened=False, problem=f"it was not loaded within {within_s:.0f} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read_trial(stdout, status=process.returncode or 0, last_words=stderr)


def read_trial(stdout: bytes, *, status: int, last_words: bytes) -> Trial:
    """Read what the process wrote; one that ended without a word did not survive the model."""
    try:
        told = json.loads(stdout)
        return Trial(
            opened=bool(told["opened"]),
            load_s=float(told["load_s"]),
            peak_mb=float(told["peak_mb"]),
            problem=str(told["problem"]),
        )
    except (ValueError, KeyError, TypeError):
        words = " ".join(last_words.decode(errors="replace").split())[-_LAST_WORDS_CHARS:]
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return Trial(opened=False, problem=f"loading it ended the process ({how}){f': {words}' if words else ''}")


def _open(kind: EngineKind, choice: EngineChoice, settings: Settings) -> None:
    """Open the model and have it work once. Raises ``EngineUnavailable`` or a ``ModelError``."""
    store = open_store(settings)
    if choice.name in WATERMARKS:
        # Brings onnxruntime, which whoever only asks ``kind_of`` does without. It tries its graphs itself.
        from dragoman.engines.watermark.audioseal import open_audioseal

        open_audioseal(store.find(choice.model), threads=settings.threads_per_model)
        return
    opened = open_engine(kind, choice, find_model=store.find, threads=settings.threads_per_model)
    opened.warm_up()
    opened.close()


def main() -> None:
    """Open the model that the arguments name, and tell of it."""
    engine, model_id = sys.argv[1:]
    started_s, problem = time.monotonic(), ""
    kind = kind_of(engine)
    try:
        if kind is not None:
            _open(kind, EngineChoice(name=engine, model=model_id), read_settings())
    except DragomanError as error:
        problem = str(error)
    told = {
        "opened": kind is not None and not problem,
        "load_s": time.monotonic() - started_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "problem": problem,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
