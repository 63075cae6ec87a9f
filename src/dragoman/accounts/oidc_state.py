"""What a browser carries while its person is at the provider: sealed in a cookie, good once, for ten minutes. Plain.

For oidc.py. State and nonce tie the answer to this browser and this attempt (OpenID Connect Core 1.0, section 3.1.2.1),
the verifier ties the code to whoever asked for it (PKCE, RFC 7636).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from dragoman.accounts.errors import OidcRefused
from dragoman.store.database import utc_now

GOOD_FOR = timedelta(minutes=10)
MOST_SPENT = 10_000
"""Attempts remembered as finished, within the ten minutes."""
_AGAIN = "this sign-in was begun in another browser, twice, or more than ten minutes ago; begin it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way to the provider and back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    """Where the provider sends the browser, as it was told."""
    begun_at: int
    """Seconds since 1970."""
    user_id: str | None
    """Who was signed in when it began: their account may be linked."""

    @property
    def challenge(self) -> str:
        """What the provider is shown of the verifier: S256 of RFC 7636."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


class Attempts:
    """Begins attempts and takes each back once."""

    def __init__(self, key: bytes, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._key = key
        self._clock = clock
        self._spent: OrderedDict[str, None] = OrderedDict()

    def begin(self, *, redirect_uri: str, user_id: str | None) -> Attempt:
        return Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
            begun_at=int(self._clock().timestamp()),
            user_id=user_id,
        )

    def seal(self, attempt: Attempt) -> str:
        """Write the cookie."""
        content = _text(json.dumps(asdict(attempt), separators=(",", ":")).encode())
        return f"{content}.{self._proof(content)}"

    def take(self, cookie: str, state: str) -> Attempt:
        """Give the attempt that ``cookie`` holds, for the answer that came with ``state``, once.

        Raises ``OidcRefused`` for everything else.
        """
        content, _, proof = cookie.partition(".")
        if not hmac.compare_digest(proof.encode("utf-8", "replace"), self._proof(content).encode()):
            raise OidcRefused(_AGAIN)
        try:
            attempt = Attempt(**json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))))
        except (ValueError, TypeError) as error:  # sealed by another release
            raise OidcRefused(_AGAIN) from error
        age = self._clock() - datetime.fromtimestamp(attempt.begun_at, tz=self._clock().tzinfo)
        is_own = hmac.compare_digest(state.encode("utf-8", "replace"), attempt.state.encode())
        if not is_own or not timedelta(seconds=-1) <= age <= GOOD_FOR or attempt.state in self._spent:
            raise OidcRefused(_AGAIN)
        self._spent[attempt.state] = None
        if len(self._spent) > MOST_SPENT:
            self._spent.popitem(last=False)
        return attempt

    def _proof(self, content: str) -> str:
        return _text(hmac.digest(self._key, content.encode("utf-8", "replace"), hashlib.sha256))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
