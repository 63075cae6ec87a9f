"""Who wants what: the languages a speaker is to be interpreted into, and for whom. A plain class; to interpreter.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.voices import VoiceWish


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Of one speaker in one target language."""

    readers: frozenset[str]
    listeners: Mapping[VoiceWish, frozenset[str]]
    """By the voice they wish for; no wish without a listener."""


class Listeners:
    """The participants of a room and their wishes."""

    def __init__(self) -> None:
        self._participants: dict[str, Participant] = {}

    def put(self, participant: Participant) -> None:
        self._participants[participant.identity] = participant

    def remove(self, identity: str) -> None:
        self._participants.pop(identity, None)

    def get(self, identity: str) -> Participant | None:
        return self._participants.get(identity)

    def speakers(self) -> list[Participant]:
        """List those who speak and agreed to be interpreted."""
        return [who for who in self._participants.values() if who.speaks is not None and who.consents]

    def source_readers(self, speaker: Participant) -> frozenset[str]:
        """Give those who read the speaker's own language, the speaker included."""
        return frozenset(who.identity for who in self._participants.values() if who.reads == speaker.speaks)

    def demand(self, speaker: Participant) -> dict[Language, Audience]:
        """Map each language that others want this speaker in to who wants it. The speaker's own language is none."""
        others = [who for who in self._participants.values() if who.identity != speaker.identity]
        wanted = {who.reads for who in others} | {who.listens for who in others}
        return {
            language: Audience(
                readers=frozenset(who.identity for who in others if who.reads == language),
                listeners=_by_wish(who for who in others if who.listens == language),
            )
            for language in wanted
            if language is not None and language != speaker.speaks
        }


def _by_wish(listeners: Iterable[Participant]) -> dict[VoiceWish, frozenset[str]]:
    wishes: dict[VoiceWish, frozenset[str]] = {}
    for who in listeners:
        wishes[who.voice] = wishes.get(who.voice, frozenset()) | {who.identity}
    return wishes
