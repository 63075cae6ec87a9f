"""What people say in every call: wishes that are worth having in the cache. From phrases.toml; to backroom.py."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.languages import Language, parse_language
from dragoman.services.saying.tiers import first_asked
from dragoman.services.saying.wishes import Wish, stock_voices

MOST_VOICES: Final = 4
"""Of a language, beside its default one."""


@cache
def load_phrases() -> dict[Language, tuple[str, ...]]:
    """Read the phrases of each language. Raises ``UnknownLanguage``."""
    text = resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    return {parse_language(code): tuple(phrases) for code, phrases in tomllib.loads(text).items()}


def common_wishes(engines: Sequence[TextToSpeech]) -> Iterator[Wish]:
    """Give the wishes of people who say them: first for the default voice of every language, then for the others."""
    for place in range(MOST_VOICES + 1):
        for language, phrases in load_phrases().items():
            engine = first_asked(language, engines)
            if engine is None or engine.info.online or engine.info.jobs_only:
                continue
            stock = stock_voices(engine, language)
            # The first one is the default voice: it is found by its name too (stand_ins.py).
            if place == 0:
                yield from (Wish(text=phrase, language=language) for phrase in phrases)
            elif place < len(stock):
                label = engine.info.label
                yield from (Wish(text=each, language=language, voice=stock[place], engine=label) for each in phrases)
