"""Teams over HTTP: who is in one, what each may do in it, and what is told to strangers."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.integration.test_api_rooms import assert_problem

from dragoman.accounts import invitations as rules_of_invitations
from dragoman.accounts import teams as rules_of_teams
from dragoman.ground.accounts import SYSTEM
from dragoman.store import teams as team_rows
from dragoman.store import users

TEAMS = "/api/v1/teams"


async def make_team(person: Person, name: str = "Nachtigall") -> str:
    answer = await person.client.post(TEAMS, json={"name": name})
    assert answer.status_code == 201, answer.text
    team: str = answer.json()["id"]
    return team


async def bring_in(team: str, by: Person, who: Person, role: str = "member") -> None:
    made = await by.client.post(f"{TEAMS}/{team}/invitations", json={"role": role})
    assert made.status_code == 201, made.text
    answer = await who.client.post(f"/api/v1/invitations/{token_of(made)}/accept")
    assert answer.status_code == 200, answer.text


def token_of(made: httpx2.Response) -> str:
    token: str = made.json()["link"].partition("#")[2]
    return token


async def roles(person: Person, team: str) -> dict[str, str]:
    answer = await person.client.get(f"{TEAMS}/{team}/members")
    return {it["user_id"]: it["role"] for it in answer.json()["items"]}


async def list_of(person: Person, path: str) -> list[dict[str, Any]]:
    answer = await person.client.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def two(site: AccountsSite) -> tuple[Person, Person, str]:
    """Give an owner, a member, and their team."""
    an, binh = await site.sign_up("an@example.org"), await site.sign_up("binh@example.org")
    team = await make_team(an)
    await bring_in(team, an, binh)
    return an, binh, team


async def test_who_makes_a_team_owns_it_and_sees_it_in_their_list(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        team = await make_team(an, "  Nachtigall ")

        assert await list_of(an, TEAMS) == [{"id": team, "name": "Nachtigall", "role": "owner", "people": 1}]
        assert await roles(an, team) == {an.user_id: "owner"}


async def test_a_team_of_others_is_not_there(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, chi = await site.sign_up("an@example.org"), await site.sign_up("chi@example.org", admin=True)
        team = await make_team(an)

        answer, never = await chi.client.get(f"{TEAMS}/{team}"), await chi.client.get(f"{TEAMS}/nothing")

        assert_problem(answer, 404, "team_not_found")
        assert answer.json() == never.json()


@pytest.mark.usefixtures("each_database")
async def test_an_invitation_lets_one_person_in_and_no_second(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh = await site.sign_up("an@example.org"), await site.sign_up("binh@example.org")
        chi = await site.sign_up("chi@example.org")
        team = await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={})
        accept = f"/api/v1/invitations/{token_of(made)}/accept"

        first, second = await binh.client.post(accept), await chi.client.post(accept)

        assert first.json() == {"id": team, "name": "Nachtigall", "role": "member", "people": 2}
        assert_problem(second, 404, "invitation_not_found")
        assert await list_of(an, f"{TEAMS}/{team}/invitations") == []


async def test_an_invitation_tells_who_has_it_what_it_is_for(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={"email": "Binh@Example.org", "role": "admin"})

        answer = await site.anonymous.get(f"/api/v1/invitations/{token_of(made)}")

        seen = answer.json()
        assert (seen["team"], seen["role"], seen["email"]) == ({"name": "Nachtigall"}, "admin", "binh@example.org")


async def test_an_invitation_for_one_address_is_no_good_to_another(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, chi = await site.sign_up("an@example.org"), await site.sign_up("chi@example.org")
        binh = await site.sign_up("binh@example.org")
        team = await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={"email": "Binh@example.org"})
        accept = f"/api/v1/invitations/{token_of(made)}/accept"

        wrong, right = await chi.client.post(accept), await binh.client.post(accept)

        assert_problem(wrong, 403, "forbidden")
        assert right.status_code == 200


@pytest.mark.parametrize("ends", ["revoked", "14 days later"])
async def test_an_invitation_ends_when_it_is_taken_back_and_after_14_days(tmp_path: Path, ends: str) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={})
        if ends == "revoked":
            answer = await an.client.delete(f"{TEAMS}/{team}/invitations/{made.json()['id']}")
            assert answer.status_code == 204
        else:
            site.clock.wind(days=14)

        answer = await site.anonymous.get(f"/api/v1/invitations/{token_of(made)}")

        assert_problem(answer, 404, "invitation_not_found")


async def test_new_people_come_into_the_team_by_signing_up_with_its_invitation(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        team = await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={"role": "admin"})
        new = {"email": "dung@example.org", "name": "Dung", "password": "a few words in a row"}

        answer = await site.anonymous.post("/api/v1/users", json={**new, "invitation": token_of(made)})

        assert answer.status_code == 201, answer.text
        assert answer.json()["user"]["teams"] == [{"id": team, "name": "Nachtigall", "role": "admin"}]


async def test_who_is_in_the_team_already_does_not_use_up_an_invitation(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={})

        answer = await binh.client.post(f"/api/v1/invitations/{token_of(made)}/accept")

        assert_problem(answer, 409, "already_member")
        assert len(await list_of(an, f"{TEAMS}/{team}/invitations")) == 1


@pytest.mark.usefixtures("each_database")
async def test_the_last_owner_neither_leaves_nor_steps_down(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, _, team = await two(site)
        me = f"{TEAMS}/{team}/members/{an.user_id}"

        assert_problem(await an.client.delete(me), 409, "last_owner")
        assert_problem(await an.client.patch(me, json={"role": "admin"}), 409, "last_owner")


async def test_an_owner_who_made_another_one_leaves(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        answer = await an.client.patch(f"{TEAMS}/{team}/members/{binh.user_id}", json={"role": "owner"})
        assert answer.json()["role"] == "owner"

        answer = await an.client.delete(f"{TEAMS}/{team}/members/{an.user_id}")

        assert answer.status_code == 204
        assert await roles(binh, team) == {binh.user_id: "owner"}
        assert_problem(await an.client.get(f"{TEAMS}/{team}"), 404, "team_not_found")


async def test_an_admin_manages_members_and_nobody_above_them(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        chi, dung = await site.sign_up("chi@example.org"), await site.sign_up("dung@example.org")
        await bring_in(team, an, chi, "admin")
        await bring_in(team, chi, dung)
        path = f"{TEAMS}/{team}"

        removed = await chi.client.delete(f"{path}/members/{binh.user_id}")

        assert removed.status_code == 204
        assert_problem(await chi.client.delete(f"{path}/members/{an.user_id}"), 403, "forbidden")
        assert_problem(
            await chi.client.patch(f"{path}/members/{dung.user_id}", json={"role": "admin"}), 403, "forbidden"
        )
        assert_problem(await chi.client.post(f"{path}/invitations", json={"role": "owner"}), 403, "forbidden")
        assert_problem(await dung.client.post(f"{path}/invitations", json={}), 403, "forbidden")
        assert_problem(await dung.client.patch(path, json={"name": "Mine"}), 403, "forbidden")


async def test_a_refusal_says_which_role_it_takes(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        _, binh, team = await two(site)

        answer = await binh.client.delete(f"{TEAMS}/{team}")

        assert answer.json()["detail"] == "as member of this team you may not delete the team; that takes: owner"


@pytest.mark.usefixtures("each_database")
async def test_a_deleted_team_is_gone_for_all_with_its_invitations(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={})

        assert (await an.client.delete(f"{TEAMS}/{team}")).status_code == 204

        assert await list_of(binh, TEAMS) == []
        assert_problem(await site.anonymous.get(f"/api/v1/invitations/{token_of(made)}"), 404, "invitation_not_found")


async def test_limits_of_teams_people_and_invitations_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_of_teams, "MOST_TEAMS", 2)
    monkeypatch.setattr(rules_of_invitations, "MOST_PEOPLE", 2)
    monkeypatch.setattr(rules_of_invitations, "MOST_OPEN", 2)
    async with accounts_site(tmp_path) as site:
        an, _, team = await two(site)
        chi = await site.sign_up("chi@example.org")
        await make_team(an)
        made = await an.client.post(f"{TEAMS}/{team}/invitations", json={})
        await an.client.post(f"{TEAMS}/{team}/invitations", json={})

        assert_problem(await an.client.post(TEAMS, json={"name": "third"}), 409, "too_many_teams")
        assert_problem(await an.client.post(f"{TEAMS}/{team}/invitations", json={}), 409, "too_many_invitations")
        full = await chi.client.post(f"/api/v1/invitations/{token_of(made)}/accept")
        assert_problem(full, 409, "team_full")


@pytest.mark.usefixtures("each_database")
async def test_the_teams_of_an_erased_person_have_an_owner_still(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        chi = await site.sign_up("chi@example.org")
        await bring_in(team, an, chi, "admin")
        alone = await make_team(an, "alone")

        async with site.database.writing() as session:
            await rules_of_teams.hand_over_teams(session, an.user_id, actor=SYSTEM, at=site.clock())

        assert await roles(binh, team) == {binh.user_id: "member", chi.user_id: "owner"}
        async with site.database.reading() as session:
            assert await team_rows.name_of(session, alone) is None


async def close_account(site: AccountsSite, *people: Person) -> None:
    async with site.database.writing() as session:
        for person in people:
            user = await users.lock(session, person.user_id)
            assert user is not None
            user.disabled_at = site.clock()


@pytest.mark.usefixtures("each_database")
async def test_a_team_goes_to_somebody_whose_account_is_open_if_there_is_anybody(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        chi = await site.sign_up("chi@example.org")
        await bring_in(team, an, chi, "owner")
        left = await make_team(an, "left")
        await bring_in(left, an, chi)
        await close_account(site, chi)

        async with site.database.writing() as session:
            await rules_of_teams.hand_over_teams(session, an.user_id, actor=SYSTEM, at=site.clock())

        assert (await roles(binh, team))[binh.user_id] == "owner"
        async with site.database.reading() as session:
            heir = await team_rows.membership(session, left, chi.user_id)
        assert heir is not None
        assert heir.role == "owner"


@pytest.mark.usefixtures("each_database")
async def test_an_owner_whose_account_is_closed_is_no_reason_to_let_the_last_one_go(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        await an.client.patch(f"{TEAMS}/{team}/members/{binh.user_id}", json={"role": "owner"})
        await close_account(site, binh)

        left = await an.client.delete(f"{TEAMS}/{team}/members/{an.user_id}")
        stepped_down = await an.client.patch(f"{TEAMS}/{team}/members/{an.user_id}", json={"role": "member"})
        removed = await an.client.delete(f"{TEAMS}/{team}/members/{binh.user_id}")

        assert_problem(left, 409, "last_owner")
        assert_problem(stepped_down, 409, "last_owner")
        assert removed.status_code == 204


@pytest.mark.parametrize("how", ["leaves", "is removed"])
async def test_the_rooms_of_who_leaves_a_team_leave_it_too(how: str, tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        other = await make_team(binh, "other")
        shared, elsewhere = [
            (await binh.client.post("/api/v1/my/rooms", json={"title": "Standup", "team_id": it})).json()["id"]
            for it in (team, other)
        ]
        ans = (await an.client.post("/api/v1/my/rooms", json={"title": "Retro", "team_id": team})).json()["id"]

        leaver = binh if how == "leaves" else an
        assert (await leaver.client.delete(f"{TEAMS}/{team}/members/{binh.user_id}")).status_code == 204

        assert {it["id"]: it["team_id"] for it in await list_of(binh, "/api/v1/my/rooms")} == {
            shared: None,
            elsewhere: other,
        }
        assert [(it["id"], it["team_id"]) for it in await list_of(an, "/api/v1/my/rooms")] == [(ans, team)]
        assert_problem(await an.client.delete(f"/api/v1/my/rooms/{shared}"), 404, "room_not_found")
