"""A process of ``dragoman up``: ``python -m dragoman.services.child serve NAME --supervisor PID``. By processes.py.

It imports what it runs and nothing else, which halves the time and the memory of a start. The API and the interpreter
start with the services that they use, and load meanwhile; here they wait for them.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import DragomanError, EngineUnavailable
from dragoman.observe.log import set_up_log
from dragoman.services.leash import die_with
from dragoman.services.probe import READY_PATH, probe
from dragoman.settings import Settings, read_settings

USED_WITHIN_S = 110.0
"""For the services that one uses; shorter than the supervisor's patience, so that the reason is told."""
ASK_EVERY_S = 0.1
ANSWER_WITHIN_S = 1.0
LOOPBACK = "127.0.0.1"
TERMINATED = 143
"""Exit status of a program that ends on SIGTERM, as shells have it."""

Place = tuple[str, int, str]
"""Host, port and path."""


def main() -> None:
    """Run one process; our own errors become one clear sentence and exit status 1."""
    _, name, _, supervisor = sys.argv[1:]
    die_with(int(supervisor))
    # What is imported stays: looking through it for garbage again and again is a tenth of a start.
    gc.disable()
    signal.signal(signal.SIGTERM, _end)
    try:
        settings = read_settings()
        set_up_log(level=settings.log_level, as_json=settings.log_json)
        _serve(name, settings, int(supervisor))
    except DragomanError as error:
        sys.stderr.write(f"dragoman: {error}\n")
        sys.exit(1)


def _end(number: int, frame: FrameType | None) -> None:
    """End on SIGTERM by closing what is open, also before there is a server that knows how."""
    sys.exit(TERMINATED)


def _serve(name: str, settings: Settings, supervisor: int) -> None:
    if name == "api":
        from dragoman.services.serve_api import serve_api

        _collect_from_here_on()
        asyncio.run(_until_all_are_ready(_engines(settings)))
        serve_api(settings, supervisor=supervisor)
    elif name == "interpreter":
        from dragoman.services.serve_interpreter import serve_interpreter

        _collect_from_here_on()
        asyncio.run(_until_all_are_ready(_engines(settings)))
        serve_interpreter(settings, supervisor=supervisor)
    else:
        from dragoman.services.serve import ServiceRequest, serve

        _collect_from_here_on()
        serve(ServiceRequest(kind=EngineKind(name), supervisor=supervisor), settings)


def _collect_from_here_on() -> None:
    """Turn the collector on again, for what comes; what is there is not looked at any more."""
    gc.freeze()
    gc.enable()


def _engines(settings: Settings) -> dict[str, Place]:
    """Say where the engine services of this machine are, and the media server."""
    kinds = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)
    services = {kind.value: settings.service_of(kind) for kind in kinds}
    here = {name: it for name, it in services.items() if not it.url}
    return {
        "livekit-server": (LOOPBACK, settings.livekit_port, "/"),
        **{name: (settings.services_host, it.port, READY_PATH) for name, it in here.items()},
    }


async def _until_all_are_ready(places: dict[str, Place]) -> None:
    """Return once all are ready. Raises ``EngineUnavailable`` that names those who are not."""
    waiting = dict(places)
    try:
        async with asyncio.timeout(USED_WITHIN_S):
            while waiting:
                waiting = dict(await _not_ready(list(waiting.items())))
                if waiting:
                    await asyncio.sleep(ASK_EVERY_S)
    except TimeoutError as error:
        names = ", ".join(waiting)
        raise EngineUnavailable(
            f"not ready within {USED_WITHIN_S:.0f} s: {names}; what they wrote above says why"
        ) from error


async def _not_ready(places: Sequence[tuple[str, Place]]) -> list[tuple[str, Place]]:
    answers = await asyncio.gather(
        *(probe(host, port, path, within_s=ANSWER_WITHIN_S) for _, (host, port, path) in places)
    )
    return [place for place, ready in zip(places, answers, strict=True) if not ready]


if __name__ == "__main__":
    main()
