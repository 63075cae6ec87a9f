"""The interpreter over fake engines: what is said is read and heard, once, in order, by those who want it."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from dragoman.ground.events import EchoDropped, VoiceSkipped, VoiceStarted
from dragoman.ground.rooms import NoticeKind
from dragoman.ground.voices import VoiceWish
from dragoman.testing.tones import hear_tones

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage


def test_one_sentence_is_captioned_in_both_languages_and_dubbed(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        await house.say("an", "xin chao cac ban")

    house = stage().play(scene)

    assert house.texts("vi") == ["xin chao cac ban"]
    assert house.texts("en") == ["en:xin en:chao en:cac en:ban"]
    track = house.room.tracks[0]
    assert (track.speaker, track.language, track.listeners) == ("an", "en", frozenset({"ben"}))
    assert [word.text for piece in track.played for word in hear_tones(piece.audio)]
    assert track.closed


def test_captions_reach_only_the_readers_of_their_language(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en")
        house.join("eva", reads="es")
        house.room.open_microphone("an")
        await house.say("an", "xin chao")

    house = stage().play(scene)

    readers = {item.caption.language: item.readers for item in house.room.published if item.caption.final}
    assert readers == {"vi": frozenset(), "en": frozenset({"ben"}), "es": frozenset({"eva"})}


def test_finals_are_numbered_without_gaps_over_all_speakers_and_languages(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi", listens="vi")
        house.join("ben", speaks="en", reads="en", listens="en")
        for identity in ("an", "ben"):
            house.room.open_microphone(identity)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.say("an", "mot hai ba"))
            tasks.create_task(house.say("ben", "one two three four"))

    house = stage().play(scene)

    assert [caption.seq for caption in house.room.finals] == [1, 2, 3, 4]


def test_speakers_at_the_same_time_are_captioned_in_parallel_and_dubbed_one_after_the_other(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", speaks="en")
        house.join("eva", reads="es", listens="es")
        for identity in ("an", "ben"):
            house.room.open_microphone(identity)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.say("an", "mot hai ba bon nam sau"))
            tasks.create_task(house.say("ben", "one two three four five"))

    house = stage().play(scene)

    assert len(house.texts("es")) == 2
    sounds = sorted((piece.starts_s, piece.ends_s) for track in house.room.tracks for piece in track.played)
    assert len({track.speaker for track in house.room.tracks}) == 2
    assert all(end <= start + 1e-6 for (_, end), (start, _) in pairwise(sounds))


def test_provisional_captions_come_while_the_sentence_is_spoken_and_the_final_replaces_them(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi")
        house.join("ben", reads="en")
        house.room.open_microphone("an")
        await house.say("an", " ".join(f"tu{number}" for number in range(24)))

    house = stage().play(scene)

    for language in ("vi", "en"):
        shown = [item.caption for item in house.room.published if item.caption.language == language]
        partials = [caption for caption in shown if not caption.final]
        finals = [caption for caption in shown if caption.final]
        assert partials
        assert shown.index(finals[0]) > shown.index(partials[-1])
        assert partials[0].segment == finals[0].segment


def test_a_slow_spanish_translation_does_not_delay_the_english_one(stage: type["Stage"]) -> None:
    import time

    from dragoman.testing.engines import FakeTranslator

    class SlowSpanish(FakeTranslator):
        def translate(self, sentences, *, source, target, **rest):  # type: ignore[no-untyped-def]
            if target == "es":
                time.sleep(1.0)
            return super().translate(sentences, source=source, target=target, **rest)

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en")
        house.join("eva", reads="es")
        house.room.open_microphone("an")
        await house.say("an", "mot hai")

    house = stage(translators=[SlowSpanish()]).play(scene)

    at_s = {str(item.caption.language): item.at_s for item in house.room.published if item.caption.final}
    assert at_s["es"] - at_s["en"] > 0.9


def test_a_listener_who_switches_hears_and_reads_the_new_language_within_two_seconds(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba")
        house.join("ben", reads="es", listens="es")
        await house.say("an", "bon nam sau")

    house = stage().play(scene)

    assert house.texts("en") == ["en:mot en:hai en:ba"]
    assert house.texts("es") == ["es:bon es:nam es:sau"]
    assert [(track.language, track.closed) for track in house.room.tracks] == [("en", True), ("es", True)]


def test_a_speaker_who_switches_is_recognised_in_the_new_language(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="fr")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba")
        house.join("an", speaks="en")
        await house.say("an", "one two three")

    house = stage().play(scene)

    assert [(caption.source_language, caption.text) for caption in house.room.finals if caption.language == "fr"] == [
        ("vi", "fr:mot fr:hai fr:ba"),
        ("en", "fr:one fr:two fr:three"),
    ]


def test_leaving_in_the_middle_of_a_word_still_captions_what_was_said_and_closes_the_track(
    stage: type["Stage"],
) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba", pause_s=0)
        await house.room.leave("an")
        await asyncio.sleep(5)

    house = stage().play(scene)

    assert house.texts("en") == ["en:mot en:hai en:ba"]
    assert all(track.closed for track in house.room.tracks)


def test_muting_fifty_times_leaves_no_track_and_no_task(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        for _ in range(50):
            house.room.open_microphone("an")
            await house.say("an", "mot hai", pause_s=0)
            await house.room.mute("an")
            await asyncio.sleep(1.0)

    house = stage().play(scene)

    assert len(house.texts("en")) == 50
    assert all(track.closed for track in house.room.tracks)


def test_listeners_who_wish_for_different_voices_hear_different_tracks_of_one_translation(
    stage: type["Stage"],
) -> None:
    from dragoman.testing.engines import FakeTextToSpeech

    plain, good = FakeTextToSpeech(name="espeak"), FakeTextToSpeech(name="good")

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        house.join("eva", reads="en", listens="en", voice=VoiceWish.FAST)
        house.join("cuong", reads="en", listens="en")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba")

    house = stage(voices=[good, plain]).play(scene)

    assert house.texts("en") == ["en:mot en:hai en:ba"]
    assert {(track.wish, track.listeners) for track in house.room.tracks} == {
        (VoiceWish.NATURAL, frozenset({"ben", "cuong"})),
        (VoiceWish.FAST, frozenset({"eva"})),
    }
    assert (len(good.spoken), len(plain.spoken)) == (1, 1)
    voices = {(notice.wish, notice.reason) for notice in house.room.notices if notice.kind is NoticeKind.VOICE}
    assert voices == {(VoiceWish.NATURAL, "quick"), (VoiceWish.FAST, "fallback")}


def test_who_joins_late_reads_from_then_on(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba")
        house.join("ben", reads="en")
        await house.say("an", "bon nam sau")

    house = stage().play(scene)

    assert house.texts("vi") == ["mot hai ba", "bon nam sau"]
    assert house.texts("en") == ["en:bon en:nam en:sau"]


def test_who_joins_while_the_last_words_are_translated_does_not_keep_an_unmuted_speaker_from_being_interpreted(
    stage: type["Stage"],
) -> None:
    import threading

    from dragoman.testing.engines import FakeTranslator

    asked, joined = threading.Event(), threading.Event()

    def wait_for_eva(sentences: Sequence[str]) -> None:
        asked.set()
        joined.wait(10)

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en")
        house.room.open_microphone("an")
        await house.say("an", "mot hai", pause_s=0)
        await house.room.mute("an")
        await asyncio.to_thread(asked.wait, 10)
        await asyncio.sleep(0.2)  # from here on only the translation is awaited
        house.join("eva", reads="es")
        await asyncio.sleep(0.2)
        joined.set()
        house.room.open_microphone("an")
        await house.say("an", "ba bon")

    house = stage(translators=[FakeTranslator(before_call=wait_for_eva)]).play(scene)

    assert house.texts("en") == ["en:mot en:hai", "en:ba en:bon"]
    assert house.texts("es") == ["es:ba es:bon"]


def test_who_does_not_consent_is_never_heard_by_an_engine(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", consents=False)
        house.join("ben", reads="en")
        house.room.open_microphone("an")
        await asyncio.sleep(3)

    house = stage().play(scene)

    assert house.room.published == []
    assert not house.observer.events


def test_consent_withdrawn_stops_the_recognition_at_once(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en")
        house.room.open_microphone("an")
        await house.say("an", "mot hai ba")
        house.join("an", speaks="vi", consents=False)
        await asyncio.sleep(0.2)
        await house.say("an", "bon nam sau")

    house = stage().play(scene)

    assert house.texts("en") == ["en:mot en:hai en:ba"]


def test_the_dub_coming_back_by_the_listeners_microphone_is_dropped(stage: type["Stage"]) -> None:
    async def scene(house: "House") -> None:
        house.join("an", speaks="vi", reads="vi", listens="vi")
        house.join("ben", speaks="en", reads="en", listens="en")
        for identity in ("an", "ben"):
            house.room.open_microphone(identity)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.say("an", "mot hai ba bon"))
            tasks.create_task(house.room.be_silent("ben", 2.5))
        await house.say("ben", "en:mot en:hai en:ba en:bon")
        await house.room.be_silent("ben", 12)
        await house.say("ben", "en:mot en:hai en:ba en:bon")

    house = stage().play(scene)

    assert len(house.observer.of(EchoDropped)) == 1
    assert len([caption for caption in house.room.finals if caption.speaker == "ben"]) == 2


def test_late_voice_is_sped_up_then_skipped_but_no_caption_is(stage: type["Stage"]) -> None:
    from dragoman.testing.engines import FakeTextToSpeech

    class Drawling(FakeTextToSpeech):
        def speak(self, text, *, language, voice, speed):  # type: ignore[no-untyped-def]
            return super().speak(f"{text} and so on and on and on and on", language=language, voice=voice, speed=speed)

    drawling = Drawling()

    async def scene(house: "House") -> None:
        house.join("an", speaks="vi")
        house.join("ben", reads="en", listens="en")
        house.room.open_microphone("an")
        for number in range(12):
            await house.say("an", f"mot hai ba bon nam {number}", pause_s=0.7)

    house = stage(voices=[drawling]).play(scene)

    assert len(house.texts("en")) == 12
    skipped = [event for event in house.observer.of(VoiceSkipped) if event.reason == "late"]
    started = house.observer.of(VoiceStarted)
    assert skipped
    assert len(skipped) + len(started) == 12
    assert max(event.speed for event in started) > 1.05
    assert {segment for segment, _ in house.room.unvoiced} == {event.segment for event in skipped}
    assert max(event.lag_ms for event in started) < 9000
