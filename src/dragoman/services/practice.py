"""Practice speakers: participants who say the bundled talk, so that one person alone sees captions and hears the dub.

For ``POST .../practice-speaker``; the sound goes into the call as a person's would.
"""

import asyncio
import secrets
from importlib.resources import as_file, files
from types import TracebackType
from typing import Self

import structlog

from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language, language_name
from dragoman.rooms.livekit_speaking import speak_recording
from dragoman.rooms.tokens import KeyPair

log = structlog.get_logger()

RECORDINGS = {Language("en"): "talk.flac"}
"""Bundled talks by language."""
MAX_SPEAKERS = 4
"""At once, over all rooms."""


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
        """Let one speak in ``room``; it leaves when the talk is over. Raises ``LanguageNotSupported``."""
        if language not in RECORDINGS:
            known = ", ".join(language_name(known) for known in RECORDINGS)
            raise LanguageNotSupported(f"the practice speaker speaks {known}, not {language_name(language)}")
        if len(self._speaking) >= MAX_SPEAKERS:
            raise LanguageNotSupported(f"{MAX_SPEAKERS} practice speakers are speaking already; wait for one to end")
        task = asyncio.create_task(self._speak(room, language), name="practice speaker")
        self._speaking.add(task)
        task.add_done_callback(self._speaking.discard)

    async def _speak(self, room: str, language: Language) -> None:
        try:
            with as_file(files("dragoman") / "samples" / RECORDINGS[language]) as path:
                await speak_recording(
                    path,
                    url=self._url,
                    keys=self._keys,
                    room=room,
                    identity=f"practice-{secrets.token_hex(4)}",
                    name="Practice speaker",
                    language=language,
                )
        except Exception:  # the top of a task: the room goes on without practice
            log.exception("practice_speaker_failed", room=room)
