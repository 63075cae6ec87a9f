"""How ``dragoman practice`` finds the room that somebody means."""

import pytest

from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language
from dragoman.meetings.errors import RoomNotFound
from dragoman.services.practice import practice_choices
from dragoman.services.practice_visit import RoomAddress, find_room

HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("text", "origin", "signalling"),
    [
        ("AbC-_12", HERE, "ws://127.0.0.1:8000"),
        ("http://127.0.0.1:9000/r/AbC-_12", "http://127.0.0.1:9000", "ws://127.0.0.1:9000"),
        ("https://call.example/r/AbC-_12/", "https://call.example", "wss://call.example"),
        ("https://call.example/r/AbC-_12?x=1#y", "https://call.example", "wss://call.example"),
    ],
)
def test_a_room_is_meant_by_its_id_or_by_its_link(text: str, origin: str, signalling: str) -> None:
    found = find_room(text, here=HERE)

    assert found == RoomAddress(origin=origin, room="AbC-_12")
    assert found.signalling_url == signalling


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:8000/r/a/b",
        "ftp://127.0.0.1/r/a",
        "/r/a",
        "http:///r/a",
        "//",
        "a/b",
    ],
)
def test_what_is_no_link_is_refused_with_one_that_would_be(text: str) -> None:
    with pytest.raises(RoomNotFound, match=f"{HERE}/r/ROOM"):
        find_room(text, here=HERE)


def test_a_practice_speaker_agrees_to_be_interpreted_and_reads_nothing() -> None:
    choices = practice_choices(Language("en"))

    assert (choices.speaks, choices.reads, choices.listens, choices.consents) == ("en", None, None, True)
    with pytest.raises(LanguageNotSupported, match="English"):
        practice_choices(Language("vi"))
