"""Every route of a server with accounts, asked by everybody: who gets in, who does not, and what is written down.

What is expected is data, in authorization_rows.py, socket_rows.py and inner_rows.py; who asks is in
authorization_world.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, WebSocketRoute
from tests.api_house import INNER as INNER_TOKEN
from tests.databases import Kind, both
from tests.hostile.authorization_rows import OK, ROWS, Row, most_powerful
from tests.hostile.authorization_world import Ask, Caller, World, nobody_is_full, open_world
from tests.hostile.inner_rows import ELSEWHERE, INNER
from tests.hostile.socket_rows import SOCKETS, answer_to

from dragoman.accounts.audit_actions import ACTIONS
from dragoman.services.api.app import make_app
from dragoman.store import audit

READS = {"GET", "HEAD", "OPTIONS"}
REPOSITORY = Path(__file__).parents[2]
MY_ROOM = "/api/v1/my/rooms/{room}"
NOTHING_HAS = "AAAAAAAAAAAAAAAA"
"""An id that nothing has."""
NOT_FOREIGN = {
    ("PATCH /api/v1/admin/users/{user}", "user"): "an admin changes everybody",
    ("POST /api/v1/jobs/{job}/release", "job"): "an admin begins everybody's work again",
    ("DELETE /api/v1/admin/invitations/{invitation}", "invitation"): "an admin takes back what any admin gave out",
    ("GET /api/v1/invitations/{token}", "token"): "whoever has a token may use it",
    ("POST /api/v1/invitations/{token}/accept", "token"): "whoever has a token may use it",
}
"""Ids of others that are good all the same, and why; those of nothing are not."""
NOTHING_HAPPENS = {
    ("DELETE /api/v1/my/rooms/{room}/hosts/{user}", "user"): "who is no host of the room afterwards was none before",
}
"""Ids that nothing is looked up by, and why."""


@pytest.fixture(autouse=True)
def _more_than_anybody_needs() -> Iterator[None]:
    """Some requests are made a hundred times over."""
    with nobody_is_full():
        yield


def routes_of(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Walk all routes, those of included routers too: ``GET /api/v1/site``, ``WS /api/v1/interpret``."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            context = getattr(route, "include_context", None)
            yield from routes_of(included.routes, prefix + getattr(context, "prefix", ""))
            continue
        methods = ["WS"] if isinstance(route, WebSocketRoute) else getattr(route, "methods", None) or ()
        for method in sorted(methods):
            yield f"{method} {prefix}{getattr(route, 'path', '')}"


def fits(status: int, expected: int) -> bool:
    return status // 100 == OK if expected == OK else status == expected


async def send(world: World, name: str, ask: Ask, caller: Caller) -> int:
    method, path = name.split(" ")
    return (await world.ask(caller, method, path, ask)).status_code


async def test_every_route_has_a_row_in_the_matrix_and_every_row_a_route(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        whole = make_app(world.site.parts, webhook_key="devkey", webhook_secret="as in a call")  # noqa: S106
        routes = {route for route in routes_of(whole.routes) if not route.startswith("HEAD ")}

    rows = [*ROWS, *SOCKETS, *INNER, *ELSEWHERE]
    assert any(route.startswith("WS ") for route in routes)
    assert "\n".join(sorted(routes - set(rows))) == ""
    assert "\n".join(sorted(set(rows) - routes)) == ""
    assert len(rows) == len(set(rows))


def test_what_is_covered_elsewhere_is() -> None:
    for _, covered_by in ELSEWHERE.values():
        file, _, name = covered_by.partition("::")

        assert f"def {name}" in (REPOSITORY / file).read_text(encoding="utf-8")


async def test_every_socket_opens_for_whom_the_matrix_says_and_for_nobody_else(tmp_path: Path) -> None:
    wrong = []
    async with open_world(tmp_path) as world:
        for name, row in SOCKETS.items():
            for caller in Caller:
                answer = await answer_to(world, caller, name.removeprefix("WS "), row.first)
                if answer != row.who[caller]:
                    wrong.append(f"{name} as {caller}: {answer}, not {row.who[caller]}")

    assert "\n".join(wrong) == ""


async def test_everybody_gets_what_the_matrix_says_and_nothing_else(tmp_path: Path) -> None:
    wrong = []
    async with open_world(tmp_path) as world:
        for name, row in ROWS.items():
            refused = await row.make(world, world.home, Caller.ANONYMOUS)
            for caller in Caller:
                expected = row.who[caller]
                ask = await row.make(world, world.home, caller) if expected == OK else refused
                status = await send(world, name, ask, caller)
                if not fits(status, expected):
                    wrong.append(f"{name} as {caller}: {status}, not {expected}")

    assert "\n".join(wrong) == ""


async def test_no_inner_route_answers_anybody_but_our_own_processes(tmp_path: Path) -> None:
    wrong = []
    async with open_world(tmp_path) as world:
        own, guessed = world.site.client(INNER_TOKEN), world.site.client(INNER_TOKEN[:-1])
        for name, asked in INNER.items():
            params = {"room": world.home.call, "worker": "w"}
            clients = {str(it): client for it, client in world.clients.items()}
            clients |= {"a guess": guessed, "our own": own}
            for who, client in clients.items():
                expected = OK if client is own else 403
                ask = replace(asked, params=params, client=client)
                if not fits(status := await send(world, name, ask, Caller.ANONYMOUS), expected):
                    wrong.append(f"{name} as {who}: {status}, not {expected}")

    assert "\n".join(wrong) == ""


async def test_ids_of_others_and_of_nothing_are_not_found_whoever_asks(tmp_path: Path) -> None:
    wrong = []
    async with open_world(tmp_path) as world:
        for name, row in ROWS.items():
            caller = most_powerful(row)
            mine = await row.make(world, world.home, caller)
            for param in (it for it in mine.params if (name, it) not in NOTHING_HAPPENS):
                theirs = await row.make(world, world.away, Caller.FOREIGN)
                foreign = {} if (name, param) in NOT_FOREIGN else {"somebody else's": theirs.params[param]}
                for kind, strange in {**foreign, "nothing's": NOTHING_HAS}.items():
                    ask = Ask(params={**mine.params, param: strange}, json=mine.json, query=mine.query)
                    status = await send(world, name, ask, caller)
                    if status not in allowed_for_strange(name, row, caller):
                        wrong.append(f"{name} with {kind} {param}: {status}")

    assert "\n".join(wrong) == ""


def allowed_for_strange(name: str, row: Row, caller: Caller) -> set[int]:
    """404; where a secret of one call is shown to another, or a guest's for another guest, 403 says as little."""
    by_secret = name.split(" ")[1].startswith("/api/v1/rooms/")
    public = by_secret and row.who[Caller.ANONYMOUS] == OK
    if public:
        return {200, 201, 204, 404}
    return {403, 404} if by_secret or row.who[caller] != OK else {404}


async def test_ids_of_others_in_a_body_are_not_found_either(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        owner, theirs = world.people[Caller.OWNER], {"team_id": world.away.team}
        tries = [("POST", "/api/v1/my/rooms", {"title": "Weekly", **theirs}), ("PATCH", MY_ROOM, theirs)]
        params = {"room": world.home.room}

        statuses = [
            (await world.ask(Caller.OWNER, method, path, Ask(params=params, json=body))).status_code
            for method, path, body in tries
        ]

        seen = (await owner.client.get(MY_ROOM.format(**params))).json()
        assert (statuses, seen["team_id"]) == ([404, 404], world.home.team)


@both
async def test_who_may_gets_it_on_either_database_and_every_change_is_in_the_audit_log(
    kind: Kind, tmp_path: Path
) -> None:
    wrong = []
    async with open_world(tmp_path, kind) as world:
        for name, row in ROWS.items():
            before = set(await written_in(world))
            caller = most_powerful(row)
            status = await send(world, name, await row.make(world, world.home, caller), caller)
            written = {action for entry, action in (await written_in(world)).items() if entry not in before}
            if not fits(status, row.who[caller]) or (row.audit and row.audit not in written):
                wrong.append(f"{name} as {caller}: {status}, wrote {sorted(written)}, not {row.audit!r}")

    assert "\n".join(wrong) == ""


def test_every_change_says_what_it_writes_or_why_it_writes_nothing() -> None:
    changes = {name: row for name, row in ROWS.items() if name.split(" ")[0] not in READS}

    assert [name for name, row in changes.items() if bool(row.audit) == bool(row.unaudited)] == []
    assert sorted({row.audit for row in changes.values() if row.audit} - set(ACTIONS)) == []


async def written_in(world: World) -> dict[str, str]:
    """Give the actions of all entries, by id."""
    async with world.site.database.reading() as session:
        found = await audit.entries(session, limit=1_000_000)
    return {it.entry.id: it.entry.action for it in found}
