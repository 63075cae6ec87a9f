"""Practice speakers: participants who say the bundled talk, so that one person alone sees captions and hears the dub.

For ``POST .../practice-speaker``, and for ``dragoman practice`` (practice_visit.py); the sound goes into the call as a
person's would.
"""

import asyncio
import secrets
from importlib.resources import as_file, files
from types import TracebackType
from typing import Self

import structlog

from dragoman.ground.errors import CapacityExhausted, DragomanError, LanguageNotSupported
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.languages import Language, language_name
from dragoman.meetings.choices import Choices
from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.livekit_speaking import speak_recording
from dragoman.rooms.tokens import human_token

log = structlog.get_logger()

NAME = "Practice speaker"
RECORDINGS = {Language("en"): "talk.flac"}
"""Bundled talks by language."""
MAX_SPEAKERS = 4
"""At once, over all rooms."""


def practice_choices(language: Language) -> Choices:
    """Say what a practice speaker wants. Raises ``LanguageNotSupported`` for a language without a recording."""
    if language not in RECORDINGS:
        known = ", ".join(language_name(known) for known in RECORDINGS)
        raise LanguageNotSupported(f"the practice speaker speaks {known}, not {language_name(language)}")
    return Choices(speaks=language, reads=None, listens=None, consents=True)


async def give_talk(language: Language, *, url: str, token: str, again_and_again: bool = False) -> None:
    """Speak the bundled talk in the room of ``token``. Raises as ``speak_recording`` does."""
    with as_file(files("dragoman") / "samples" / RECORDINGS[language]) as path:
        await speak_recording(path, url=url, token=token, again_and_again=again_and_again)


class PracticeSpeakers:
    """Owns the tasks in which practice speakers speak."""

    def __init__(self, *, url: str, keys: KeyPair) -> None:
        self._url = url
        self._keys = keys
        self._speaking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._speaking:
            task.cancel()
        await asyncio.gather(*self._speaking, return_exceptions=True)

    async def add(self, room: str, language: Language) -> None:
        """Let one speak in ``room``; it leaves when the talk is over.

        Raises ``LanguageNotSupported``, or ``CapacityExhausted`` while enough of them speak.
        """
        choices = practice_choices(language)
        if len(self._speaking) >= MAX_SPEAKERS:
            raise CapacityExhausted(
                f"{MAX_SPEAKERS} practice speakers are speaking already; wait for one to end",
                facts=Facts(limit=Bound.PRACTICE_SPEAKERS, allowed=MAX_SPEAKERS, helps=(Help.WAIT,)),
            )
        token = human_token(
            self._keys,
            room=room,
            identity=f"practice-{secrets.token_hex(4)}",
            name=NAME,
            attributes=choices.attributes(),
        )
        task = asyncio.create_task(self._speak(language, token), name="practice speaker")
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _speak(self, language: Language, token: str) -> None:
        try:
            await give_talk(language, url=self._url, token=token)
        except DragomanError as error:
            log.warning("practice_speaker_refused", code=error.code, detail=str(error))
        except Exception:  # the top of a task: the room goes on without practice
            log.exception("practice_speaker_failed")
