"""One room: who is in it, what they chose, what was said, and what the host decided. From meetings.py."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.meetings.choices import Choices
from dragoman.meetings.errors import NotAllowed, ParticipantNotFound, RoomFull, RoomLocked
from dragoman.meetings.finals import FinalsMemory

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


class Meeting:
    """Plain: times come from outside, seconds of any clock that only grows."""

    def __init__(self, room_id: str, *, most_members: int, opened_at_s: float) -> None:
        self.id = room_id
        self.finals = FinalsMemory()
        self.locked = False
        self._terms: TermBase | None = None
        """None until they are set: an API that was replaced does not know whether they were."""
        self.most_members = most_members
        self.used_at_s = opened_at_s
        """When somebody was last in it."""
        self._members: dict[str, Member] = {}
        self._banned: set[str] = set()

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

        ``came_back`` is for who has proved to have been let in before: a lock is for others. Whose connection broke off
        has their seat for ``JOINING_S`` after they were last seen; the seat of who left may be somebody else's.
        """
        if member.identity in self._banned:
            raise NotAllowed("the host put you out of this room; ask them for a new link")
        if self.locked and not came_back:
            raise RoomLocked("the host lets nobody in any more; ask them to unlock the room")
        seated = {it.identity for it in self.members(at_s=member.admitted_at_s)}
        if member.identity not in seated:
            self._check_place(len(seated))
        # At the end, as the one seen last.
        self._members.pop(member.identity, None)
        self._members[member.identity] = member
        self._forget_gone(at_s=member.admitted_at_s)
        self.used_at_s = member.admitted_at_s

    def check_place(self, *, at_s: float) -> None:
        """Raise ``RoomFull`` if there is no seat left, for a practice speaker or anybody else."""
        self._check_place(len(self.members(at_s=at_s)))

    def members(self, *, at_s: float) -> list[Member]:
        """List who is in the room or on the way into it."""
        return [it for it in self._members.values() if not it.left and _seen_lately(it, at_s=at_s)]

    def member(self, identity: str) -> Member:
        """Raises ``ParticipantNotFound``; whoever was removed is not found any more."""
        if identity not in self._members or identity in self._banned:
            raise ParticipantNotFound("nobody of this identity is in the room; join it again")
        return self._members[identity]

    def choose(self, identity: str, choices: Choices) -> Member:
        """Replace what a member wants. Raises ``ParticipantNotFound``."""
        self._members[identity] = replace(self.member(identity), choices=choices)
        return self._members[identity]

    def remove(self, identity: str) -> None:
        """The host puts somebody out: their secret is worth nothing from now on. Raises ``ParticipantNotFound``."""
        self.member(identity)
        self._banned.add(identity)
        del self._members[identity]

    def found(self, present: Iterable[Member], *, at_s: float, left: Collection[str] = ()) -> None:
        """Take from the media server who is there; after a restart this is how members are known again.

        ``left`` are identities of whom it has said that they left. Who was let in once more since then, and has not
        been seen yet, is on the way in all the same.
        """
        there = {member.identity: member for member in present if member.identity not in self._banned}
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

    def was_removed(self, identity: str) -> bool:
        return identity in self._banned

    def _check_place(self, taken: int) -> None:
        if taken >= self.most_members:
            raise RoomFull(f"the room is full: {self.most_members} people are in it; try again when somebody has left")

    def _forget_gone(self, *, at_s: float) -> None:
        seated = {it.identity for it in self.members(at_s=at_s)}
        gone = [identity for identity in self._members if identity not in seated]
        for identity in gone[: max(0, len(gone) - MAX_GONE)]:
            del self._members[identity]

    def is_wanted(self, *, at_s: float) -> bool:
        """Say whether there is somebody to interpret for, or was a moment ago: who reloads a page is soon back."""
        return any(_seen_lately(it, at_s=at_s) for it in self._members.values())


def _seen_lately(member: Member, *, at_s: float) -> bool:
    return member.present or at_s - member.admitted_at_s < (RELOADING_S if member.left else JOINING_S)
