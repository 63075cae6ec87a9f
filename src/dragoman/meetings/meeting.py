"""One room: who is in it, what they chose, what was said, and what the host decided. From meetings.py."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from dragoman.ground.captions import Unfinished
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.meetings.call_permits import CallPermit
from dragoman.meetings.choices import Choices
from dragoman.meetings.errors import NotAllowed, ParticipantNotFound, RoomFull, RoomFullByPlan, RoomLocked
from dragoman.meetings.finals import FinalsMemory
from dragoman.meetings.host_decisions import HostDecisions
from dragoman.meetings.invitations import PERSON
from dragoman.meetings.lobby import Lobby
from dragoman.meetings.room_card import RoomCard
from dragoman.meetings.standing import PLAIN, Standing

JOINING_S = 60.0
"""How long a seat is kept for somebody whom the media server does not see and of whom it has not said that they left:
longer than any browser takes to come in, or to come back."""
RELOADING_S = 10.0
"""How long the interpreter waits for somebody who left: a page that is loaded again is back within it."""
MAX_GONE = 1_000
"""Members remembered after they have left, so that they may read what was said; then the oldest are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who was let in."""

    identity: str
    name: str
    choices: Choices
    admitted_at_s: float
    present: bool = False
    """The media server sees them."""
    seen: bool = False
    """It has seen them since they were let in."""
    left: bool = False
    """They have gone, and no seat is kept; they may come back as anybody comes."""
    standing: Standing = PLAIN
    """What a host has granted them."""

    def attributes(self) -> dict[str, str]:
        """Write what everybody in the call may know of them, as LiveKit participant attributes."""
        return {**self.choices.attributes(), **self.standing.attributes()}


class Meeting:
    """Plain: times come from outside, seconds of any clock that only grows."""

    def __init__(
        self,
        room_id: str,
        *,
        most_members: int,
        opened_at_s: float,
        card: RoomCard | None = None,
        recalled: bool = False,
    ) -> None:
        self.id = room_id
        self.card = card
        """Of a lasting room; the call follows it."""
        self.owner_id = None if card is None else card.owner_id
        """Whose plan counts; None where there are no accounts."""
        self.team_id = None if card is None else card.team_id
        self.permit: CallPermit | None = None
        """While a call is held that somebody's plan counts."""
        self.emptied = False
        """Its call is over, for nobody was in it; its link is still good."""
        self.warned = False
        """People have been told that it ends soon."""
        self._warns_at_s: float | None = None
        self._ends_at_s: float | None = None
        self.recalled = recalled
        """Known again by an API that did not make it."""
        self.unsettled = recalled
        """What the store knows of it has not been read yet."""
        self.lobby = Lobby()
        self.finals = FinalsMemory()
        self.decided = HostDecisions(room_id, interpretation=card is None or card.interpretation, recalled=recalled)
        self._terms: TermBase | None = None
        """None until they are set: an API that was replaced does not know whether they were."""
        self._most_members = most_members
        self.used_at_s = opened_at_s
        """When somebody was last in it."""
        self._members: dict[str, Member] = {}

    @property
    def most_members(self) -> int:
        """How many come in, by the machine, the room and the plan of its owner."""
        planned = None if self.permit is None else self.permit.most_people
        return self._most_by_room if planned is None else min(self._most_by_room, planned)

    @property
    def _most_by_room(self) -> int:
        wished = None if self.card is None else self.card.most_people
        return self._most_members if wished is None else min(self._most_members, wished)

    def metadata(self) -> str:
        """Write what everybody in the call may know of it; empty while that is not known."""
        return self.decided.metadata(ends_at=self.ends_at if self.warned else None)

    @property
    def ends_at(self) -> datetime | None:
        """When the plan of its owner ends the call; None for never."""
        return None if self.permit is None else self.permit.ends_at

    @property
    def priority(self) -> int | None:
        """Say how urgent its work is among that of one kind; None while no plan is known to count."""
        return None if self.permit is None else self.permit.priority

    def take_permit(self, permit: CallPermit, *, now: datetime, at_s: float) -> None:
        """A call begins, or goes on. ``now`` and ``at_s`` are the same moment: who sets the clock ends no call."""
        self.permit, self.emptied, self.warned = permit, False, False
        self.used_at_s = at_s  # somebody is on the way in: it is not empty for long already
        self.owner_id, self.team_id = permit.owner_id or self.owner_id, permit.team_id or self.team_id
        self._warns_at_s = _later(at_s, now, permit.warns_at)
        self._ends_at_s = _later(at_s, now, permit.ends_at)

    def drop_permit(self) -> None:
        """Nobody is in it: the next who comes begins another call."""
        self.permit = self._warns_at_s = self._ends_at_s = None
        self.emptied, self.warned = True, False

    def is_due_to_warn(self, *, at_s: float) -> bool:
        return not self.warned and self._warns_at_s is not None and at_s >= self._warns_at_s

    def is_over(self, *, at_s: float) -> bool:
        """Say whether the plan of its owner ends the call now."""
        return self._ends_at_s is not None and at_s >= self._ends_at_s

    def is_empty(self, *, at_s: float, for_s: float) -> bool:
        """Say whether nobody has been in it for so long."""
        return at_s - self.used_at_s >= for_s and not self.is_wanted(at_s=at_s)

    def is_uncounted(self, *, at_s: float) -> bool:
        """Say whether somebody is in a call that is over for the plan: LiveKit still takes a token of before."""
        return self.emptied and any(it.present for it in self.members(at_s=at_s))

    def follow(self, card: RoomCard | None) -> None:
        """Take what the store knows of the room now; None for one that does not last."""
        self.unsettled = False
        self.card = card
        if card is not None:
            self.owner_id, self.team_id = card.owner_id, card.team_id

    @property
    def has_lobby(self) -> bool:
        return self.card is not None and self.card.lobby

    @property
    def terms(self) -> TermBase:
        """The glossary of the room."""
        return self._terms or NO_TERMS

    def set_terms(self, terms: TermBase) -> None:
        """Take the host's glossary instead of the one before."""
        self._terms = terms

    def recall_terms(self, terms: TermBase) -> None:
        """Take the glossary that the interpreter knows, unless there is one already."""
        if self._terms is None:
            self._terms = terms

    def admit(self, member: Member, *, came_back: bool = False) -> None:
        """Let somebody in. Raises ``RoomLocked`` or ``RoomFull``; ``NotAllowed`` for whom the host has put out.

        ``came_back`` is for who has proved to have been let in before, and for hosts and whom they let in: a lock is
        for others. Whose connection broke off has their seat for ``JOINING_S`` after they were last seen; the seat of
        who left may be somebody else's. What a host granted them stays.
        """
        self.check_welcome(member.identity)
        if not came_back:
            self.check_door()
        seated = {it.identity for it in self.members(at_s=member.admitted_at_s)}
        if member.identity not in seated:
            self._check_place(len(seated))
        # At the end, as the one seen last.
        before = self._members.pop(member.identity, None)
        self._members[member.identity] = member if before is None else replace(member, standing=before.standing)
        self._forget_gone(at_s=member.admitted_at_s)
        self.used_at_s = member.admitted_at_s

    def check_welcome(self, identity: str) -> None:
        """Raise ``NotAllowed`` for whom a host has put out."""
        if self.decided.was_removed(identity):
            raise NotAllowed("the host put you out of this room; ask them for a new link")

    def check_door(self) -> None:
        """Raise ``RoomLocked`` where a host lets nobody in."""
        if self.decided.locked:
            raise RoomLocked("the host lets nobody in any more; ask them to unlock the room")

    def check_place(self, *, at_s: float) -> None:
        """Raise ``RoomFull`` if there is no seat left, for a practice speaker or anybody else."""
        self._check_place(len(self.members(at_s=at_s)))

    def members(self, *, at_s: float) -> list[Member]:
        """List who is in the room or on the way into it."""
        return [it for it in self._members.values() if not it.left and _seen_lately(it, at_s=at_s)]

    def member(self, identity: str) -> Member:
        """Raises ``ParticipantNotFound``; whoever was removed is not found any more."""
        if identity not in self._members:
            raise ParticipantNotFound("nobody of this identity is in the room; join it again")
        return self._members[identity]

    def replace_member(self, member: Member) -> None:
        """Take what somebody chose, or a host granted them; somebody who was put out meanwhile stays out."""
        if member.identity in self._members:
            self._members[member.identity] = member

    def knows(self, identity: str) -> bool:
        """Say whether somebody was let into this call and not put out."""
        return identity in self._members

    def unfinished(self) -> list[Unfinished]:
        """List what whoever takes over is to finish; what is not to be interpreted any more is forgotten."""
        unfinished = self.finals.unfinished
        for speaker in {it.speaker for it in unfinished.all()}:
            if not self._is_interpreted(speaker):
                unfinished.forget(speaker)
        return unfinished.all()

    def _is_interpreted(self, identity: str) -> bool:
        """Say whether nothing is known against it; of who has left, what they chose last counts."""
        member = self._members.get(identity)
        allowed = member is None or (member.choices.consents and member.standing.transcribed)
        return allowed and self.decided.interpretation

    def is_cohost(self, identity: str) -> bool:
        return identity in self._members and self._members[identity].standing.cohost

    def came_uninvited(self, identity: str) -> bool:
        """Say whether somebody in the call got past the lobby, with a token of an earlier call."""
        return self.has_lobby and not self.recalled and identity.startswith(PERSON) and identity not in self._members

    def remove(self, identity: str) -> None:
        """The host puts somebody out: their secret is worth nothing from now on. Raises ``ParticipantNotFound``."""
        self.member(identity)
        self.decided.remove(identity)
        del self._members[identity]

    def found(self, present: Iterable[Member], *, at_s: float, left: Collection[str] = ()) -> None:
        """Take from the media server who is there; after a restart this is how members are known again.

        ``left`` are identities of whom it has said that they left. Who was let in once more since then, and has not
        been seen yet, is on the way in all the same.
        """
        there = {member.identity: member for member in present if not self.decided.was_removed(member.identity)}
        for identity, member in list(self._members.items()):
            if identity in there:
                self._members[identity] = replace(member, present=True, seen=True, left=False)
            elif identity in left and (member.present or member.seen):
                last_s = at_s if member.present else member.admitted_at_s
                self._members[identity] = replace(member, present=False, left=True, admitted_at_s=last_s)
            elif member.present:
                # Kept for a while: a connection that broke off comes back under the same identity.
                self._members[identity] = replace(member, present=False, admitted_at_s=at_s)
        for identity, member in there.items():
            self._members.setdefault(identity, replace(member, seen=True))
        if there:
            self.used_at_s = at_s

    def _check_place(self, taken: int) -> None:
        if taken < self.most_members:
            return
        if self.permit is not None and self.most_members < self._most_by_room:
            facts = self.permit.facts_when_full
            raise RoomFullByPlan(
                f"the room is full by its owner's plan: {self.permit.when_full}, or try again when somebody has left",
                facts=replace(facts, helps=(Help.SOMEBODY_LEAVES, *facts.helps)),
            )
        raise RoomFull(
            f"the room is full: {self.most_members} people are in it; try again when somebody has left",
            facts=Facts(limit=Bound.PEOPLE_IN_ROOM, allowed=self.most_members, helps=(Help.SOMEBODY_LEAVES,)),
        )

    def _forget_gone(self, *, at_s: float) -> None:
        seated = {it.identity for it in self.members(at_s=at_s)}
        gone = [identity for identity in self._members if identity not in seated]
        for identity in gone[: max(0, len(gone) - MAX_GONE)]:
            del self._members[identity]

    def is_wanted(self, *, at_s: float) -> bool:
        """Say whether there is somebody to interpret for, or was a moment ago: who reloads a page is soon back."""
        return any(_seen_lately(it, at_s=at_s) for it in self._members.values())


def _later(at_s: float, now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else at_s + (moment - now).total_seconds()


def _seen_lately(member: Member, *, at_s: float) -> bool:
    return member.present or at_s - member.admitted_at_s < (RELOADING_S if member.left else JOINING_S)
