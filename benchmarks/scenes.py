"""What is interpreted for a measurement: recordings, languages and engines. To ``one_run.py``.

The recordings of a scene follow one another in one room: one person speaks at a time, as two cores promise.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import EngineChoice
from dragoman.ground.languages import Language
from dragoman.rooms.audio_file import measure_recording, open_recording
from dragoman.rooms.wav_writer import WavWriter
from dragoman.services.assembly import EngineWishes

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "tests" / "fixtures"
SAMPLES = REPOSITORY / "src" / "dragoman" / "samples"
GAP_S = 1.0
"""Between one recording and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One recording of a scene."""

    path: Path
    language: Language
    starts_at_s: float = 0.0
    truth: Path | None = None
    """JSON with the true times of its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One set of engines with what they are given."""

    name: str
    title: str
    spoken: tuple[Spoken, ...]
    targets: tuple[Language, ...]
    wishes: EngineWishes
    true_size: str = ""
    """Of Whisper, ``base``: the recogniser also does every step with a model of this size; ``true_cost.py``."""
    ends_at_s: float = 0.0
    """When the last recording is over; known once the scene is prepared."""


def _fixture(name: str, language: str) -> Spoken:
    speech = FIXTURES / "speech"
    return Spoken(path=speech / f"{name}.wav", language=Language(language), truth=speech / f"{name}.json")


BUILTIN = Scene(
    name="builtin",
    title="built-in engines (pocketsphinx, apertium, espeak), the bundled talk, English to Spanish",
    spoken=(Spoken(path=SAMPLES / "talk.flac", language=Language("en")),),
    targets=(Language("es"),),
    wishes=EngineWishes(
        speech_to_text=(EngineChoice(name="pocketsphinx"),),
        translation=(EngineChoice(name="apertium"),),
        text_to_speech=(EngineChoice(name="espeak"),),
    ),
)

FIXTURE_MODELS = Scene(
    name="fixtures",
    title="tiny fixture models (faster_whisper, ctranslate2) and espeak, English to Vietnamese, then back",
    spoken=(_fixture("en-long", "en"), _fixture("vi-long", "vi")),
    targets=(Language("vi"), Language("en")),
    wishes=EngineWishes(
        speech_to_text=(EngineChoice(name="faster_whisper", model=str(FIXTURES / "whisper-pico")),),
        translation=(EngineChoice(name="ctranslate2", model=str(FIXTURES / "mt-pico")),),
        text_to_speech=(EngineChoice(name="espeak"),),
    ),
)

TRUE_COST = dataclasses.replace(
    FIXTURE_MODELS,
    name="true-cost",
    title="the same, and beside the tiny recogniser Whisper base at its true cost",
    true_size="base",
)

SCENES = {scene.name: scene for scene in (BUILTIN, FIXTURE_MODELS, TRUE_COST)}


def prepare_scene(scene: Scene, *, seconds: float | None, folder: Path) -> Scene:
    """Place the recordings one after the other; with ``seconds``, cut them so that the scene holds as much audio.

    Cut recordings are written to ``folder``. A recording that is shorter than its part stays whole.
    """
    placed, starts_at_s = [], 0.0
    for spoken in scene.spoken:
        path = spoken.path if seconds is None else _cut(spoken.path, seconds / len(scene.spoken), folder)
        placed.append(dataclasses.replace(spoken, path=path, starts_at_s=starts_at_s))
        starts_at_s += measure_recording(path).duration_s + GAP_S
    return dataclasses.replace(scene, spoken=tuple(placed), ends_at_s=starts_at_s)


def _cut(path: Path, seconds: float, folder: Path) -> Path:
    out = folder / f"{path.stem}.wav"
    with open_recording(path) as reader, WavWriter(out, sample_rate=RECOGNITION_RATE, comment=path.name) as writer:
        writer.write(reader.read(round(seconds * RECOGNITION_RATE)))
    return out
