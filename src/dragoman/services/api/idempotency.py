"""``Idempotency-Key``: who sends a POST again with the same key gets the answer of the first, and it is done once.

Plain ASGI, inside guards.py, which has read the body, and request_limits.py, which has counted it. For callers with an
account; rows in store/answered_requests.py. A request that failed has changed nothing: its key is free again.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.accounts.errors import AnswerNotKept, IdempotencyKeyReused, RequestUnderWay
from dragoman.ground.errors import DragomanError
from dragoman.meetings.errors import RequestInvalid
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.api.callers import accounts_of, maybe_caller
from dragoman.services.api.guards import replay
from dragoman.services.api.problems import problem, problem_of
from dragoman.store import answered_requests

log = structlog.get_logger()

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
MAX_KEY_CHARS = 120
KEPT_FOR = timedelta(hours=24)
UNDER_WAY_FOR = timedelta(seconds=60)
"""Then whoever had the first request has died, and the next one does it."""
MAX_KEPT_BYTES = 64 << 10
RETRY_AFTER_S = 1

_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_CHARS}}}")
_API = "/api/v1/"
_SECRET_ANSWERS = re.compile(
    r"/api/v1/(?:session(?:/.*)?|users|me/api-keys|rooms|rooms/[^/]+/join|my/rooms/[^/]+/open|admin/invitations"
    r"|teams/[^/]+/(?:invitations|webhooks))"
)
"""Paths whose answers carry a secret. They are not kept: only that there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keyed:
    """A request with its key, as the store knows it."""

    accounts: AccountsParts
    user_id: str
    key: str
    request_hash: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    status: int
    body: dict[str, Any] | None


def has_secret(path: str) -> bool:
    """Say whether a POST to ``path`` is answered with a secret."""
    return _SECRET_ANSWERS.fullmatch(path) is not None


class Idempotency:
    """Answers a POST that came before with the answer of then."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_API):
            return await self._app(scope, receive, send)
        key = Headers(scope=scope).get(KEY_HEADER)
        if key is None:
            return await self._app(scope, receive, send)
        request = Request(scope, receive)
        try:
            body = await request.body()
            keyed = await _read(request, key, body)
            begun = None if keyed is None else await _begin(keyed)
        except DragomanError as error:
            return await _refuse(error)(scope, receive, send)
        if keyed is None:
            return await self._app(scope, replay(body, receive), send)
        if isinstance(begun, _Kept):
            return await _again(begun)(scope, receive, send)
        return await self._first(keyed, begun or keyed.accounts.clock(), scope, replay(body, receive), send)

    async def _first(self, keyed: _Keyed, begun_at: datetime, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be done, and keep its answer before it is given."""
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        try:
            await self._app(scope, receive, collect)
        except Exception:
            await _end(keyed, begun_at, None)
            raise
        await _end(keyed, begun_at, _keep(keyed, answer))
        for message in answer:
            await send(message)


async def _read(request: Request, key: str, body: bytes) -> _Keyed | None:
    """Raises ``RequestInvalid``. None for a guest, who has nobody to keep an answer for."""
    caller = await maybe_caller(request)
    if caller is None:
        return None
    if not _KEY.fullmatch(key):
        raise RequestInvalid(f"{KEY_HEADER}: up to {MAX_KEY_CHARS} visible letters of ASCII, such as a UUID")
    # An API key may less than its owner: it does not get what was answered to them.
    target = f"{caller.kind} {request.url.path}?{request.url.query}\n".encode()
    return _Keyed(
        accounts=accounts_of(request),
        user_id=caller.user_id,
        key=key,
        request_hash=hashlib.sha256(target + body).hexdigest(),
        path=request.url.path,
    )


async def _begin(keyed: _Keyed) -> _Kept | datetime:
    """Enter the request and give when; or give what was answered before.

    Raises ``IdempotencyKeyReused``, ``RequestUnderWay``, ``AnswerNotKept``, ``StoreError``.
    """
    now = keyed.accounts.clock()
    async with keyed.accounts.database.writing() as session:
        row = await answered_requests.find(session, keyed.user_id, keyed.key)
        if row is None:
            if await answered_requests.begin(
                session, keyed.user_id, keyed.key, request_hash=keyed.request_hash, at=now
            ):
                return now
            raise RequestUnderWay("the first request with this idempotency key is under way; try again in a moment")
        age = abs(now - row.created_at)
        if age >= KEPT_FOR or (row.status is None and age >= UNDER_WAY_FOR):
            row.request_hash, row.status, row.body, row.created_at = keyed.request_hash, None, None, now
            return now
        if row.request_hash != keyed.request_hash:
            raise IdempotencyKeyReused("this idempotency key came with another request; make a new key for each")
        if row.status is None:
            raise RequestUnderWay("the first request with this idempotency key is under way; try again in a moment")
        if row.body is None:
            raise AnswerNotKept(
                "this was done before, and its answer carried a secret, which is not kept; "
                "delete what it made if the secret is lost, and make it anew with another key"
            )
        return _Kept(status=row.status, body=row.body)


async def _end(keyed: _Keyed, begun_at: datetime, kept: _Kept | None) -> None:
    """Keep an answer, or free the key. Where the database is away the key stays taken for ``UNDER_WAY_FOR``."""
    try:
        async with keyed.accounts.database.writing() as session:
            if kept is None:
                await answered_requests.forget(session, keyed.user_id, keyed.key, begun_at=begun_at)
            else:
                await answered_requests.answer(
                    session, keyed.user_id, keyed.key, begun_at=begun_at, status=kept.status, body=kept.body
                )
    except DragomanError as error:
        log.warning("idempotent_answer_not_kept", code=error.code)


def _keep(keyed: _Keyed, answer: list[Message]) -> _Kept | None:
    """Say what of an answer is kept; None for one that failed."""
    status: int = answer[0]["status"]
    if not 200 <= status < 300:
        return None
    content = b"".join(message.get("body", b"") for message in answer[1:])
    media_type = Headers(raw=answer[0]["headers"]).get("content-type", "")
    is_text = not content or media_type.startswith("application/json")
    if has_secret(keyed.path) or len(content) > MAX_KEPT_BYTES or not is_text:
        return _Kept(status=status, body=None)
    return _Kept(status=status, body={"media_type": media_type, "text": content.decode()})


def _again(kept: _Kept) -> Response:
    body = kept.body or {}
    headers = {REPLAYED_HEADER: "true"}
    return Response(body["text"], status_code=kept.status, media_type=body["media_type"] or None, headers=headers)


def _refuse(error: DragomanError) -> Response:
    if isinstance(error, RequestUnderWay):
        return problem(409, error.code, str(error), {"Retry-After": str(RETRY_AFTER_S)})
    return problem_of(error)
