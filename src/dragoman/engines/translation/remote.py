"""Translation in another process or on another machine: the client of ``services/translation.py``."""

from collections.abc import Sequence
from copy import copy

import httpx2

from dragoman.engines.broker import Urgency
from dragoman.engines.remote_service import EngineService, answers_in_step
from dragoman.ground.engines import EngineInfo, EngineKind, Glossary, Translation
from dragoman.ground.errors import WireError
from dragoman.ground.languages import Language
from dragoman.wire.messages import read_translations
from dragoman.wire.requests import TranslateRequest, write_translate


class RemoteTranslator:
    """See ``Translator`` and, for the arguments, ``EngineService``.

    The shorter one of ``deadline_s`` and ``timeout_s`` holds.
    """

    def __init__(self, client: httpx2.Client, *, engine: str = "", timeout_s: float = 10.0) -> None:
        self._service = EngineService(client, kind=EngineKind.TRANSLATION, engine=engine, timeout_s=timeout_s)
        self._urgency = Urgency.FINAL
        self._is_repair = False

    def asked(self, urgency: Urgency, *, is_repair: bool = False) -> "RemoteTranslator":
        """Give the same engine, whose service is told how urgent it is: finals go first, then previews, then texts.

        A repair for a glossary lets others of its urgency go first.
        """
        other = copy(self)
        other._urgency = urgency
        other._is_repair = is_repair
        return other

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

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        request = TranslateRequest(
            sentences=tuple(sentences),
            source=source,
            target=target,
            glossary=glossary,
            committed_prefix=committed_prefix,
            engine=self._service.engine,
            preview=self._urgency is Urgency.PARTIAL,
            background=self._urgency is Urgency.RECORDING,
            repair=self._is_repair,
        )
        answer = self._service.ask("/translate", write_translate(request), timeout_s=deadline_s)
        with answers_in_step():
            translations = read_translations(answer)
            if len(translations) != len(sentences):
                raise WireError(f"{len(sentences)} sentences were asked for, and {len(translations)} came")
            return translations
