"""The glossary of a room in its interpreter: in captions and voice, from the sentence after the change."""

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

from tests.api_house import INNER, FakeCalls, client_of, make_parts, secret

from dragoman.ground.events import RecognitionOpened
from dragoman.ground.glossary import NO_TERMS, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.services.api.inner_client import InnerClient
from dragoman.services.room_terms import RoomTerms
from dragoman.testing.engines import FakeSpeechToText, FakeTextToSpeech

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage

VI, EN = Language("vi"), Language("en")
TERMS = make_term_base(
    [
        make_term(source="chao", target="hello", source_language=VI, target_language=EN),
        make_term(source="dragoman", state=TermState.DO_NOT_TRANSLATE),
    ]
)


def test_a_term_counts_in_captions_and_voice_from_the_sentence_after_it_was_set(stage: type["Stage"]) -> None:
    known, voice = {"terms": NO_TERMS}, FakeTextToSpeech()

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        await house.say("an", "dragoman xin chao ban", pause_s=4.0)
        known["terms"] = TERMS
        await house.say("an", "dragoman xin chao ban", pause_s=4.0)

    house = stage(voices=[voice], terms=lambda: known["terms"]).play(scene)

    assert house.texts("en") == ["en:dragoman en:xin en:chao en:ban", "dragoman en:xin hello en:ban"]
    assert voice.spoken[-1][0] == "dragoman en:xin hello en:ban"


def test_recognisers_are_told_the_terms_that_may_be_said(stage: type["Stage"]) -> None:
    engine = FakeSpeechToText()

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.room.open_microphone("an")
        await house.say("an", "xin chao")

    stage(speech_to_text=[engine], terms=lambda: TERMS).play(scene)

    assert engine.contexts
    assert {context.hot_words for context in engine.contexts} == {("chao", "dragoman")}


def test_recognisers_are_told_a_term_from_the_utterance_after_it_was_set_though_the_microphone_stays_open(
    stage: type["Stage"],
) -> None:
    known, engine = {"terms": NO_TERMS}, FakeSpeechToText()

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.room.open_microphone("an")
        for terms in (NO_TERMS, TERMS, NO_TERMS):
            known["terms"] = terms
            await house.say("an", "xin chao", pause_s=4.0)

    house = stage(speech_to_text=[engine], terms=lambda: known["terms"]).play(scene)

    told = [hot_words for hot_words, _ in groupby(context.hot_words for context in engine.contexts)]
    assert told == [(), ("chao", "dragoman"), ()]
    assert len([it for it in house.observer.events if isinstance(it, RecognitionOpened)]) == 1


def test_what_the_host_changes_while_somebody_speaks_counts_in_the_very_next_sentence(stage: type["Stage"]) -> None:
    parts = make_parts(FakeCalls())
    meeting = parts.meetings.open(at_s=0.0)
    host = secret(parts.meetings.invitations.host_secret(meeting.id))
    voice, known = FakeTextToSpeech(), []
    term = {"source": "chao", "target": "hello", "source_language": "vi", "target_language": "en", "state": "forced"}

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        async with client_of(parts) as inside, client_of(parts) as page:
            inside.headers.update(secret(INNER))
            known.append(await RoomTerms.fetched(InnerClient(inside), meeting.id, epoch=0))
            following = asyncio.create_task(known[0].keep_following())
            await house.say("an", "xin chao ban", pause_s=3.0)
            for terms in ([term], [{**term, "target": "hi"}], []):
                answer = await page.put(f"/api/v1/rooms/{meeting.id}/glossary", json={"terms": terms}, headers=host)
                assert answer.status_code == 200, answer.text
                await house.say("an", "xin chao ban", pause_s=3.0)
            following.cancel()
            await asyncio.wait([following])

    house = stage(voices=[voice], terms=lambda: known[0].now() if known else NO_TERMS).play(scene)

    wanted = [f"en:xin {chao} en:ban" for chao in ("en:chao", "hello", "hi", "en:chao")]
    assert house.texts("en") == wanted
    assert [said for said, *_ in voice.spoken] == wanted
