"""Text-to-speech in another process or on another machine: the client of ``services/text_to_speech.py``."""

from collections.abc import Iterator
from contextlib import closing

import httpx2

from dragoman.engines.remote_service import EngineService, answers_in_step
from dragoman.ground.audio import Audio
from dragoman.ground.engines import MAX_SPEED, MIN_SPEED, EngineInfo, EngineKind, Voice
from dragoman.ground.errors import SpeedOutOfRange
from dragoman.ground.languages import Language
from dragoman.wire.messages import read_audio, read_voices
from dragoman.wire.requests import SpeakRequest, write_speak


class RemoteTextToSpeech:
    """See ``TextToSpeech`` and, for the arguments, ``EngineService``. Pieces arrive as the service makes them."""

    def __init__(self, client: httpx2.Client, *, engine: str = "", timeout_s: float = 10.0) -> None:
        self._service = EngineService(client, kind=EngineKind.TEXT_TO_SPEECH, engine=engine, timeout_s=timeout_s)
        self._voices: dict[Language, tuple[Voice, ...]] = {}

    @property
    def info(self) -> EngineInfo:
        """Asks the service the first time, so call ``warm_up`` before using it on an event loop."""
        return self._service.info()

    def warm_up(self) -> None:
        """Ask for the engine and its voices, which are kept: routers choose a voice on the event loop."""
        self._service.warm_up()
        for language in self.info.languages:
            self.voices(language)

    def cpu_s(self) -> float:
        """Give 0: the service accounts for its own."""
        return 0.0

    def close(self) -> None:
        self._service.close()

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        # Checked here too: JSON has no way to write the speeds that are not even numbers.
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise SpeedOutOfRange(f"speed is from {MIN_SPEED} to {MAX_SPEED}, not {speed}")
        request = SpeakRequest(text=text, language=language, voice=voice, speed=speed, engine=self._service.engine)
        with closing(self._service.stream("/speak", write_speak(request))) as frames:
            for header, payload in frames:
                with answers_in_step():
                    piece = read_audio(header, payload)
                yield piece
                self._service.refuse_if_closed()

    def voices(self, language: Language) -> tuple[Voice, ...]:
        self._service.refuse_if_closed()
        if language not in self.info.languages:
            return ()
        known = self._voices.get(language)
        if known is None:
            known = self._voices[language] = self._ask_for_voices(language)
        return known

    def _ask_for_voices(self, language: Language) -> tuple[Voice, ...]:
        answer = self._service.get("/voices", {"language": language, "engine": self._service.engine})
        with answers_in_step():
            return read_voices(answer)
