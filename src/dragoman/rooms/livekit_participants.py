"""Read people out of LiveKit: attributes to ``Participant``, and which of their tracks is the microphone.

Attributes are set by our API alone (the tokens of people do not let them), yet read here as if anybody could.
"""

from collections.abc import Mapping

from livekit import rtc

from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.rooms import Participant
from dragoman.ground.voices import VoiceWish

SPEAKS = "dragoman.speaks"
READS = "dragoman.reads"
LISTENS = "dragoman.listens"
VOICE = "dragoman.voice"
CONSENT = "dragoman.consent"
TRANSCRIBED = "dragoman.transcribed"
"""``false`` of whom a host lets nobody interpret, whatever they consent to."""
EPOCH = "dragoman.epoch"
NOTICES = "dragoman.notices"
AI_GENERATED = "dragoman.ai_generated"
"""Of the interpreter: all its tracks are synthetic speech. LiveKit's tracks have no attributes of their own."""
ORIGINAL = "original"
"""What ``dragoman.listens`` says for the original voice."""

_MACHINES = (rtc.ParticipantKind.PARTICIPANT_KIND_AGENT, rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS)


def describe_participant(participant: Participant) -> dict[str, str]:
    """Write a person's choices as attributes; ``read_participant`` reads them."""
    return {
        SPEAKS: participant.speaks or "",
        READS: participant.reads or "",
        LISTENS: participant.listens or ORIGINAL,
        VOICE: participant.voice,
        CONSENT: "true" if participant.consents else "false",
    }


def read_participant(identity: str, name: str, attributes: Mapping[str, str]) -> Participant:
    """Make a ``Participant``. What is missing or unknown is no language, or a natural voice; only "true" is consent.

    Who may not be transcribed is somebody who does not consent.
    """
    return Participant(
        identity=identity,
        name=name or identity,
        speaks=_language(attributes.get(SPEAKS, "")),
        reads=_language(attributes.get(READS, "")),
        listens=_language(attributes.get(LISTENS, ORIGINAL)),
        voice=_voice(attributes.get(VOICE, "")),
        consents=attributes.get(CONSENT) == "true" and attributes.get(TRANSCRIBED) != "false",
    )


def is_person(participant: rtc.RemoteParticipant) -> bool:
    """Say whether this is somebody who speaks, reads or listens: no agent, no recorder."""
    return participant.kind not in _MACHINES


def find_microphone(participant: rtc.RemoteParticipant) -> rtc.RemoteTrackPublication | None:
    """Give the track that is the person's microphone; shared screens and films are not interpreted."""
    for publication in participant.track_publications.values():
        is_audio = publication.kind == rtc.TrackKind.KIND_AUDIO
        if is_audio and publication.source == rtc.TrackSource.SOURCE_MICROPHONE:
            return publication
    return None


def _language(code: str) -> Language | None:
    if not code or code == ORIGINAL:
        return None
    try:
        return parse_language(code)
    except UnknownLanguage:
        return None


def _voice(word: str) -> VoiceWish:
    return VoiceWish(word) if word in set(VoiceWish) else VoiceWish.NATURAL
