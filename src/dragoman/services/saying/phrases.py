"""What people say in every call: wishes that are worth having in the cache. From phrases.toml; to backroom.py."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.languages import Language, parse_language
from dragoman.services.saying.tiers import first_asked
from dragoman.services.saying.wishes import Wish, stock_voices


@cache
def load_phrases() -> dict[Language, tuple[str, ...]]:
    """Read the phrases of each language. Raises ``UnknownLanguage``."""
    text = resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    return {parse_language(code): tuple(phrases) for code, phrases in tomllib.loads(text).items()}


def common_wishes(engines: Sequence[TextToSpeech]) -> Iterator[Wish]:
    """Give the wishes of people who say them: for the default voice of every language, then for the second, and so on.

    These are many; who has them spoken stops where the cache has no room.
    """
    asked = {language: first_asked(language, engines) for language in load_phrases()}
    speaking = {
        language: engine
        for language, engine in asked.items()
        if engine is not None and not (engine.info.online or engine.info.jobs_only)
    }
    stock = {language: stock_voices(engine, language) for language, engine in speaking.items()}
    for place in range(max([1, *map(len, stock.values())])):
        for language, engine in speaking.items():
            phrases = load_phrases()[language]
            # The first one is the default voice: it is found by its name too (stand_ins.py).
            if place == 0:
                yield from (Wish(text=phrase, language=language) for phrase in phrases)
            elif place < len(stock[language]):
                voice, label = stock[language][place], engine.info.label
                yield from (Wish(text=phrase, language=language, voice=voice, engine=label) for phrase in phrases)
