"""Models from the page: only at the machine itself, one pull at a time, watched, cancelled, taken into use."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from tests.accounts_site import accounts_site
from tests.api_house import HOME, FakeCalls, client_of, make_parts

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import EngineUnavailable
from dragoman.models.record import ModelRecord, write_record
from dragoman.models.table import ModelFile, load_table
from dragoman.services.api.models_desk import ModelDesk, Phase
from dragoman.services.api.models_job import Event, PullOrder, pull_command, run_pull
from dragoman.services.api.models_restart import ServiceRestarts
from dragoman.services.api.models_take_up import TakeUp
from dragoman.settings import Settings
from dragoman.testing.model_hub import ModelHub

pytestmark = pytest.mark.anyio
MODELS = "/api/v1/models"
PULL = f"{MODELS}/pull"
WITHIN_S = 60.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class FakePull:
    """Fetches when it is told to, or ends when it is stopped."""

    events: Sequence[Event] = ()
    status: int = 0
    when_stopped: int = -15
    orders: list[PullOrder] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, order: PullOrder, on_event: Callable[[Event], None], stop: asyncio.Event) -> int:
        self.orders.append(order)
        for event in self.events:
            on_event(event)
        waits = [asyncio.create_task(self.go_on.wait()), asyncio.create_task(stop.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        return self.status if self.go_on.is_set() else self.when_stopped


@dataclass
class FakeTakeUp:
    """Remembers what was brought into use."""

    fails: str = ""
    services: tuple[str, ...] = ("translation",)
    unused: frozenset[str] = frozenset()
    """Models that the settings leave aside."""
    done: list[str] = field(default_factory=list)

    async def try_out(self, models: Sequence[str]) -> None:
        if self.fails:
            raise EngineUnavailable(self.fails)
        self.done.append(f"tried {', '.join(models)}")

    def services_of(self, models: Sequence[str]) -> list[str]:
        return list(self.services) if self.unused.isdisjoint(models) else []

    async def start_again(self, services: Sequence[str]) -> None:
        self.done.append(f"started {', '.join(services)}")

    @property
    def on_changed(self) -> Callable[[], None]:
        return lambda: self.done.append("changed")


@dataclass
class House:
    client: httpx2.AsyncClient
    desk: ModelDesk
    pull: FakePull
    take_up: FakeTakeUp
    settings: Settings

    async def until(self, phase: Phase) -> dict[str, object]:
        async with asyncio.timeout(WITHIN_S):
            while (state := (await self.client.get(PULL)).json())["phase"] != phase:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return dict(state)


@asynccontextmanager
async def house_of(tmp_path: Path, *, address: str = HOME, here: bool = True, **settings: str) -> AsyncIterator[House]:
    pull, take_up = FakePull(), FakeTakeUp()
    desk = ModelDesk(take_up, pull=pull)
    known = Settings(models_dir=tmp_path / "models", **settings)  # type: ignore[arg-type]
    local = frozenset({HOME}) if here else frozenset[str]()
    parts = make_parts(FakeCalls(), models=(desk, known), local_origins=local)
    async with client_of(parts, base_url=address) as client, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.run())
        yield House(client=client, desk=desk, pull=pull, take_up=take_up, settings=known)
        running.cancel()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with house_of(tmp_path) as made:
        yield made


async def test_every_model_is_told_with_size_memory_and_licence(house: House) -> None:
    told = (await house.client.get(MODELS)).json()

    nllb = next(model for model in told["models"] if model["id"] == "nllb-600m")
    assert (nllb["licence"], nllb["commercial"], nllb["accepted"]) == ("CC-BY-NC-4.0", False, False)
    assert (nllb["size_mb"], nllb["ram_mb"], nllb["installed"], nllb["kind"]) == (634, 694, False, "translation")
    assert ["en", "vi"] in nllb["pairs"]
    assert {profile["name"] for profile in told["profiles"]} == {"default", "noncommercial", "quality"}
    kinds = {model["id"]: (model["kind"], model["languages"]) for model in told["models"]}
    assert kinds["zipformer-8"] == ("speech-to-text", ["ar", "en", "id", "ja", "ru", "th", "vi", "zh"])
    assert kinds["mms-tts-th"] == ("text-to-speech", ["th"])
    assert told["pull"]["phase"] == "idle"
    assert told["free_disk_mb"] > 0
    assert told["may_pull"] is True


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_nobody_from_elsewhere_sees_or_fetches_models(tmp_path: Path, method: str) -> None:
    async with house_of(tmp_path, here=False) as house:
        path = MODELS if method == "GET" else PULL
        answer = await house.client.request(method, path, json={"models": ["default"]} if method == "POST" else None)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert house.pull.orders == []


@pytest.mark.parametrize("header", ["x-forwarded-for", "via", "forwarded"])
async def test_what_a_proxy_brings_is_from_elsewhere(house: House, header: str) -> None:
    assert (await house.client.get(MODELS, headers={header: "10.0.0.1"})).status_code == 403


async def test_an_admin_sees_the_models_from_elsewhere_and_fetches_none(tmp_path: Path) -> None:
    pull = FakePull()
    models = (ModelDesk(FakeTakeUp(), pull=pull), Settings(models_dir=tmp_path / "models"))
    async with accounts_site(tmp_path, models=models) as site:
        root, an = await site.sign_up("root@example.org", admin=True), await site.sign_up("an@example.org")

        told = (await root.client.get(MODELS)).json()
        by_proxy = await root.client.get(PULL, headers={"x-forwarded-for": "10.0.0.1"})
        fetched = await root.client.post(PULL, json={"models": ["default"], "accepts": []})
        cancelled = await root.client.delete(PULL)
        others = [await client.get(path) for client in (an.client, site.anonymous) for path in (MODELS, PULL)]

    assert (told["may_pull"], told["pull"]["phase"], by_proxy.json()["phase"]) == (False, "idle", "idle")
    assert "nllb-600m" in {model["id"] for model in told["models"]}
    assert {(it.status_code, it.json()["code"]) for it in (fetched, cancelled, *others)} == {(403, "not_allowed")}
    assert pull.orders == []


async def test_a_pull_tells_how_far_it_is_to_whoever_asks(house: House) -> None:
    house.pull.events = [
        {"event": "notice", "text": "x"},
        {"event": "progress", "model": "whisper-tiny", "done_bytes": 5, "total_bytes": 10},
        {"event": "progress", "model": 3},
    ]

    answer = await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    assert answer.status_code == 202
    async with asyncio.timeout(WITHIN_S):
        while not (told := (await house.client.get(PULL)).json())["done_bytes"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (told["phase"], told["model"], told["done_bytes"], told["total_bytes"]) == ("pulling", "whisper-tiny", 5, 10)
    house.pull.go_on.set()
    done = await house.until(Phase.DONE)
    assert done["in_use"] == ["whisper-tiny"]
    assert house.take_up.done == ["tried whisper-tiny", "started translation", "changed"]


async def test_a_second_pull_is_refused_while_one_runs(house: House) -> None:
    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    answer = await house.client.post(PULL, json={"models": ["whisper-base"]})

    assert (answer.status_code, answer.json()["code"]) == (409, "pull_under_way")
    assert "whisper-tiny" in answer.json()["detail"]


async def test_a_pull_can_be_cancelled_and_another_begun(house: House) -> None:
    await house.client.post(PULL, json={"models": ["whisper-tiny"]})
    await house.until(Phase.PULLING)

    await house.client.delete(PULL)
    await house.until(Phase.CANCELLED)

    assert (await house.client.post(PULL, json={"models": ["whisper-base"]})).status_code == 202
    house.pull.go_on.set()
    await house.until(Phase.DONE)
    assert house.take_up.done[0] == "tried whisper-base"


async def test_a_failed_pull_says_why_and_leaves_the_desk_open(house: House) -> None:
    house.pull.events = [{"event": "failed", "code": "disk_full", "detail": "make room"}]
    house.pull.status = 1
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    failed = await house.until(Phase.FAILED)
    assert (failed["code"], failed["detail"]) == ("disk_full", "make room")
    assert house.take_up.done == []


async def test_what_came_before_a_pull_failed_is_taken_into_use(house: House) -> None:
    house.pull.events = [
        {"event": "done", "model": "whisper-tiny", "changed": True},
        {"event": "failed", "code": "disk_full", "detail": "make room"},
    ]
    house.pull.status = 1
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny", "whisper-base"]})

    failed = await house.until(Phase.FAILED)
    assert (failed["code"], failed["detail"], failed["in_use"]) == ("disk_full", "make room", ["whisper-tiny"])
    assert house.take_up.done == ["tried whisper-tiny", "started translation", "changed"]


async def test_what_came_before_a_pull_was_cancelled_is_taken_into_use(house: House) -> None:
    house.pull.events = [{"event": "done", "model": "whisper-tiny", "changed": True}]
    await house.client.post(PULL, json={"models": ["whisper-tiny", "whisper-base"]})

    await house.client.delete(PULL)

    assert (await house.until(Phase.CANCELLED))["in_use"] == ["whisper-tiny"]
    assert house.take_up.done == ["tried whisper-tiny", "started translation", "changed"]


async def test_what_was_here_before_a_pull_was_cancelled_is_left_as_it_runs(house: House) -> None:
    house.pull.events = [{"event": "done", "model": "whisper-tiny", "fetched_bytes": 0, "changed": False}]
    await house.client.post(PULL, json={"models": ["whisper-tiny", "whisper-base"]})

    await house.client.delete(PULL)

    cancelled = await house.until(Phase.CANCELLED)
    assert (cancelled["in_use"], cancelled["missing"]) == ([], ["whisper-base"])
    assert house.take_up.done == []


async def test_of_a_pull_that_failed_it_is_told_what_came_and_what_is_missing(house: House) -> None:
    house.take_up.unused = frozenset({"whisper-base"})
    house.pull.events = [
        {"event": "done", "model": "whisper-tiny", "fetched_bytes": 0, "changed": False},
        {"event": "done", "model": "whisper-base", "fetched_bytes": 5, "changed": True},
        {"event": "failed", "code": "disk_full", "detail": "make room"},
    ]
    house.pull.status = 1
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny", "whisper-base", "whisper-small"]})

    failed = await house.until(Phase.FAILED)
    assert (failed["in_use"], failed["left_aside"]) == ([], ["whisper-base"])
    assert failed["missing"] == ["whisper-small"]
    assert house.take_up.done == ["tried whisper-base"]


async def test_a_pull_that_dies_when_everything_is_here_is_done(house: House) -> None:
    house.pull.events = [{"event": "done", "model": "whisper-tiny", "changed": True}]
    house.pull.status = -9
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    assert (await house.until(Phase.DONE))["in_use"] == ["whisper-tiny"]


async def test_a_pull_that_had_just_ended_when_it_was_cancelled_is_done(house: House) -> None:
    house.pull.when_stopped = 0
    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    await house.client.delete(PULL)

    assert (await house.until(Phase.DONE))["in_use"] == ["whisper-tiny"]


async def test_of_several_models_those_are_named_that_are_in_use(house: House) -> None:
    house.take_up.unused = frozenset({"whisper-base"})
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny", "whisper-base"]})

    assert (await house.until(Phase.DONE))["in_use"] == ["whisper-tiny"]
    assert house.take_up.done == ["tried whisper-tiny, whisper-base", "started translation", "changed"]


async def test_a_pull_that_dies_without_a_word_is_told(house: House) -> None:
    house.pull.status = -9
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    assert "ended by itself" in str((await house.until(Phase.FAILED))["detail"])


async def test_a_model_that_does_not_open_is_told_and_nothing_is_started_again(house: House) -> None:
    house.take_up.fails = "whisper-tiny does not open here"
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    failed = await house.until(Phase.FAILED)
    assert (failed["detail"], failed["missing"]) == ("whisper-tiny does not open here", [])
    assert house.take_up.done == []


async def test_where_the_settings_name_the_engines_nothing_is_started_again(house: House) -> None:
    house.take_up.services = ()
    house.pull.go_on.set()

    await house.client.post(PULL, json={"models": ["whisper-tiny"]})

    done = await house.until(Phase.DONE)
    assert (done["in_use"], done["left_aside"]) == ([], ["whisper-tiny"])
    assert house.take_up.done == ["tried whisper-tiny"]


async def test_a_noncommercial_licence_is_accepted_by_name_or_not_at_all(house: House) -> None:
    refused = await house.client.post(PULL, json={"models": ["nllb-600m"], "accepts": ["MIT"]})
    accepted = await house.client.post(PULL, json={"models": ["nllb-600m"], "accepts": ["CC-BY-NC-4.0"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "licence_not_accepted")
    assert accepted.status_code == 202
    house.pull.go_on.set()
    await house.until(Phase.DONE)
    assert [order.accepted for order in house.pull.orders] == [("CC-BY-NC-4.0",)]


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"models": []}, {"models": "default"}, {"models": [""]}, {"models": ["x" * 65]}, {"models": [3]},
        {"models": ["default"] * 21}, {"models": ["default"], "mirror": "http://evil.invalid"},
        {"models": ["default"], "accepts": "MIT"},
    ],
)  # fmt: skip
async def test_an_order_that_is_none_is_refused(house: House, body: object) -> None:
    assert (await house.client.post(PULL, json=body)).status_code == 422
    assert house.pull.orders == []


@pytest.mark.parametrize("name", ["whisper-huge", "../etc", "--mirror", "-h"])
async def test_an_unknown_model_is_refused_with_those_there_are(house: House, name: str) -> None:
    answer = await house.client.post(PULL, json={"models": [name]})

    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
    assert "whisper-small" in answer.json()["detail"]


async def test_lines_of_a_process_are_heard_and_its_status_given() -> None:
    heard: list[Event] = []
    script = "print('{\"event\": \"notice\"}'); print('no json'); print('[1]'); raise SystemExit(3)"

    status = await run_pull((sys.executable, "-c", script), on_event=heard.append, stop=asyncio.Event())

    assert (status, heard) == (3, [{"event": "notice"}])


async def test_the_last_words_of_a_process_that_is_stopped_are_heard() -> None:
    stop, heard = asyncio.Event(), list[Event]()
    script = (
        "import signal, sys, time\n"
        'def end(*_):\n    print(\'{"event": "done"}\', flush=True); sys.exit(1)\n'
        "signal.signal(signal.SIGTERM, end)\n"
        'print(\'{"event": "notice"}\', flush=True); time.sleep(600)'
    )
    running = asyncio.create_task(run_pull((sys.executable, "-c", script), on_event=heard.append, stop=stop))
    async with asyncio.timeout(WITHIN_S):
        while not heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    stop.set()

    assert await running == 1
    assert heard == [{"event": "notice"}, {"event": "done"}]


async def test_a_cancelled_pull_leaves_no_process(tmp_path: Path) -> None:
    stop, heard = asyncio.Event(), list[Event]()
    script = "import os, time; print('{\"pid\": %d}' % os.getpid(), flush=True); time.sleep(600)"
    running = asyncio.create_task(run_pull((sys.executable, "-c", script), on_event=heard.append, stop=stop))
    async with asyncio.timeout(WITHIN_S):
        while not heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    stop.set()

    assert await running != 0
    assert not Path(f"/proc/{heard[0]['pid']}").exists()


async def test_the_command_fetches_and_writes_down_who_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = Path(__file__).resolve().parents[1] / "fixtures" / "mt-pico"
    heard: list[Event] = []
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path / "models"))
    with ModelHub() as hub:
        hub.add_repo("skywood/nllb-200-distilled-600M-ct2-int8", fixture)
        monkeypatch.setenv("DRAGOMAN_MODEL_HUB", hub.endpoint)
        order = PullOrder(models=("nllb-600m",), accepted=("CC-BY-NC-4.0",), by="the page")
        status = await run_pull(pull_command(order), on_event=heard.append, stop=asyncio.Event())

    assert status == 0
    assert [event["event"] for event in heard if event["event"] != "progress"] == ["accepted", "notice", "done"]
    assert next(event["by"] for event in heard if event["event"] == "accepted") == "the page"
    assert heard[-1]["changed"] is True
    assert {"event": "progress", "model": "nllb-600m"}.items() <= next(
        dict(event).items() for event in heard if event["event"] == "progress"
    )


def install(models_dir: Path, model_id: str) -> None:
    """Let a model of the table be here, with one small file."""
    entry = load_table().entry(model_id)
    (models_dir / model_id).mkdir(parents=True)
    (models_dir / model_id / "config.json").write_bytes(b"{}")
    record = ModelRecord(
        id=model_id, engine=entry.engine, languages=entry.languages, pairs=entry.pairs, licence=entry.licence,
        commercial=entry.commercial, source=entry.repo, revision=entry.revision,
        files=(ModelFile(path="config.json", size=2, sha256="a" * 64),),
    )  # fmt: skip
    write_record(models_dir / model_id, record)


def services_of(models: Sequence[str], models_dir: Path, **fields: object) -> list[str]:
    settings = Settings(models_dir=models_dir, **fields)  # type: ignore[arg-type]
    restarts = ServiceRestarts(processes={}, token="t" * 16)
    return TakeUp(settings=settings, restarts=restarts, on_changed=lambda: None).services_of(models)


def test_services_elsewhere_or_with_named_engines_are_left_alone(tmp_path: Path) -> None:
    models = ["whisper-small", "opus-mt-en-vi"]
    for model_id in (*models, "supertonic-3", "zipformer-8"):
        install(tmp_path, model_id)

    both = [EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION]
    assert services_of(models, tmp_path) == [kind.value for kind in both]
    assert services_of(models, tmp_path, translation_url="http://127.0.0.1:9") == [EngineKind.SPEECH_TO_TEXT]
    assert services_of(models, tmp_path, translation_engines=("apertium",)) == [EngineKind.SPEECH_TO_TEXT]
    assert services_of([*models, "supertonic-3", "zipformer-8"], tmp_path) == [*both, EngineKind.TEXT_TO_SPEECH]


def test_services_are_left_alone_for_models_of_another_profile(tmp_path: Path) -> None:
    for model_id in ("whisper-small", "nllb-600m"):
        install(tmp_path, model_id)

    assert services_of(["nllb-600m"], tmp_path, profile="default") == []
    assert services_of(["nllb-600m"], tmp_path, profile="noncommercial") == [EngineKind.TRANSLATION]
    assert services_of(["whisper-small", "nllb-600m"], tmp_path, profile="default") == [EngineKind.SPEECH_TO_TEXT]
    assert services_of(["nllb-600m"], tmp_path) == [EngineKind.TRANSLATION]


@pytest.mark.parametrize(
    ("fields", "used"),
    [
        ({}, True),
        ({"profile": "default"}, True),
        ({"text_to_speech_engines": ("espeak",)}, True),
        ({"watermark_model": ""}, False),
        ({"watermark_model": "/models/our-watermark"}, False),
        ({"text_to_speech_url": "http://127.0.0.1:9"}, False),
    ],
)
def test_a_watermark_is_taken_up_where_the_settings_mean_it(
    tmp_path: Path, fields: dict[str, object], used: bool
) -> None:
    install(tmp_path, "audioseal")

    assert services_of(["audioseal"], tmp_path, **fields) == ([EngineKind.TEXT_TO_SPEECH] if used else [])
