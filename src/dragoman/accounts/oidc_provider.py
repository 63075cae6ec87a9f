"""Ask a provider of OpenID Connect: where things are, with which keys it signs, and for a code, who has signed in.

For oidc.py. Source: OpenID Connect Discovery 1.0, RFC 6749, RFC 7636. The provider is one that the admin has set; all
the same its answers are small, come within 5 s, lead nowhere else, and are believed for a bounded time.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx2
import structlog

from dragoman.accounts.errors import OidcRefused, OidcUnavailable
from dragoman.accounts.oidc_claims import Key, KeyWish, find_key, read_keys
from dragoman.accounts.oidc_state import Attempt
from dragoman.ground.errors import SettingsInvalid

log = structlog.get_logger()

WITHIN_S = 5.0
MAX_ANSWER_BYTES = 1 << 20
FRESH_S = 3600.0
STALE_S = 24 * 3600.0
"""What was known this long is still used while the provider does not answer."""
TRIED_EVERY_S = 5.0
"""A provider that did not answer."""
LOOKED_EVERY_S = 60.0
"""A token whose key is unknown makes us look for new ones no more often."""
MAX_ISSUER_CHARS = 200
SCOPE = "openid email profile"
_DISCOVERY = "/.well-known/openid-configuration"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClient:
    """What the admin has set: the provider, and what it knows us as."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    """None for a public client, which has PKCE alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDocument:
    """What discovery says."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    """Its answers carry ``iss`` (RFC 9207)."""
    secret_in_body: bool
    """It takes the client's secret in the body alone."""


class Remembered(Generic[Value]):
    """One answer of the provider's, asked for again when it is old; an older one is better than none."""

    def __init__(self, ask: Callable[[], Awaitable[Value]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._value: Value | None = None
        self._asked_s = -STALE_S
        self._failed_s = -STALE_S
        self._lock = asyncio.Lock()

    async def get(self, *, fresh_s: float = FRESH_S) -> Value:
        """Raises ``OidcUnavailable`` if the provider does not answer and has not for long."""
        async with self._lock:
            now_s = self._clock()
            if self._value is None or now_s - self._asked_s >= fresh_s:
                await self._renew(now_s)
            if self._value is None or now_s - self._asked_s >= STALE_S:
                raise OidcUnavailable("the provider does not answer; sign in with your password, or try again later")
            return self._value

    async def _renew(self, now_s: float) -> None:
        if now_s - self._failed_s < TRIED_EVERY_S:
            return  # a crowd does not wait for its answer one by one
        try:
            self._value, self._asked_s = await self._ask(), now_s
        except OidcUnavailable:
            self._failed_s = now_s
            if self._value is None:
                raise
            log.warning("oidc_provider_away", known_for_s=round(now_s - self._asked_s))


class OidcProvider:
    """One provider."""

    def __init__(
        self, client: OidcClient, *, clock: Callable[[], float] = time.monotonic, within_s: float = WITHIN_S
    ) -> None:
        """``clock``: seconds; only grows. Raises ``SettingsInvalid`` for a provider that is not asked safely."""
        if not client.client_id:
            raise SettingsInvalid("oidc_issuer is set; set oidc_client_id, too: what the provider knows this server as")
        if not _is_safe(client.issuer, near=client.issuer):
            raise SettingsInvalid("oidc_issuer begins with https://; http:// is for a provider on this machine")
        if len(client.issuer) > MAX_ISSUER_CHARS:
            raise SettingsInvalid(f"oidc_issuer has more than {MAX_ISSUER_CHARS} characters; take the provider's own")
        self.client = client
        self._within_s = within_s
        self._document = Remembered(self._discover, clock)
        self._keys = Remembered(self._fetch_keys, clock)

    async def document(self) -> ProviderDocument:
        """Raises ``OidcUnavailable``."""
        return await self._document.get()

    async def authorization_url(self, attempt: Attempt) -> str:
        """Give the address that the browser goes to. Raises ``OidcUnavailable``."""
        document = await self.document()
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        parts = urlsplit(document.authorization_endpoint)
        query = "&".join(filter(None, [parts.query, urlencode(asked)]))
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))

    async def redeem(self, code: str, attempt: Attempt) -> str:
        """Give the ID token for a code. Raises ``OidcRefused``, ``OidcUnavailable``."""
        document = await self.document()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        secret, auth = self.client.client_secret, None
        if secret is None or document.secret_in_body:
            sent["client_id"] = self.client.client_id
        if secret is not None and document.secret_in_body:
            sent["client_secret"] = secret
        elif secret is not None:
            auth = (quote(self.client.client_id, safe=""), quote(secret, safe=""))  # RFC 6749, section 2.3.1
        status, answer = await self._ask("POST", document.token_endpoint, sent=sent, auth=auth)
        token = answer.get("id_token")
        if status == 200 and isinstance(token, str):
            return token
        error = answer.get("error")
        if status == 400 and error == "invalid_grant":
            raise OidcRefused("the provider does not know this sign-in (any more); begin it again")
        log.warning("oidc_code_refused", status=status, error=_word(error))
        raise OidcUnavailable("the provider refused this server; its admin finds the reason in the log")

    async def key_for(self, wish: KeyWish) -> Key:
        """Give the key that a token says it was signed with. Raises ``OidcRefused``, ``OidcUnavailable``."""
        key = find_key(await self._keys.get(), wish) or find_key(await self._keys.get(fresh_s=LOOKED_EVERY_S), wish)
        if key is None:
            raise OidcRefused("what the provider sent is signed with a key that is none of its own")
        return key

    async def _discover(self) -> ProviderDocument:
        issuer = self.client.issuer
        status, answer = await self._ask("GET", issuer.rstrip("/") + _DISCOVERY)
        if status != 200:
            raise OidcUnavailable(f"the provider has no {_DISCOVERY} (status {status}); the admin checks oidc_issuer")
        if answer.get("issuer") != issuer:
            log.warning("oidc_issuer_differs", said=str(answer.get("issuer"))[:200])
            raise OidcUnavailable("the provider calls itself something else; the admin sets oidc_issuer to just that")
        methods = answer.get("token_endpoint_auth_methods_supported")
        basic = not isinstance(methods, list) or "client_secret_basic" in methods or "client_secret_post" not in methods
        return ProviderDocument(
            authorization_endpoint=self._endpoint(answer, "authorization_endpoint"),
            token_endpoint=self._endpoint(answer, "token_endpoint"),
            jwks_uri=self._endpoint(answer, "jwks_uri"),
            names_itself=answer.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body=not basic,
        )

    def _endpoint(self, answer: Mapping[str, object], name: str) -> str:
        address = answer.get(name)
        if not isinstance(address, str) or not _is_safe(address, near=self.client.issuer):
            raise OidcUnavailable(f"the provider's {name} is not to be reached safely; the admin asks who runs it")
        return address

    async def _fetch_keys(self) -> tuple[Key, ...]:
        status, answer = await self._ask("GET", (await self.document()).jwks_uri)
        keys = read_keys(answer) if status == 200 else ()
        if not keys:
            raise OidcUnavailable("the provider shows no key that could check a signature; try again in a moment")
        return keys

    async def _ask(
        self, method: str, address: str, *, sent: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None
    ) -> tuple[int, Mapping[str, object]]:
        """Give status and JSON of one answer. Raises ``OidcUnavailable``."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        body = bytearray()
        try:
            async with (
                asyncio.timeout(self._within_s),
                httpx2.AsyncClient(timeout=self._within_s, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, data=sent, auth=auth, headers=headers) as response,
            ):
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise OidcUnavailable("the provider answers with more than a megabyte; try again in a moment")
                status = response.status_code
            answer = json.loads(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            log.warning("oidc_provider_away", kind=type(error).__name__)
            raise OidcUnavailable(
                "the provider does not answer; sign in with your password, or try again later"
            ) from error
        except (ValueError, RecursionError) as error:
            raise OidcUnavailable("the provider answers with something else than JSON; try again later") from error
        return status, answer if isinstance(answer, dict) else {}


def _is_safe(address: str, *, near: str) -> bool:
    """Say whether ``address`` is https, or http on this machine for an issuer that is as well."""
    try:
        parts, issuer = urlsplit(address), urlsplit(near)
        if not parts.hostname or parts.username is not None or parts.fragment or not address.isprintable():
            return False
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == issuer.scheme == "http" and _is_here(parts.hostname) and _is_here(issuer.hostname or "")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _word(error: object) -> str:
    """Give the code of an OAuth error for the log; nothing else that somebody might have sent."""
    known = isinstance(error, str) and error.isascii() and error.replace("_", "").isalpha() and len(error) < 40
    return str(error) if known else "unknown"
