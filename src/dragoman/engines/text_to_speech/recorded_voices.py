"""The voices that are recordings in a model's folder. For families that take a voice from a recording."""

from pathlib import Path
from typing import Final

import soundfile

from dragoman.engines.text_to_speech.voice_folder import FolderVoice
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete

LONGEST_RECORDING_S: Final = 10
"""Of a recording no more than this is used; longer ones cost time with every sentence."""
_SHORTEST_RECORDING_S: Final = 0.5


def recorded_voices(folder: Path, *, with_text: bool) -> tuple[FolderVoice, ...]:
    """List the recordings in ``voices/``; a model that must know the words has them in a ``.txt`` beside each.

    Raises ``ModelIncomplete`` if there is none, ``ModelCorrupt`` for one that is no sound, is too short, or is longer
    than what is used of it where its words are known, which would say more than is heard.
    """
    voices = []
    for path in sorted((folder / "voices").glob("*.wav")):
        words = path.with_suffix(".txt")
        text = words.read_text(encoding="utf-8").strip() if with_text and words.is_file() else ""
        if not with_text or text:
            _require_length(path, with_text=with_text)
            voices.append(FolderVoice(name=path.stem, reference=str(path), reference_text=text))
    if not voices:
        beside = " and, beside it, NAME.txt with its exact words" if with_text else ""
        raise ModelIncomplete(f"{folder} has no stock voice; put a recording of 3 to 10 s to voices/NAME.wav{beside}")
    return tuple(voices)


def _require_length(path: Path, *, with_text: bool) -> None:
    try:
        duration_s = soundfile.info(path).duration
    except soundfile.LibsndfileError as error:
        raise ModelCorrupt(f"{path} is no sound that can be read; put a WAV file of 3 to 10 s there") from error
    if duration_s < _SHORTEST_RECORDING_S or (with_text and duration_s > LONGEST_RECORDING_S):
        raise ModelCorrupt(f"{path} lasts {duration_s:.1f} s; put a recording of 3 to {LONGEST_RECORDING_S} s there")
