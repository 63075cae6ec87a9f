"""What is stored of people: accounts, how they come in, and teams. To data_map.py."""

from typing import Final

from sqlalchemy import ColumnElement, or_, select

from dragoman.accounts.stored import CREATED, TEAMS, THEIRS, Erased, StoredTable
from dragoman.store import tables


def _own_address(user_id: str) -> ColumnElement[bool]:
    address = select(tables.User.email).where(tables.User.id == user_id).scalar_subquery()
    invitation = tables.Invitation
    return or_(invitation.email == address, invitation.used_by == user_id, invitation.created_by == user_id)


def _own_teams(user_id: str) -> ColumnElement[bool]:
    return tables.Team.id.in_(select(tables.Membership.team_id).where(tables.Membership.user_id == user_id))


PEOPLE: Final = (
    StoredTable(
        table=tables.User,
        what="An account.",
        why="To know who signs in, and to name people to each other.",
        whose=THEIRS,
        how_long="until the person or an admin deletes it",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.User.id == user_id,
        columns={
            "id": "Random id.",
            "email": "The address they sign in with, in lower case.",
            "name": "What others see.",
            "password_hash": "Argon2id of the password; the password itself is nowhere.",
            "oidc_issuer": "The provider they sign in with, if any.",
            "oidc_subject": "What that provider calls them.",
            "is_admin": "Whether they run the server.",
            "plan": "What the admin assigned.",
            "plan_limits": "Limits of their own, set by the admin.",
            "epoch": "Number that makes old access tokens worthless.",
            "disabled_at": "When an admin closed the account, or its owner had it deleted.",
            "created_at": CREATED,
            "last_sign_in_at": "When they last signed in.",
        },
        secrets=frozenset({"password_hash", "epoch"}),
    ),
    StoredTable(
        table=tables.SignedIn,
        what="A browser that is signed in.",
        why="To keep people signed in, and to let them end what is not theirs.",
        whose=THEIRS,
        how_long="until a week after it ended; its address for a week after it was used",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.SignedIn.user_id == user_id,
        columns={
            "id": "Random id.",
            "user_id": "Whose it is.",
            "refresh_hash": "SHA-256 of the token that is good now.",
            "spent_hash": "SHA-256 of the one before.",
            "rotated_at": "When the token was replaced.",
            "created_at": "When they signed in.",
            "used_at": "When it was last used.",
            "expires_at": "When it ends by itself.",
            "revoked_at": "When it was ended.",
            "device": "Browser and system, in words.",
            "address": "The network it was last used from, never the whole address.",
        },
        secrets=frozenset({"refresh_hash", "spent_hash"}),
    ),
    StoredTable(
        table=tables.ApiKey,
        what="A key that lets a program do what its owner may.",
        why="To let programs in without a password.",
        whose=THEIRS,
        how_long="until its owner deletes it",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.ApiKey.user_id == user_id,
        columns={
            "id": "Random id.",
            "user_id": "Whose it is.",
            "name": "What its owner calls it.",
            "key_hash": "SHA-256 of the key; the key itself was shown once.",
            "hint": "Its first letters.",
            "created_at": CREATED,
            "used_at": "When it was last used.",
            "expires_at": "When it ends by itself.",
        },
        secrets=frozenset({"key_hash"}),
    ),
    StoredTable(
        table=tables.Team,
        what="A team.",
        why="To show rooms to its people.",
        whose=TEAMS,
        how_long="until an owner deletes it, or its last member is erased",
        erased=Erased.STAYS,
        of_person=_own_teams,
        columns={"id": "Random id.", "name": "What its people call it.", "created_at": CREATED},
    ),
    StoredTable(
        table=tables.Membership,
        what="Who is in a team.",
        why="To know what somebody may do in it.",
        whose=THEIRS,
        how_long="until they leave",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.Membership.user_id == user_id,
        columns={
            "team_id": "The team.",
            "user_id": "The person.",
            "role": "Owner, admin or member.",
            "joined_at": "When they came.",
        },
    ),
    StoredTable(
        table=tables.Invitation,
        what="A link that lets one person sign up, or into a team.",
        why="To let in who was invited and nobody else.",
        whose="the person's whose address it names; else the team's",
        how_long="until a week after it was used or ended",
        erased=Erased.GONE,
        of_person=_own_address,
        columns={
            "id": "Random id.",
            "token_hash": "SHA-256 of what the link carries.",
            "team_id": "The team, if it is to one.",
            "role": "What they will be in it.",
            "email": "The only address it is good for, if that was said.",
            "created_by": "Who invited.",
            "created_at": CREATED,
            "expires_at": "When it ends by itself.",
            "used_at": "When it was taken.",
            "used_by": "By whom.",
        },
        secrets=frozenset({"token_hash"}),
    ),
)
