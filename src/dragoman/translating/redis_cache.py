"""Share translations between processes and machines by Redis or Valkey. A ``SharedCache`` of ``remembering.py``.

Off unless a setting names the server. A translation never waits longer than ``ANSWERS_WITHIN_S`` for it, and not at all
while it fails (``engines/breaker.py``). What people said is not readable there: keys are keyed hashes, values are
encrypted (Fernet: AES-128-CBC and HMAC-SHA256), both with what is derived from the services' token, and all of it ends.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

import structlog
from cryptography.fernet import Fernet, InvalidToken

from dragoman.engines.breaker import Breaker
from dragoman.ground.engines import Translation
from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.virtual_time import hold_virtual_time
from dragoman.translating.cache import CacheKey

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger()

ANSWERS_WITHIN_S: Final = 0.05
MOST_WRITES: Final = 64
"""Translations on their way to the store; beyond it they are not kept there."""
NAMESPACE: Final = "dragoman:translation:1:"
"""In front of every key. The number changes with what a value holds."""
MOST_BYTES: Final = 64 << 10
"""Of one value; a longer one is not ours."""


class RedisCache:
    """Over one server. Made by ``open_redis_cache``, which closes it."""

    name = "redis"

    def __init__(self, client: "Redis", *, secret: bytes, keep_s: float) -> None:
        """``secret`` is the same in all processes that share translations; each is kept ``keep_s`` seconds."""
        self._client = client
        self._keep_ms = max(1, round(keep_s * 1000))
        self._key_secret = _derive(secret, "keys")
        self._cipher = Fernet(base64.urlsafe_b64encode(_derive(secret, "values")))
        self._breaker = Breaker()
        self._writes = 0
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="redis")

    async def find(self, keys: Collection[CacheKey]) -> dict[CacheKey, Translation] | None:
        """See ``SharedCache.find``."""
        if not self._breaker.may_try(at_s=time.monotonic()):
            return None
        names = [self._name(key) for key in keys]
        try:
            with hold_virtual_time():
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    values = await asyncio.wrap_future(self._threads.submit(self._get, names))
        except TimeoutError:
            self._failed("no answer in time")
            return None
        return None if values is None else self._read(keys, values)

    def keep(self, key: CacheKey, translation: Translation) -> None:
        """See ``SharedCache.keep``. What cannot be sent soon is not kept."""
        if self._writes >= MOST_WRITES or self._breaker.is_open:
            return
        value = json.dumps({"text": translation.text, "model_used": translation.model_used}).encode()
        sealed = self._cipher.encrypt(value)
        if len(sealed) > MOST_BYTES:
            return
        self._writes += 1
        self._threads.submit(self._put, self._name(key), sealed).add_done_callback(self._written)

    def close(self) -> None:
        """Wait for what is being sent, which takes little, and drop the rest."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def _get(self, names: list[str]) -> list[bytes | None] | None:
        """Ask the server, in a thread; None if it failed."""
        from redis.exceptions import RedisError

        try:
            values = cast("list[bytes | None]", self._client.mget(names))
        except (RedisError, OSError) as error:
            self._failed(type(error).__name__)
            return None
        self._breaker.worked()
        return values

    def _put(self, name: str, sealed: bytes) -> None:
        from redis.exceptions import RedisError

        try:
            self._client.set(name, sealed, px=self._keep_ms)
        except (RedisError, OSError) as error:
            self._failed(type(error).__name__)

    def _written(self, _: Future[None]) -> None:
        self._writes -= 1

    def _read(self, keys: Collection[CacheKey], values: list[bytes | None]) -> dict[CacheKey, Translation]:
        """Open what came; what was not sealed by us is as good as not there."""
        found = {}
        for key, sealed in zip(keys, values, strict=False):
            if sealed is None or len(sealed) > MOST_BYTES:
                continue
            try:
                value = json.loads(self._cipher.decrypt(sealed))
                found[key] = Translation(text=str(value["text"]), model_used=str(value["model_used"]))
            except (InvalidToken, ValueError, KeyError, TypeError):
                log.warning("shared_translation_unreadable")
        return found

    def _failed(self, why: str) -> None:
        was_open = self._breaker.is_open
        self._breaker.failed(at_s=time.monotonic())
        if self._breaker.is_open and not was_open:
            log.warning("shared_translations_away", why=why)

    def _name(self, key: CacheKey) -> str:
        """Give the key's name in the store, from which nothing can be told without the secret."""
        digest = hmac.new(self._key_secret, repr(key).encode("utf-8", "backslashreplace"), hashlib.sha256)
        return NAMESPACE + digest.hexdigest()


@contextmanager
def open_redis_cache(url: str, *, secret: str, keep_s: float) -> Iterator[RedisCache]:
    """Share translations by the server at ``url`` (``redis://``, ``rediss://``, ``unix://``), which may be away.

    Raises ``SettingsInvalid`` if the address cannot be used, or the package is missing.
    """
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise SettingsInvalid(
            "redis_url (DRAGOMAN_REDIS_URL) is set, and the package redis is not here: pip install 'dragoman[redis]'"
        ) from error
    try:
        client = Redis.from_url(
            url,
            socket_timeout=ANSWERS_WITHIN_S,
            socket_connect_timeout=ANSWERS_WITHIN_S,
            retry=Retry(NoBackoff(), 0),
            max_connections=4,
        )
    except ValueError as error:
        raise SettingsInvalid(f"redis_url (DRAGOMAN_REDIS_URL) cannot be used: {error}") from error
    cache = RedisCache(client, secret=secret.encode(), keep_s=keep_s)
    try:
        yield cache
    finally:
        cache.close()


def _derive(secret: bytes, purpose: str) -> bytes:
    """Make 32 bytes of ``secret`` for one purpose. The token is random already, so one step of HMAC is enough."""
    return hmac.new(secret, f"dragoman translation cache {purpose}".encode(), hashlib.sha256).digest()
