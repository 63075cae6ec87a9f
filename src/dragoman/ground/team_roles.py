"""What each role may do in its team, as data. To accounts/roles.py, which refuses, and to meetings/lasting_rooms.py."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dragoman.ground.accounts import TeamRole


class TeamAct(StrEnum):
    """Something that takes a role in a team; each reads behind "may"."""

    SEE = "see the team, its people and its rooms"
    LEAVE = "leave the team"
    MAKE_ROOMS = "make rooms of the team"
    INVITE_MEMBERS = "invite members"
    REMOVE_MEMBERS = "remove members"
    RENAME = "rename the team"
    SEE_AUDIT = "read the team's audit log"
    SEE_FIGURES = "see the figures about the team's calls"
    MANAGE_WEBHOOKS = "manage the team's webhooks"
    MANAGE_ROOMS = "change and delete the rooms of others in the team"
    SET_ROLES = "make, invite and remove admins and owners"
    DELETE = "delete the team"


LEAST_ROLE: Mapping[TeamAct, TeamRole] = MappingProxyType(
    {
        TeamAct.SEE: TeamRole.MEMBER,
        TeamAct.LEAVE: TeamRole.MEMBER,
        TeamAct.MAKE_ROOMS: TeamRole.MEMBER,
        TeamAct.INVITE_MEMBERS: TeamRole.ADMIN,
        TeamAct.REMOVE_MEMBERS: TeamRole.ADMIN,
        TeamAct.RENAME: TeamRole.ADMIN,
        TeamAct.SEE_AUDIT: TeamRole.ADMIN,
        TeamAct.SEE_FIGURES: TeamRole.ADMIN,
        TeamAct.MANAGE_WEBHOOKS: TeamRole.ADMIN,
        TeamAct.MANAGE_ROOMS: TeamRole.ADMIN,
        TeamAct.SET_ROLES: TeamRole.OWNER,
        TeamAct.DELETE: TeamRole.OWNER,
    }
)
"""The lowest role that may do it; every role above may as well."""


def may(role: TeamRole, act: TeamAct) -> bool:
    return role.is_at_least(LEAST_ROLE[act])
