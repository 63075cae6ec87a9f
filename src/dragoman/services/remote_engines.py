"""Open the engines of services that run elsewhere, one for each engine that a service says it has. To assembly.py."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx2

from dragoman.engines.remote_service import EngineService
from dragoman.engines.remote_session import RemoteRecognizer, connect_websocket
from dragoman.engines.speech_to_text.remote import RemoteSpeechToText
from dragoman.engines.text_to_speech.remote import RemoteTextToSpeech
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.engines import Engine, EngineChoice, EngineKind, SpeechToText, TextToSpeech, Translator

E = TypeVar("E", bound=Engine)

ASK_WITHIN_S = 10.0
MAX_CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAddress:
    """Where a service is, and what it knows us by."""

    url: str
    token: str | None = field(repr=False)


def remote_speech_to_text(
    address: ServiceAddress, asked: Sequence[EngineChoice]
) -> AbstractContextManager[list[SpeechToText]]:
    """Open what was asked for, or everything that the service has, in its order. Raises ``EngineUnavailable``."""
    return _engines(address, EngineKind.SPEECH_TO_TEXT, asked, _speech_to_text)


def remote_translation(
    address: ServiceAddress, asked: Sequence[EngineChoice]
) -> AbstractContextManager[list[Translator]]:
    """See ``remote_speech_to_text``."""
    return _engines(address, EngineKind.TRANSLATION, asked, _translator)


def remote_text_to_speech(
    address: ServiceAddress, asked: Sequence[EngineChoice]
) -> AbstractContextManager[list[TextToSpeech]]:
    """See ``remote_speech_to_text``."""
    return _engines(address, EngineKind.TEXT_TO_SPEECH, asked, _text_to_speech)


def remote_recognizer(address: ServiceAddress) -> RemoteRecognizer:
    """Recognise live at a speech-to-text service."""
    url = f"{address.url.replace('http', 'ws', 1)}/recognize"
    return RemoteRecognizer(lambda: connect_websocket(url, token=address.token))


def _speech_to_text(client: httpx2.Client, label: str) -> SpeechToText:
    return RemoteSpeechToText(client, engine=label)


def _translator(client: httpx2.Client, label: str) -> Translator:
    return RemoteTranslator(client, engine=label)


def _text_to_speech(client: httpx2.Client, label: str) -> TextToSpeech:
    return RemoteTextToSpeech(client, engine=label)


@contextmanager
def _engines(
    address: ServiceAddress,
    kind: EngineKind,
    asked: Sequence[EngineChoice],
    make: Callable[[httpx2.Client, str], E],
) -> Iterator[list[E]]:
    headers = {} if address.token is None else {"Authorization": f"Bearer {address.token}"}
    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    # No proxy, whatever the environment says: the services of one installation talk directly.
    with httpx2.Client(base_url=address.url, headers=headers, limits=limits, trust_env=False) as client:
        labels = [_label(choice) for choice in asked]
        service = EngineService(client, kind=kind, engine="", timeout_s=ASK_WITHIN_S)
        engines = [make(client, label) for label in labels or service.labels()]
        for engine in engines:
            engine.warm_up()
        yield engines
        for engine in engines:
            engine.close()


def _label(choice: EngineChoice) -> str:
    """Name an engine as it names itself: a folder by its last part."""
    return f"{choice.name}:{Path(choice.model).name}" if choice.model else choice.name
