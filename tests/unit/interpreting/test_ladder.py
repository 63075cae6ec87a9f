"""Ladder: entered after two failures, left after thirty healthy seconds."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import silence
from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish
from dragoman.interpreting.ladder import Ladder, LadderState, Level, Part


def test_one_failure_is_bad_luck_and_two_are_a_state() -> None:
    ladder = Ladder()

    ladder.failed(Part.TRANSLATION, at_s=0)
    after_one = ladder.state.level
    ladder.failed(Part.TRANSLATION, at_s=1)

    assert (after_one, ladder.state.level, ladder.state.reason) == (Level.FULL, Level.UNTRANSLATED, "translation_gone")


def test_a_voice_that_is_not_the_best_is_a_step_down_until_the_best_is_back() -> None:
    ladder = Ladder()
    levels = []

    for tier, second_best in ((VoiceTier.QUICK, True), (VoiceTier.FALLBACK, True), (VoiceTier.FALLBACK, False)):
        ladder.voiced(VoiceWish.OWN, _spoke(tier, second_best=second_best))
        levels.append(ladder.state.level)

    assert levels == [Level.PRESET_VOICE, Level.FALLBACK_ENGINES, Level.FULL]


def test_room_for_more_raises_the_best_level_that_is_allowed() -> None:
    ladder = Ladder(floor=Level.CAPTIONS_ONLY, floor_reason="capacity")
    before = (ladder.state.level, ladder.may_try(Part.VOICE, at_s=0))

    ladder.allow(LadderState(level=Level.FULL, reason=""))

    assert before == (Level.CAPTIONS_ONLY, False)
    assert (ladder.state.level, ladder.may_try(Part.VOICE, at_s=0)) == (Level.FULL, True)


def test_the_worse_of_two_voices_counts_and_what_is_gone_more_than_either() -> None:
    ladder = Ladder()

    ladder.voiced(VoiceWish.NATURAL, _spoke(VoiceTier.FALLBACK, second_best=True))
    ladder.voiced(VoiceWish.FAST, _spoke(VoiceTier.FALLBACK, second_best=False))
    of_voices = ladder.state
    for at_s in (0, 1):
        ladder.failed(Part.VOICE, at_s=at_s)

    assert (of_voices.level, of_voices.reason) == (Level.FALLBACK_ENGINES, "fallback_voice")
    assert ladder.state.level == Level.CAPTIONS_ONLY


def test_a_second_best_translation_is_a_step_down_like_what_is_gone_and_left_as_slowly() -> None:
    ladder = Ladder()
    levels = []

    for at_s, second_best in ((0, True), (4, True), (8, False), (20, False), (39, False)):
        ladder.translated(second_best=second_best, at_s=at_s)
        levels.append((int(ladder.state.level), ladder.state.reason))

    fallen = (2, "fallback_translation")
    assert levels == [(0, ""), fallen, fallen, fallen, (0, "")]


def test_a_single_second_best_translation_is_bad_luck() -> None:
    ladder = Ladder()
    levels = set()

    for at_s in range(20):
        ladder.translated(second_best=at_s % 2 == 1, at_s=at_s)
        levels.add(ladder.state.level)

    assert levels == {Level.FULL}


def _spoke(tier: VoiceTier, *, second_best: bool) -> VoicePiece:
    return VoicePiece(audio=silence(0.1, 8_000), tier=tier, second_best=second_best)


def test_a_success_between_two_failures_starts_the_count_anew() -> None:
    ladder = Ladder()

    ladder.failed(Part.VOICE, at_s=0)
    ladder.worked(Part.VOICE, at_s=1)
    ladder.failed(Part.VOICE, at_s=2)

    assert ladder.state.level == Level.FULL


def test_what_is_gone_is_tried_again_every_five_seconds() -> None:
    ladder = Ladder()
    ladder.failed(Part.VOICE, at_s=0)
    ladder.failed(Part.VOICE, at_s=1)

    tries = [ladder.may_try(Part.VOICE, at_s=at_s) for at_s in (2, 5, 6.5, 7, 12)]

    assert tries == [False, False, True, False, True]


def test_a_level_is_left_only_after_thirty_healthy_seconds() -> None:
    ladder = Ladder()
    ladder.failed(Part.VOICE, at_s=0)
    ladder.failed(Part.VOICE, at_s=1)

    levels = []
    for at_s in (10, 20, 39, 41):
        ladder.worked(Part.VOICE, at_s=at_s)
        levels.append(ladder.state.level)

    assert levels == [Level.CAPTIONS_ONLY, Level.CAPTIONS_ONLY, Level.CAPTIONS_ONLY, Level.FULL]


def test_a_voice_that_nobody_listens_to_any_more_holds_nobody_down() -> None:
    ladder = Ladder()
    ladder.voiced(VoiceWish.NATURAL, _spoke(VoiceTier.FALLBACK, second_best=True))
    ladder.voiced(VoiceWish.FAST, _spoke(VoiceTier.FALLBACK, second_best=False))
    with_both = ladder.state.level

    ladder.listened({VoiceWish.FAST})

    assert (with_both, ladder.state.level) == (Level.FALLBACK_ENGINES, Level.FULL)


def test_the_worst_of_what_is_gone_counts() -> None:
    ladder = Ladder()
    for part in (Part.VOICE, Part.TRANSLATION, Part.RECOGNITION):
        ladder.failed(part, at_s=0)
        ladder.failed(part, at_s=1)

    assert ladder.state.level == Level.ORIGINAL_ONLY


def test_admission_sets_a_floor_and_what_lies_below_it_is_not_tried() -> None:
    ladder = Ladder(floor=Level.CAPTIONS_ONLY, floor_reason="capacity")

    assert (ladder.state.level, ladder.state.reason) == (Level.CAPTIONS_ONLY, "capacity")
    assert not ladder.may_try(Part.VOICE, at_s=0)
    assert ladder.may_try(Part.TRANSLATION, at_s=0)


@given(st.lists(st.booleans(), min_size=1, max_size=400))
def test_it_never_flaps_more_than_once_in_thirty_seconds(outcomes: list[bool]) -> None:
    ladder = Ladder()
    falls = []
    level = Level.FULL
    for at_s, worked in enumerate(outcomes):
        (ladder.worked if worked else ladder.failed)(Part.TRANSLATION, at_s=float(at_s))
        if ladder.state.level > level:
            falls.append(at_s)
        level = ladder.state.level

    assert all(later - earlier >= 30 for earlier, later in pairwise(falls))
