"""SilenceTrimmer: the silence around a clause is cut, the pauses in it stay as long as they are short."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import Audio, Samples
from dragoman.voicing.trimming import LEADING_S, MOST_PAUSE_S, TRAILING_S, SilenceTrimmer

RATE = 16_000


def _sound(seconds: float) -> Samples:
    return np.full(round(seconds * RATE), 0.5, np.float32)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def _trim(samples: Samples, *, piece: int) -> Samples:
    trimmer = SilenceTrimmer()
    pieces = [
        trimmer.push(Audio(samples=samples[at : at + piece], sample_rate=RATE)) for at in range(0, len(samples), piece)
    ]
    pieces.append(trimmer.end(RATE))
    return np.concatenate([_silence(0), *(audio.samples for audio in pieces if audio is not None)])


@pytest.mark.parametrize("piece", [160, 1000, 100_000])
def test_silence_before_and_after_is_cut_and_a_short_pause_inside_stays(piece: int) -> None:
    clause = np.concatenate([_silence(0.4), _sound(0.5), _silence(0.3), _sound(0.2), _silence(0.5)])

    trimmed = _trim(clause, piece=piece)

    inside = np.concatenate([_sound(0.5), _silence(0.3), _sound(0.2)])
    assert np.array_equal(trimmed, np.concatenate([_silence(LEADING_S), inside, _silence(TRAILING_S)]))


@pytest.mark.parametrize("piece", [160, 1000, 7_000, 100_000])
def test_long_pauses_inside_are_cut_to_what_people_pause(piece: int) -> None:
    clause = np.concatenate([_sound(0.5), _silence(1.5), _sound(0.2), _silence(0.5), _sound(0.1), _silence(0.7)])

    trimmed = _trim(np.concatenate([clause, _sound(0.3)]), piece=piece)

    sounds = [_sound(0.5), _sound(0.2), _sound(0.1), _sound(0.3)]
    pause = _silence(MOST_PAUSE_S)
    assert np.array_equal(trimmed, np.concatenate([sounds[0], pause, sounds[1], pause, sounds[2], pause, sounds[3]]))


def test_a_pause_is_cut_in_its_middle_and_the_voice_fades_as_it_did() -> None:
    fading = np.linspace(1.9e-3, 0.0, RATE, dtype=np.float32)

    trimmed = _trim(np.concatenate([_sound(0.1), fading, fading[::-1], _sound(0.1)]), piece=1000)

    half = round(MOST_PAUSE_S * RATE) // 2
    inside = np.concatenate([fading[:half], fading[::-1][-half:]])
    assert np.array_equal(trimmed, np.concatenate([_sound(0.1), inside, _sound(0.1)]))


def test_a_clause_that_is_cut_tight_already_stays_as_it_is() -> None:
    assert np.array_equal(_trim(_sound(0.5), piece=1000), _sound(0.5))


def test_silence_alone_gives_nothing() -> None:
    assert len(_trim(_silence(1.0), piece=1000)) == 0


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(min_value=1, max_value=5000))
def test_no_sound_is_ever_lost(pattern: list[bool], piece: int) -> None:
    clause = np.concatenate([_sound(0.01) if loud else _silence(0.01) for loud in pattern])

    trimmed = _trim(clause, piece=piece)

    assert np.count_nonzero(trimmed) == np.count_nonzero(clause)
