"""The translation service: sentences in frames from our own processes, texts in JSON or forms from everybody else.

The client of the frames is ``engines/translation/remote.py``; the routes for texts are in ``translating_texts/``. What
it shares with the other services is in ``web.py``.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translation, Translator
from dragoman.ground.errors import EngineTimeout
from dragoman.ground.events import Observers, Stage
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.transcribing.problems import answering
from dragoman.services.translating_texts.api_key import ApiKeyDoor
from dragoman.services.translating_texts.bodies import most_bytes
from dragoman.services.translating_texts.fields import TextLimits
from dragoman.services.translating_texts.listings import list_pairs, list_translators
from dragoman.services.translating_texts.problems import as_text_problem
from dragoman.services.translating_texts.texts_http import TextsDesk
from dragoman.services.web import (
    FRAME_TYPE,
    Deadline,
    choose_engine,
    deadline_of,
    frame_response,
    read_request,
    service_app,
    within,
)
from dragoman.translating.cache import TranslationCache
from dragoman.wire.messages import write_translations
from dragoman.wire.requests import TranslateRequest, read_translate


def translation_app(
    engines: Sequence[Translator],
    *,
    pool: EnginePool,
    token: str | None = None,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    limits: TextLimits | None = None,
    costs: Mapping[str, float] | None = None,
) -> Starlette:
    """Serve ``engines`` at ``POST /translate``, and texts beside it. The caller keeps ownership of engines and pool."""
    limits = limits or TextLimits()
    texts = _texts_desk(engines, pool, metrics, limits)
    answer_text = answering(texts.translate, as_text_problem)

    async def translate(request: Request) -> Response:
        # Our own processes send sentences as one frame, and may leave out its type.
        if request.headers.get("content-type", FRAME_TYPE) == FRAME_TYPE:
            return await _translate_sentences(request, engines, pool)
        return await answer_text(request)

    def languages(_: Request) -> Response:
        return JSONResponse(list_pairs([engine.info for engine in engines]))

    def models(_: Request) -> Response:
        return JSONResponse(list_translators([engine.info for engine in engines]))

    app = service_app(
        name="translation",
        engines=engines,
        routes=[
            Route("/translate", translate, methods=["POST"]),
            Route("/batch_translate", answering(texts.batch, as_text_problem), methods=["POST"]),
            Route("/detect", answering(texts.detect, as_text_problem), methods=["POST"]),
            Route("/languages", languages),
            Route("/models", models),
        ],
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
    )
    if token is not None:
        app.add_middleware(ApiKeyDoor, max_bytes=most_bytes(limits.max_characters))
    return app


def _texts_desk(
    engines: Sequence[Translator], pool: EnginePool, metrics: Metrics | None, limits: TextLimits
) -> TextsDesk:
    if metrics is None:
        return TextsDesk(engines=engines, pool=pool, observer=Observers(), cache=TranslationCache(), limits=limits)
    cache = TranslationCache(on_lookup=metrics.count_translation_lookup)
    metrics.translation_cache_sentences.set_function(lambda: cache.figures.sentences)
    return TextsDesk(engines=engines, pool=pool, observer=MetricsObserver(metrics), cache=cache, limits=limits)


async def _translate_sentences(request: Request, engines: Sequence[Translator], pool: EnginePool) -> Response:
    """Answer one frame with one frame: the remote side of ``Translator.translate``."""
    deadline = deadline_of(request)
    asked = read_translate(*await read_request(request))
    engine = choose_engine(engines, asked.engine)
    translations = await within(
        deadline.left_s(), pool.run(Stage.TRANSLATION, engine, lambda: _translate(engine, asked, deadline))
    )
    return frame_response(write_translations(translations))


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
