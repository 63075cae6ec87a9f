"""What stands in the interpreter's attribute: notices in force, and which voice each dub has."""

import json
from dataclasses import replace

from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice, NoticeKind
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.livekit_notices import NoticeBoard, describe_notices

EN = Language("en")


def _voice(tier: str, wish: VoiceWish) -> Notice:
    return Notice(kind=NoticeKind.VOICE, speaker="an", language=EN, level=0, reason=tier, wish=wish)


def _ladder(level: int) -> Notice:
    return Notice(kind=NoticeKind.LADDER, speaker="an", language=EN, level=level, reason="voice_gone")


def _shown(*notices: Notice) -> list[tuple[str, int, str]]:
    board = NoticeBoard()
    for notice in notices:
        board.put(notice)
    return [(it["kind"], it["level"], it["reason"]) for it in json.loads(describe_notices(board.notices))]


def test_the_voice_of_each_wish_stands_beside_what_is_gone() -> None:
    shown = _shown(
        _voice("quick", VoiceWish.NATURAL),
        _ladder(3),
        _voice("fallback", VoiceWish.FAST),
        _voice("fallback", VoiceWish.NATURAL),
    )

    assert sorted(shown) == [("ladder", 3, "voice_gone"), ("voice", 0, "fallback"), ("voice", 0, "fallback")]


def test_what_is_well_again_goes_and_the_voice_stays() -> None:
    assert _shown(_voice("quick", VoiceWish.NATURAL), _ladder(3), _ladder(0)) == [("voice", 0, "quick")]


def test_who_left_leaves_nothing_behind() -> None:
    board = NoticeBoard()
    board.put(_voice("quick", VoiceWish.NATURAL))

    board.forget("an")

    assert describe_notices(board.notices) == "[]"


def test_a_delay_stands_beside_the_voice_until_it_is_caught_up() -> None:
    def behind(level: int) -> Notice:
        return replace(_voice("voice_behind", VoiceWish.NATURAL), kind=NoticeKind.BEHIND, level=level)

    voice = _voice("quick", VoiceWish.NATURAL)

    assert _shown(behind(1), voice) == [("behind", 1, "voice_behind"), ("voice", 0, "quick")]
    assert _shown(behind(1), voice, behind(0)) == [("voice", 0, "quick")]
