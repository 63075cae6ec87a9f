"""The only place that turns settings into objects: the model store, the engines, and an interpreter's parts.

Engines that a person asked for must open; those that are only the default may be missing: they are left out, and
``Engines.left_out`` says so. Where the address of a service is set, its engines take the place of those here
(``remote_engines.py``).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import structlog

from dragoman.engines.broker import most_together
from dragoman.engines.pool import EnginePool
from dragoman.engines.registry import (
    gather,
    open_speech_to_text,
    open_text_to_speech,
    open_translator,
    open_voice_activity,
)
from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.engines import (
    Engine,
    EngineChoice,
    EngineKind,
    RecognitionContext,
    RecognitionSession,
    Recognizer,
    SpeechToText,
    TextToSpeech,
    Translator,
    VoiceActivity,
)
from dragoman.ground.errors import EngineUnavailable, ModelError, SettingsInvalid
from dragoman.ground.events import Observer, Stage
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceTier
from dragoman.models.licences import Licences, Noncommercial
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.services.default_engines import default_choices, of_use, set_up_choices, usable_models
from dragoman.services.remote_engines import (
    ServiceAddress,
    remote_recognizer,
    remote_speech_to_text,
    remote_text_to_speech,
    remote_translation,
)
from dragoman.services.saying.watermarking import open_watermark, open_watermark_or_refuse
from dragoman.settings import Settings
from dragoman.translating.remembering import Remembered, SharedCache
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.planner import MeasuredFactor, Offer, VoicePlanner
from dragoman.voicing.router import VoiceRouter
from dragoman.voicing.stock_pitches import StockPitches
from dragoman.voicing.watermark import Watermark

log = structlog.get_logger()

E = TypeVar("E", bound=Engine)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineWishes:
    """The engines a person asked for, by kind, in order of preference; none means the best of what is here."""

    speech_to_text: tuple[EngineChoice, ...] = ()
    translation: tuple[EngineChoice, ...] = ()
    text_to_speech: tuple[EngineChoice, ...] = ()


@dataclass(slots=True, kw_only=True)
class Engines:
    """Open engines, in order of preference."""

    voice_activity: VoiceActivity | None = None
    """None where nothing is recognised: not wanted, or in another process."""
    speech_to_text: list[SpeechToText] = field(default_factory=list)
    final_speech_to_text: list[SpeechToText] = field(default_factory=list)
    """For the last words of utterances; they may be among the others."""
    translation: list[Translator] = field(default_factory=list)
    text_to_speech: list[TextToSpeech] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Why defaults could not be opened, and what would help: a sentence each, for the person who waits."""

    def by_stage(self) -> dict[Stage, Sequence[Engine]]:
        """Map each measured stage to its engines."""
        return {
            Stage.VOICE_ACTIVITY: [] if self.voice_activity is None else [self.voice_activity],
            Stage.RECOGNITION: list(dict.fromkeys([*self.speech_to_text, *self.final_speech_to_text])),
            Stage.TRANSLATION: self.translation,
            Stage.VOICE: self.text_to_speech,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an interpreter is made of, apart from its room."""

    engines: Engines
    pool: EnginePool
    recognizer: Recognizer
    translation: TranslationRouter
    shared_translations: SharedCache | None
    voices: VoiceRouter
    watermark: Watermark | None = None
    """What ``voices`` puts into all speech; None without a model of it."""


ENGINE_KINDS = frozenset({EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH})
"""The kinds that people choose engines of."""


def parse_choices(asked: Sequence[str]) -> tuple[EngineChoice, ...]:
    """Read ``ENGINE`` and ``ENGINE:MODEL`` as people write them."""
    parts = [text.partition(":") for text in asked]
    return tuple(EngineChoice(name=name, model=model) for name, _, model in parts)


def open_store(settings: Settings) -> ModelStore:
    return ModelStore(settings.models_dir, load_table(), licences=licences_of(settings))


def licences_of(settings: Settings) -> Licences:
    """Give the rules for models that may not be used commercially."""
    return Licences(models_dir=settings.models_dir, rule=Noncommercial(settings.noncommercial_models))


@contextmanager
def open_engines(
    settings: Settings,
    wishes: EngineWishes,
    *,
    languages: Collection[Language] | None = None,
    kinds: Collection[EngineKind] = ENGINE_KINDS,
) -> Iterator[Engines]:
    """Open what was asked for, here or in the settings, or what is here, of the ``kinds`` that are wanted.

    Of installed models only those that know one of ``languages``. Raises ``EngineUnavailable`` or a ``ModelError`` for
    what was asked for and cannot be opened, and for a service that does not answer.
    """
    store = open_store(settings)
    installed = [model for model in usable_models(store, settings.profile) if of_use(model, languages)]
    left_out: list[str] = []
    threads = settings.threads_per_model
    with ExitStack() as stack:

        def opened(
            kind: EngineKind,
            wished: Sequence[EngineChoice],
            opener: Callable[[EngineChoice], E],
            remote: Callable[[ServiceAddress, Sequence[EngineChoice]], AbstractContextManager[list[E]]],
        ) -> list[E]:
            if kind not in kinds:
                return []
            service = settings.service_of(kind)
            if service.url:
                # The engines of the settings are those that the service itself opens.
                return stack.enter_context(remote(ServiceAddress(url=service.url, token=settings.token), wished))
            asked = wished or parse_choices(service.engines)
            defaults = [*default_choices(kind, installed), *set_up_choices(kind, settings)]
            return _open_here(stack, kind, gather(kind, asked), gather(kind, defaults), opener, left_out)

        silero: VoiceActivity | None = None
        # It takes 45 MB, so only a process that recognises speech itself has it.
        if EngineKind.SPEECH_TO_TEXT in kinds and not settings.speech_to_text_url:
            silero = open_voice_activity(EngineChoice(name="silero"), find_model=store.find, threads=1)
            stack.callback(silero.close)

        def open_recogniser(choice: EngineChoice) -> SpeechToText:
            return open_speech_to_text(with_options(choice, settings), find_model=store.find, threads=threads)

        speech_to_text = opened(
            EngineKind.SPEECH_TO_TEXT, wishes.speech_to_text, open_recogniser, remote_speech_to_text
        )
        finals: list[SpeechToText] = []
        if silero is not None:
            finals = _open_finals(stack, settings, speech_to_text, open_recogniser)
        yield Engines(
            left_out=left_out,
            voice_activity=silero,
            speech_to_text=speech_to_text,
            final_speech_to_text=finals,
            translation=opened(
                EngineKind.TRANSLATION,
                wishes.translation,
                lambda choice: open_translator(with_options(choice, settings), find_model=store.find, threads=threads),
                remote_translation,
            ),
            text_to_speech=opened(
                EngineKind.TEXT_TO_SPEECH,
                wishes.text_to_speech,
                lambda choice: open_text_to_speech(
                    choice, find_model=store.find, threads=threads, online=settings.online_voices
                ),
                remote_text_to_speech,
            ),
        )


def _open_here(
    stack: ExitStack,
    kind: EngineKind,
    asked: Sequence[EngineChoice],
    defaults: Sequence[EngineChoice],
    opener: Callable[[EngineChoice], E],
    left_out: list[str],
) -> list[E]:
    """Open engines in this process; what is only a default and cannot be had is told to ``left_out``."""
    engines = []
    for choice in asked or defaults:
        try:
            engine = opener(choice)
        except (EngineUnavailable, ModelError) as error:
            if asked:
                raise
            log.info("engine_left_out", kind=kind, engine=choice.name, code=error.code, detail=str(error))
            left_out.append(f"{choice.name}: {error}")
            continue
        stack.callback(engine.close)
        engines.append(engine)
    return engines


def _open_finals(
    stack: ExitStack,
    settings: Settings,
    opened: Sequence[SpeechToText],
    opener: Callable[[EngineChoice], SpeechToText],
) -> list[SpeechToText]:
    """Give the engines for last words, ready for their first; what is open already is not opened twice."""
    here = {engine.info.label: engine for engine in opened}
    finals = []
    for asked, choice in zip(
        settings.recognition_final_engines, parse_choices(settings.recognition_final_engines), strict=True
    ):
        engine = here.get(asked)
        if engine is None:
            engine = opener(choice)
            stack.callback(engine.close)
            engine.warm_up()
        finals.append(engine)
    return finals


@contextmanager
def assemble(
    settings: Settings, engines: Engines, observer: Observer, *, captions_without_voice: bool = False
) -> Iterator[Parts]:
    """Put open engines together. The pool ends with the context; the engines are the caller's.

    Raises a ``ModelError`` or ``EngineUnavailable`` for a watermark that is asked for and cannot be opened;
    ``captions_without_voice`` does not: nothing is spoken then, and everything else works.
    """
    opener = open_watermark_or_refuse if captions_without_voice else open_watermark
    watermark = opener(settings) if engines.text_to_speech else None
    with (
        _shared_translations(settings) as shared,
        EnginePool(
            workers=settings.engine_threads,
            recognitions=settings.cores,
            together=most_together(settings.cores),
            observer=observer,
        ) as pool,
    ):
        yield Parts(
            engines=engines,
            pool=pool,
            recognizer=_recognizer(settings, engines, pool),
            translation=TranslationRouter(
                engines=engines.translation,
                pool=pool,
                observer=observer,
                remembered=Remembered(observer=observer, shared=shared),
            ),
            shared_translations=shared,
            voices=VoiceRouter(
                engines=engines.text_to_speech,
                pool=pool,
                observer=observer,
                watermark=watermark,
                planner=VoicePlanner(measured=_measured_factor(settings, engines.text_to_speech)),
                pitches=StockPitches(settings.cache_dir),
            ),
            watermark=watermark,
        )


def _measured_factor(settings: Settings, engines: Sequence[TextToSpeech]) -> MeasuredFactor:
    """Give how fast the voices were measured to be on this machine, by this process or by the service beside it."""
    book = MeasuredSpeed(settings.cache_dir, threads=settings.threads_per_model)
    infos = {engine.info.label: engine.info for engine in engines}
    known: dict[str, float] = {}

    def factor(offer: Offer, language: Language) -> float | None:
        engine = offer.engine
        if offer.tier is VoiceTier.CLONED:
            return None  # stock voices are measured: a cloned one has a recording to hear beside its text
        if engine not in known and engine in infos:
            found = book.real_time_factor(engine, language) or book.remembered(infos[engine])
            if found is not None:
                known[engine] = found
        return known.get(engine)

    return factor


@contextmanager
def _shared_translations(settings: Settings) -> Iterator[SharedCache | None]:
    """Open the store of translations that is shared with other processes, if there is one."""
    if settings.redis_url is None:
        yield None
        return
    if settings.token is None:
        raise SettingsInvalid(
            "translations are shared encrypted, with what comes of the services' token: set DRAGOMAN_SERVICE_TOKEN, "
            "the same for all that share them, or leave DRAGOMAN_REDIS_URL out"
        )
    # What encrypts for it costs 3 MB, which processes that share nothing do not spend.
    from dragoman.translating.redis_cache import open_redis_cache

    url, keep_s = settings.redis_url.get_secret_value(), settings.translation_cache_hours * 3600
    with open_redis_cache(url, secret=settings.token, keep_s=keep_s) as cache:
        yield cache


class NoRecognizer:
    """The ``Recognizer`` of a process that recognises nothing, such as the translation service."""

    async def open(self, *, language: Language, context: RecognitionContext) -> RecognitionSession:
        raise EngineUnavailable("no speech is recognised in this process; ask the speech-to-text service")


def _recognizer(settings: Settings, engines: Engines, pool: EnginePool) -> Recognizer:
    if settings.speech_to_text_url:
        return remote_recognizer(ServiceAddress(url=settings.speech_to_text_url, token=settings.token))
    if engines.voice_activity is None:
        return NoRecognizer()
    return UtteranceRecognizer(
        engines=engines.speech_to_text,
        final_engines=engines.final_speech_to_text,
        voice_activity=engines.voice_activity,
        pool=pool,
        tuning=RecognitionTuning(),
    )


def with_options(choice: EngineChoice, settings: Settings) -> EngineChoice:
    """Add what the settings say of an engine."""
    if choice.name == "faster_whisper":
        # Whisper's libraries cost 9 MB, which the processes of other engines keep.
        from dragoman.services.file_tuning import file_tuning

        return replace(choice, options={"tuning": file_tuning(settings)})
    if choice.name != "libretranslate":
        return choice
    key = settings.libretranslate_api_key
    options = {"url": settings.libretranslate_url, "api_key": key.get_secret_value() if key else ""}
    return replace(choice, options=options)
