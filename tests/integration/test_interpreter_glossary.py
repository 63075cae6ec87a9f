"""The glossary of a room in its interpreter: in captions and voice, from the sentence after the change."""

from typing import TYPE_CHECKING

from dragoman.ground.glossary import NO_TERMS, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
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
