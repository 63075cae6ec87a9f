"""What ``POST /transcribe`` and OpenAI's address promise to whoever sends a recording: answers, limits, refusals."""

import asyncio
import errno
import gc
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import numpy as np
import pytest
import soundfile
from starlette.datastructures import UploadFile
from starlette.testclient import TestClient
from tests.hostile.test_audio_files import wav_header, write_upload

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import CapacityExhausted, EngineCrashed
from dragoman.ground.events import RecognitionRefused
from dragoman.ground.languages import Language
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.services.transcribing.uploads import WAITING, Upload, UploadDesk, UploadLimits
from dragoman.testing.engines import FakeSpeechToText
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.recognition import FakeRecognizer
from dragoman.testing.script import Fail
from dragoman.testing.tones import say_as_tones

SECRET = "-".join(["open", "sesame"])
PROBLEM = "application/problem+json"
EN, VI = Language("en"), Language("vi")


def spoken(text: str = "We start. Good morning.") -> Audio:
    pause = silence(0.7, RECOGNITION_RATE)
    first, _, rest = text.partition(". ")
    return join_audio([pause, say_as_tones(f"{first}."), pause, say_as_tones(rest), pause], RECOGNITION_RATE)


def as_file(audio: Audio, *, kind: str = "WAV", subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, audio.samples, audio.sample_rate, format=kind, subtype=subtype)
    return buffer.getvalue()


@contextmanager
def service(
    *engines: FakeSpeechToText, limits: UploadLimits | None = None, token: str | None = None
) -> Iterator[TestClient]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = speech_to_text_app(
            engines or (FakeSpeechToText(),), FakeRecognizer(), pool=pool, limits=limits, token=token
        )
        with TestClient(app) as client:
            yield client


def send(client: TestClient, content: bytes, path: str = "/transcribe", **fields: str) -> httpx2.Response:
    return client.post(path, files={"file": ("talk.wav", content)}, data=fields)


def send_raw(client: TestClient, content: bytes, *, kind: str = "audio/wav", query: str = "") -> httpx2.Response:
    return client.post(f"/transcribe{query}", content=content, headers={"Content-Type": kind})


def refused(answer: httpx2.Response, status: int, code: str, *says: str) -> bool:
    """Say whether an answer is the problem that is expected; every one says what would work."""
    problem = answer.json()
    assert answer.headers["content-type"] == PROBLEM
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert all(part in problem["detail"] for part in says), problem["detail"]
    return True


def test_a_form_and_the_file_itself_are_answered_alike() -> None:
    content = as_file(spoken())

    with service() as client:
        form = send(client, content, language="en").json()
        raw = send_raw(client, content, query="?language=en").json()

    assert form["text"] == "We start. Good morning."
    assert [sentence["text"] for sentence in form["sentences"]] == ["We start.", "Good morning."]
    assert (form["language"], form["model_used"]) == ("en", "fake")
    assert form["duration"] == pytest.approx(spoken().duration_s, abs=0.01)
    assert form["processing_time"] > 0
    assert form | {"processing_time": 0} == raw | {"processing_time": 0}


@pytest.mark.parametrize(
    ("kind", "subtype"), [("WAV", None), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)]
)
def test_every_format_that_the_core_reads_is_recognised(kind: str, subtype: str | None) -> None:
    with service() as client:
        answer = send(client, as_file(spoken(), kind=kind, subtype=subtype))

    assert answer.status_code == 200
    assert answer.json()["words"]


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("mp4", "aac")])
def test_what_browsers_record_is_read(tmp_path: Path, container: str, codec: str) -> None:
    file = tmp_path / "upload"
    write_upload(file, container, codec, 2.0)

    with service() as client:
        answer = send_raw(client, file.read_bytes(), kind=f"video/{container}")

    assert answer.status_code == 200
    assert answer.json()["duration"] == pytest.approx(2.0, abs=0.1)


def test_names_and_what_was_said_before_reach_the_engine() -> None:
    engine = FakeSpeechToText()

    with service(engine) as client:
        send(client, as_file(spoken()), language="en", prompt="Hello.", hot_words="Hanoi, Da Nang,, ")

    assert engine.contexts == [RecognitionContext(previous_text="Hello.", hot_words=("Hanoi", "Da Nang"))]


@pytest.mark.parametrize(
    ("name", "starts", "kind"),
    [
        ("srt", "1\n00:00:00", "application/x-subrip"),
        ("vtt", "WEBVTT\n", "text/vtt"),
        ("text", "We start.", "text/plain"),
    ],
)
def test_the_format_that_is_asked_for_is_answered(name: str, starts: str, kind: str) -> None:
    with service() as client:
        answer = send(client, as_file(spoken()), format=name)

    assert answer.text.startswith(starts)
    assert answer.headers["content-type"].startswith(kind)


def test_silence_is_answered_with_nothing_said() -> None:
    with service() as client:
        answer = send(client, as_file(silence(2.0, RECOGNITION_RATE))).json()

    assert (answer["text"], answer["words"], answer["sentences"]) == ("", [], [])


def test_the_next_engine_answers_for_one_that_fails() -> None:
    broken = FakeSpeechToText(name="first", outcomes=[Fail(error=EngineCrashed("gone"))])

    with service(broken, FakeSpeechToText(name="second")) as client:
        answer = send(client, as_file(spoken())).json()

    assert (answer["text"], answer["model_used"]) == ("We start. Good morning.", "second")


def test_models_and_languages_are_listed() -> None:
    engines = FakeSpeechToText(name="one", languages=(EN, VI)), FakeSpeechToText(name="two", languages=(EN,))

    with service(*engines) as client:
        models = client.get("/models").json()
        languages = client.get("/languages").json()
        by_name = send(client, as_file(spoken()), model="two").json()

    assert [model["id"] for model in models["data"]] == ["one", "two"]
    assert [(it["code"], it["models"]) for it in languages["languages"]] == [("en", ["one", "two"]), ("vi", ["one"])]
    assert by_name["model_used"] == "two"


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"language": "tlh"}, "unknown_language", "there are: en (English), vi (Vietnamese)"),
        ({"language": "eo"}, "language_not_supported", "nothing here recognises Esperanto"),
        ({"model": "whisper-9"}, "field_invalid", "there are: fake"),
        ({"format": "docx"}, "field_invalid", "there are: json, text, srt, vtt"),
    ],
)
def test_fields_that_do_not_fit_are_refused_with_those_that_do(fields: dict[str, str], code: str, says: str) -> None:
    with service() as client:
        answer = send(client, as_file(spoken()), **fields)

    assert refused(answer, 422, code, says)


@pytest.mark.parametrize(
    ("content", "status", "code", "says"),
    [
        (b"", 422, "audio_unreadable", "is empty; give WAV"),
        (b"hello, this is text", 415, "media_type_unknown", "is not a recording that we know; give WAV"),
        (b"%PDF-1.7 and more", 415, "media_type_unknown", "give WAV, FLAC"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", 422, "audio_unreadable", "is damaged or not a recording; give WAV"),
        (b"fLaC" + b"\xff" * 4000, 422, "audio_unreadable", "is damaged or not a recording"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 4000, 422, "audio_unreadable", "is damaged or not a recording"),
        (wav_header(data_bytes=4 * 3600 * 32_000), 422, "audio_unreadable", "give WAV"),
    ],
    ids=["empty", "text", "pdf", "header alone", "flac of ones", "webm of zeros", "promise of four hours"],
)
def test_what_is_no_recording_is_refused_by_its_name(content: bytes, status: int, code: str, says: str) -> None:
    with service() as client:
        answer = send(client, content)

    assert refused(answer, status, code, "talk.wav", says)
    assert "/proc" not in answer.text


def test_a_body_of_another_type_is_refused_with_those_that_work() -> None:
    with service() as client:
        answer = send_raw(client, as_file(spoken()), kind="text/html")

    assert refused(answer, 415, "media_type_unknown", "text/html", "multipart/form-data", "audio/*")


def test_a_form_without_a_file_and_a_broken_form_are_refused() -> None:
    with service() as client:
        without = client.post("/transcribe", files={"sound": ("a.wav", b"RIFF")})
        broken = client.post(
            "/transcribe", content=b"--x\r\ngarbage", headers={"Content-Type": "multipart/form-data; boundary=y"}
        )

    assert refused(without, 422, "field_invalid", "'file'")
    assert refused(broken, 400, "wire_error", "form")


def test_too_many_bytes_are_refused_before_they_are_kept() -> None:
    limits = UploadLimits(max_bytes=1 << 20)

    def chunks() -> Iterator[bytes]:
        for _ in range(80):
            yield bytes(1 << 16)

    with service(limits=limits) as client:
        promised = send_raw(client, bytes(5 << 20))
        unpromised = client.post("/transcribe", content=chunks(), headers={"Content-Type": "audio/wav"})

    assert refused(promised, 413, "audio_too_long", "at most 1 MiB", "FLAC")
    assert refused(unpromised, 413, "audio_too_long", "at most 1 MiB")


def test_too_long_a_recording_is_refused_however_small_it_is() -> None:
    quiet = as_file(silence(40.0, RECOGNITION_RATE), kind="FLAC")

    with service(limits=UploadLimits(max_s=36.0)) as client:
        answer = send(client, quiet)

    assert len(quiet) < 50_000
    assert refused(answer, 413, "audio_too_long", "limit of 0.01 hours")


def test_without_the_token_nobody_is_answered() -> None:
    with service(token=SECRET) as client:
        statuses = {
            path: client.post(path, files={"file": ("a.wav", as_file(spoken()))}).status_code
            for path in ("/transcribe", "/v1/audio/transcriptions")
        }
        listings = [client.get(path).status_code for path in ("/models", "/languages", "/v1/models")]

    assert statuses == {"/transcribe": 401, "/v1/audio/transcriptions": 401}
    assert listings == [401, 401, 401]


async def test_who_comes_when_enough_are_waiting_is_asked_to_come_again() -> None:
    observer = RecordingObserver()
    desk = UploadDesk(UploadLimits(at_once=1), observer=observer)
    leave = asyncio.Event()

    async def visit() -> None:
        async with desk.turn():
            await leave.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(1 + WAITING):
            tasks.create_task(visit())
        await asyncio.sleep(0)
        with pytest.raises(CapacityExhausted, match="try again"):
            async with desk.turn():
                pass
        leave.set()
    async with desk.turn():
        pass

    assert observer.of(RecognitionRefused) == [RecognitionRefused(what="recording", reason="queue")]


def test_nothing_of_a_recording_stays() -> None:
    gc.collect()
    before = open_files()
    loud = np.random.default_rng(3).normal(0.0, 0.1, 100 * RECOGNITION_RATE).astype(np.float32)
    content = as_file(Audio(samples=loud, sample_rate=RECOGNITION_RATE))

    with service() as client:
        for path in ("/transcribe", "/v1/audio/transcriptions"):
            assert send(client, content, path).status_code == 200
        assert send(client, content[: len(content) // 2] + b"cut", format="docx").status_code == 422
        during = open_files()

    assert not {name for name in during - before if "deleted" in name or "tmp" in name}


def open_files() -> set[str]:
    names = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            names.add(str(link.readlink()))
        except OSError:  # the descriptor of this very look
            continue
    return names


def test_openais_refusals_have_openais_shape() -> None:
    with service() as client:
        answer = send(client, as_file(spoken()), "/v1/audio/transcriptions", model="gpt-9")
        stream = send(client, as_file(spoken()), "/v1/audio/transcriptions", model="whisper-1", stream="true")
        hot = send(client, as_file(spoken()), "/v1/audio/transcriptions", model="whisper-1", temperature="7")

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "field_invalid"
    assert "there are: fake" in answer.json()["error"]["message"]
    assert (stream.status_code, hot.status_code) == (422, 422)


def test_a_recording_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    content = as_file(spoken())

    with service() as client:
        answer = send(client, content[: len(content) * 2 // 3])

    assert answer.status_code == 200
    assert answer.json()["text"].startswith("We start.")


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3", "WEBM"])
def test_whoever_sends_half_a_recording_is_told_so(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "talk"
    if kind == "WEBM":
        write_upload(file, "webm", "libopus", 4)
    else:
        file.write_bytes(as_file(spoken(), kind=kind))
    whole = file.read_bytes()
    half = whole[: len(whole) // 2]

    with service() as client:
        own = [send(client, content).json()["cut_short"] for content in (whole, half)]
        openais = [
            send(client, content, "/v1/audio/transcriptions", model="whisper-1", response_format=name).json()
            for name in ("json", "verbose_json")
            for content in (whole, half)
        ]

    assert own == [False, True]
    assert [answer["cut_short"] for answer in openais] == [False, True, False, True]


@contextmanager
def a_disk_that_takes(file_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``file_bytes``: writing more fails as on a full disk, with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("seconds", [6.0, 60.0], ids=["kept in memory until it is read", "too long for memory"])
def test_a_recording_that_the_disk_has_no_room_for_is_asked_to_come_again(seconds: float) -> None:
    content = as_file(silence(seconds, RECOGNITION_RATE))

    with service() as client, a_disk_that_takes(128 << 10):
        form = send(client, content)
        raw = send_raw(client, content)
        openais = send(client, content, "/v1/audio/transcriptions", model="whisper-1")

    assert refused(form, 503, "capacity_exhausted", "no room on this server")
    assert refused(raw, 503, "capacity_exhausted", "no room on this server")
    assert openais.json()["error"]["code"] == "capacity_exhausted"
    assert [answer.headers["Retry-After"] for answer in (form, raw, openais)] == ["60", "60", "60"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        FileNotFoundError(errno.ENOENT, "No usable temporary directory"),
    ],
    ids=["full disk", "no temporary folder takes anything"],
)
def test_what_the_disk_refuses_at_the_last_moment_is_said_in_words(error: OSError) -> None:
    class FullSpool(io.BytesIO):
        def fileno(self) -> int:
            return 0

        def flush(self) -> None:
            raise error

    upload = Upload(file=UploadFile(file=FullSpool()), name="talk.wav")

    with pytest.raises(CapacityExhausted, match="no room on this server"):
        upload.open(UploadLimits())
