"""Passwords: which are good enough, and their hashes. To sign_in.py and sign_up.py.

Argon2id (RFC 9106) takes 64 MiB and a good part of a second of a core each time: two at once, a few more in line, and
whoever comes then is sent away.
"""

import asyncio
import base64
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from dragoman.accounts.errors import PasswordRefused
from dragoman.ground.errors import TooManyRequests
from dragoman.ground.facts import Facts, Rated, Reason, Scope

MIN_CHARS, MAX_CHARS = 10, 200
AT_ONCE = 2
MOST_WAITING = 8
"""They are through in about three seconds."""
_BUSY_S = 5
_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
Result = TypeVar("Result")


def check_new_password(password: str, *, email: str, name: str) -> None:
    """Raise ``PasswordRefused`` for a password that is too short, too long, or among the first that anybody tries."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise PasswordRefused(
            f"a password has {MIN_CHARS} to {MAX_CHARS} characters; a few words in a row are good",
            facts=Facts(reason=Reason.PASSWORD_LENGTH, least=MIN_CHARS, allowed=MAX_CHARS),
        )
    plain = password.casefold().strip()
    if plain in (email.casefold(), email.casefold().partition("@")[0]):
        raise PasswordRefused(
            "the password is the e-mail address; choose one that nobody can look up",
            facts=Facts(reason=Reason.PASSWORD_IS_EMAIL),
        )
    if plain == name.casefold().strip():
        raise PasswordRefused(
            "the password is the name; choose one that nobody can look up", facts=Facts(reason=Reason.PASSWORD_IS_NAME)
        )
    if _is_common(plain):
        raise PasswordRefused(
            "this password is among the first that anybody tries; a few words in a row are good",
            facts=Facts(reason=Reason.PASSWORD_COMMON),
        )


class Passwords:
    """Makes and checks hashes, off the event loop."""

    def __init__(self, *, memory_kib: int = 65_536, rounds: int = 3, lanes: int = 4) -> None:
        hasher = Argon2Hasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes)
        self._hashes = PasswordHash((hasher,))
        self._nobodys = f"$argon2id$v=19$m={memory_kib},t={rounds},p={lanes}${_random(16)}${_random(32)}"
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)

    async def hash(self, password: str) -> str:
        """Raises ``TooManyRequests``."""
        self._take_place()
        return await self._wait(self._threads.submit(self._hashes.hash, password))

    async def check(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Say whether it is the password, and give its new hash where the old one is weaker than those of today.

        None is the hash of nobody's password: to find that out takes as long. Raises ``TooManyRequests``.
        """
        self._take_place()
        matches, better = await self._wait(
            self._threads.submit(self._hashes.verify_and_update, password, hashed or self._nobodys)
        )
        return matches and hashed is not None, better

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _take_place(self) -> None:
        if not self._places.acquire(blocking=False):
            raise TooManyRequests(
                "many people sign in right now; try again in a moment",
                retry_after_s=_BUSY_S,
                facts=Facts(limit=Rated.SIGN_IN, scope=Scope.SERVER),
            )

    async def _wait(self, work: "Future[Result]") -> Result:
        # The place is free when the thread is done, not when whoever asked has gone.
        work.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(work)


def _random(size: int) -> str:
    """Give so many bytes as they stand in a hash."""
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def _is_common(plain: str) -> bool:
    """Say whether it is on the list, as it is or with digits and signs around it, or little but one thing repeated."""
    word = plain.strip("0123456789!?.*#@$-_ ")
    repeats = any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 4))
    return plain in _COMMON or word in _COMMON or repeats or plain in "01234567890123456789" or plain in _KEYS


_KEYS = "qwertyuiopasdfghjklzxcvbnm qwertzuiopasdfghjklyxcvbnm azertyuiopqsdfghjklmwxcvbn abcdefghijklmnopqrstuvwxyz"
