"""Translations shared by a real Redis server, which is killed while people talk."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation
from dragoman.ground.errors import EngineCrashed, EngineError
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.free_ports import free_ports
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.translating.redis_cache import RedisCache, open_redis_cache
from dragoman.translating.remembering import Remembered
from dragoman.translating.router import TranslationRouter

EN, ES = Language("en"), Language("es")
WITHIN_S = 20.0


TOKEN = "a token of the services"  # noqa: S105
BROKEN = Fail(error=EngineCrashed("no engine here"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    program = shutil.which("redis-server")
    assert program, "redis-server is missing: apt-get install redis-server"
    (port,) = free_ports(1)
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    running = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0", running
    running.kill()
    running.wait(10)


def _translate(cache: RedisCache, engine: FakeTranslator, text: str) -> Translation:
    """Translate as a process does that has just been started."""
    observer = RecordingObserver()

    async def run() -> Translation:
        with EnginePool(workers=2, observer=observer) as pool:
            remembered = Remembered(observer=observer, shared=cache)
            router = TranslationRouter(engines=[engine], pool=pool, observer=observer, remembered=remembered)
            return await router.translate(text, source=EN, target=ES, deadline_s=WITHIN_S)

    return asyncio.run(run())


def test_what_one_process_translated_another_has_without_an_engine_and_both_go_on_without_the_server(
    server: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, running = server
    shared: Translation | None = None
    with (
        open_redis_cache(url, secret=TOKEN, keep_s=60) as one,
        open_redis_cache(url, secret=TOKEN, keep_s=60) as other,
    ):
        ends_at_s = time.monotonic() + WITHIN_S
        while shared is None and time.monotonic() < ends_at_s:
            # Again and again, because the server may still be starting, and is given 50 ms only.
            _translate(one, FakeTranslator(), "Good morning.")
            with suppress(EngineError):
                shared = _translate(other, FakeTranslator(outcomes=[BROKEN] * 100), "Good morning.")
        running.kill()
        running.wait(10)
        alone = _translate(other, FakeTranslator(), "Good night.")

    assert shared is not None
    assert (shared.text, alone.text) == ("es:Good es:morning.", "es:Good es:night.")
