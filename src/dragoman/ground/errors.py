"""Everything that can go wrong, in one tree.

    DragomanError
    ├── InputError                  what a person gave cannot be used
    │   ├── UnknownLanguage
    │   ├── AudioUnreadable         not audio, damaged, or a format we do not read
    │   ├── AudioTooLong
    │   ├── OutputNotWritable       the folder is not empty, not ours to write, or the disk is full
    │   ├── TooManyRequests
    │   └── SettingsInvalid
    ├── EngineError                 an engine could not do its work; the next engine may
    │   ├── EngineUnavailable       its program, package or model is missing
    │   ├── LanguageNotSupported
    │   ├── VoiceNotFound
    │   ├── SpeedOutOfRange
    │   ├── EngineTimeout           it did not answer before the deadline
    │   ├── EngineCrashed           it ended, or answered out of step
    │   ├── EngineOutputInvalid     it answered with nothing, or with garbage
    │   ├── TextNotReadable         this voice has no symbols or words for the text
    │   └── NothingToSpeak          the text has nothing that a voice can read: no engine was asked
    ├── ModelError
    │   ├── ModelNotFound           no such id, and no such folder
    │   ├── ModelIncomplete         files are missing or cut short
    │   ├── ModelWrongFamily        the folder holds another kind of model
    │   ├── ModelCorrupt            the bytes are not the published ones
    │   ├── ModelInUse              a running process works with it
    │   ├── PullUnderWay            the page fetches one thing at a time
    │   ├── LicenceNotAccepted      its licence asks for a consent that nobody gave
    │   └── DownloadFailed
    │       └── DiskFull
    ├── RoomError                   a call cannot be reached or held
    ├── StoreError                  the database could not do it
    │   ├── StoreUnavailable        away, or locked for too long
    │   ├── StoreFull               its disk has no room
    │   ├── StoreOutdated           its tables are not those of this release
    │   └── StoreDamaged            a backup or a database that does not check out
    ├── CapacityExhausted           the machine carries no further speaker
    └── WireError                   a message from another process that does not parse

Each has a stable ``code`` for the API and a message that says what would work; some carry ``facts`` (facts.py).
"""

from dragoman.ground.facts import NO_FACTS, Facts


class DragomanError(Exception):
    """The root: catch this to catch everything of ours."""

    code = "dragoman_error"

    def __init__(self, *message: object, facts: Facts = NO_FACTS) -> None:
        super().__init__(*message)
        self.facts = facts


class InputError(DragomanError):
    """What a person gave cannot be used."""

    code = "input_error"


class UnknownLanguage(InputError):
    """No language of the table has this code."""

    code = "unknown_language"


class AudioUnreadable(InputError):
    """The file is not audio, is damaged, or is in a format that we do not read."""

    code = "audio_unreadable"


class AudioTooLong(InputError):
    """The recording is longer than the limit."""

    code = "audio_too_long"


class OutputNotWritable(InputError):
    """The results cannot be written where they were asked for."""

    code = "output_not_writable"


class TooManyRequests(InputError):
    """Somebody asks too often; after ``retry_after_s`` seconds it may work."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int = 1, facts: Facts = NO_FACTS) -> None:
        super().__init__(message, facts=facts)
        self.retry_after_s = retry_after_s


class SettingsInvalid(InputError):
    """A setting or an option has a value that cannot be used."""

    code = "settings_invalid"


class EngineError(DragomanError):
    """An engine could not do its work; another one may."""

    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine's program, package or model is missing on this machine."""

    code = "engine_unavailable"


class LanguageNotSupported(EngineError):
    """The engine does not know this language or this pair."""

    code = "language_not_supported"


class VoiceNotFound(EngineError):
    """The text-to-speech engine has no such voice."""

    code = "voice_not_found"


class SpeedOutOfRange(EngineError):
    """Speech can be made this fast or slow only within limits."""

    code = "speed_out_of_range"


class EngineTimeout(EngineError):
    """The engine did not answer before the deadline."""

    code = "engine_timeout"


class EngineCrashed(EngineError):
    """The engine's process ended, or answered out of step."""

    code = "engine_crashed"


class EngineOutputInvalid(EngineError):
    """The engine answered with nothing, or with garbage."""

    code = "engine_output_invalid"


class TextNotReadable(EngineError):
    """The voice has no symbols or words for the text, and never will; another voice may."""

    code = "text_not_readable"


class NothingToSpeak(EngineError):
    """The text has nothing that a voice of its language can read: pictures, or another script. No engine was asked."""

    code = "nothing_to_speak"


class ModelError(DragomanError):
    """A model cannot be found, read or fetched."""

    code = "model_error"


class ModelNotFound(ModelError):
    """Neither the table nor the disk has this model."""

    code = "model_not_found"


class ModelIncomplete(ModelError):
    """Files of the model are missing or cut short."""

    code = "model_incomplete"


class ModelWrongFamily(ModelError):
    """The folder holds a model of another kind."""

    code = "model_wrong_family"


class ModelCorrupt(ModelError):
    """The bytes on disk are not the published ones."""

    code = "model_corrupt"


class ModelInUse(ModelError):
    """A running process works with the model."""

    code = "model_in_use"


class PullUnderWay(ModelError):
    """Another pull was ordered and is not done."""

    code = "pull_under_way"


class LicenceNotAccepted(ModelError):
    """The model may not be used commercially, and nobody here has accepted that."""

    code = "licence_not_accepted"


class DownloadFailed(ModelError):
    """A model could not be fetched; what arrived is kept for the next try."""

    code = "download_failed"


class DiskFull(DownloadFailed):
    """The disk of the models folder has no room for it."""

    code = "disk_full"


class RoomError(DragomanError):
    """A call could not be reached or held."""

    code = "room_error"


class StoreError(DragomanError):
    """The database could not do what was asked."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """The database is away, or somebody else has it locked for too long."""

    code = "store_unavailable"


class StoreFull(StoreError):
    """The disk of the database is full."""

    code = "store_full"


class StoreOutdated(StoreError):
    """The tables are those of another release."""

    code = "store_outdated"


class StoreDamaged(StoreError):
    """A database or a backup does not check out."""

    code = "store_damaged"


class CapacityExhausted(DragomanError):
    """The machine carries no further speaker in real time."""

    code = "capacity_exhausted"

    def __init__(self, message: str, *, retry_after_s: float | None = None, facts: Facts = NO_FACTS) -> None:
        """``retry_after_s`` says when it may work at the earliest, where that is known."""
        super().__init__(message, facts=facts)
        self.retry_after_s = retry_after_s


class WireError(DragomanError):
    """A message from another process does not parse."""

    code = "wire_error"
