"""What the services' engines say of themselves: as they were at the start, until other ones run. To directions.py."""

from collections.abc import Sequence

import structlog

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import DragomanError
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.settings import Settings

log = structlog.get_logger()


class EngineInfos:
    """``settings`` have the addresses of the services; ``known`` is what they said at the start."""

    def __init__(self, settings: Settings, known: Sequence[EngineInfo]) -> None:
        self._settings = settings
        self._known = list(known)

    def now(self) -> list[EngineInfo]:
        return self._known

    def ask_again(self) -> None:
        """Ask all services. What was known stays if one does not answer. Blocks."""
        kinds = {EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH}
        try:
            with open_engines(self._settings, EngineWishes(), kinds=kinds) as engines:
                self._known = [engine.info for stage in engines.by_stage().values() for engine in stage]
        except DragomanError as error:
            log.warning("engines_not_asked", code=error.code, detail=str(error))
