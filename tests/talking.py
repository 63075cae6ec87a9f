"""What people of the tests say in a call, and whether its translation was read. From the fixtures under ``speech``."""

import json

from tests.acceptance.commands import SPEECH
from tests.acceptance.hearing import load, word_errors

from dragoman.ground.audio import Audio, join_audio, silence


def talk(name: str, *, before_s: float = 3.0) -> Audio:
    """Give a fixture with silence around it: nobody talks the moment they join, while the call is still set up."""
    speech = load(SPEECH / f"{name}.wav")
    rate = speech.sample_rate
    return join_audio([silence(before_s, rate), speech, silence(1.0, rate)], rate)


def translations(name: str) -> list[str]:
    """Give the sentences of a fixture in the other language."""
    return [sentence["translation"] for sentence in json.loads((SPEECH / f"{name}.json").read_text())["sentences"]]


def is_about(texts: list[str], name: str) -> bool:
    """Say whether ``texts`` are the translation of a fixture.

    After Opus at 32 kb/s the tiny recogniser now and then takes "19" for "10": up to a quarter of the words may differ.
    """
    return word_errors(said=" ".join(translations(name)), heard=" ".join(texts)).rate <= 0.25
