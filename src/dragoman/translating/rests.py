"""In which order engines are asked, and which of them rests because it keeps failing. Decides; for ``router.py``.

An engine that failed is asked last for a while. One that failed several times in a row is not asked at all: after a
time that grows, a single sentence shows whether it works again (``engines/breaker.py``).
"""

from collections.abc import Sequence
from typing import Final

from dragoman.engines.breaker import Breaker
from dragoman.ground.engines import Translator
from dragoman.ground.errors import EngineError, EngineOutputInvalid, LanguageNotSupported
from dragoman.ground.events import EngineRests, Observer, Stage

PASS_OVER_S: Final = 5.0
"""How long an engine that failed is asked last."""


class Rests:
    """Of the engines of one router. Times are seconds of any one clock."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._breakers: dict[int, Breaker] = {}
        self._failed_at_s: dict[int, float] = {}

    def order(self, engines: Sequence[Translator], *, at_s: float, probing: bool = True) -> list[Translator]:
        """Give those of ``engines`` that are asked, in order: as they stand, those that failed just now at the end.

        All of them if all rest: nobody else could answer. Without ``probing`` no engine is tried out.
        """
        awake = [engine for engine in engines if self._may_be_asked(engine, at_s, probing)]
        return sorted(awake or engines, key=lambda it: at_s - self._failed_at_s.get(id(it), -PASS_OVER_S) < PASS_OVER_S)

    def failed(self, engine: Translator, error: EngineError, *, at_s: float) -> None:
        """Take note of a failure. An answer that is none may be due to the sentence, and sends nobody to rest."""
        self._failed_at_s[id(engine)] = at_s
        if isinstance(error, EngineOutputInvalid | LanguageNotSupported):
            return
        breaker = self._breakers.setdefault(id(engine), Breaker())
        rested = breaker.is_open
        breaker.failed(at_s=at_s)
        self._tell(engine, rested=rested)

    def worked(self, engine: Translator) -> None:
        """Take note of an answer."""
        breaker = self._breakers.get(id(engine))
        if breaker is not None:
            rested = breaker.is_open
            breaker.worked()
            self._tell(engine, rested=rested)

    def _may_be_asked(self, engine: Translator, at_s: float, probing: bool) -> bool:
        breaker = self._breakers.get(id(engine))
        return breaker is None or not breaker.is_open or (probing and breaker.may_try(at_s=at_s))

    def _tell(self, engine: Translator, *, rested: bool) -> None:
        rests = self._breakers[id(engine)].is_open
        if rests != rested:
            self._observer.observe(EngineRests(stage=Stage.TRANSLATION, engine=engine.info.label, rests=rests))
