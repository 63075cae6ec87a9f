"""Previews: readers in other languages see a sentence grow, it never flickers, and finals never wait for it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from dragoman.ground.audio import Audio
from dragoman.ground.engines import Voice
from dragoman.ground.languages import Language
from dragoman.interpreting.tuning import InterpretingTuning, preview_interval_s
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator

if TYPE_CHECKING:
    from tests.integration.conftest import House, Stage

LONG = " ".join(["mot hai ba bon nam sau bay tam chin muoi"] * 3)


class SpokenTexts(FakeTextToSpeech):
    """Remembers what it was asked to speak."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        self.texts.append(text)
        return super().speak(text, language=language, voice=voice, speed=speed)


async def _talk(house: "House") -> None:
    house.join("an", speaks="vi", reads="vi")
    house.join("ben", reads="en", listens="en")
    house.room.open_microphone("an")
    await house.say("an", LONG, pause_s=2)


def test_a_translation_grows_word_by_word_and_its_final_takes_its_place(stage: type["Stage"]) -> None:
    house = stage(tuning=InterpretingTuning(preview_interval_s=0.2)).play(_talk)

    english = [it.caption for it in house.room.published if it.caption.language == Language("en")]
    segments = list(dict.fromkeys(caption.segment for caption in english))
    assert sum(not caption.final for caption in english) >= 2
    for segment in segments:
        *previews, final = [caption for caption in english if caption.segment == segment]
        assert (final.final, any(preview.final for preview in previews)) == (True, False)
        for before, after in pairwise([*previews, final]):
            assert after.text.startswith(before.text)


def test_a_preview_is_never_spoken(stage: type["Stage"]) -> None:
    voice = SpokenTexts()

    house = stage(voices=[voice], tuning=InterpretingTuning(preview_interval_s=0.2)).play(_talk)

    assert voice.texts == house.texts("en")


def test_previews_that_all_fail_cost_no_final(stage: type["Stage"]) -> None:
    def halves_fail(sentences: Sequence[str]) -> None:
        if not sentences[0].endswith("."):
            raise KeyError("a defect that only half sentences show")

    house = stage(translators=[FakeTranslator(before_call=halves_fail)]).play(_talk)

    assert house.texts("en")
    assert not any(it.caption.untranslated for it in house.room.published)


def test_machines_with_more_cores_preview_more_often() -> None:
    assert [preview_interval_s(cores) for cores in (1, 2, 4, 8, 64)] == [0.9, 0.9, 0.7, 0.5, 0.5]
    assert InterpretingTuning().preview_interval_s == preview_interval_s(2)
