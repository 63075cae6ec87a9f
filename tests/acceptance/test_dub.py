"""The dub says what the captions say, one voice at a time, and the original makes room for it."""

from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.acceptance.commands import SAMPLES, Command, Home
from tests.acceptance.conftest import Figures, Runs
from tests.acceptance.hearing import at_rate, hear, likeness, load, sounds, word_errors
from tests.acceptance.results import Line, Results

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio
from dragoman.ground.engines import SpeechToText, TextToSpeech, Voice
from dragoman.ground.languages import Language
from dragoman.interpreting.pacer import IN_ONE_BREATH
from dragoman.voicing.stock_pitches import MOST_VOICES

WORDS_PER_MINUTE = 165
"""Of espeak-ng at speed 1; its speeds are whole words a minute."""
PILOT_HZ = 7500
"""A tone that PocketSphinx does not listen to and the dub hardly has."""

PILOT_S = 24.0
"""Long enough for the dub to end before it on a busy machine."""
STEP_S = 0.02
SILENT = 0.01
FOUND = 0.8
"""Likeness of a text to what sounds, from which it is what was said."""


@pytest.mark.parametrize(("run", "target"), [("vietnamese", "en"), ("english", "vi")])
def test_the_dub_is_understood_by_an_engine_that_hears_its_language(
    run: str, target: str, runs: Runs, whisper: SpeechToText, figures: Figures
) -> None:
    results = runs.result(run)
    dub = results.dub(target)
    spoken = sorted((line for line in results.target(target) if line.voice == "spoken"), key=_voice_starts_s)

    # Sentences are recognised one by one: the silence between them is the dub's, and digital.
    heard = [hear(whisper, _between(dub, start - 0.1, end + 0.1), target) for start, end in sounds(dub)]
    errors = word_errors(said=" ".join(line.text for line in spoken), heard=" ".join(heard))

    figures(f"dub in {target}, {len(spoken)} sentences, heard by whisper-pico", ours=errors)
    assert len(spoken) >= 0.9 * len(results.target(target))
    assert errors.rate <= 0.1


@pytest.mark.parametrize(("run", "target"), [("talk", "es"), ("talk", "ca"), ("dialogue", "es")])
def test_each_spoken_caption_sounds_in_its_speakers_voice_where_it_should_and_no_other_does(
    run: str, target: str, runs: Runs, espeak_voice: TextToSpeech, figures: Figures
) -> None:
    results = runs.result(run)
    dub = results.dub(target)
    spoken = [line for line in results.target(target) if line.voice == "spoken"]
    voices = _voices(spoken, target, dub, espeak_voice)

    right, wrong = [], []
    breaths = [breath for breath in _breaths(spoken, dub, voices, espeak_voice) if len(breath.text) > 12]
    assert breaths
    for breath, other in zip(breaths, [*breaths[1:], breaths[0]], strict=True):
        right.append(breath.likeness)
        wrong.append(_likeness(breath.first, other.text, dub, voices[breath.first.speaker], 1.0, espeak_voice))

    figures(f"{run} in {target}: voice found {min(right):.2f} or more, wrong one {max(wrong):.2f} or less")
    assert min(right) >= FOUND
    assert max(wrong) <= 0.5


def test_the_original_makes_room_for_the_dub_and_comes_back(
    home: Home, tmp_path: Path, espeak_voice: TextToSpeech
) -> None:
    recording = _sentence_with_pilot(tmp_path / "pilot.wav")

    results = Command(files=[recording], source="en", targets=["es"]).run(home, tmp_path / "out")

    mix = results.dub("es")
    level_db = _pilot_level_db(mix) - _pilot_level_db(at_rate(load(recording), mix.sample_rate))
    (line,) = results.target("es")
    onset_s = line.voice_starts_s
    # What espeak-ng gives ends with 0.3 s of silence, which is still the dub.
    voice = _voices([line], "es", mix, espeak_voice)["pilot"]
    end_s = onset_s + _say(line.text, voice, 1.0, espeak_voice).duration_s
    assert end_s - 0.5 < _last_voice_s(mix) <= end_s
    assert np.abs(_during(level_db, 0.2, onset_s - 0.1)).max() < 1
    assert _during(level_db, onset_s + 0.2, end_s).max() <= -12
    assert np.abs(_during(level_db, end_s + 1.03, PILOT_S - 0.3)).max() < 1


def test_two_who_talk_at_once_are_captioned_in_parallel(dialogue: Results) -> None:
    a, b = dialogue.source("dialogue.a"), dialogue.source("dialogue.b")

    together = [(x, y) for x in a for y in b if x.start_s < y.end_s and y.start_s < x.end_s]

    # The recordings overlap from 13.0 to 15.2 s and from 20.4 to 21.6 s.
    assert len(together) == 2


def test_no_two_dubs_of_one_language_sound_at_once(dialogue: Results, espeak_voice: TextToSpeech) -> None:
    dub = dialogue.dub("es")
    spoken = sorted((line for line in dialogue.target("es") if line.voice == "spoken"), key=_voice_starts_s)

    voices = _voices(spoken, "es", dub, espeak_voice)
    breaths = _breaths(spoken, dub, voices, espeak_voice)
    said = [_say(breath.text, voices[breath.first.speaker], 1.3, espeak_voice) for breath in breaths]
    lengths = [heard[-1][1] - heard[0][0] for heard in map(sounds, said)]

    assert {line.speaker for line in spoken} == {"dialogue.a", "dialogue.b"}
    for (first, length_s), (second, _) in pairwise(zip((each.first for each in breaths), lengths, strict=True)):
        # Even at the highest speed the one before has ended when the next begins ...
        assert second.voice_starts_s >= first.voice_starts_s + length_s - 0.05
    # ... and all of them together are as long as what sounds: nothing lies over anything else.
    sounding_s = sum(end - start for start, end in sounds(dub, gap_s=0.1))
    assert sounding_s >= 0.8 * sum(lengths)


def test_every_caption_of_two_speakers_is_spoken_or_marked_as_skipped(dialogue: Results) -> None:
    assert {line.voice for line in dialogue.target("es")} <= {"spoken", "skipped"}
    assert {line.voice for line in dialogue.source()} == {None}


def _voice_starts_s(line: Line) -> float:
    return line.voice_starts_s


SpokenBy = tuple[Language, Voice]


def _voices(spoken: list[Line], language: str, dub: Audio, engine: TextToSpeech) -> dict[str, SpokenBy]:
    """Say which voice each speaker has, which is chosen by their pitch: the one that speaks their first clause."""
    firsts: dict[str, Line] = {}
    for line in sorted(spoken, key=_voice_starts_s):
        firsts.setdefault(line.speaker, line)
    offered = [(Language(language), voice) for voice in engine.voices(Language(language))[:MOST_VOICES]]
    found = {
        speaker: max(offered, key=partial(_likeness, line, line.text, dub, speed=1.0, engine=engine))
        for speaker, line in firsts.items()
    }
    assert len(set(found.values())) == len(found), "two speakers have one voice"
    return found


def _say(text: str, by: SpokenBy, speed: float, engine: TextToSpeech) -> Audio:
    pieces = list(engine.speak(text, language=by[0], voice=by[1], speed=speed))
    return join_audio(pieces, pieces[0].sample_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """What one person said in a row that is spoken as one text: mostly one caption, more when the dub is behind."""

    first: Line
    text: str
    likeness: float


def _breaths(spoken: list[Line], dub: Audio, voices: dict[str, SpokenBy], engine: TextToSpeech) -> list[Breath]:
    """Find each caption in the dub, alone or together with those that its speaker said next."""
    waiting = sorted(spoken, key=_voice_starts_s)
    found: list[Breath] = []
    while waiting:
        first = waiting[0]
        row = list(next(groupby(waiting[:IN_ONE_BREATH], key=attrgetter("speaker")))[1])
        tried = []
        for count in range(1, len(row) + 1):
            text = " ".join(line.text for line in row[:count])
            like = _best_likeness(first, text, dub, voices[first.speaker], engine)
            tried.append((like, count, Breath(first=first, text=text, likeness=like)))
            if like >= FOUND:
                break
        _, count, breath = max(tried, key=itemgetter(0))
        found.append(breath)
        del waiting[:count]
    return found


def _best_likeness(line: Line, text: str, dub: Audio, by: SpokenBy, engine: TextToSpeech) -> float:
    """Find ``text`` near the place where ``line`` was dubbed; what was late was spoken faster, up to 1.3."""
    best = 0.0
    for words_per_minute in range(WORDS_PER_MINUTE, round(1.3 * WORDS_PER_MINUTE) + 1):
        best = max(best, _likeness(line, text, dub, by, words_per_minute / WORDS_PER_MINUTE, engine))
        if best >= FOUND:
            break
    return best


def _likeness(line: Line, text: str, dub: Audio, by: SpokenBy, speed: float, engine: TextToSpeech) -> float:
    voice = at_rate(_say(text, by, speed, engine), dub.sample_rate)
    place = _between(dub, line.voice_starts_s - 0.3, line.voice_starts_s + voice.duration_s + 0.3)
    # What is silent at its end is left out: there, somebody louder may speak already.
    sounding = voice.samples[: int(np.flatnonzero(np.abs(voice.samples) > SILENT)[-1]) + 1]
    return likeness(sounding, place.samples)


def _between(audio: Audio, start_s: float, end_s: float) -> Audio:
    """Cut a place out; behind the end there is silence."""
    first, last = max(0, round(start_s * audio.sample_rate)), round(end_s * audio.sample_rate)
    samples = np.pad(audio.samples, (0, max(0, last - len(audio.samples))))
    return Audio(samples=samples[first:last], sample_rate=audio.sample_rate)


def _sentence_with_pilot(place: Path) -> Path:
    """Write the first sentence of the bundled talk and silence, ``PILOT_S`` in all, with a tone underneath."""
    sentence = _between(load(SAMPLES / "talk.flac"), 0, 3.8).samples
    samples = np.pad(sentence, (0, round(PILOT_S * RECOGNITION_RATE) - len(sentence)))
    pilot = 0.08 * np.sin(2 * np.pi * PILOT_HZ * np.arange(len(samples)) / RECOGNITION_RATE)
    soundfile.write(place, samples + pilot, RECOGNITION_RATE, subtype="PCM_16")
    return place


def _pilot_level_db(audio: Audio) -> Samples:
    """Measure the tone every 20 ms, over 60 ms."""
    carrier = np.exp(-2j * np.pi * PILOT_HZ * np.arange(len(audio.samples)) / audio.sample_rate)
    sums = np.concatenate([[0], np.cumsum(audio.samples * carrier)])
    centres = np.arange(round(PILOT_S / STEP_S)) * round(STEP_S * audio.sample_rate)
    half = round(0.03 * audio.sample_rate)
    first, last = np.maximum(0, centres - half), np.minimum(len(audio.samples), centres + half)
    levels: Samples = 20 * np.log10(np.abs(sums[last] - sums[first]) / (last - first) + 1e-9)
    return levels


def _during(levels: Samples, start_s: float, end_s: float) -> Samples:
    return levels[round(start_s / STEP_S) : round(end_s / STEP_S)]


def _last_voice_s(mix: Audio) -> float:
    """Find where the last sound ends that is no tone: the speaker is silent by then, so it is the dub's."""
    spectrum = np.fft.rfft(mix.samples)
    spectrum[np.fft.rfftfreq(len(mix.samples), 1 / mix.sample_rate) > 6000] = 0
    voice = np.fft.irfft(spectrum, len(mix.samples)).astype(np.float32)
    return sounds(Audio(samples=voice, sample_rate=mix.sample_rate))[-1][1]
