"""An audit entry takes words, numbers and ids; what people wrote does not get in."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.accounts import SYSTEM, Actor
from dragoman.store.audit import Fact, record
from dragoman.store.tables import AuditEntry

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Session:
    """Takes what is added."""

    def __init__(self) -> None:
        self.added: list[AuditEntry] = []

    def add(self, row: AuditEntry) -> None:
        self.added.append(row)


def written(facts: dict[str, Fact], action: str = "team.renamed", actor: Actor = SYSTEM) -> AuditEntry:
    session = Session()
    record(cast(AsyncSession, session), at=NOON, actor=actor, action=action, target=("team", "t1"), facts=facts)
    return session.added[0]


def test_an_entry_says_who_did_what_to_what() -> None:
    entry = written({"role": "admin", "people": 3}, actor=Actor(kind="user", id="u1", address="192.0.2.7"))

    assert (entry.actor_kind, entry.actor_id, entry.address) == ("user", "u1", "192.0.2.7")
    assert (entry.action, entry.target_kind, entry.target_id) == ("team.renamed", "team", "t1")
    assert entry.facts == {"role": "admin", "people": 3}


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "An Nguyen"},
        {"name": "An"},
        {"email": "an@example.org"},
        {"title": "họp"},
        {"fields": ["name", "My Room"]},
        {"what was said": 1},
        {"room_id": "an id with spaces"},
    ],
)
def test_what_people_wrote_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="more than words"):
        written(facts)


@given(text=st.text(min_size=1).filter(lambda it: not it.isascii() or " " in it or "@" in it or not it.islower()))
def test_no_text_but_plain_words_gets_in(text: str) -> None:
    if text.isascii() and all(it.isdigit() or it in "_.:-" for it in text):
        return
    with pytest.raises(ValueError, match="more than words"):
        written({"word": text})


@pytest.mark.parametrize("action", ["renamed", "Team.renamed", "team.", "team renamed", "a.b.c"])
def test_an_action_is_a_kind_and_what_was_done(action: str) -> None:
    with pytest.raises(ValueError, match="no action"):
        written({}, action=action)
