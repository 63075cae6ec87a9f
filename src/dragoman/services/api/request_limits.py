"""How often anybody may ask, where there are accounts: counts requests and messages of sockets. Between guards and app.

What counts them is accounts/rate_limits.py, those of sockets socket_rates.py; the requests of a plan are
accounts/enforcement.py's. In a call that goes on captions and one's own choices are never held up; coming in, what a
host does, and the glossary count.
"""

from dataclasses import replace
from math import ceil

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from dragoman.accounts.errors import AccountError
from dragoman.accounts.granted import Granted
from dragoman.accounts.rate_limits import REQUESTS_PER_HOUR, Asking, RateLimits, RouteClass, SocketMessages, Verdict
from dragoman.accounts.team_shares import Subject, TeamShares
from dragoman.accounts.team_sockets import TeamSockets
from dragoman.ground.errors import DragomanError, StoreError, TooManyRequests
from dragoman.services.api.callers import Caller, maybe_caller
from dragoman.services.api.parts import ApiParts, address_of
from dragoman.services.api.problems import problem_of
from dragoman.services.api.socket_rates import Limit, SocketRates, put_socket_rates, room_of_signalling

_READS = {"GET", "HEAD", "OPTIONS"}
_SESSION_KEPT = {("POST", "refresh"), ("DELETE", "")}
"""What a page does with a session that it has."""
TOO_MANY_MESSAGES = 1008


def class_of(method: str, path: str) -> RouteClass | None:
    """Say what kind of request this is; None for what is not counted.

    Upper case and doubled slashes change nothing: who finds a way to a route that we read otherwise than the router
    does is counted all the same.
    """
    match _segments(path.lower()):
        case ["api", "v1", "session", *rest] if (method, "/".join(rest)) not in _SESSION_KEPT:
            return RouteClass.SIGN_IN
        case ["api", "v1", "users"] | ["api", "v1", "invitations", *_]:
            return RouteClass.SIGN_IN
        case ["api", "v1", "rooms", _, "join" | "lobby", *_] if method not in _READS:
            return RouteClass.JOIN
        case ["api", "v1", "rooms", _, *rest] if _goes_on(method, rest):
            return None
        case ["api", "v1", *_]:
            return RouteClass.READ if method in _READS else RouteClass.WRITE
    return None


def _goes_on(method: str, rest: list[str]) -> bool:
    """Say whether a request below a room belongs to a call that goes on: reading in it, and choosing for oneself."""
    if method in _READS:
        return rest[:1] not in (["lobby"], ["calendar.ics"])
    return method == "PATCH" and rest[:1] == ["participants"] and len(rest) == 2


def subject_of(path: str) -> Subject | None:
    """Say which team or lasting room a path is about."""
    match _segments(path):
        case [_, _, "teams", team, *_]:
            return Subject("team", team[:64])
        case [_, _, "my", "rooms", room, *_]:
            return Subject("room", room[:64])
    return None


class RequestLimits:
    """Plain ASGI, so that it sees sockets and what no route answers, too."""

    def __init__(
        self, app: ASGIApp, *, parts: ApiParts, limits: RateLimits, media_key: str = "", media_secret: str = ""
    ) -> None:
        """``media_key`` and ``media_secret`` sign the tokens of calls; without them no call is known to be a team's."""
        self._app = app
        self._parts = parts
        self._limits = limits
        self._shares = None if parts.accounts is None else TeamShares(parts.accounts.database, clock=parts.clock)
        self._team_sockets = TeamSockets()
        self._media_key, self._media_secret = media_key, media_secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and (route := class_of(scope["method"], scope["path"])) is not None:
            await self._http(route, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, route: RouteClass, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            verdict, plan = await self._verdict(route, HTTPConnection(scope))
        except DragomanError as error:
            await problem_of(error)(scope, receive, send)
            return
        sending = _with_headers(verdict, send)
        if verdict.granted:
            await self._app(scope, receive, sending)
        else:
            await problem_of(too_many(verdict, plan))(scope, receive, sending)

    async def _verdict(self, route: RouteClass, request: HTTPConnection) -> tuple[Verdict, Granted | None]:
        """Count a request, and give the plan that it counts against, if any.

        Raises ``LimitReached`` for an API key of somebody whose plan has none.
        """
        address = address_of(self._parts, request)
        refusal = self._limits.refusal(Asking(route=route, address=address))
        if refusal is not None:
            return refusal, None  # before anybody is looked up, which costs more than refusing
        caller, plan = await self._caller(request), None
        if caller is None:
            return self._limits.take(Asking(route=route, address=address)), None
        if caller.kind == "api_key" or route is RouteClass.WRITE:
            plan = await self._plan_of(caller)
        most_per_hour = None if plan is None else plan.limits.requests_per_hour
        asking = Asking(route=route, address=address, user_id=caller.user_id, most_per_hour=most_per_hour)
        refusal = self._limits.refusal(asking)
        if refusal is not None:
            return refusal, plan
        return self._limits.take(replace(asking, team_id=await self._team(caller, request))), plan

    async def _team(self, caller: Caller, request: HTTPConnection) -> str | None:
        """Give the team whose share a request uses up: only its people do."""
        subject = subject_of(request.scope["path"])
        if subject is None or self._shares is None:
            return None
        try:
            return await self._shares.team_of(caller.user_id, subject)
        except StoreError:
            return None

    async def _caller(self, request: HTTPConnection) -> Caller | None:
        try:
            return await maybe_caller(request)
        except (AccountError, StoreError):
            return None  # the resource says so; their address counts

    async def _plan_of(self, caller: Caller) -> Granted | None:
        accounts = self._parts.accounts
        if accounts is None:
            return None
        try:
            granted = await accounts.limits.granted(caller.user_id)
        except StoreError:
            return None
        if caller.kind == "api_key":
            granted.require("api")
        return granted

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        address = address_of(self._parts, connection)
        verdict = self._limits.take(Asking(route=RouteClass.JOIN, address=address))
        if not verdict.granted:
            await WebSocket(scope, receive, send).send_denial_response(problem_of(too_many(verdict)))
            return
        room_id = room_of_signalling(connection, key=self._media_key, secret=self._media_secret)
        rates = SocketRates(
            SocketMessages(self._parts.clock),
            address=address,
            limits=self._limits,
            teams=self._team_sockets,
            team_of_room=None if room_id is None else lambda: self._team_of_room(room_id),
        )
        put_socket_rates(connection, rates)
        try:
            await self._app(scope, self._counted(rates, receive, send), send)
        finally:
            rates.close()

    def _team_of_room(self, room_id: str) -> str | None:
        meeting = self._parts.meetings.find(room_id)
        return None if meeting is None else meeting.team_id

    def _counted(self, rates: SocketRates, receive: Receive, send: Send) -> Receive:
        """End the socket at its first message too many: for the app its client has gone."""
        over: Limit | None = None

        async def counted() -> Message:
            nonlocal over
            message = await receive()
            if message["type"] == "websocket.receive" and over is None and (over := rates.over()) is not None:
                count_socket_over(self._parts, over)
                reason = f"too many messages of one {over}"
                await send({"type": "websocket.close", "code": TOO_MANY_MESSAGES, "reason": reason})
            return message if over is None else {"type": "websocket.disconnect", "code": TOO_MANY_MESSAGES}

        return counted


def count_socket_over(parts: ApiParts, limit: Limit) -> None:
    """Count a socket that is closed for its messages in the metrics."""
    if parts.metrics is not None:
        parts.metrics.sockets_over_rate.labels(limit).inc()


def rate_limits_of(request: HTTPConnection) -> RateLimits:
    """Give what counts the requests of an app with accounts."""
    limits: RateLimits = request.app.state.rate_limits
    return limits


def too_many(verdict: Verdict, plan: Granted | None = None) -> TooManyRequests:
    """Say which limit refuses, and when to come again; of one of the ``plan``, first what would help."""
    seconds = max(1, ceil(verdict.resets_in_s))
    rate = verdict.rate
    said, facts = f"too many requests: {rate.most} in {rate.within_s} s is the limit {verdict.policy}", verdict.facts
    if plan is not None and verdict.policy == REQUESTS_PER_HOUR:
        said = f"{plan.why_no_more('requests_per_hour')}; {said}"
        facts = replace(plan.facts_of("requests_per_hour"), scope=facts.scope, within_s=facts.within_s)
    return TooManyRequests(f"{said}; try again in {seconds} s", retry_after_s=seconds, facts=facts)


def _with_headers(verdict: Verdict, send: Send) -> Send:
    """Say how much is left. Source: draft-ietf-httpapi-ratelimit-headers."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            rate = verdict.rate
            headers["RateLimit-Policy"] = f'"{verdict.policy}";q={rate.most};w={rate.within_s}'
            headers["RateLimit"] = f'"{verdict.policy}";r={verdict.left};t={ceil(verdict.resets_in_s)}'
        await send(message)

    return send_with_headers


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
