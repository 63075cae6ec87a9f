"""SpeechCache: bounded in size and age, and its counters tell the truth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import Audio
from dragoman.ground.languages import Language
from dragoman.services.saying.cache import Speech, SpeechCache
from dragoman.services.saying.wishes import Wish

SECOND = Speech(audio=Audio(samples=np.zeros(1000, np.float32), sample_rate=1000), engine="one")
SIZE = 2000 + 4


def wish(text: str) -> Wish:
    return Wish(text=text, language=Language("en"))


def test_what_is_kept_takes_half_of_what_is_played_and_sounds_the_same() -> None:
    cache = SpeechCache(max_bytes=1 << 20, max_age_s=10.0)
    samples = np.random.default_rng(0).uniform(-1.0, 1.0, 10_000).astype(np.float32)
    cache.keep(wish(""), Speech(audio=Audio(samples=samples, sample_rate=24_000), engine="one"), now_s=0.0)

    found = cache.find(wish(""), now_s=1.0)

    assert found is not None
    assert cache.held_bytes == samples.nbytes / 2
    assert np.abs(found.audio.samples - samples).max() <= 2 / 32768


def test_what_is_kept_is_found_and_what_is_not_is_missed() -> None:
    cache = SpeechCache(max_bytes=100 * SIZE, max_age_s=10.0)
    cache.keep(wish("a"), SECOND, now_s=0.0)

    found, missed = cache.find(wish("a"), now_s=9.0), cache.find(wish("b"), now_s=9.0)

    assert found is not None
    assert (found.engine, found.audio.sample_rate) == (SECOND.engine, SECOND.audio.sample_rate)
    assert np.array_equal(found.audio.samples, SECOND.audio.samples)
    assert missed is None
    assert (cache.counts.hits, cache.counts.misses) == (1, 1)


def test_all_who_play_a_speech_at_the_same_time_share_its_samples() -> None:
    cache = SpeechCache(max_bytes=100 * SIZE, max_age_s=10.0)
    cache.keep(wish("a"), SECOND, now_s=0.0)

    first, second = cache.find(wish("a"), now_s=1.0), cache.find(wish("a"), now_s=1.0)

    assert first is not None
    assert second is not None
    assert first.audio.samples is second.audio.samples


def test_what_is_too_old_is_gone_and_counted() -> None:
    cache = SpeechCache(max_bytes=100 * SIZE, max_age_s=10.0)
    cache.keep(wish("a"), SECOND, now_s=0.0)

    assert cache.find(wish("a"), now_s=10.1) is None
    assert (cache.counts.expired, cache.counts.misses, cache.held_bytes) == (1, 1, 0)


def test_what_nobody_asks_for_again_is_gone_when_it_is_too_old() -> None:
    heard: list[tuple[str, int]] = []
    cache = SpeechCache(
        max_bytes=100 * SIZE, max_age_s=10.0, on_change=lambda what, held_bytes: heard.append((what, held_bytes))
    )
    cache.keep(wish("a"), SECOND, now_s=0.0)
    cache.keep(wish("b"), SECOND, now_s=5.0)

    cache.expire(now_s=11.0)

    assert wish("a") not in cache
    assert wish("b") in cache
    assert (cache.held_bytes, cache.counts.expired) == (SIZE, 1)
    assert heard[-1] == ("expired", SIZE)


def test_another_question_lets_the_old_ones_go() -> None:
    cache = SpeechCache(max_bytes=100 * SIZE, max_age_s=10.0)
    cache.keep(wish("a"), SECOND, now_s=0.0)

    cache.find(wish("b"), now_s=10.1)
    after_asking = len(cache)
    cache.keep(wish("c"), SECOND, now_s=11.0)
    cache.keep(wish("d"), SECOND, now_s=30.0)

    assert (after_asking, len(cache), cache.held_bytes) == (0, 1, SIZE)


def test_the_least_used_goes_first_when_there_is_no_room() -> None:
    cache = SpeechCache(max_bytes=5 * SIZE, max_age_s=10.0)
    for text in "abcde":
        cache.keep(wish(text), SECOND, now_s=0.0)
    cache.find(wish("a"), now_s=1.0)

    cache.keep(wish("f"), SECOND, now_s=1.0)

    assert cache.find(wish("a"), now_s=1.0) is not None
    assert cache.find(wish("b"), now_s=1.0) is None
    assert cache.counts.evicted == 1


def test_a_cache_without_room_keeps_nothing() -> None:
    cache = SpeechCache(max_bytes=0, max_age_s=10.0)

    cache.keep(wish("a"), SECOND, now_s=0.0)

    assert (len(cache), cache.held_bytes) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.booleans()), max_size=60))
def test_it_never_holds_more_than_it_may(steps: list[tuple[str, bool]]) -> None:
    cache = SpeechCache(max_bytes=4 * SIZE + 8, max_age_s=5.0)

    for now_s, (text, keep) in enumerate(steps):
        if keep:
            cache.keep(wish(text), SECOND, now_s=float(now_s))
        else:
            cache.find(wish(text), now_s=float(now_s))

        assert cache.held_bytes == SIZE * len(cache) <= 4 * SIZE + 8
    assert cache.counts.hits + cache.counts.misses == sum(not keep for _, keep in steps)
