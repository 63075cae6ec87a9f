"""RedisCache: shared with those who know the secret, readable to nobody else, and never in the way."""

import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import fakeredis
import pytest

from dragoman.engines.breaker import FAILURES_TO_OPEN
from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation
from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.events import TranslationLooked
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.translating import redis_cache
from dragoman.translating.cache import CacheKey
from dragoman.translating.redis_cache import NAMESPACE, RedisCache, open_redis_cache
from dragoman.translating.remembering import Remembered
from dragoman.translating.router import TranslationRouter

EN, VI = Language("en"), Language("vi")
TOKEN = "a token of the services"  # noqa: S105
SAID, TRANSLATED = "The budget is secret.", "Ngân sách là bí mật."

T = TypeVar("T")


def key(text: str = SAID) -> CacheKey:
    return CacheKey(engine="one", source=EN, target=VI, text=text)


def answer(text: str = TRANSLATED) -> Translation:
    return Translation(text=text, model_used="one")


def run(work: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await work()

    return run_in_virtual_time(main)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> fakeredis.FakeServer:
    """Give a store within this process, which on a busy machine may take longer than a server is given."""
    monkeypatch.setattr(redis_cache, "ANSWERS_WITHIN_S", 5.0)
    return fakeredis.FakeServer()


@contextmanager
def cache_at(server: fakeredis.FakeServer, *, secret: bytes = b"token") -> Iterator[RedisCache]:
    cache = RedisCache(fakeredis.FakeRedis(server=server), secret=secret, keep_s=60.0)
    yield cache
    cache.close()


def _keep(server: fakeredis.FakeServer, *kept: tuple[CacheKey, Translation]) -> None:
    with cache_at(server) as cache:
        for one, translation in kept:
            cache.keep(one, translation)


def test_what_one_process_kept_another_finds(server: fakeredis.FakeServer) -> None:
    _keep(server, (key(), answer()))

    with cache_at(server) as other:
        found = run(lambda: other.find([key(), key("something else")]))

    assert found == {key(): answer()}


def test_nothing_that_was_said_can_be_read_in_the_store_and_all_of_it_ends(server: fakeredis.FakeServer) -> None:
    _keep(server, (key(), answer()))

    client = fakeredis.FakeRedis(server=server)
    (name,) = client.keys()
    stored = b"".join(each for each in (name, client.get(name)) if isinstance(each, bytes))
    assert stored.startswith(NAMESPACE.encode())
    assert 0 < client.pttl(name) <= 60_000
    for said in (SAID, TRANSLATED, "budget"):
        assert said.encode() not in stored


def test_who_does_not_know_the_secret_finds_nothing(server: fakeredis.FakeServer) -> None:
    _keep(server, (key(), answer()))

    with cache_at(server, secret=b"another") as stranger:
        assert run(lambda: stranger.find([key()])) == {}


def test_what_somebody_else_wrote_is_as_good_as_not_there(server: fakeredis.FakeServer) -> None:
    _keep(server, (key(), answer()))
    client = fakeredis.FakeRedis(server=server)
    (name,) = client.keys()

    for rubbish in (b"", b"rubbish", b"x" * 100_000):
        client.set(name, rubbish)
        with cache_at(server) as cache:
            assert run(partial(cache.find, [key()])) == {}


def test_a_server_that_is_away_is_soon_not_asked_any_more(server: fakeredis.FakeServer) -> None:
    server.connected = False

    with cache_at(server) as cache:
        answers = [run(lambda: cache.find([key()])) for _ in range(FAILURES_TO_OPEN)]
        server.connected = True
        answers.append(run(lambda: cache.find([key()])))

    assert answers == [None] * (FAILURES_TO_OPEN + 1)


def test_a_server_that_accepts_and_never_answers_costs_one_deadline_at_most() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with open_redis_cache(url, secret=TOKEN, keep_s=60) as cache:
            answers = [run(lambda: cache.find([key()])) for _ in range(FAILURES_TO_OPEN + 3)]

    assert answers == [None] * (FAILURES_TO_OPEN + 3)


def test_looks_are_counted_where_they_were_made_and_found_things_are_near_from_then_on(
    server: fakeredis.FakeServer,
) -> None:
    observer = RecordingObserver()
    _keep(server, (key(), answer()))

    with cache_at(server) as cache:
        remembered = Remembered(observer=observer, shared=cache)
        for _ in range(2):
            assert run(lambda: remembered.find([key()], urgency=Urgency.FINAL)) == {key(): answer()}

    looks = [(look.urgency, look.store, look.hit) for look in observer.of(TranslationLooked)]
    assert looks == [("final", "memory", False), ("final", "redis", True), ("final", "memory", True)]


def _translate_by(engine: FakeTranslator, cache: RedisCache) -> None:
    """Translate as a process does that has just been started."""
    observer = RecordingObserver()

    async def translate() -> None:
        with EnginePool(workers=1, observer=observer) as pool:
            remembered = Remembered(observer=observer, shared=cache)
            router = TranslationRouter(engines=[engine], pool=pool, observer=observer, remembered=remembered)
            await router.translate("hello there", source=EN, target=VI, deadline_s=5.0)

    run(translate)


def test_a_model_that_took_anothers_place_answers_for_itself(server: fakeredis.FakeServer) -> None:
    versions = ("aaaa", "aaaa", "bbbb")
    engines = [FakeTranslator(name="firefox:7-models", version=version) for version in versions]
    client = fakeredis.FakeRedis(server=server)

    with cache_at(server) as cache:
        for engine, kept in zip(engines, (1, 1, 2), strict=True):
            _translate_by(engine, cache)
            while len(client.keys()) < kept:  # what is kept is sent by a thread
                time.sleep(0.001)

    assert [len(engine.calls) for engine in engines] == [1, 0, 1]


def test_a_store_that_failed_is_neither_hit_nor_miss(server: fakeredis.FakeServer) -> None:
    observer = RecordingObserver()
    server.connected = False

    with cache_at(server) as cache:
        run(lambda: Remembered(observer=observer, shared=cache).find([key()], urgency=Urgency.FINAL))

    assert [look.store for look in observer.of(TranslationLooked)] == ["memory"]


def test_an_address_that_cannot_be_used_is_told() -> None:
    with pytest.raises(SettingsInvalid, match="redis_url"), open_redis_cache("redis://x:port/0", secret="", keep_s=1):
        pass
