"""docs/howto/teams.md says what the code does."""

import re
from pathlib import Path

from dragoman.accounts.invitations import GOOD_FOR, MOST_OPEN
from dragoman.accounts.teams import MOST_PEOPLE, MOST_TEAMS
from dragoman.ground.accounts import TeamRole
from dragoman.ground.team_roles import TeamAct, may

PAGE = (Path(__file__).parents[3] / "docs/howto/teams.md").read_text(encoding="utf-8")
LINES = {
    "see the team, its people and its rooms; leave it": {TeamAct.SEE, TeamAct.LEAVE},
    "make rooms of the team": {TeamAct.MAKE_ROOMS},
    "invite and remove members": {TeamAct.INVITE_MEMBERS, TeamAct.REMOVE_MEMBERS},
    "rename the team": {TeamAct.RENAME},
    "change and delete the rooms of others in the team": {TeamAct.MANAGE_ROOMS},
    "read the audit log and the figures about calls, manage webhooks": {
        TeamAct.SEE_AUDIT,
        TeamAct.SEE_FIGURES,
        TeamAct.MANAGE_WEBHOOKS,
    },
    "make, invite and remove admins and owners": {TeamAct.SET_ROLES},
    "delete the team": {TeamAct.DELETE},
}


def test_the_page_says_what_each_role_may() -> None:
    said = {
        cells[0]: [cell == "yes" for cell in cells[1:]]
        for line in re.findall(r"^\| (\w.*) \|$", PAGE, re.MULTILINE)
        if len(cells := [cell.strip() for cell in line.split("|")]) == 4
    }

    assert set().union(*LINES.values()) == set(TeamAct)
    assert said == {line: [all(may(role, act) for act in acts) for role in TeamRole] for line, acts in LINES.items()}


def test_the_page_says_the_limits() -> None:
    limits = [int(number) for number in re.findall(r"^\| \w[^|]*\| (\d+) \|$", PAGE, re.MULTILINE)]

    assert limits == [MOST_TEAMS, MOST_PEOPLE, MOST_OPEN, GOOD_FOR.days]
