"""The translation service: sentences in, sentences out.

Its client is ``engines/translation/remote.py``; what it shares with the other services is in ``web.py``.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation, Translator
from dragoman.ground.errors import EngineTimeout
from dragoman.ground.events import Stage
from dragoman.observe.metrics import Metrics
from dragoman.services.web import (
    Deadline,
    choose_engine,
    deadline_of,
    frame_response,
    read_request,
    service_app,
    within,
)
from dragoman.wire.messages import write_translations
from dragoman.wire.requests import TranslateRequest, read_translate


def translation_app(
    engines: Sequence[Translator],
    *,
    pool: EnginePool,
    token: str | None = None,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    costs: Mapping[str, float] | None = None,
) -> Starlette:
    """Serve ``engines`` at ``POST /translate``. The caller keeps ownership of engines and pool."""

    async def translate(request: Request) -> Response:
        deadline = deadline_of(request)
        asked = read_translate(*await read_request(request))
        engine = choose_engine(engines, asked.engine)
        translations = await within(
            deadline.left_s(), pool.run(Stage.TRANSLATION, engine, lambda: _translate(engine, asked, deadline))
        )
        return frame_response(write_translations(translations))

    routes = [Route("/translate", translate, methods=["POST"])]
    return service_app(
        name="translation",
        engines=engines,
        routes=routes,
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
    )


def _translate(engine: Translator, asked: TranslateRequest, deadline: Deadline) -> list[Translation]:
    """Run in an engine thread: what is left of the deadline is known only once the thread is free."""
    left_s = deadline.left_s()
    if left_s <= 0:
        raise EngineTimeout("the deadline passed while the request waited for an engine")
    return engine.translate(
        asked.sentences,
        source=asked.source,
        target=asked.target,
        glossary=asked.glossary,
        committed_prefix=asked.committed_prefix,
        deadline_s=left_s,
    )
