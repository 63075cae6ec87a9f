"""The engine services as processes under ``dragoman up``: what they say, interpret, and how they come back."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import soundfile

from dragoman.engines.remote_session import RemoteRecognizer, connect_websocket
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.captions import Caption
from dragoman.ground.engines import EngineChoice, EngineKind, RecognitionContext
from dragoman.ground.errors import EngineError, EngineUnavailable, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, WordState
from dragoman.services.assembly import EngineWishes, open_engines
from dragoman.services.recording import interpret_recording
from dragoman.services.recording_request import Telling, make_request
from dragoman.services.serve import ServiceRequest, serve
from dragoman.settings import Settings
from dragoman.testing.free_ports import free_ports

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
EN, ES, VI = Language("en"), Language("es"), Language("vi")
TOKEN = "-".join(["only", "for", "these", "tests"])
KINDS = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)
PICO = {
    "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": f"faster_whisper:{FIXTURES / 'whisper-pico'}",
    "DRAGOMAN_TRANSLATION_ENGINES": f"ctranslate2:{FIXTURES / 'mt-pico'}",
    "DRAGOMAN_TEXT_TO_SPEECH_ENGINES": "espeak",
}
PICO_HERE = EngineWishes(
    speech_to_text=(EngineChoice(name="faster_whisper", model=str(FIXTURES / "whisper-pico")),),
    translation=(EngineChoice(name="ctranslate2", model=str(FIXTURES / "mt-pico")),),
    text_to_speech=(EngineChoice(name="espeak"),),
)
BUILT_IN = {
    "DRAGOMAN_SPEECH_TO_TEXT_ENGINES": "pocketsphinx",
    "DRAGOMAN_TRANSLATION_ENGINES": "apertium",
    "DRAGOMAN_TEXT_TO_SPEECH_ENGINES": "espeak",
}
START_WITHIN_S = 90.0


def eventually(happened: Callable[[], bool], *, within_s: float) -> float:
    """Wait for something that another process does; give how long it took."""
    started_s = time.monotonic()
    while not happened():
        assert time.monotonic() - started_s < within_s, f"it did not happen within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - started_s


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running ``dragoman up``."""

    process: subprocess.Popen[bytes]
    ports: dict[EngineKind, int]
    log_file: Path
    folder: Path

    def url(self, kind: EngineKind) -> str:
        return f"http://127.0.0.1:{self.ports[kind]}"

    def settings(self) -> Settings:
        """Give the settings of whoever uses the services."""
        return Settings.model_validate(
            {
                "models_dir": self.folder / "models",
                "cache_dir": self.folder / "cache",
                "service_token": TOKEN,
                "speech_to_text_url": self.url(EngineKind.SPEECH_TO_TEXT),
                "translation_url": self.url(EngineKind.TRANSLATION),
                "text_to_speech_url": self.url(EngineKind.TEXT_TO_SPEECH),
            }
        )

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def get(self, kind: EngineKind, path: str, *, token: str | None = TOKEN) -> httpx2.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx2.get(f"{self.url(kind)}{path}", headers=headers, timeout=5.0, trust_env=False)

    def is_ready(self, kind: EngineKind) -> bool:
        try:
            return self.get(kind, "/health/ready", token=None).status_code == 200
        except httpx2.HTTPError:
            return False

    def process_id(self, kind: EngineKind) -> int:
        """Find the service among the children of the supervisor."""
        (found,) = [pid for pid, command in children(self.process.pid).items() if f"serve {kind} " in f"{command} "]
        return found

    def family(self) -> list[int]:
        """List every process that is there because of this one, itself included."""
        found, waiting = [self.process.pid], [self.process.pid]
        while waiting:
            below = list(children(waiting.pop()))
            found += below
            waiting += below
        return found


def children(pid: int) -> dict[int, str]:
    """Give the command lines of a process's children, by process id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid:
            found[int(folder.name)] = command.strip()
    return found


def is_alive(pid: int) -> bool:
    """Say whether a process still runs; one that only waits for its parent to look does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if is_alive(pid)]


def environment(folder: Path, ports: dict[EngineKind, int], engines: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {f"DRAGOMAN_{kind.replace('-', '_').upper()}_PORT": str(port) for kind, port in ports.items()}
    folders = {"DRAGOMAN_MODELS_DIR": str(folder / "models"), "DRAGOMAN_CACHE_DIR": str(folder / "cache")}
    return {**kept, **engines, **own, **folders, "DRAGOMAN_SERVICE_TOKEN": TOKEN}


@contextmanager
def up(folder: Path, engines: dict[str, str]) -> Iterator[House]:
    ports = dict(zip(KINDS, free_ports(len(KINDS)), strict=True))
    log_file = folder / "up.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dragoman", "up", "--services-only"],
            env=environment(folder, ports, engines),
            stdout=log,
            stderr=log,
            process_group=0,
        )
    house = House(process=process, ports=ports, log_file=log_file, folder=folder)
    try:
        eventually(lambda: "everything is ready" in house.log() or process.poll() is not None, within_s=START_WITHIN_S)
        assert process.poll() is None, house.log()
        yield house
    finally:
        family = house.family()
        process.terminate()
        try:
            process.wait(30)
        finally:
            for pid in alive(family):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with up(tmp_path_factory.mktemp("house"), PICO) as running:
        yield running


@pytest.fixture
def house(running_house: House) -> House:
    """A house in which all is well, whatever the test before did to it."""
    eventually(lambda: all(map(running_house.is_ready, KINDS)), within_s=START_WITHIN_S)
    return running_house


def in_time(seconds: float) -> float:
    """Give the limit for what takes ``seconds`` on a machine that does nothing else: longer on one that does."""
    return seconds * max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def translate_once(house: House) -> str:
    with open_engines(house.settings(), EngineWishes(), kinds={EngineKind.TRANSLATION}) as engines:
        (answer,) = engines.translation[0].translate(["Hạn chót là vào tháng Ba."], source=VI, target=EN)
        return answer.text


def speak_once(house: House) -> float:
    with open_engines(house.settings(), EngineWishes(), kinds={EngineKind.TEXT_TO_SPEECH}) as engines:
        voices = engines.text_to_speech[0]
        pieces = voices.speak("Good morning.", language=EN, voice=voices.voices(EN)[0], speed=1.0)
        return sum(piece.duration_s for piece in pieces)


def transcribe_once(house: House) -> int:
    samples, rate = soundfile.read(FIXTURES / "speech" / "en-1.wav", dtype="float32")
    audio = Audio(samples=samples, sample_rate=rate)
    with open_engines(house.settings(), EngineWishes(), kinds={EngineKind.SPEECH_TO_TEXT}) as engines:
        transcript = engines.speech_to_text[0].transcribe(audio, language=EN, context=RecognitionContext())
        return len(transcript.words)


ASK_ONCE: dict[EngineKind, Callable[[House], object]] = {
    EngineKind.SPEECH_TO_TEXT: transcribe_once,
    EngineKind.TRANSLATION: translate_once,
    EngineKind.TEXT_TO_SPEECH: speak_once,
}


def interpreted(file: Path, source: Language, target: Language, settings: Settings, wishes: EngineWishes) -> list[str]:
    """Interpret a recording; give the captions as ``language: text``."""
    captions: list[Caption] = []
    request = make_request(
        files=(file,),
        sources=(source,),
        targets=(target,),
        out=settings.cache_dir.parent / f"{file.stem}-{'away' if settings.translation_url else 'here'}",
        fast=True,
        dub_only=True,
        starts_at_s=(),
        wishes=wishes,
    )
    interpret_recording(request, settings, Telling(on_caption=captions.append))
    return [f"{caption.language}: {caption.text}" for caption in captions]


def calls_of(house: House, kind: EngineKind) -> float:
    """Sum the engine calls that a service has counted."""
    counted = re.findall(
        r"^dragoman_engine_call_seconds_count\{.*\} ([0-9.e+]+)$", house.get(kind, "/metrics").text, re.MULTILINE
    )
    return sum(map(float, counted))


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_says_what_it_is_and_that_its_model_is_loaded(house: House, kind: EngineKind) -> None:
    about = house.get(kind, "/").json()
    health = house.get(kind, "/health").json()

    assert about["name"] == kind.value
    assert {"/", "/health", "/health/live", "/health/ready", "/metrics"} <= set(about["endpoints"])
    assert (health["status"], health["model_loaded"]) == ("ok", True)
    assert [info["kind"] for info in health["model_info"]] == [kind.value]
    assert 0 < health["model_info"][0]["cost"] < 10


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_token_a_service_says_no_more_than_that_it_lives(house: House, kind: EngineKind) -> None:
    statuses = {
        path: house.get(kind, path, token=None).status_code
        for path in ("/", "/info", "/health", "/metrics", "/health/live", "/health/ready")
    }

    assert statuses == {
        "/": 401, "/info": 401, "/health": 401, "/metrics": 401, "/health/live": 200, "/health/ready": 200
    }  # fmt: skip
    assert house.get(kind, "/health", token=TOKEN + "x").status_code == 401


async def test_without_the_token_nobody_is_listened_to(house: House) -> None:
    url = house.url(EngineKind.SPEECH_TO_TEXT).replace("http", "ws")

    with pytest.raises(EngineUnavailable):
        await connect_websocket(f"{url}/recognize")


def test_the_token_stands_on_no_command_line_and_in_no_log(house: House) -> None:
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in house.family()]

    assert len(commands) >= 4
    assert not any(TOKEN.encode() in command for command in commands)
    assert TOKEN not in house.log()


@pytest.mark.parametrize(("name", "source", "target"), [("vi-1", VI, EN), ("en-2", EN, VI)])
def test_the_services_interpret_as_the_same_engines_do_in_one_process(
    house: House, tmp_path: Path, name: str, source: Language, target: Language
) -> None:
    file = FIXTURES / "speech" / f"{name}.wav"
    counted = [calls_of(house, kind) for kind in KINDS]
    here = Settings(models_dir=tmp_path / "models", cache_dir=tmp_path / "cache")
    away = house.settings().model_copy(update={"cache_dir": tmp_path / "cache"})

    expected = interpreted(file, source, target, here, PICO_HERE)
    captions = interpreted(file, source, target, away, EngineWishes())

    assert captions == expected
    assert len(captions) >= 2
    assert all(calls_of(house, kind) > before for kind, before in zip(KINDS, counted, strict=True))


@pytest.mark.parametrize(
    ("kind", "within_s"),
    [(EngineKind.SPEECH_TO_TEXT, 10.0), (EngineKind.TRANSLATION, 5.0), (EngineKind.TEXT_TO_SPEECH, 5.0)],
)
def test_a_killed_service_comes_back_and_answers(house: House, kind: EngineKind, within_s: float) -> None:
    killed = house.process_id(kind)

    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not is_alive(killed) and house.is_ready(kind), within_s=in_time(within_s))

    assert house.process_id(kind) != killed
    assert ASK_ONCE[kind](house)


def test_a_hanging_service_is_replaced_within_ten_seconds(house: House) -> None:
    kind = EngineKind.TRANSLATION
    hanging = house.process_id(kind)

    os.kill(hanging, signal.SIGSTOP)
    eventually(lambda: not is_alive(hanging) and house.is_ready(kind), within_s=in_time(10.0))

    assert translate_once(house)
    assert "translation hangs" in house.log()


async def test_a_session_that_a_kill_breaks_off_gives_one_final_with_the_reason(house: House) -> None:
    kind = EngineKind.SPEECH_TO_TEXT
    url = house.url(kind).replace("http", "ws")
    samples, _ = soundfile.read(FIXTURES / "speech" / "en-long.wav", frames=8 * RECOGNITION_RATE, dtype="float32")
    async with asyncio.timeout(60):
        recognizer = RemoteRecognizer(lambda: connect_websocket(f"{url}/recognize", token=TOKEN))
        session = await recognizer.open(language=EN, context=RecognitionContext())
        await session.push(Audio(samples=samples, sample_rate=RECOGNITION_RATE))
        heard = aiter(session)
        events = [await anext(heard)]

        os.kill(house.process_id(kind), signal.SIGKILL)
        events += [event async for event in heard]
        await session.close()

    assert [event for event in events if event.failure is not None] == [events[-1]]
    assert (events[-1].state, events[-1].words, events[-1].failure) == (WordState.FINAL, (), "engine_crashed")
    assert finals_are_single(events)


def finals_are_single(events: list[RecognitionEvent]) -> bool:
    finals = [event.utterance for event in events if event.state is WordState.FINAL]
    return len(finals) == len(set(finals))


def test_half_a_minute_of_talk_goes_on_after_its_recogniser_was_killed(house: House, tmp_path: Path) -> None:
    kind = EngineKind.SPEECH_TO_TEXT
    samples, rate = soundfile.read(FIXTURES / "speech" / "en-long.wav", frames=30 * RECOGNITION_RATE, dtype="float32")
    file = tmp_path / "talk.wav"
    soundfile.write(file, samples, rate)
    killed_after: list[float] = []
    starts_s: list[float] = []

    def on_caption(caption: Caption) -> None:
        starts_s.append(caption.start_s)
        if not killed_after:
            killed_after.append(caption.start_s)
            os.kill(house.process_id(kind), signal.SIGKILL)

    request = make_request(
        files=(file,), sources=(EN,), targets=(VI,), out=tmp_path / "out", fast=False, dub_only=True,
        starts_at_s=(), wishes=EngineWishes(),
    )  # fmt: skip
    outcome = interpret_recording(request, house.settings(), Telling(on_caption=on_caption))

    assert not outcome.interrupted
    assert killed_after[0] < 10.0
    assert max(starts_s) > 20.0


def test_everything_ends_when_the_supervisor_is_asked_to(tmp_path: Path) -> None:
    with up(tmp_path, BUILT_IN) as house:
        start_grandchildren(house)
        family = house.family()

        house.process.terminate()
        status = house.process.wait(20)

        eventually(lambda: not alive(family), within_s=3.0)
    assert status == 0
    assert len(family) > 5


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with up(tmp_path, BUILT_IN) as house:
        start_grandchildren(house)
        family = house.family()

        house.process.kill()
        house.process.wait(5)

        eventually(lambda: not alive(family), within_s=3.0)
    assert len(family) > 5


def start_grandchildren(house: House) -> None:
    """Have the engines start the programs that they keep: a recogniser's worker, a chain of translation programs."""
    with open_engines(house.settings(), EngineWishes(), kinds={EngineKind.TRANSLATION}) as engines:
        engines.translation[0].translate(["Good morning."], source=EN, target=ES)


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = dict(zip(KINDS, [*free_ports(2), int(taken.getsockname()[1])], strict=True))

        ended = subprocess.run(
            [sys.executable, "-m", "dragoman", "up", "--services-only"],
            env=environment(tmp_path, ports, PICO),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert ended.returncode == 1
    assert f"port {ports[EngineKind.TEXT_TO_SPEECH]}" in ended.stderr
    assert "DRAGOMAN_TEXT_TO_SPEECH_PORT" in ended.stderr
    assert "is ready" not in ended.stderr


def test_a_model_that_is_not_there_is_said_and_ends_everything(tmp_path: Path) -> None:
    ports = dict(zip(KINDS, free_ports(3), strict=True))

    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", "up", "--services-only"],
        env=environment(tmp_path, ports, {**PICO, "DRAGOMAN_TRANSLATION_ENGINES": "ctranslate2:nowhere"}),
        capture_output=True,
        text=True,
        timeout=START_WITHIN_S,
        check=False,
    )

    assert ended.returncode == 1
    assert "translation does not start" in ended.stderr
    assert "nowhere" in ended.stderr


def test_a_service_without_a_token_does_not_start() -> None:
    with pytest.raises(SettingsInvalid, match="DRAGOMAN_SERVICE_TOKEN"):
        serve(ServiceRequest(kind=EngineKind.TRANSLATION), Settings())


def test_a_service_that_is_not_there_is_said_by_its_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    settings = Settings(models_dir=tmp_path, translation_url=f"http://127.0.0.1:{port}")

    with pytest.raises(EngineError, match=f"127.0.0.1:{port}"), open_engines(settings, EngineWishes()):
        pass
