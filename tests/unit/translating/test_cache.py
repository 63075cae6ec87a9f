"""TranslationCache: bounded, the oldest goes first, and the counters tell the truth."""

from dragoman.ground.engines import Translation
from dragoman.ground.languages import Language
from dragoman.translating.cache import CacheFigures, CacheKey, TranslationCache

EN, VI = Language("en"), Language("vi")


def key(text: str, *, engine: str = "one", target: Language = VI) -> CacheKey:
    return CacheKey(engine=engine, source=EN, target=target, text=text)


def answer(text: str) -> Translation:
    return Translation(text=text, model_used="one")


def test_what_was_kept_is_found_and_counted() -> None:
    cache = TranslationCache()

    before = cache.find(key("hello"))
    cache.keep(key("hello"), answer("xin chào"))

    assert before is None
    assert cache.find(key("hello")) == answer("xin chào")
    assert cache.figures == CacheFigures(hits=1, misses=1, sentences=1)


def test_another_engine_or_language_is_another_sentence() -> None:
    cache = TranslationCache()
    cache.keep(key("hello"), answer("xin chào"))

    assert cache.find(key("hello", engine="two")) is None
    assert cache.find(key("hello", target=Language("fr"))) is None


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    cache = TranslationCache(max_sentences=2)
    for text in ("a", "b"):
        cache.keep(key(text), answer(text))
    cache.find(key("a"))

    cache.keep(key("c"), answer("c"))

    assert cache.find(key("b")) is None
    assert cache.find(key("a")) is not None
    assert cache.figures.sentences == 2


def test_the_characters_are_bounded_and_a_giant_is_not_kept() -> None:
    cache = TranslationCache(max_characters=100)
    for number in range(50):
        cache.keep(key(f"{number:010}"), answer("x" * 10))

    cache.keep(key("y" * 1000), answer("y"))

    assert cache.figures.sentences == 5
    assert cache.find(key("y" * 1000)) is None


def test_keeping_the_same_sentence_again_replaces_it() -> None:
    cache = TranslationCache(max_characters=20)
    for text in ("one", "two", "three"):
        cache.keep(key("hello"), answer(text))

    assert cache.find(key("hello")) == answer("three")
    assert cache.figures.sentences == 1
