"""What each role may in its team: the table as a whole, and its one place of enforcement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.errors import Forbidden
from dragoman.accounts.roles import act_on, require
from dragoman.ground.accounts import TeamRole
from dragoman.ground.team_roles import LEAST_ROLE, TeamAct, may

acts, ranks = st.sampled_from(TeamAct), st.sampled_from(TeamRole)


def allowed(role: TeamRole) -> set[TeamAct]:
    return {act for act in TeamAct if may(role, act)}


def test_every_act_has_a_least_role() -> None:
    assert set(LEAST_ROLE) == set(TeamAct)


def test_members_look_and_make_rooms_and_may_leave() -> None:
    assert allowed(TeamRole.MEMBER) == {TeamAct.SEE, TeamAct.LEAVE, TeamAct.MAKE_ROOMS}


def test_only_owners_set_roles_and_delete() -> None:
    assert allowed(TeamRole.OWNER) - allowed(TeamRole.ADMIN) == {TeamAct.SET_ROLES, TeamAct.DELETE}


@given(act=acts, role=ranks, other=ranks)
def test_who_stands_higher_may_all_that_who_stands_lower_may(act: TeamAct, role: TeamRole, other: TeamRole) -> None:
    if role.is_at_least(other) and may(other, act):
        assert may(role, act)


@given(act=acts, role=ranks)
def test_whoever_may_not_is_told_what_it_takes(act: TeamAct, role: TeamRole) -> None:
    if may(role, act):
        require(role, act)
        return
    with pytest.raises(Forbidden, match=LEAST_ROLE[act].value):
        require(role, act)


@given(whose=ranks)
def test_an_admin_touches_members_alone(whose: TeamRole) -> None:
    assert may(TeamRole.ADMIN, act_on(whose, TeamAct.REMOVE_MEMBERS)) == (whose is TeamRole.MEMBER)


@given(role=ranks, other=ranks)
def test_roles_stand_in_one_order(role: TeamRole, other: TeamRole) -> None:
    assert role.is_at_least(other) == (role.rank >= other.rank)
    assert role.is_at_least(other) or other.is_at_least(role)
