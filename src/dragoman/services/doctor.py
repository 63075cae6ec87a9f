"""What works on this machine, what a model would add, and what is missing. For ``dragoman doctor``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.engines.registry import REGISTRY, describe_speech_to_text, open_engine, open_text_to_speech
from dragoman.engines.text_to_speech.measured_speed import MeasuredSpeed
from dragoman.ground.engines import EngineChoice, EngineInfo, EngineKind, LanguagePair
from dragoman.ground.errors import DragomanError, ModelNotFound
from dragoman.ground.languages import Language, language_name
from dragoman.models.offer import (
    Abilities,
    Direction,
    ModelOnOffer,
    Offer,
    cheapest_models,
    offers,
    on_offer,
    with_models,
    works_now,
)
from dragoman.models.store import ModelState
from dragoman.recognition.who_hears import infos_for
from dragoman.services.assembly import open_store, parse_choices
from dragoman.services.default_engines import default_choices, usable_models
from dragoman.settings import Settings

FIRST_SPOKEN = Language("vi")
FIRST = frozenset({FIRST_SPOKEN, Language("en")})
"""The pair Dragoman is made for; it is offered before all others."""
MAX_OFFERS = 3
MAX_PAIRS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Of one machine."""

    directions: tuple[Direction, ...]
    """What works now."""
    offers: tuple[Offer, ...]
    """What models would add, Vietnamese and English first, then the cheapest."""
    missing: tuple[str, ...]
    """What is not here and how to get it, a sentence each."""

    @property
    def healthy(self) -> bool:
        return bool(self.directions) and not self.missing


def diagnose(settings: Settings) -> Diagnosis:
    """Look at engines and models; loads no model."""
    infos, missing = _built_in()
    named, unusable = _named_recognisers(settings)
    return _diagnosis(*_abilities(settings, [*infos, *named]), missing=(*missing, *_damaged(settings), *unusable))


def diagnose_engines(settings: Settings, infos: Sequence[EngineInfo]) -> Diagnosis:
    """Say what open engines can, such as those of the services, and what models would add to them."""
    return _diagnosis(_of_engines(infos), on_offer(open_store(settings).list()), missing=())


def _diagnosis(abilities: Abilities, models: tuple[ModelOnOffer, ...], *, missing: tuple[str, ...]) -> Diagnosis:
    return Diagnosis(
        directions=works_now(abilities),
        offers=tuple(sorted(offers(abilities=abilities, models=models), key=_first_pair_first)[:MAX_OFFERS]),
        missing=missing,
    )


def hint_for(settings: Settings, source: Language, target: Language) -> str:
    """Say which models would interpret ``source`` into ``target``, or that none of the table does."""
    abilities, models = _abilities(settings, _built_in()[0])
    # What is captioned in the language in which it is said needs no translator.
    abilities = replace(abilities, pairs=abilities.pairs | {(source, source)})
    offer = cheapest_models(source, target, abilities=abilities, models=models)
    if offer is None:
        return "no model of the table adds it; one of your own can: dragoman models add FOLDER"
    return f"{offer.download_mb} MB more would do it: {offer.command}"


def describe_directions(directions: Sequence[Direction]) -> list[str]:
    """Write one line a source language: ``English -> Spanish, French; captions only: Basque``."""
    lines = []
    for source in dict.fromkeys(direction.source for direction in directions):
        spoken = [language_name(it.target) for it in directions if it.source == source and it.voice]
        read = [language_name(it.target) for it in directions if it.source == source and not it.voice]
        kinds = [", ".join(spoken)] * bool(spoken) + [f"captions only: {', '.join(read)}"] * bool(read)
        lines.append(f"{language_name(source)} -> {'; '.join(kinds)}")
    return lines


def describe_offer(offer: Offer) -> str:
    """Write ``with 545 MB more: Vietnamese <-> English (dragoman models pull ...)``."""
    conversations = sorted(offer.conversations, key=lambda pair: not _is_first(pair))
    named = [_conversation(pair) for pair in conversations[:MAX_PAIRS]]
    rest = len(conversations) - len(named)
    more = f" and {rest} more" if rest > 0 else ""
    return f"with {offer.download_mb} MB more: {', '.join(named)}{more}: {offer.command}"


def describe_recognition(settings: Settings) -> list[str]:
    """Write who hears whom, a line a language: ``Vietnamese: faster_whisper:phowhisper-small, then ...``.

    In the order in which they are asked; who is asked for last words stands behind it. Loads no model.
    """
    service = settings.service_of(EngineKind.SPEECH_TO_TEXT)
    if service.url:
        return [f"the service at {service.url} recognises; GET /languages there says which engine hears whom"]
    infos, _ = _recognisers(settings, service.engines)
    larger: list[EngineInfo] = []
    if settings.recognition_final_engines:
        larger, _ = _recognisers(settings, settings.recognition_final_engines)
    spoken = {language for info in infos for language in info.languages}
    return [_who_hears(language, infos, larger) for language in sorted(spoken, key=language_name)]


def describe_voices(settings: Settings) -> list[str]:
    """Write how fast each voice engine is here, in the order in which they are asked. Loads no model.

    ``espeak: 0.006 s of work for a second of speech``. An engine that cannot be opened has no line.
    """
    service = settings.service_of(EngineKind.TEXT_TO_SPEECH)
    if service.url:
        return [f"the service at {service.url} speaks; GET /health there says with which engines"]
    book = MeasuredSpeed(settings.cache_dir, threads=settings.threads_per_model)
    return [f"{info.label}: {_how_fast(info, book)}" for info in _voice_infos(settings, service.engines)]


def _how_fast(info: EngineInfo, book: MeasuredSpeed) -> str:
    if info.online:
        return "online, what it is given leaves this machine; not measured"
    if info.jobs_only:
        return "for background jobs alone; not measured"
    factor = book.remembered(info)
    if factor is None:
        return "not measured yet; its service does it when it starts: dragoman up"
    return f"{factor:.2g} s of work for a second of speech"


def _voice_infos(settings: Settings, asked: Sequence[str]) -> list[EngineInfo]:
    """Tell of the voices that are asked for, or of those there are."""
    store = open_store(settings)
    installed = usable_models(store, settings.profile)
    infos = []
    for choice in parse_choices(asked) or default_choices(EngineKind.TEXT_TO_SPEECH, installed):
        try:
            engine = open_text_to_speech(choice, find_model=store.find, online=settings.online_voices)
        except DragomanError:
            continue
        infos.append(engine.info)
        engine.close()
    return infos


def _who_hears(language: Language, infos: Sequence[EngineInfo], larger: Sequence[EngineInfo]) -> str:
    able = infos_for(language, infos)
    labels = list(dict.fromkeys(info.label for info in able))
    # An engine that follows an utterance from its first sound has the last words too, as in ``session.py``.
    last = able[0] if able[0].streaming else infos_for(language, [*larger, *infos])[0]
    finals = f"; last words: {last.label}" if last.label != labels[0] else ""
    return f"{language_name(language)}: {', then '.join(labels)}{finals}"


def _named_recognisers(settings: Settings) -> tuple[list[EngineInfo], list[str]]:
    """Tell of the recognisers that the settings name, and why some of them cannot be used."""
    asked = (*settings.speech_to_text_engines, *settings.recognition_final_engines)
    return _recognisers(settings, asked) if asked and not settings.speech_to_text_url else ([], [])


def _recognisers(settings: Settings, asked: Sequence[str]) -> tuple[list[EngineInfo], list[str]]:
    """Tell of the recognisers that are asked for, or of those there are; and why some of them cannot be used."""
    store = open_store(settings)
    installed = {model.id: model for model in usable_models(store, settings.profile)}

    def find(name: str) -> Path:
        return settings.models_dir / name if name in installed else store.find(name)

    infos, unusable = [], []
    for choice in parse_choices(asked) or default_choices(EngineKind.SPEECH_TO_TEXT, list(installed.values())):
        try:
            infos.append(describe_speech_to_text(choice, find_model=find))
        except DragomanError as error:
            unusable.append(f"{':'.join(filter(None, (choice.name, choice.model)))}: {error}")
    return infos, unusable


def _built_in() -> tuple[list[EngineInfo], tuple[str, ...]]:
    """Ask the engines that need no model what they can; what is missing on this machine is told in sentences."""
    infos, missing = [], []
    for kind, entries in REGISTRY.items():
        for name in [name for name, entry in entries.items() if entry.is_built_in]:
            try:
                engine = open_engine(kind, EngineChoice(name=name), find_model=_no_model)
            except DragomanError as error:
                missing.append(f"{name}: {error}")
                continue
            infos.append(engine.info)
            engine.close()
    return infos, tuple(missing)


def _no_model(name: str) -> Path:
    raise ModelNotFound(f"{name} needs no model")


def _damaged(settings: Settings) -> list[str]:
    """Name the models that have lost something since they came; a pull that is not done is nobody's loss."""
    return [
        f"{model.id}: only a part of it is here; this completes it: dragoman models "
        + (f"add FOLDER --id {model.id}" if model.own else f"pull {model.id}")
        for model in open_store(settings).list()
        if model.state is ModelState.INCOMPLETE and (settings.models_dir / model.id).is_dir()
    ]


def _abilities(settings: Settings, infos: Sequence[EngineInfo]) -> tuple[Abilities, tuple[ModelOnOffer, ...]]:
    models = on_offer(open_store(settings).list())
    return with_models(_of_engines(infos), models), models


def _of_engines(infos: Sequence[EngineInfo]) -> Abilities:
    return Abilities(
        recognised=_languages(infos, EngineKind.SPEECH_TO_TEXT),
        pairs=frozenset(pair for info in infos for pair in info.pairs),
        voices=_languages(infos, EngineKind.TEXT_TO_SPEECH),
    )


def _languages(infos: Sequence[EngineInfo], kind: EngineKind) -> frozenset[Language]:
    return frozenset(language for info in infos if info.kind == kind for language in info.languages)


def _conversation(pair: LanguagePair) -> str:
    one, other = reversed(pair) if pair[1] == FIRST_SPOKEN else pair
    return f"{language_name(one)} <-> {language_name(other)}"


def _is_first(pair: LanguagePair) -> bool:
    return frozenset(pair) == FIRST


def _first_pair_first(offer: Offer) -> tuple[bool, int]:
    return not any(_is_first(pair) for pair in offer.conversations), offer.download_bytes
