"""What a host has granted one participant of a call, as attributes too. A plain value; to meeting.py.

Attributes are set by the server alone. An interpreter takes who may not be transcribed for somebody who did not
consent (``rooms/livekit_participants.py``); what is granted outlives an API that is replaced in the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dragoman.rooms.livekit_participants import TRANSCRIBED

COHOST = "dragoman.cohost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    transcribed: bool = True
    """A host lets them be interpreted, if they consent."""
    cohost: bool = False
    """Hosts the call beside its host."""

    def attributes(self) -> dict[str, str]:
        return {TRANSCRIBED: _word(self.transcribed), COHOST: _word(self.cohost)}


PLAIN = Standing()


def standing_of(attributes: Mapping[str, str]) -> Standing:
    """Read what ``Standing.attributes`` wrote; what is missing was never changed by a host."""
    return Standing(transcribed=attributes.get(TRANSCRIBED) != "false", cohost=attributes.get(COHOST) == "true")


def _word(flag: bool) -> str:
    return "true" if flag else "false"
