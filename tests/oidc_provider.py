"""A small provider of OpenID Connect, run as a process of its own on loopback: ``python -m tests.oidc_provider``.

It signs everybody in without asking, as whoever ``POST /control`` has set, and does wrong what it was told to. In the
test, ``running_provider()`` starts it, or ``provider_process()`` where nothing is async.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dragoman.services.leash import die_with

CLIENT_ID, CLIENT_SECRET = "dragoman", "a secret of: both/sides"
AN: dict[str, Any] = {"sub": "an-1", "email": "an@example.org", "email_verified": True, "name": "An"}


@dataclass(slots=True)
class Asked:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str


class Provider:
    """Its state; ``wrong`` changes what it does."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys: dict[str, RSAKey | ECKey] = {
            "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
            "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
        }
        self.stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
        self.person = dict(AN)
        self.claims: dict[str, Any] = {}
        """Put over those of the ID token; None takes one away."""
        self.algorithm = "RS256"
        self.wrong: str | None = None
        self.codes: dict[str, Asked] = {}
        self.counts: dict[str, int] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/keys", self.show_keys),
            Route("/control", self.control, methods=["POST"]),
            Route("/counts", self.show_counts),
        ]

    async def control(self, request: Request) -> Response:
        """Set what is sent; what is left out is as at the beginning."""
        sent = await request.json()
        self.person = {**AN, **sent.get("person", {})}
        self.claims = sent.get("claims", {})
        self.algorithm = sent.get("algorithm", "RS256")
        self.wrong = sent.get("wrong")
        if sent.get("new_keys"):
            self.keys["RS256"] = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})
        return JSONResponse({})

    async def show_counts(self, _: Request) -> Response:
        return JSONResponse(self.counts)

    async def discovery(self, _: Request) -> Response:
        self._count("discovery")
        if self.wrong == "away":
            return Response(status_code=503)
        if self.wrong == "endless":
            return Response(b" " * (3 << 20))
        if self.wrong == "redirected discovery":
            return RedirectResponse(f"{self.issuer}/elsewhere")
        document = {
            "issuer": "https://other.example.org" if self.wrong == "other issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
        }
        if self.wrong == "unsafe endpoint":
            document["token_endpoint"] = "http://198.51.100.1/token"  # noqa: S105  an address
        return JSONResponse(document)

    async def authorize(self, request: Request) -> Response:
        """Sign the person in, and send the browser back."""
        asked = request.query_params
        if asked["client_id"] != CLIENT_ID or asked["response_type"] != "code" or "openid" not in asked["scope"]:
            return Response(status_code=400)
        if asked["code_challenge_method"] != "S256" or asked["tenant"] != "1":
            return Response(status_code=400)
        if self.wrong == "person says no":
            answer = {"error": "access_denied", "state": asked["state"], "iss": self.issuer}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=302)
        code = secrets.token_urlsafe(16)
        self.codes[code] = Asked(asked["nonce"], asked["code_challenge"], asked["redirect_uri"])
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=302)

    async def token(self, request: Request) -> Response:
        """Give the ID token for a code, once, to who proves to have asked for it."""
        self._count("token")
        sent = dict((await request.form()).items())
        asked = self.codes.pop(str(sent.get("code")), None)
        if request.headers.get("authorization", "") != _basic(CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        verifier = str(sent.get("code_verifier", ""))
        if asked is None or sent.get("redirect_uri") != asked.redirect_uri or _s256(verifier) != asked.challenge:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        answer = {"access_token": "none", "token_type": "Bearer", "id_token": self._id_token(asked)}
        return JSONResponse(answer)

    async def show_keys(self, _: Request) -> Response:
        self._count("keys")
        shown = [{**key.as_dict(private=False), "use": "sig"} for key in self.keys.values()]
        return JSONResponse({"keys": [{"kty": "PQ", "kid": "of another time"}, *shown]})

    def _id_token(self, asked: Asked) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.nonce,
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.wrong == "no algorithm":
            return f"{_text({'alg': 'none'})}.{_text(claims)}."
        if self.wrong == "shared secret":
            signed = f"{_text({'alg': 'HS256', 'kid': 'rsa'})}.{_text(claims)}"
            proof = hmac.digest(self.keys["RS256"].as_pem(private=False), signed.encode(), hashlib.sha256)
            return f"{signed}.{_base64(proof)}"
        key = self.stranger if self.wrong == "key of a stranger" else self.keys[self.algorithm]
        header: dict[str, Any] = {"alg": self.algorithm, "kid": key.kid}
        if self.wrong == "key in the header":
            header = {**header, "kid": "mine", "jwk": self.stranger.as_dict(private=False)}
            key = self.stranger
        return jwt.encode(header, claims, key, algorithms=["RS256", "ES256"])

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


@dataclass(frozen=True, slots=True)
class RunningProvider:
    """The provider, as a test sees it."""

    issuer: str

    async def set_up(self, **changes: Any) -> None:
        """``person``, ``claims``, ``algorithm``, ``wrong``, ``new_keys``; what is left out is as at the beginning."""
        async with _client() as client:
            (await client.post(f"{self.issuer}/control", json=changes)).raise_for_status()

    async def sign_in(self, address: str) -> str:
        """Go where our server sends the browser; gives where the provider sends it back to."""
        async with _client() as client:
            answer = await client.get(address)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def counts(self) -> dict[str, int]:
        """Say how often each thing was asked for."""
        async with _client() as client:
            counts: dict[str, int] = (await client.get(f"{self.issuer}/counts")).json()
        return counts


@asynccontextmanager
async def running_provider() -> AsyncIterator[RunningProvider]:
    """Run the provider until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.oidc_provider", str(os.getpid())),
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            issuer = (await process.stdout.readline()).decode().strip()
        yield RunningProvider(issuer)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextmanager
def provider_process() -> Iterator[str]:
    """Run the provider until the block ends, for tests that are not async; gives its issuer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.oidc_provider", str(os.getpid())],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer, "it says where it is before anything else"
        yield issuer
    finally:
        process.kill()
        process.communicate()


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=30.0)


def _basic(user: str, password: str) -> str:
    def escaped(text: str) -> str:
        return urlencode({"": text})[1:].replace("+", "%20")

    return "Basic " + base64.b64encode(f"{escaped(user)}:{escaped(password)}".encode()).decode()


def _s256(verifier: str) -> str:
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _text(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


async def _serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0))  # it listens: who comes now waits for the server
    issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=Provider(issuer).routes())
    sys.stdout.write(f"{issuer}\n")
    sys.stdout.flush()
    await uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off")).serve(sockets=[listener])


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    asyncio.run(_serve())
