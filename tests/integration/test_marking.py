"""Synthetic speech is known again: from a text through voice, watermark, file and Opus to ``dragoman voices detect``.

The watermark is that of the toy models; the way is the real one.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from pydantic import SecretStr
from starlette.testclient import TestClient
from tests.toy_audioseal import Layout, write_audioseal
from tests.translating_server import serve_app

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import join_audio
from dragoman.ground.engines import DEFAULT_VOICE
from dragoman.ground.errors import (
    AudioUnreadable,
    EngineOutputInvalid,
    EngineUnavailable,
    LanguageNotSupported,
    ModelNotFound,
    ModelWrongFamily,
)
from dragoman.ground.languages import Language
from dragoman.services.assembly import Engines, assemble
from dragoman.services.remote_engines import ServiceAddress
from dragoman.services.saying.command import make_say_request, say_text
from dragoman.services.saying.detecting import Verdict, describe_marks, detect_marks
from dragoman.services.saying.listings import voice_rows
from dragoman.services.saying.marks_elsewhere import unmarked_dubs
from dragoman.services.saying.watermarking import describe_watermark, open_watermark, open_watermark_or_refuse
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.settings import Settings
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.voicing.watermark import Watermark

TEXT = "we start at nine in the morning"
SITE = 7
KNOWN_AS = "at-least-16-characters"
OPUS_RATE = 48_000
OPUS_24_KBIT = 1 - 18 / 250
"""As libsndfile's compression level: 1 is 6 kb/s, 0 is 256."""


@pytest.fixture
def marking(tmp_path: Path) -> Settings:
    """Give settings with a watermark."""
    folder = write_audioseal(tmp_path / "audioseal")
    return Settings(
        models_dir=tmp_path / "models", cache_dir=tmp_path, watermark_model=str(folder), watermark_site=SITE
    )


@pytest.fixture
def silent_on_it(tmp_path: Path) -> Settings:
    """Give settings of a machine without any watermark model."""
    return Settings(models_dir=tmp_path / "models", cache_dir=tmp_path)


@contextmanager
def service(settings: Settings) -> Iterator[TestClient]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        engines = [FakeTextToSpeech(name="espeak")]
        with TestClient(text_to_speech_app(engines, pool=pool, watermark=open_watermark(settings))) as client:
            yield client


def synthesize(client: TestClient, file: Path) -> Path:
    answer = client.post("/synthesize", json={"text": TEXT, "language": "en", "format": file.suffix[1:]})
    assert answer.status_code == 200, answer.text
    file.write_bytes(answer.content)
    return file


def through_opus(file: Path) -> Path:
    """Decode ``file`` and write it again as others do: Opus at 24 kb/s, nothing in its metadata."""
    samples, rate = soundfile.read(file, dtype="float32")
    written = file.with_name("passed on.opus")
    with soundfile.SoundFile(
        written, "w", OPUS_RATE, 1, "OPUS", format="OGG", compression_level=OPUS_24_KBIT
    ) as passed_on:
        passed_on.write(soxr.resample(samples, rate, OPUS_RATE))
    assert written.stat().st_size * 8 < 40_000 * len(samples) / rate
    return written


@pytest.mark.parametrize("name", ["x.wav", "x.flac", "x.mp3", "x.opus"])
def test_speech_of_the_service_is_known_by_its_metadata_in_every_format(
    name: str, silent_on_it: Settings, tmp_path: Path
) -> None:
    with service(silent_on_it) as client:
        marks = detect_marks(synthesize(client, tmp_path / name), silent_on_it)

    assert marks.verdict is Verdict.MARKED
    assert marks.metadata == "AI-generated speech by Dragoman; engine: espeak"
    assert marks.watermark is None
    assert describe_marks(marks)[-1] == "watermark: no detector here"


def test_the_watermark_is_found_after_opus_took_the_metadata(marking: Settings, tmp_path: Path) -> None:
    with service(marking) as client:
        said = detect_marks(through_opus(synthesize(client, tmp_path / "x.wav")), marking)

    assert said.verdict is Verdict.MARKED
    assert said.metadata == ""
    assert said.engines == ("espeak",)
    assert [line for line in describe_marks(said) if "site 7, engine espeak" in line]


async def test_the_voice_of_a_call_is_marked_in_every_clause(marking: Settings, tmp_path: Path) -> None:
    engines = Engines(text_to_speech=[FakeTextToSpeech(name="espeak")])

    with assemble(marking, engines, RecordingObserver()) as parts:
        for text in ("we start", "at nine"):
            pieces = parts.voices.speak_pieces(
                text, language=Language("en"), voice=DEFAULT_VOICE, speed=1.0, deadline_s=30.0
            )
            spoken = [piece.audio async for piece in pieces]
            clause = join_audio(spoken, spoken[0].sample_rate)
            soundfile.write(tmp_path / f"{text}.wav", clause.samples, clause.sample_rate)

    assert [detect_marks(file, marking).verdict for file in tmp_path.glob("*.wav")] == [Verdict.MARKED] * 2


def test_the_command_marks_what_it_says(marking: Settings, tmp_path: Path) -> None:
    out = tmp_path / "x.opus"
    request = make_say_request(
        text="Xin chào các bạn", language="vi", engine="", voice="vi+f2", speed=1.0, out=out, settings=marking
    )

    said = say_text(request, marking, on_note=print)

    marks = detect_marks(out, marking)
    assert said.engine == "espeak"
    assert marks.metadata == "AI-generated speech by Dragoman; engine: espeak; voice: vi+f2"
    assert marks.watermark is not None
    assert marks.watermark.found
    assert marks.engines == ("espeak",)


def test_a_part_that_is_marked_is_found_in_a_long_recording(marking: Settings, tmp_path: Path) -> None:
    with service(marking) as client:
        samples, rate = soundfile.read(synthesize(client, tmp_path / "x.wav"), dtype="float32")
    noise = np.random.default_rng(0).normal(0, 0.02, 40 * rate).astype(np.float32)
    repeated = np.tile(samples, 7)[: 10 * rate]

    soundfile.write(tmp_path / "mixed.wav", np.concatenate([noise, repeated, noise]), rate)
    soundfile.write(tmp_path / "noise.wav", noise, rate)

    assert detect_marks(tmp_path / "mixed.wav", marking).verdict is Verdict.MARKED
    assert detect_marks(tmp_path / "noise.wav", marking).verdict is Verdict.NO_MARK


def test_without_a_detector_nothing_is_claimed(silent_on_it: Settings, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.full(16_000, 0.1), 16_000)

    marks = detect_marks(tmp_path / "x.wav", silent_on_it)

    assert marks.verdict is Verdict.NO_DETECTOR
    assert "no detector here" in describe_marks(marks)[0]


@pytest.mark.parametrize(
    "content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"garbage" * 900], ids=["empty", "cut", "garbage"]
)
def test_a_file_that_is_no_recording_is_refused(content: bytes, marking: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(content)

    with pytest.raises(AudioUnreadable, match=r"x\.wav"):
        detect_marks(tmp_path / "x.wav", marking)
    with pytest.raises(AudioUnreadable, match=r"there is no file .*gone\.wav"):
        detect_marks(tmp_path / "gone.wav", marking)


def test_voices_of_a_language_that_nothing_speaks_are_refused_with_those_there_are() -> None:
    engine = FakeTextToSpeech(name="one", languages=(Language("en"), Language("vi")))

    rows = voice_rows([engine, FakeTextToSpeech(name="two", languages=(Language("vi"),))], None)

    assert [(row.language, row.engine, row.voices[0]) for row in rows] == [
        ("en", "one", "en-first"),
        ("vi", "one", "vi-first"),
        ("vi", "two", "vi-first"),
    ]
    with pytest.raises(LanguageNotSupported, match=r"nothing here speaks Thai; there is: en \(English\), vi"):
        voice_rows([engine], Language("th"))


def test_a_detector_that_reads_no_bits_still_finds_the_mark(marking: Settings, tmp_path: Path) -> None:
    with service(marking) as client:
        passed_on = through_opus(synthesize(client, tmp_path / "x.wav"))
    plain = marking.model_copy(update={"watermark_model": str(write_audioseal(tmp_path / "no bits", Layout.NO_BITS))})

    marks = detect_marks(passed_on, plain)

    assert marks.verdict is Verdict.MARKED
    assert "site" not in " ".join(describe_marks(marks))


def test_who_interprets_with_a_service_that_marks_is_told_that_its_own_dubs_are_not_marked(
    marking: Settings, silent_on_it: Settings
) -> None:
    with EnginePool(workers=1, observer=RecordingObserver()) as pool, ExitStack() as stack:
        engines = [FakeTextToSpeech(name="espeak")]
        urls = [
            stack.enter_context(
                serve_app(text_to_speech_app(engines, pool=pool, token=KNOWN_AS, watermark=open_watermark(settings)))
            )
            for settings in (marking, silent_on_it)
        ]
        marks, marks_not = (ServiceAddress(url=url, token=KNOWN_AS) for url in urls)

        told = unmarked_dubs(marks, marked_here=False)
        others = [
            unmarked_dubs(marks, marked_here=True),
            unmarked_dubs(marks_not, marked_here=False),
            unmarked_dubs(ServiceAddress(url="http://127.0.0.1:9", token=None), marked_here=False),
        ]
        elsewhere = {"text_to_speech_url": marks.url, "service_token": SecretStr(KNOWN_AS)}
        doctor = describe_watermark(silent_on_it.model_copy(update=elsewhere))

    assert told is not None
    assert "dragoman models pull audioseal" in told
    assert others == [None, None, None]
    assert doctor == f"no watermark in dubs: {told}"


def test_health_and_doctor_say_whether_speech_is_marked(marking: Settings, silent_on_it: Settings) -> None:
    with service(marking) as client:
        marked = client.get("/health").json()["watermark"]
    with service(silent_on_it) as client:
        unmarked = client.get("/health").json()["watermark"]

    assert (marked, unmarked) == (True, False)
    assert describe_watermark(marking).startswith("watermark in all speech")
    assert "no watermark in speech; this adds one: dragoman models pull audioseal" in describe_watermark(silent_on_it)
    assert "set to nothing" in describe_watermark(silent_on_it.model_copy(update={"watermark_model": ""}))


def test_a_watermark_that_is_asked_for_must_be_there(marking: Settings, tmp_path: Path) -> None:
    gone = marking.model_copy(update={"watermark_model": str(tmp_path / "gone")})
    (tmp_path / "audioseal" / "toy-generator.onnx").unlink()

    with pytest.raises(ModelNotFound, match="no such folder"):
        open_watermark(gone)
    with pytest.raises(EngineUnavailable, match="only finds watermarks"):
        open_watermark(marking)


@pytest.fixture
def damaged(marking: Settings, tmp_path: Path) -> Settings:
    """Give settings whose watermark generator was cut short, as a full disk leaves it."""
    generator = tmp_path / "audioseal" / "toy-generator.onnx"
    generator.write_bytes(generator.read_bytes()[: generator.stat().st_size // 2])
    return marking


async def test_a_damaged_watermark_takes_the_voice_away_and_nothing_else(damaged: Settings) -> None:
    voice = FakeTextToSpeech(name="espeak")
    engines = Engines(translation=[FakeTranslator()], text_to_speech=[voice])

    with assemble(damaged, engines, RecordingObserver(), captions_without_voice=True) as parts:
        translation = await parts.translation.translate(
            "hello", source=Language("en"), target=Language("vi"), deadline_s=30.0
        )
        with pytest.raises(EngineUnavailable, match=r"not marked, and so not spoken: .*toy-generator\.onnx"):
            async for _ in parts.voices.speak_pieces(
                TEXT, language=Language("en"), voice=DEFAULT_VOICE, speed=1.0, deadline_s=30.0
            ):
                pass

    assert translation.text == "vi:hello"
    assert voice.spoken == []


def test_a_damaged_watermark_lets_the_service_start_and_say_why_it_does_not_speak(damaged: Settings) -> None:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = text_to_speech_app([FakeTextToSpeech()], pool=pool, watermark=open_watermark_or_refuse(damaged))
        with TestClient(app) as client:
            answer = client.post("/synthesize", json={"text": TEXT, "language": "en"})
            health = client.get("/health").json()

    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert "set watermark_model to nothing" in answer.text
    assert health["watermark"] is False


def test_a_damaged_watermark_ends_a_command_before_anything_is_computed(damaged: Settings) -> None:
    engines = Engines(text_to_speech=[FakeTextToSpeech()])

    with pytest.raises(ModelWrongFamily, match=r"toy-generator\.onnx"), assemble(damaged, engines, RecordingObserver()):
        pass


def test_speech_that_cannot_be_marked_is_refused_and_not_sent_unmarked() -> None:
    class Broken:
        def watermark(self, samples: object, *, payload: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
            raise EngineOutputInvalid("the watermark generator gave numbers that are none")

    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = text_to_speech_app([FakeTextToSpeech()], pool=pool, watermark=Watermark(Broken()))
        with TestClient(app) as client:
            answer = client.post("/synthesize", json={"text": TEXT, "language": "en"})

    assert (answer.status_code, answer.json()["code"]) == (502, "engine_output_invalid")
