"""The interpreter when engines fail: nothing that was said is lost, people are told, and it comes back by itself."""

import asyncio
from typing import TYPE_CHECKING

from dragoman.ground.errors import EngineCrashed
from dragoman.ground.events import LadderChanged, VoiceSkipped
from dragoman.ground.rooms import NoticeKind
from dragoman.ground.voices import VoiceWish
from dragoman.interpreting.admission import Costs
from dragoman.interpreting.ladder import Level
from dragoman.testing.engines import FakeSpeechToText, FakeTextToSpeech, FakeTranslator
from dragoman.testing.script import Answer, Fail
from dragoman.voicing.watermark import UnusableWatermark

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage

GONE = Fail(error=EngineCrashed("gone"))


async def _talk(house: "House", sentences: int, *, pause_s: float = 0.8) -> None:
    house.join("an", speaks="vi", reads="vi")
    house.join("ben", reads="en", listens="en")
    house.room.open_microphone("an")
    for number in range(sentences):
        await house.say("an", f"cau so {number}", pause_s=pause_s)


def test_without_translation_captions_come_untranslated_and_are_translated_in_order_when_it_is_back(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 4, pause_s=10)

    # Each sentence is asked for about seven times within its deadline, the first once more in between.
    house = stage(translators=[FakeTranslator(outcomes=[GONE] * 15)]).play(scene)

    english = [
        (caption.text, caption.untranslated, caption.replaces)
        for caption in house.room.finals
        if caption.language == "en"
    ]
    untranslated = [text for text, is_untranslated, _ in english if is_untranslated]
    translated = [text for text, is_untranslated, _ in english if not is_untranslated]
    replacing = [text for text, _, replaces in english if replaces]
    assert untranslated == [f"cau so {number}" for number in range(len(untranslated))]
    assert 1 <= len(untranslated) <= 3
    assert translated == [f"en:cau en:so en:{number}" for number in range(4)]
    assert replacing == translated[: len(untranslated)]
    levels = [event.level for event in house.observer.of(LadderChanged)]
    assert levels[0] == Level.UNTRANSLATED


def test_what_is_translated_afterwards_takes_the_place_of_its_segment_and_is_not_spoken(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 1, pause_s=12)

    house = stage(translators=[FakeTranslator(outcomes=[GONE] * 7)]).play(scene)

    first, second = [caption for caption in house.room.finals if caption.language == "en"]
    assert (first.segment, first.untranslated) == (second.segment, True)
    assert (second.text, second.original, second.lags.caption_ms) == ("en:cau en:so en:0", "cau so 0", None)
    assert second.seq > first.seq
    assert house.room.tracks == []


def test_what_a_speaker_owes_when_muted_is_translated_when_they_speak_again(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 1, pause_s=1)
        await house.room.mute("an")
        await asyncio.sleep(10)
        house.room.open_microphone("an")
        await house.say("an", "lai noi", pause_s=3)

    house = stage(translators=[FakeTranslator(outcomes=[GONE] * 8)]).play(scene)

    english = [caption.text for caption in house.room.finals if caption.language == "en"]
    assert english[0] == "cau so 0"
    assert sorted(english[1:]) == ["en:cau en:so en:0", "en:lai en:noi"]


def test_without_a_voice_captions_go_on_and_are_marked(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 4)

    house = stage(voices=[FakeTextToSpeech(outcomes=[GONE] * 100)]).play(scene)

    assert len(house.texts("en")) == 4
    assert len(house.room.unvoiced) == 4
    assert {event.reason for event in house.observer.of(VoiceSkipped)} == {"voice_gone"}
    assert [(notice.level, notice.language) for notice in house.room.notices] == [(Level.CAPTIONS_ONLY, "en")]


def test_a_dub_that_the_call_does_not_take_is_marked_and_the_next_one_sounds(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.room.dubs_refused = 1
        await _talk(house, 3)

    house = stage().play(scene)

    assert len(house.texts("en")) == 3
    assert [event.reason for event in house.observer.of(VoiceSkipped)] == ["room_gone"]
    assert len(house.room.unvoiced) == 1
    assert len(house.room.tracks) == 1
    assert house.observer.of(LadderChanged) == []


def test_without_recognition_people_are_told_and_nothing_is_lost_when_it_comes_back(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 4, pause_s=12)

    house = stage(speech_to_text=[FakeSpeechToText(outcomes=[GONE] * 4)]).play(scene)

    assert house.texts("vi") == ["cau so 0", "cau so 1", "cau so 2", "cau so 3"]
    assert [notice.level for notice in house.room.notices][:1] == [Level.ORIGINAL_ONLY]


def test_an_utterance_that_no_recogniser_can_read_is_marked_as_a_gap(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 2, pause_s=20)

    house = stage(speech_to_text=[FakeSpeechToText(outcomes=[GONE] * 10)]).play(scene)

    english = [(caption.text, caption.gap) for caption in house.room.finals if caption.language == "en"]
    assert english == [("", True), ("en:cau en:so en:1", False)]


def test_a_second_recogniser_answers_for_one_that_fails(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 2)

    engines = [FakeSpeechToText(name="bad", outcomes=[GONE] * 100), FakeSpeechToText(name="good")]
    house = stage(speech_to_text=engines).play(scene)

    assert house.texts("vi") == ["cau so 0", "cau so 1"]


def test_while_a_second_best_engine_translates_people_are_told_until_the_better_one_holds_again(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 9, pause_s=8)

    preferred = FakeTranslator(name="preferred", outcomes=[GONE] * 2)
    house = stage(translators=[preferred, FakeTranslator(name="simple")]).play(scene)

    assert house.texts("en") == [f"en:cau en:so en:{number}" for number in range(9)]
    told = [(notice.level, notice.reason) for notice in house.room.notices if notice.kind is NoticeKind.LADDER]
    assert told == [(Level.FALLBACK_ENGINES, "fallback_translation"), (Level.FULL, "")]
    assert [event.level for event in house.observer.of(LadderChanged)] == [Level.FALLBACK_ENGINES, Level.FULL]


def test_noise_that_no_word_is_made_of_leaves_nothing_on_the_screen(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 2)

    house = stage(speech_to_text=[FakeSpeechToText(outcomes=[Answer.SILENCE])]).play(scene)

    assert house.texts("en") == ["en:cau en:so en:1"]


def test_the_speaker_beyond_capacity_is_heard_as_original_and_admitted_when_another_ends(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", speaks="en")
        house.join("eva", reads="es", listens="es")
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        await house.say("an", "mot hai ba")
        before = house.texts("es")
        await house.room.mute("an")
        await asyncio.sleep(3)
        assert before == ["es:mot es:hai es:ba"]
        await house.say("ben", "one two three")

    house = stage(cores=1, costs=Costs(recognition=0.4, voice=0.1)).play(scene)

    assert house.texts("es") == ["es:mot es:hai es:ba", "es:one es:two es:three"]
    notice = house.room.notices[0]
    assert (notice.kind, notice.speaker, notice.level) == ("capacity", "ben", Level.ORIGINAL_ONLY)


def test_a_speaker_for_whose_voice_there_is_no_room_is_captioned(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", speaks="en")
        house.join("eva", reads="es", listens="es")
        house.room.open_microphone("an")
        house.room.open_microphone("ben")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.say("an", "mot hai ba"))
            tasks.create_task(house.say("ben", "one two three"))

    house = stage(cores=1, costs=Costs(recognition=0.25, voice=0.15)).play(scene)

    assert len(house.texts("es")) == 2
    assert {track.speaker for track in house.room.tracks} == {"an"}
    assert house.room.notices[0].level == Level.CAPTIONS_ONLY


def test_where_speech_cannot_be_marked_captions_go_on_and_the_voice_is_said_to_be_gone(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        await _talk(house, 3)

    house = stage(watermark=UnusableWatermark("its file is damaged")).play(scene)

    assert len(house.texts("en")) == 3
    assert not [piece for track in house.room.tracks for piece in track.played]
    assert {event.reason for event in house.observer.of(VoiceSkipped)} == {"voice_gone"}
    assert [(notice.reason, notice.level) for notice in house.room.notices] == [("voice_gone", Level.CAPTIONS_ONLY)]


def test_when_the_last_listener_of_a_poor_voice_leaves_the_speaker_stands_at_the_top_again(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        house.join("eva", reads="en", listens="en", voice=VoiceWish.FAST)
        house.room.open_microphone("an")
        await house.say("an", "mot hai", pause_s=3)
        await house.room.leave("ben")
        await house.say("an", "ba bon", pause_s=3)

    poor = FakeTextToSpeech(name="natural", outcomes=[GONE] * 100)
    house = stage(voices=[poor, FakeTextToSpeech(name="espeak")]).play(scene)

    told = [notice.level for notice in house.room.notices if notice.kind is NoticeKind.LADDER]
    assert told == [Level.FALLBACK_ENGINES, Level.FULL]
