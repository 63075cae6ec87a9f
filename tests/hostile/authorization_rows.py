"""The authorization matrix as data: what every route answers to everybody, and what it writes into the audit log.

A route without a row fails test_authorization.py. To add one: who may (``who``), what it takes to ask (``make``, from
authorization_makers.py), and the ``audit`` action of a change, or why there is none (``unaudited``).
"""

from dataclasses import dataclass

from tests.hostile import authorization_makers as make
from tests.hostile.authorization_world import Caller, Maker

OK = 2
"""Stands for 200 to 299."""
Answers = dict[Caller, int]

_NOBODY = dict.fromkeys((Caller.ANONYMOUS, Caller.GUEST, Caller.HOST, Caller.DISABLED), 401)


def everybody(status: int) -> Answers:
    return dict.fromkeys(Caller, status)


def only(*callers: Caller, others: int) -> Answers:
    return {caller: OK if caller in callers else others for caller in Caller}


ANYBODY = everybody(OK)
OUR_PROCESSES = everybody(403)
"""Nobody of these carries the inner token, and none comes from inside."""
AT_THE_MACHINE = everybody(403)
SEEN_BY_ADMINS = only(Caller.SITE_ADMIN, others=403)
"""Besides who sits at the machine."""
ACCOUNTS: Answers = everybody(OK) | _NOBODY
PEOPLE = {**ACCOUNTS, Caller.API_KEY: 403}
"""Those who signed in with a password: no program."""
TEAM: Answers = {**ACCOUNTS, Caller.FOREIGN: 404, Caller.SITE_ADMIN: 404}
TEAM_ADMINS = {**TEAM, Caller.MEMBER: 403, Caller.API_KEY: 403}
TEAM_OWNERS = {**TEAM_ADMINS, Caller.TEAM_ADMIN: 403}
ADMINS: Answers = everybody(403) | _NOBODY | {Caller.SITE_ADMIN: OK}
BY_HOST = only(Caller.HOST, others=403)
IN_CALL = only(Caller.GUEST, others=403)
IN_CALL_OR_HOST = only(Caller.GUEST, Caller.HOST, others=403)


def accounts(status: int, **also: int) -> Answers:
    """Give what everybody with an account is answered, whoever they are."""
    return everybody(status) | _NOBODY | {Caller[name]: value for name, value in also.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    who: Answers
    make: Maker = make.nothing
    audit: str = ""
    """The action that a change writes."""
    unaudited: str = ""
    """Why a change writes none."""


def most_powerful(row: Row) -> Caller:
    """Give the one who may, with the most rights of their own; a guest or host where it takes a secret of the call."""
    order = (Caller.OWNER, Caller.SITE_ADMIN, Caller.HOST, Caller.GUEST)
    return next((it for it in order if row.who[it] == OK), Caller.OWNER)


LIVE = "a call is not stored: nobody's account, and nothing that lasts"
DELIVERED = "it stands in the list of deliveries"
SESSION = "without its cookie there is no session to change"

ROWS: dict[str, Row] = {
    # What everybody may see.
    "GET /": Row(who=everybody(503)),
    "GET /api/openapi.json": Row(who=ANYBODY),
    "GET /health": Row(who=ANYBODY),
    "GET /health/live": Row(who=ANYBODY),
    "GET /health/ready": Row(who=ANYBODY),
    "GET /api/v1/site": Row(who=ANYBODY),
    "GET /api/v1/capabilities": Row(who=ANYBODY),
    # Calls: by link, and by the secrets of a call.
    "POST /api/v1/rooms": Row(who=ACCOUNTS, make=make.body(), unaudited=LIVE),
    "GET /api/v1/rooms/{room}": Row(who=ANYBODY, make=make.call),
    "PATCH /api/v1/rooms/{room}": Row(who=BY_HOST, make=make.with_json(make.call, {"locked": False}), unaudited=LIVE),
    "DELETE /api/v1/rooms/{room}": Row(who=BY_HOST, make=make.own_call, unaudited=LIVE),
    "POST /api/v1/rooms/{room}/join": Row(who=ANYBODY, make=make.joining, unaudited=LIVE),
    "GET /api/v1/rooms/{room}/captions": Row(who=IN_CALL, make=make.call),
    "GET /api/v1/rooms/{room}/glossary": Row(who=IN_CALL_OR_HOST, make=make.call),
    "PUT /api/v1/rooms/{room}/glossary": Row(
        who=BY_HOST, make=make.with_json(make.call, {"terms": []}), unaudited=LIVE
    ),
    "POST /api/v1/rooms/{room}/glossary/import": Row(who=BY_HOST, make=make.importing, unaudited=LIVE),
    "GET /api/v1/rooms/{room}/glossary/export": Row(who=IN_CALL_OR_HOST, make=make.exporting),
    "POST /api/v1/rooms/{room}/practice-speaker": Row(
        who=everybody(403) | {Caller.GUEST: 503}, make=make.with_json(make.call, {}), unaudited=LIVE
    ),
    "PATCH /api/v1/rooms/{room}/participants/{identity}": Row(
        who=IN_CALL, make=make.with_json(make.guest, {"reads": "vi"}), unaudited=LIVE
    ),
    "POST /api/v1/rooms/{room}/participants/{identity}/mute": Row(who=BY_HOST, make=make.other_guest, unaudited=LIVE),
    "DELETE /api/v1/rooms/{room}/participants/{identity}": Row(who=BY_HOST, make=make.other_guest, unaudited=LIVE),
    "PATCH /api/v1/rooms/{room}/participants/{identity}/transcribed": Row(
        who=BY_HOST, make=make.with_json(make.other_guest, {"allowed": True}), unaudited=LIVE
    ),
    "POST /api/v1/rooms/{room}/participants/{identity}/cohost": Row(who=BY_HOST, make=make.other_guest, unaudited=LIVE),
    "DELETE /api/v1/rooms/{room}/participants/{identity}/cohost": Row(
        who=BY_HOST, make=make.other_guest, unaudited=LIVE
    ),
    "GET /api/v1/rooms/{room}/lobby": Row(who=BY_HOST, make=make.call),
    "GET /api/v1/rooms/{room}/lobby/{ticket}": Row(who=ANYBODY, make=make.ticket),
    "DELETE /api/v1/rooms/{room}/lobby/{ticket}": Row(who=ANYBODY, make=make.ticket, unaudited=LIVE),
    "POST /api/v1/rooms/{room}/lobby/{ticket}": Row(
        who=BY_HOST, make=make.with_json(make.handle, {"admit": False}), unaudited=LIVE
    ),
    # What is only for who sits at the machine, and for our own processes.
    "GET /api/v1/models": Row(who=SEEN_BY_ADMINS),
    "GET /api/v1/models/pull": Row(who=SEEN_BY_ADMINS),
    "POST /api/v1/models/pull": Row(
        who=AT_THE_MACHINE, make=make.body(models=["m"], accepts=[]), unaudited="nobody of these may"
    ),
    "DELETE /api/v1/models/pull": Row(who=AT_THE_MACHINE, unaudited="nobody of these may"),
    # Accounts.
    "POST /api/v1/session": Row(who=ANYBODY, make=make.credentials, audit="session.opened"),
    "POST /api/v1/session/refresh": Row(who=everybody(401), unaudited=SESSION),
    "DELETE /api/v1/session": Row(who=ANYBODY, unaudited=SESSION),
    "GET /api/v1/session/oidc": Row(who=everybody(404)),
    "GET /api/v1/session/oidc/callback": Row(who=everybody(404)),
    "POST /api/v1/users": Row(who=ANYBODY, make=make.new_user, audit="user.made"),
    "GET /api/v1/me": Row(who=ACCOUNTS),
    "PATCH /api/v1/me": Row(who=PEOPLE, make=make.body(name="Anh"), audit="user.changed"),
    "DELETE /api/v1/me": Row(who=PEOPLE, make=make.leaving, audit="erasure.requested"),
    "PUT /api/v1/me/password": Row(who=PEOPLE, make=make.new_password, audit="password.changed"),
    "POST /api/v1/me/export": Row(who=PEOPLE, audit="export.requested"),
    "GET /api/v1/me/exports/{job}": Row(who=accounts(404, API_KEY=403), make=make.job),
    "GET /api/v1/me/sessions": Row(who=PEOPLE),
    "DELETE /api/v1/me/sessions": Row(who=PEOPLE, make=make.twin, audit="session.all_ended"),
    "DELETE /api/v1/me/sessions/{session_id}": Row(who=PEOPLE, make=make.session, audit="session.ended"),
    "GET /api/v1/me/api-keys": Row(who=PEOPLE),
    "POST /api/v1/me/api-keys": Row(who=PEOPLE, make=make.body(name="program"), audit="api_key.made"),
    "DELETE /api/v1/me/api-keys/{key_id}": Row(who=PEOPLE, make=make.api_key, audit="api_key.deleted"),
    "GET /api/v1/jobs/{job}": Row(who=ACCOUNTS, make=make.job),
    "POST /api/v1/jobs/{job}/release": Row(who=ADMINS, make=make.parked_job, audit="job.released"),
    # Rooms that last: of the owner, in the team.
    "GET /api/v1/my/rooms": Row(who=ACCOUNTS),
    "POST /api/v1/my/rooms": Row(who=ACCOUNTS, make=make.body(title="Weekly"), audit="room.made"),
    "GET /api/v1/my/rooms/{room}": Row(who=TEAM, make=make.room),
    "PATCH /api/v1/my/rooms/{room}": Row(
        who=TEAM_ADMINS, make=make.with_json(make.fresh_room, {"title": "Daily"}), audit="room.changed"
    ),
    "DELETE /api/v1/my/rooms/{room}": Row(who=TEAM_ADMINS, make=make.fresh_room, audit="room.deleted"),
    "POST /api/v1/my/rooms/{room}/open": Row(who=TEAM_OWNERS, make=make.fresh_room, unaudited=LIVE),
    "PUT /api/v1/my/rooms/{room}/hosts/{user}": Row(who=TEAM_ADMINS, make=make.would_be_host, audit="room.host_added"),
    "DELETE /api/v1/my/rooms/{room}/hosts/{user}": Row(who=TEAM_ADMINS, make=make.room_host, audit="room.host_removed"),
    "GET /api/v1/my/rooms/{room}/meetings": Row(who=TEAM, make=make.room),
    "POST /api/v1/my/rooms/{room}/meetings": Row(
        who=TEAM_ADMINS, make=make.with_json(make.room, make.MONDAY), audit="meeting.planned"
    ),
    "PATCH /api/v1/my/rooms/{room}/meetings/{meeting}": Row(
        who=TEAM_ADMINS, make=make.with_json(make.meeting, {"minutes": 45}), audit="meeting.changed"
    ),
    "DELETE /api/v1/my/rooms/{room}/meetings/{meeting}": Row(
        who=TEAM_ADMINS, make=make.meeting, audit="meeting.cancelled"
    ),
    "GET /api/v1/my/rooms/{room}/meetings/{meeting}.ics": Row(who=TEAM, make=make.meeting),
    "GET /api/v1/rooms/{room}/calendar.ics": Row(who=ANYBODY, make=make.room),
    # Teams.
    "GET /api/v1/teams": Row(who=ACCOUNTS),
    "POST /api/v1/teams": Row(who=ACCOUNTS, make=make.body(name="Amsel"), audit="team.created"),
    "GET /api/v1/teams/{team}": Row(who=TEAM, make=make.team),
    "PATCH /api/v1/teams/{team}": Row(
        who=TEAM_ADMINS, make=make.with_json(make.team, {"name": "Amsel"}), audit="team.renamed"
    ),
    "DELETE /api/v1/teams/{team}": Row(who=TEAM_OWNERS, make=make.fresh_team, audit="team.deleted"),
    "GET /api/v1/teams/{team}/members": Row(who=TEAM, make=make.team),
    "PATCH /api/v1/teams/{team}/members/{user}": Row(
        who=TEAM_OWNERS, make=make.with_json(make.colleague, {"role": "admin"}), audit="team.role_changed"
    ),
    "DELETE /api/v1/teams/{team}/members/{user}": Row(
        who=TEAM_ADMINS, make=make.colleague, audit="team.member_removed"
    ),
    "GET /api/v1/teams/{team}/invitations": Row(who=TEAM_ADMINS, make=make.team),
    "POST /api/v1/teams/{team}/invitations": Row(
        who=TEAM_ADMINS, make=make.with_json(make.team, {}), audit="invitation.made"
    ),
    "DELETE /api/v1/teams/{team}/invitations/{invitation}": Row(
        who=TEAM_ADMINS, make=make.invitation, audit="invitation.revoked"
    ),
    "GET /api/v1/teams/{team}/figures": Row(who=TEAM_ADMINS, make=make.team),
    "GET /api/v1/teams/{team}/audit": Row(who=TEAM_ADMINS, make=make.team),
    "GET /api/v1/invitations/{token}": Row(who=ANYBODY, make=make.token),
    "POST /api/v1/invitations/{token}/accept": Row(who=ACCOUNTS, make=make.token, audit="invitation.taken"),
    "GET /api/v1/teams/{team}/webhooks": Row(who=TEAM_ADMINS, make=make.team),
    "POST /api/v1/teams/{team}/webhooks": Row(who=TEAM_ADMINS, make=make.new_webhook, audit="webhook.created"),
    "PATCH /api/v1/teams/{team}/webhooks/{webhook}": Row(
        who=TEAM_ADMINS, make=make.with_json(make.webhook, {"disabled": True}), audit="webhook.disabled"
    ),
    "DELETE /api/v1/teams/{team}/webhooks/{webhook}": Row(who=TEAM_ADMINS, make=make.webhook, audit="webhook.deleted"),
    "GET /api/v1/teams/{team}/webhooks/{webhook}/deliveries": Row(who=TEAM_ADMINS, make=make.webhook),
    "POST /api/v1/teams/{team}/webhooks/{webhook}/test": Row(who=TEAM_ADMINS, make=make.webhook, unaudited=DELIVERED),
    # Admins of the server.
    "GET /api/v1/admin/users": Row(who=ADMINS),
    "PATCH /api/v1/admin/users/{user}": Row(
        who=ADMINS, make=make.with_json(make.anybody, {"plan": "pro"}), audit="user.changed"
    ),
    "GET /api/v1/admin/invitations": Row(who=ADMINS),
    "DELETE /api/v1/admin/invitations/{invitation}": Row(
        who=ADMINS, make=make.invitation_to_server, audit="invitation.revoked"
    ),
    "POST /api/v1/admin/invitations": Row(who=ADMINS, make=make.body(), audit="invitation.made"),
    "GET /api/v1/admin/plans": Row(who=ADMINS),
    "GET /api/v1/admin/capacity": Row(who=ADMINS),
    "GET /api/v1/admin/audit": Row(who=ADMINS),
    "GET /api/v1/admin/jobs": Row(who=ADMINS),
    # The last: what plans allow is less than everything.
    "PUT /api/v1/admin/plans": Row(who=ADMINS, make=make.body(on=True), audit="plans.switched"),
}
