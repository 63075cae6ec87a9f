"""The translation service: sentences in frames from our own processes, texts in JSON or forms from everybody else.

The client of the frames is ``engines/translation/remote.py``; the routes for texts are in ``translating_texts/``. What
it shares with the other services is in ``web.py``.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translator
from dragoman.ground.events import Observers
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
    choose_engine,
    deadline_of,
    frame_response,
    read_request,
    service_app,
)
from dragoman.translating.batching import Batching, Sentences
from dragoman.translating.cache import TranslationCache
from dragoman.translating.remembering import Remembered, SharedCache
from dragoman.translating.router import TranslationRouter
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
    shared_cache: SharedCache | None = None,
) -> Starlette:
    """Serve ``engines`` at ``POST /translate``, and texts beside it. The caller keeps ownership of engines and pool.

    Sentences of all clients and of texts meet in one ``Batching``.
    """
    limits = limits or TextLimits()
    batching = Batching(pool)
    texts = _texts_desk(engines, batching, pool=pool, metrics=metrics, shared=shared_cache, limits=limits)
    answer_text = answering(texts.translate, as_text_problem)

    async def translate(request: Request) -> Response:
        # Our own processes send sentences as one frame, and may leave out its type.
        if request.headers.get("content-type", FRAME_TYPE) == FRAME_TYPE:
            return await _translate_sentences(request, engines, batching)
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
    engines: Sequence[Translator],
    batching: Batching,
    *,
    pool: EnginePool,
    metrics: Metrics | None,
    shared: SharedCache | None,
    limits: TextLimits,
) -> TextsDesk:
    observer = Observers() if metrics is None else MetricsObserver(metrics)
    memory = TranslationCache()
    if metrics is not None:
        metrics.translation_cache_sentences.set_function(lambda: memory.figures.sentences)
    remembered = Remembered(observer=observer, memory=memory, shared=shared)

    def route(chosen: Sequence[Translator]) -> TranslationRouter:
        return TranslationRouter(engines=chosen, pool=pool, observer=observer, remembered=remembered, batching=batching)

    return TextsDesk(engines=engines, route=route, limits=limits)


async def _translate_sentences(request: Request, engines: Sequence[Translator], batching: Batching) -> Response:
    """Answer one frame with one frame: the remote side of ``Translator.translate``."""
    deadline = deadline_of(request)
    asked = read_translate(*await read_request(request))
    translations = await batching.translate(
        Sentences(
            engine=choose_engine(engines, asked.engine),
            texts=asked.sentences,
            source=asked.source,
            target=asked.target,
            glossary=asked.glossary,
            committed_prefix=asked.committed_prefix,
            urgency=_urgency_of(asked),
            deadline_s=deadline.left_s(),
            is_repair=asked.repair,
        )
    )
    return frame_response(write_translations(translations))


def _urgency_of(asked: TranslateRequest) -> Urgency:
    if asked.preview:
        return Urgency.PARTIAL
    return Urgency.RECORDING if asked.background else Urgency.FINAL
