"""Speech-to-text in another process or on another machine: the client of ``services/speech_to_text.py``.

Live recognition over a WebSocket is ``engines/remote_session.py``.
"""

import httpx2

from dragoman.engines.remote_service import EngineService, answers_in_step
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, EngineKind, RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript
from dragoman.wire.messages import read_transcript
from dragoman.wire.requests import TranscribeRequest, write_transcribe


class RemoteSpeechToText:
    """See ``SpeechToText`` and, for the arguments, ``EngineService``. Audio travels as 16-bit PCM."""

    def __init__(self, client: httpx2.Client, *, engine: str = "", timeout_s: float = 30.0) -> None:
        self._service = EngineService(client, kind=EngineKind.SPEECH_TO_TEXT, engine=engine, timeout_s=timeout_s)

    @property
    def info(self) -> EngineInfo:
        """Asks the service the first time, so call ``warm_up`` before using it on an event loop."""
        return self._service.info()

    def warm_up(self) -> None:
        self._service.warm_up()

    def cpu_s(self) -> float:
        """Give 0: the service accounts for its own."""
        return 0.0

    def close(self) -> None:
        self._service.close()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        request = TranscribeRequest(audio=audio, language=language, context=context, engine=self._service.engine)
        answer = self._service.ask("/transcribe", *write_transcribe(request))
        with answers_in_step():
            return read_transcript(answer)
