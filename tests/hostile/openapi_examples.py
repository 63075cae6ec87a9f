"""A request that fits, for each operation of the OpenAPI, and who gets it: as the authorization matrix has it, or here.

To api_house.py. Those here are what the matrix refuses to everybody, because of where its people sit or what they lack.
"""

from tests.hostile import authorization_makers as make
from tests.hostile.authorization_rows import ROWS, most_powerful
from tests.hostile.authorization_world import Ask, Caller, Maker, Side, World

from dragoman.accounts.export import EXPORT
from dragoman.ground.accounts import Actor
from dragoman.jobs.runner import JobRunner
from dragoman.services.api.openapi import SESSION_COOKIE_NAME

NEVER_GRANTED = {
    "session_leave": "it takes a provider of OpenID Connect: tests/integration/test_oidc.py",
    "session_come_back": "it takes a provider of OpenID Connect: tests/integration/test_oidc.py",
}
"""Operations of the OpenAPI for which nothing fits here, and why."""


async def with_cookie(world: World, side: Side, caller: Caller) -> Ask:
    """Sign somebody new in, as a browser is."""
    opened = await world.site.sign_in((await world.another()).email)
    return Ask(client=world.site.client(Cookie=f"{SESSION_COOKIE_NAME}={opened.refresh_token}"))


async def export(world: World, side: Side, caller: Caller) -> Ask:
    """Order an export, and make it."""
    person, jobs = world.person(caller), world.site.accounts.jobs
    ordered = await jobs.exports.request(person.user_id, actor=Actor(kind="user", id=person.user_id))
    runner = JobRunner(jobs.queue, {EXPORT: jobs.kinds[EXPORT]})
    while await runner.run_one():
        pass
    return Ask(params={"job": ordered.id})


EXAMPLES: dict[str, tuple[Caller, Maker]] = {
    "POST /api/v1/rooms/{room}/practice-speaker": (Caller.GUEST, make.with_json(make.call, {})),
    "GET /api/v1/models": (Caller.ANONYMOUS, make.nothing),
    "GET /api/v1/models/pull": (Caller.ANONYMOUS, make.nothing),
    "POST /api/v1/models/pull": (Caller.ANONYMOUS, make.body(models=["default"], accepts=[])),
    "DELETE /api/v1/models/pull": (Caller.ANONYMOUS, make.nothing),
    "POST /api/v1/session/refresh": (Caller.ANONYMOUS, with_cookie),
    "DELETE /api/v1/session": (Caller.ANONYMOUS, with_cookie),
    "GET /api/v1/me/exports/{job}": (Caller.OWNER, export),
}


async def fitting(world: World, name: str) -> tuple[Caller, Ask]:
    """Make what fits the operation ``name``, a minute after what was asked before: places that nobody took are free."""
    row = ROWS[name]
    caller, maker = EXAMPLES.get(name, (most_powerful(row), row.make))
    asked = await maker(world, world.home, caller)
    world.wind()
    return caller, asked
