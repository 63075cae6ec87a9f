"""Casting: every speaker has a voice near their own, another than the others', and keeps it."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.engines import DEFAULT_VOICE, Gender, Voice
from dragoman.voicing.casting import MOST_GONE, Casting

STAGE = ("espeak", "vi")
DEEP, LOW, HIGH, HIGHEST = (Voice(name=name) for name in ("deep", "low", "high", "highest"))
PITCHES = {DEEP: 85.0, LOW: 115.0, HIGH: 190.0, HIGHEST: 230.0}


def _cast(casting: Casting, speaker: str, pitch_hz: float | None, pitches: dict[Voice, float] = PITCHES) -> Voice:
    return casting.voice_for(speaker, stage=STAGE, offered=list(PITCHES), pitches=pitches, pitch_hz=pitch_hz)


def test_a_speaker_gets_the_voice_nearest_in_pitch() -> None:
    casting = Casting()

    assert [_cast(casting, who, hz) for who, hz in (("an", 240), ("ben", 90), ("eva", 180), ("cuong", 120))] == [
        HIGHEST,
        DEEP,
        HIGH,
        LOW,
    ]


def test_the_second_best_voice_is_one_of_the_same_gender_though_another_is_nearer() -> None:
    casting = Casting()
    pitches = {DEEP: 80.0, LOW: 150.0, HIGH: 165.0, HIGHEST: 230.0}

    _cast(casting, "an", 170, pitches)

    assert _cast(casting, "eva", 172, pitches) == HIGHEST


def test_the_voice_stays_though_the_pitch_is_heard_better_later() -> None:
    casting = Casting()

    first = _cast(casting, "an", None)

    assert _cast(casting, "an", 230) == first == DEEP


def test_the_makers_word_for_the_gender_counts_where_no_pitch_is_known() -> None:
    man, woman = Voice(name="am_adam", gender=Gender.MALE), Voice(name="af_bella", gender=Gender.FEMALE)

    voice = Casting().voice_for("eva", stage=STAGE, offered=[man, woman], pitches={}, pitch_hz=210)

    assert voice == woman


def test_without_stock_voices_the_default_one_speaks() -> None:
    assert Casting().voice_for("an", stage=STAGE, offered=[], pitches={}, pitch_hz=100) == DEFAULT_VOICE


@given(st.lists(st.one_of(st.none(), st.floats(min_value=60, max_value=400)), min_size=1, max_size=9))
def test_voices_differ_while_there_are_enough_and_are_shared_evenly_then(speakers: list[float | None]) -> None:
    casting = Casting()

    voices = [_cast(casting, str(number), pitch_hz) for number, pitch_hz in enumerate(speakers)]

    shares = [voices.count(voice) for voice in PITCHES]
    assert max(shares) - min(shares) <= 1


def test_the_voice_of_who_left_is_free_while_others_would_have_to_share() -> None:
    casting = Casting()
    four = [_cast(casting, who, None) for who in ("an", "ben", "cuong", "dung")]

    casting.leave("ben")

    assert _cast(casting, "eva", None) == four[1]


def test_who_comes_back_has_the_same_voice_unless_somebody_else_has_it_now() -> None:
    casting = Casting()
    an, ben = _cast(casting, "an", 90), _cast(casting, "ben", 120)
    for who in ("an", "ben"):
        casting.leave(who)
    taken = _cast(casting, "eva", 90)

    late = _cast(casting, "an", 90)
    for who in ("an", "ben"):
        casting.is_here(who)

    assert (taken, late) == (an, an)
    assert _cast(casting, "ben", 120) == ben
    assert _cast(casting, "an", 90) not in (taken, ben)


def test_a_room_remembers_no_endless_row_of_people_who_left() -> None:
    casting = Casting()

    for number in range(10 * MOST_GONE):
        _cast(casting, str(number), None)
        casting.leave(str(number))

    assert sum(map(len, casting._cast.values())) <= MOST_GONE + 1
