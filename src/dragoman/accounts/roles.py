"""Refuses what a role may not do in its team. From teams.py, which asks here; the table is ground/team_roles.py."""

from dragoman.accounts.errors import Forbidden
from dragoman.ground.accounts import TeamRole
from dragoman.ground.team_roles import LEAST_ROLE, TeamAct, may


def act_on(whose: TeamRole, act: TeamAct) -> TeamAct:
    """Say what it takes to do ``act`` with somebody of the role ``whose``: above members it takes more."""
    return act if whose is TeamRole.MEMBER else TeamAct.SET_ROLES


def require(role: TeamRole, act: TeamAct) -> None:
    """Raise ``Forbidden`` where ``role`` may not."""
    if not may(role, act):
        raise Forbidden(f"as {role} of this team you may not {act}; that takes: {LEAST_ROLE[act]}")
