"""Speak the bundled sample recordings with flite. Into src/dragoman/samples/; run by hand when a text changes.

Run with ``.venv/bin/python scripts/make_samples.py``. The sentences are chosen by measurement: PocketSphinx hears
them in these voices almost without error, and Apertium's Spanish and Catalan of them read well. flite 2.2 speaks
the same samples every time, so a second run changes no file.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

SAMPLES = Path(__file__).resolve().parent.parent / "src" / "dragoman" / "samples"
SAMPLE_RATE = 16_000

TALK = (
    "Today I want to speak about the new hospital.",
    "In the first year we helped many families.",
    "We have seven doctors and twenty beds.",
    "Many families do not speak our language.",
    "When a patient arrives, the doctor asks three questions.",
    "The doctor speaks English and the patient speaks Spanish.",
    "The patients are happy, because they can speak with the doctor.",
    "The families do not pay for the medicine.",
    "The work is difficult, but it is very important.",
    "We do not have enough time today.",
    "Tomorrow we will visit another city.",
    "Now I can answer your questions.",
    "Thank you.",
)
PAUSES_S = (0.8, 0.7, 1.0, 0.9)
DIALOGUE_LENGTH_S = 28.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of a dialogue. Seconds count from the start of the recording, the same for both speakers."""

    start_s: float
    text: str


# The speakers talk at once from 13.0 to 15.2 s and from 20.4 to 21.6 s.
FIRST_SPEAKER = (
    Line(start_s=0.5, text="Today I want to speak about the new hospital."),
    Line(start_s=8.4, text="The doctor can see ten patients every day."),
    Line(start_s=12.0, text="Every patient can see a doctor on the same day."),
    Line(start_s=19.0, text="The families do not pay for the medicine."),
    Line(start_s=24.6, text="Now I can answer your questions."),
)
SECOND_SPEAKER = (
    Line(start_s=4.2, text="How many patients can the doctor see every day?"),
    Line(start_s=13.0, text="The city gave us money for the building."),
    Line(start_s=16.6, text="Who pays for the medicine?"),
    Line(start_s=20.4, text="The work is difficult, but it is very important."),
)


def speak(text: str, *, voice: str) -> npt.NDArray[np.int16]:
    """Return flite's reading of ``text``, mono, 16 kHz. Raises ``CalledProcessError`` when flite fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)
        speech, sample_rate = soundfile.read(path, dtype="int16")
    if sample_rate != SAMPLE_RATE:
        raise ValueError(f"flite's voice {voice} speaks at {sample_rate} Hz; take one of 16000 Hz, such as slt or rms")
    return np.asarray(speech, dtype=np.int16)


def read_out(sentences: Sequence[str], *, voice: str) -> npt.NDArray[np.int16]:
    """Return the sentences one after the other, with pauses of 0.7 to 1 s, and half a second of silence around."""
    pieces = [silence(0.5)]
    for sentence, pause_s in zip(sentences, cycle(PAUSES_S), strict=False):
        pieces += [speak(sentence, voice=voice), silence(pause_s)]
    return np.concatenate(pieces)


def one_side(lines: Sequence[Line], *, voice: str) -> npt.NDArray[np.int16]:
    """Return what one speaker of the dialogue says, each line at its time, and silence between."""
    side = silence(DIALOGUE_LENGTH_S)
    for line in lines:
        start = round(line.start_s * SAMPLE_RATE)
        speech = speak(line.text, voice=voice)
        side[start : start + len(speech)] = speech
    return side


def silence(length_s: float) -> npt.NDArray[np.int16]:
    return np.zeros(round(length_s * SAMPLE_RATE), dtype=np.int16)


def write(name: str, audio: npt.NDArray[np.int16], sentences: Sequence[str]) -> None:
    soundfile.write(SAMPLES / f"{name}.flac", audio, SAMPLE_RATE, subtype="PCM_16")
    (SAMPLES / f"{name}.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    print(f"{name}: {len(audio) / SAMPLE_RATE:.1f} s")


def main() -> None:
    write("talk", read_out(TALK, voice="slt"), TALK)
    write("dialogue.a", one_side(FIRST_SPEAKER, voice="slt"), [line.text for line in FIRST_SPEAKER])
    write("dialogue.b", one_side(SECOND_SPEAKER, voice="rms"), [line.text for line in SECOND_SPEAKER])


if __name__ == "__main__":
    main()
