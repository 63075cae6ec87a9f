"""Which speech that was kept answers a wish: its own, a better voice's, or the default voice's under its name.

For ``desk.py``. A plain function: whether any of them was kept is the cache's to know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech
from dragoman.services.saying.tiers import first_asked, quality_of
from dragoman.services.saying.wishes import Wish, stock_voices


def answering(wish: Wish, engines: Sequence[TextToSpeech]) -> Iterator[Wish]:
    """Give the wishes whose speech, once kept, answers ``wish`` as well or better, the best first; it is one of them.

    Who names no engine gets what a better one has spoken meanwhile. Who names an engine gets that one alone.
    """
    first = first_asked(wish.language, engines)
    if first is None:
        yield wish
        return
    if wish.engine:
        engine = next((each for each in engines if each.info.label == wish.engine), None)
        yield wish
        if engine is not None:
            yield from _same_sound(wish, engine, asked_first=engine is first)
        return
    able = [each for each in engines if wish.language in each.info.languages]
    for engine in sorted(able, key=lambda each: -quality_of(each.info)):
        if quality_of(engine.info) > quality_of(first.info):
            named = replace(wish, engine=engine.info.label)
            yield named
            yield from _same_sound(named, engine, asked_first=False)
    yield wish
    yield replace(wish, engine=first.info.label)
    yield from _same_sound(replace(wish, engine=first.info.label), first, asked_first=False)


def _same_sound(wish: Wish, engine: TextToSpeech, *, asked_first: bool) -> Iterator[Wish]:
    """Give the other ways to ask for the same: a language's first stock voice is its default one."""
    default = next(iter(stock_voices(engine, wish.language)), DEFAULT_VOICE)
    if wish.voice in (DEFAULT_VOICE, default):
        if default != DEFAULT_VOICE:
            yield replace(wish, voice=default if wish.voice == DEFAULT_VOICE else DEFAULT_VOICE)
        if asked_first:
            yield replace(wish, voice=DEFAULT_VOICE, engine="")
