"""VoicePlanner: the best voice that keeps up, without flapping, else captions only."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceTier, VoiceWish
from dragoman.voicing.planner import HOLDS_BELOW, REST_S, Offer, VoicePlanner

VI = Language("vi")
CLONED = Offer(engine="vieneu", tier=VoiceTier.CLONED)
QUICK = Offer(engine="sherpa", tier=VoiceTier.QUICK)
PLAIN = Offer(engine="espeak", tier=VoiceTier.FALLBACK)


def _planner(factors: Mapping[str, float]) -> VoicePlanner:
    return VoicePlanner(measured=lambda offer, language: factors.get(offer.engine))


def _first(planner: VoicePlanner, *offers: Offer, wish: VoiceWish = VoiceWish.NATURAL, at_s: float = 0.0) -> Offer:
    return planner.order(offers, wish=wish, language=VI, at_s=at_s)[0]


def test_the_best_voice_that_keeps_up_speaks() -> None:
    assert _first(_planner({"vieneu": 0.4}), CLONED, QUICK, PLAIN) == CLONED
    assert _first(_planner({"vieneu": 0.6}), CLONED, QUICK, PLAIN) == QUICK
    assert _first(_planner({"vieneu": 0.6, "sherpa": 0.7}), CLONED, QUICK, PLAIN) == PLAIN


def test_without_a_voice_that_keeps_up_there_are_captions_only() -> None:
    planner = _planner({"vieneu": 2.0, "sherpa": 0.7, "espeak": 0.51})

    assert planner.order([CLONED, QUICK, PLAIN], wish=VoiceWish.OWN, language=VI, at_s=0.0) == ()


def test_who_wishes_for_a_fast_voice_gets_the_fastest() -> None:
    assert _first(_planner({"sherpa": 0.2, "espeak": 0.01}), QUICK, PLAIN, wish=VoiceWish.FAST) == PLAIN


def test_a_voice_that_gets_slow_under_load_gives_way_to_the_next_and_comes_back() -> None:
    planner = _planner({"sherpa": 0.3, "espeak": 0.01})

    planner.spoke(QUICK, language=VI, took_s=9.0, sounded_s=6.0, at_s=10.0)

    assert _first(planner, QUICK, PLAIN, at_s=10.0) == PLAIN
    assert _first(planner, QUICK, PLAIN, at_s=12.0) == PLAIN
    assert _first(planner, QUICK, PLAIN, at_s=400.0) == QUICK


def test_one_slow_word_is_no_load() -> None:
    planner = _planner({"espeak": 0.02})

    planner.spoke(PLAIN, language=VI, took_s=1.0, sounded_s=0.4, at_s=10.0)

    assert _first(planner, PLAIN, at_s=10.0) == PLAIN


def test_a_voice_that_failed_twice_is_asked_last_for_a_while() -> None:
    planner = _planner({})

    for at_s in (1.0, 2.0):
        planner.failed(QUICK, language=VI, at_s=at_s)

    assert planner.order([QUICK, PLAIN], wish=VoiceWish.NATURAL, language=VI, at_s=3.0) == (PLAIN, QUICK)
    assert _first(planner, QUICK, PLAIN, at_s=2.0 + REST_S) == QUICK


def test_the_only_voice_is_asked_though_it_failed() -> None:
    planner = _planner({})

    for _ in range(5):
        planner.failed(PLAIN, language=VI, at_s=1.0)

    assert planner.order([PLAIN], wish=VoiceWish.NATURAL, language=VI, at_s=2.0) == (PLAIN,)


def test_languages_are_judged_apart() -> None:
    planner = _planner({"sherpa": 0.3})

    planner.spoke(QUICK, language=Language("en"), took_s=90.0, sounded_s=10.0, at_s=1.0)

    assert _first(planner, QUICK, PLAIN, at_s=1.0) == QUICK


def test_an_engine_that_is_too_slow_in_a_cloned_voice_speaks_on_in_its_own_ones() -> None:
    planner = _planner({})
    own, stock = (Offer(engine="vieneu", tier=tier) for tier in (VoiceTier.CLONED, VoiceTier.QUICK))

    planner.spoke(own, language=VI, took_s=9.0, sounded_s=6.0, at_s=10.0)

    order = planner.order([own, stock, PLAIN], wish=VoiceWish.OWN, language=VI, at_s=10.0)
    assert order == (stock, PLAIN)


def test_an_engine_that_fails_in_a_cloned_voice_is_not_asked_last_in_its_own_ones() -> None:
    planner = _planner({})
    own, stock = (Offer(engine="vieneu", tier=tier) for tier in (VoiceTier.CLONED, VoiceTier.QUICK))

    for at_s in (1.0, 2.0):
        planner.failed(own, language=VI, at_s=at_s)

    order = planner.order([own, stock, PLAIN], wish=VoiceWish.OWN, language=VI, at_s=3.0)
    assert order == (stock, PLAIN, own)


_HAPPENING = st.tuples(
    st.floats(min_value=0, max_value=20),  # seconds until then
    st.sampled_from([CLONED, QUICK, PLAIN]),
    st.one_of(st.none(), st.floats(min_value=0, max_value=30)),  # took, None for a failure
    st.floats(min_value=0.1, max_value=10),
)


@given(st.lists(_HAPPENING, max_size=60), st.sampled_from([VoiceWish.NATURAL, VoiceWish.OWN]))
def test_whatever_happens_only_voices_that_keep_up_speak_and_none_that_gave_way_comes_back_early(
    happenings: list[tuple[float, Offer, float | None, float]], wish: VoiceWish
) -> None:
    planner = _planner({"vieneu": 0.45, "sherpa": 0.3})
    offers = [CLONED, QUICK, PLAIN]
    now_s = 0.0
    gave_way_at_s: dict[Offer, float] = {}
    before: tuple[Offer, ...] = tuple(offers)
    for wait_s, offer, took_s, sounded_s in happenings:
        now_s += wait_s
        if took_s is None:
            planner.failed(offer, language=VI, at_s=now_s)
        else:
            planner.spoke(offer, language=VI, took_s=took_s, sounded_s=sounded_s, at_s=now_s)

        order = planner.order(offers, wish=wish, language=VI, at_s=now_s)

        assert all(planner.factor(each, language=VI, at_s=now_s) <= HOLDS_BELOW for each in order)
        for each in offers:
            if each in before and each not in order:
                gave_way_at_s[each] = now_s
            if each not in before and each in order:
                assert now_s - gave_way_at_s[each] >= REST_S
        before = order
