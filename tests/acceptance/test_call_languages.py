"""A call in three languages through ``dragoman up``: two people speak at once, three listen, somebody changes."""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx2
import numpy as np
import pytest
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import at_rate, likeness, load, word_errors
from tests.livekit_server import HEARD_RATE, Guest, SeenCaption
from tests.site import Caller, Site, call, missed, running_site

from dragoman.ground.audio import Audio, Samples, join_audio, silence
from dragoman.ground.engines import TextToSpeech, Translator, Voice
from dragoman.ground.languages import Language

EN, ES = Language("en"), Language("es")
EFFECT_WITHIN_S = 2.0
"""Of another choice of languages."""
WAIT_S = 120.0
LOUD = 0.01
WORDS_PER_MINUTE = 165
"""Of espeak-ng at speed 1; its speeds are whole words a minute."""
ALIKE = 0.6
"""Of the same second of a voice that came twice, through Opus at 24 kb/s."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run it with a second translator: Spanish comes from English by apertium, and from Vietnamese not at all."""
    engines = f"{PICO_MODELS['DRAGOMAN_TRANSLATION_ENGINES']}, apertium"
    with running_site(
        tmp_path_factory.mktemp("site"),
        **{**PICO_MODELS, "DRAGOMAN_TRANSLATION_ENGINES": engines, "DRAGOMAN_SPEAKERS_AT_ONCE": "4"},
    ) as running:
        yield running


def recording(name: str) -> Audio:
    """Give a fixture with silence around it: nobody talks the moment they join."""
    speech = load(SPEECH / f"{name}.wav")
    rate = speech.sample_rate
    return join_audio([silence(3.0, rate), speech, silence(2.0, rate)], rate)


def said(name: str, what: str) -> str:
    return str(json.loads((SPEECH / f"{name}.json").read_text())[what])


def finals_of(reader: Caller, speaker: Caller) -> list[SeenCaption]:
    finals = [seen for seen in reader.guest.finals if seen.attributes["dragoman.speaker"] == speaker.identity]
    return [seen for seen in finals if seen.text]


def text_of(reader: Caller, speaker: Caller) -> str:
    return " ".join(seen.text for seen in finals_of(reader, speaker))


def is_about(heard: str, expected: str) -> bool:
    """Allow what the tiny recogniser takes for something else after Opus: up to a third of the words."""
    return word_errors(said=expected, heard=heard).rate <= 0.34


def dubs(who: Caller) -> set[str]:
    return {track for track in who.guest.heard if track.startswith("dub:")}


def voice_in(guest: Guest, track: str) -> Audio:
    """Give what was heard on a track, without the silence around it."""
    sound = guest.sound_of(track)
    sounding = np.flatnonzero(np.abs(sound) > LOUD)
    return Audio(samples=sound[sounding[0] : sounding[-1]], sample_rate=HEARD_RATE)


async def fallen_silent(guest: Guest, track: str) -> None:
    """Wait until a dub has sounded and then been silent for two seconds."""

    def silent() -> bool:
        sound = guest.sound_of(track)
        return track in guest.loud_at_s and float(np.abs(sound[-2 * HEARD_RATE :]).max()) < LOUD

    try:
        await guest.wait_for(silent, timeout_s=WAIT_S)
    except TimeoutError:
        seconds = np.array_split(guest.sound_of(track), max(1, len(guest.sound_of(track)) // HEARD_RATE))
        peaks = [round(float(np.abs(second).max()), 2) for second in seconds if len(second)]
        pytest.fail(f"{track}: of {sorted(guest.heard)}; the peak of each second: {peaks}; {guest.hints}")


def say(text: str, language: str, voice: Voice, words_per_minute: int, engine: TextToSpeech) -> Samples:
    """Give what the engine itself makes of ``text``, without the silence around it."""
    speed = words_per_minute / WORDS_PER_MINUTE
    pieces = list(engine.speak(text, language=Language(language), voice=voice, speed=speed))
    samples = at_rate(join_audio(pieces, pieces[0].sample_rate), HEARD_RATE).samples
    loud = np.flatnonzero(np.abs(samples) > LOUD)
    return samples[loud[0] : loud[-1]]


def spectra(sound: Samples) -> np.ndarray:
    """Give the shape of the spectrum every 20 ms, in 24 bands, each of length 1: how words differ, not how loud."""
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320) * np.hanning(320)
    bands = np.array_split(np.abs(np.fft.rfft(frames))[:, 1:121], 24, axis=1)
    shape = np.log(np.stack([band.mean(axis=1) for band in bands], axis=1) + 1e-3)
    shape -= shape.mean(axis=0)
    found: np.ndarray = shape / (np.linalg.norm(shape, axis=1, keepdims=True) + 1e-6)
    return found


def distance(one: Samples, other: Samples) -> float:
    """Compare two recordings of speech whatever their pace: dynamic time warping (Sakoe and Chiba, 1978) of spectra."""
    costs: np.ndarray = 1.0 - spectra(one) @ spectra(other).T
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0.0
    for row in range(costs.shape[0]):
        for column in range(costs.shape[1]):
            nearest = min(total[row, column], total[row, column + 1], total[row + 1, column])
            total[row + 1, column + 1] = costs[row, column] + nearest
    return float(total[-1, -1] / (len(one) + len(other)) * 320)


def assert_says(dub: Audio, text: str, others: list[str], language: str, engine: TextToSpeech) -> None:
    """The dub is nearer to what the engine makes of ``text`` than to anything else that it could have said."""
    voice = engine.voices(Language(language))[0]
    right = distance(dub.samples, say(text, language, voice, WORDS_PER_MINUTE, engine))
    wrong = [distance(dub.samples, say(other, language, voice, WORDS_PER_MINUTE, engine)) for other in others]
    assert right < min(wrong), (language, right, wrong)


async def until_finals(reader: Caller, speakers: tuple[Caller, ...], count: int) -> None:
    await reader.guest.wait_for(lambda: min(len(finals_of(reader, it)) for it in speakers) >= count, timeout_s=WAIT_S)


async def test_two_speak_at_once_and_three_listen_each_in_their_own_language(
    site: Site, apertium_translator: Translator, espeak_voice: TextToSpeech
) -> None:
    people = (("An", "vi", "vi"), ("Ben", "en", "en"), ("Cara", "en", "en"), ("Duc", "vi", "vi"), ("Eva", "en", "es"))
    async with call(site, *people) as (an, ben, cara, duc, eva):
        an_in_english, ben_in_vietnamese = f"dub:{an.identity}:en", f"dub:{ben.identity}:vi"
        ben_in_spanish = f"dub:{ben.identity}:es"
        await asyncio.gather(an.guest.speak(recording("vi-5")), ben.guest.speak(recording("en-3")))
        for who in (cara, duc, eva):
            await until_finals(who, (an, ben), 2)
        await fallen_silent(cara.guest, an_in_english)
        await fallen_silent(duc.guest, ben_in_vietnamese)
        await fallen_silent(eva.guest, ben_in_spanish)
        history = {it: await missed(site, who, it) for who, it in ((cara, "en"), (duc, "vi"), (eva, "es"))}

    assert is_about(text_of(cara, an), said("vi-5", "translation"))
    assert is_about(text_of(cara, ben), said("en-3", "text"))
    assert is_about(text_of(duc, ben), said("en-3", "translation"))
    assert is_about(text_of(duc, an), said("vi-5", "text"))
    in_spanish = apertium_translator.translate([seen.text for seen in finals_of(cara, ben)], source=EN, target=ES)
    assert [seen.text for seen in finals_of(eva, ben)] == [sentence.text for sentence in in_spanish]
    assert {seen.attributes["dragoman.untranslated"] for seen in finals_of(eva, an)} == {"true"}
    assert text_of(eva, an) == text_of(duc, an)

    for who, language in ((cara, "en"), (duc, "vi"), (eva, "es")):
        seqs = [int(seen.attributes["dragoman.seq"]) for seen in who.guest.finals]
        assert seqs == sorted(set(seqs))
        assert {seen.attributes["dragoman.language"] for seen in who.guest.captions} == {language}
        assert [it["text"] for it in history[language]] == [seen.text for seen in who.guest.finals]

    assert (dubs(cara), dubs(duc), dubs(eva)) == ({an_in_english}, {ben_in_vietnamese}, {ben_in_spanish})
    assert (dubs(an), dubs(ben)) == ({ben_in_vietnamese}, {an_in_english})
    for who, speaker, track, language in (
        (cara, an, an_in_english, "en"),
        (duc, ben, ben_in_vietnamese, "vi"),
        (eva, ben, ben_in_spanish, "es"),
    ):
        spoken = text_of(who, speaker)
        others = [" ".join(reversed(spoken.split())), text_of(who, an if speaker is ben else ben)]
        assert_says(voice_in(who.guest, track), spoken, others, language, espeak_voice)


async def test_a_language_changed_in_the_middle_of_speech_takes_effect_within_two_seconds(site: Site) -> None:
    clock = asyncio.get_running_loop()
    async with call(site, ("Ben", "en", "en"), ("Eva", "en", "vi")) as (ben, eva):
        before, after = f"dub:{ben.identity}:vi", f"dub:{ben.identity}:es"
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(speak_until(ben, lambda: after in eva.guest.loud_at_s))
            await eva.guest.wait_for(lambda: before in eva.guest.loud_at_s, timeout_s=WAIT_S)
            asked_s = clock.time()
            await change(site, eva, reads="es", listens="es")
            await asyncio.sleep(EFFECT_WITHIN_S - (clock.time() - asked_s))
            heard_before = len(eva.guest.sound_of(before))
            await fallen_silent(eva.guest, after)
        afterwards = eva.guest.sound_of(before)[heard_before:]
        spanish = eva.guest.sound_of(after)
        history = await missed(site, eva, "es")

    late = [seen for seen in eva.guest.captions if seen.at_s > asked_s + EFFECT_WITHIN_S]
    assert {seen.attributes["dragoman.language"] for seen in late} == {"es"}
    assert_is_the_other_voice(afterwards, spanish)
    # What was said before she chose Spanish is there too, in the speaker's own words and marked.
    translated = [seen.text for seen in eva.guest.finals if seen.attributes["dragoman.language"] == "es"]
    assert [it["text"] for it in history if not it["untranslated"]] == translated
    in_own_words = [bool(it["untranslated"]) for it in history]
    assert in_own_words == sorted(in_own_words, reverse=True)
    assert in_own_words[0]


def assert_is_the_other_voice(heard: Samples, other: Samples) -> None:
    """A connection that is not used any more carries another track: it may sound, but only of that one."""
    loud = np.flatnonzero(np.abs(heard) > LOUD)
    if len(loud) < 0.1 * HEARD_RATE:
        return
    middle = int(loud[len(loud) // 2])
    assert likeness(heard[middle : middle + HEARD_RATE], other) > ALIKE


async def speak_until(who: Caller, enough: Callable[[], bool]) -> None:
    """Say sentence after sentence, without more of a pause than is between them."""
    speech = load(SPEECH / "en-long.wav")
    rate = speech.sample_rate
    sentences = json.loads((SPEECH / "en-long.json").read_text())["sentences"]
    cuts = [round(sentence["end"] * rate) for sentence in sentences]
    await who.guest.speak(silence(1.0, rate))  # nobody talks the moment they join
    for first, last in pairwise([0, *cuts]):
        if enough():
            return
        await who.guest.speak(Audio(samples=speech.samples[first:last], sample_rate=rate))


async def change(site: Site, who: Caller, **choices: str) -> None:
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        path = f"/api/v1/rooms/{who.room}/participants/{who.identity}"
        answer = await client.patch(path, json=choices, headers={"Authorization": f"Bearer {who.secret}"})
    assert answer.status_code == 200, answer.text
