"""What the rows of the authorization matrix ask for, made anew for each request where the request would end it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from tests.accounts_site import PASSWORD, Person
from tests.hostile.authorization_world import IN_TEAM as ROLES
from tests.hostile.authorization_world import JOIN, Ask, Caller, Maker, Side, World, close_account, key_of

from dragoman.accounts.sessions import Visitor
from dragoman.ground.accounts import Actor, TeamRole
from dragoman.ground.jobs import JobState
from dragoman.ground.webhooks import TeamEvent
from dragoman.meetings.lasting_rooms import RoomWishes
from dragoman.store import tables

TERMS = b"source,target\nbooth,Kabine\n"
EVENT = next(iter(TeamEvent))
MONDAY = {"starts_local": "2026-11-23T09:30", "time_zone": "Europe/Berlin", "minutes": 30}
TOLD = "https://example.org/told"


async def nothing(world: World, side: Side, caller: Caller) -> Ask:
    return Ask()


def body(**fields: Any) -> Maker:
    async def make(world: World, side: Side, caller: Caller) -> Ask:
        return Ask(json=fields)

    return make


def with_json(maker: Maker, fields: Mapping[str, Any]) -> Maker:
    """Ask for what ``maker`` makes, with a body."""

    async def make(world: World, side: Side, caller: Caller) -> Ask:
        asked = await maker(world, side, caller)
        return Ask(params=asked.params, json=dict(fields), client=asked.client)

    return make


# Calls


async def call(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call})


async def own_call(world: World, side: Side, caller: Caller) -> Ask:
    """A call that may end; the host has the secret of it."""
    made = (await side.owner.client.post("/api/v1/rooms", json={})).json()
    client = world.site.client(made["host_secret"]) if caller is Caller.HOST else None
    return Ask(params={"room": made["room"]}, client=client)


async def joining(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call}, json=JOIN)


async def importing(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call}, content=TERMS, query={"source": "en", "target": "de"})


async def exporting(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call}, query={"format": "csv"})


async def guest(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call, "identity": side.guest})


async def other_guest(world: World, side: Side, caller: Caller) -> Ask:
    identity, _ = await world.join_call(side)
    return Ask(params={"room": side.call, "identity": identity})


async def ticket(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call, "ticket": _wait(world, side).ticket})


async def handle(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.call, "ticket": _wait(world, side).handle})


def _wait(world: World, side: Side) -> Any:
    meeting = world.site.parts.meetings.get(side.call)
    choices = meeting.member(side.guest).choices
    world.made += 1
    return meeting.lobby.enter(
        identity=f"p-{world.made:012x}", name="Binh", choices=choices, at_s=world.site.parts.clock() + 60
    )


# Accounts


async def credentials(world: World, side: Side, caller: Caller) -> Ask:
    person = await world.another()
    return Ask(json={"email": person.email, "password": PASSWORD})


async def new_user(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(json={"email": world.next_email(), "name": "An", "password": PASSWORD})


async def twin(world: World, side: Side, caller: Caller) -> Ask:
    """Somebody like the caller, where the request ends what the caller needs later."""
    if caller not in world.people:
        return Ask()
    person = await world.another()
    if caller is Caller.API_KEY:
        return Ask(client=await key_of(world.site, person))
    if caller is Caller.DISABLED:
        await close_account(world.site, person)
    return Ask(client=person.client)


new_password = with_json(twin, {"current": PASSWORD, "new": "other words in a row"})
leaving = with_json(twin, {"password": PASSWORD})


async def session(world: World, side: Side, caller: Caller) -> Ask:
    person = _whose(world, side, caller)
    site = world.site
    async with site.database.writing() as stored:
        user = await site.accounts.people.get(person.user_id)
        opened = await site.accounts.sessions.open(stored, user, Visitor(address="127.0.0.1"))
    return Ask(params={"session_id": opened.session_id})


async def api_key(world: World, side: Side, caller: Caller) -> Ask:
    person = _whose(world, side, caller)
    actor = Actor(kind="user", id=person.user_id)
    made = await world.site.accounts.api_keys.make(person.user_id, name="program", lifetime=None, actor=actor)
    return Ask(params={"key_id": made.row.id})


async def job(world: World, side: Side, caller: Caller) -> Ask:
    person = _whose(world, side, caller)
    queued = await world.site.accounts.jobs.queue.enqueue("nothing", {}, owner_id=person.user_id)
    return Ask(params={"job": queued.id})


async def parked_job(world: World, side: Side, caller: Caller) -> Ask:
    asked = await job(world, side, caller)
    async with world.site.database.writing() as stored:
        parked = update(tables.Job).where(tables.Job.id == asked.params["job"])
        await stored.execute(parked.values(state=JobState.PARKED))
    return asked


async def anybody(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"user": (await world.another()).user_id})


def _whose(world: World, side: Side, caller: Caller) -> Person:
    return side.owner if side is world.away else world.person(caller)


# Rooms that last


async def room(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": side.room})


async def fresh_room(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": await _fresh_room(world, side)})


async def would_be_host(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"room": await _fresh_room(world, side), "user": await _colleague(world, side)})


async def room_host(world: World, side: Side, caller: Caller) -> Ask:
    params = {"room": await _fresh_room(world, side), "user": await _colleague(world, side)}
    await world.site.accounts.rooms.add_host(params["room"], params["user"], actor=side.actor)
    return Ask(params=params)


async def meeting(world: World, side: Side, caller: Caller) -> Ask:
    made = await side.owner.client.post(f"/api/v1/my/rooms/{side.room}/meetings", json=MONDAY)
    return Ask(params={"room": side.room, "meeting": made.json()["id"]})


async def _fresh_room(world: World, side: Side) -> str:
    wishes = RoomWishes(title="Weekly", team_id=side.team)
    room_id = world.site.parts.meetings.invitations.new_room_id()
    await world.site.accounts.rooms.make(room_id, wishes, actor=side.actor)
    return room_id


# Teams


async def team(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"team": side.team})


async def fresh_team(world: World, side: Side, caller: Caller) -> Ask:
    """A team of the same people, which may end."""
    made = await world.site.accounts.teams.make("Amsel", actor=side.actor)
    if side is world.home:
        for member, role in ROLES.items():
            if member is not Caller.OWNER:
                await world.join_team(made.team.id, world.people[member], role)
    return Ask(params={"team": made.team.id})


async def colleague(world: World, side: Side, caller: Caller) -> Ask:
    return Ask(params={"team": side.team, "user": await _colleague(world, side)})


async def invitation(world: World, side: Side, caller: Caller) -> Ask:
    made = await _invite(world, side)
    return Ask(params={"team": side.team, "invitation": made.invitation.id})


async def invitation_to_server(world: World, side: Side, caller: Caller) -> Ask:
    made = await world.site.accounts.invitations.invite_to_server(email=None, actor=side.actor)
    return Ask(params={"invitation": made.invitation.id})


async def token(world: World, side: Side, caller: Caller) -> Ask:
    """Into a team where nobody of these is yet."""
    stranger = Actor(kind="user", id=(await world.another()).user_id)
    made = await world.site.accounts.teams.make("Amsel", actor=stranger)
    link = await world.site.accounts.invitations.invite_to_team(
        made.team.id, role=TeamRole.MEMBER, email=None, actor=stranger
    )
    return Ask(params={"token": link.token})


async def new_webhook(world: World, side: Side, caller: Caller) -> Ask:
    asked = await fresh_team(world, side, caller)
    return Ask(params=asked.params, json={"url": TOLD, "events": [EVENT.value]})


async def webhook(world: World, side: Side, caller: Caller) -> Ask:
    team_id = (await fresh_team(world, side, caller)).params["team"]
    made = await world.site.accounts.webhooks.make(team_id, TOLD, [EVENT], actor=side.actor)
    return Ask(params={"team": team_id, "webhook": made.webhook.id})


async def _colleague(world: World, side: Side) -> str:
    person = await world.another()
    await world.join_team(side.team, person, TeamRole.MEMBER)
    return person.user_id


async def _invite(world: World, side: Side) -> Any:
    return await world.site.accounts.invitations.invite_to_team(
        side.team, role=TeamRole.MEMBER, email=None, actor=side.actor
    )
