"""A service is started again by itself when a model has come, and has it then; nobody else can have it started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from tests.api_house import HOME, FakeCalls, client_of, make_parts

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import EngineUnavailable
from dragoman.ground.languages import Language
from dragoman.services.api.models_desk import ModelDesk, Phase
from dragoman.services.api.models_restart import RunningProcess, ServiceRestarts
from dragoman.services.api.models_take_up import TakeUp
from dragoman.services.assembly import open_store
from dragoman.services.processes import INTERPRETER, ProcessPlan, engine_service
from dragoman.services.restart_door import RestartDoor
from dragoman.services.supervisor import Supervisor
from dragoman.settings import Settings
from dragoman.testing.free_ports import free_ports
from dragoman.testing.model_hub import ModelHub

pytestmark = pytest.mark.anyio
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
TOKEN = "-".join(["only", "for", "these", "tests"])
KIND = EngineKind.TRANSLATION
START_WITHIN_S = 120.0
PULL = "/api/v1/models/pull"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The translation service under a supervisor."""

    supervisor: Supervisor
    url: str
    restarts: ServiceRestarts

    async def engines(self) -> list[str]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx2.AsyncClient(trust_env=False, timeout=10.0) as client:
            told = (await client.get(f"{self.url}/health", headers=headers)).json()
        return [info["model"] for info in told["model_info"] if info["model"]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    port, other_port = free_ports(2)
    variables: dict[str, object] = {"MODELS_DIR": tmp_path / "models", "CACHE_DIR": tmp_path / "cache"}
    variables |= {"TRANSLATION_PORT": port, "TEXT_TO_SPEECH_PORT": other_port}
    for name, value in variables.items():
        monkeypatch.setenv(f"DRAGOMAN_{name}", str(value))
    return Settings()


@asynccontextmanager
async def running(settings: Settings, *others: ProcessPlan) -> AsyncIterator[Service]:
    plan = engine_service(KIND, settings, token=TOKEN)
    supervisor = Supervisor([plan, *others], on_line=lambda name, line: None)
    ready = asyncio.Event()
    processes = {it.name: RunningProcess(host=it.host, port=it.port) for it in (plan, *others)}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervisor.run(ready.set))
        try:
            async with asyncio.timeout(START_WITHIN_S):
                await ready.wait()
            yield Service(
                supervisor=supervisor,
                url=f"http://{plan.host}:{plan.port}",
                restarts=ServiceRestarts(processes=processes, token=TOKEN),
            )
        finally:
            supervisor.stop()


async def test_a_model_that_came_meanwhile_is_there_after_the_restart_of_its_service_alone(settings: Settings) -> None:
    pairs = [(Language("en"), Language("vi"))]
    store = open_store(settings)
    store.add(FIXTURES / "mt-pico", model_id="first", pairs=pairs)
    async with running(settings) as service:
        assert await service.engines() == ["first"]
        store.add(FIXTURES / "mt-pico", model_id="second", pairs=pairs)
        before = service.supervisor.process_id(KIND.value)

        await service.restarts.restart(KIND.value)

        assert set(await service.engines()) == {"first", "second"}
        assert service.supervisor.process_id(KIND.value) != before

        wrong = ServiceRestarts(processes=service.restarts.processes, token="x" * 20)
        with pytest.raises(EngineUnavailable, match="could not be started again"):
            await wrong.restart(KIND.value)
        assert set(await service.engines()) == {"first", "second"}


async def test_a_model_that_the_page_orders_is_fetched_tried_and_in_use_while_the_supervisor_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The interpreter takes a media server; a service that is started again the same way stands in its place.
    other = replace(engine_service(EngineKind.TEXT_TO_SPEECH, settings, token=TOKEN), name=INTERPRETER)
    changed: list[bool] = []
    with ModelHub() as hub:
        hub.add_repo("skywood/nllb-200-distilled-600M-ct2-int8", FIXTURES / "mt-pico")
        monkeypatch.setenv("DRAGOMAN_MODEL_HUB", hub.endpoint)
        async with running(settings, other) as service, asyncio.TaskGroup() as tasks:
            assert await service.engines() == []
            before = {name: service.supervisor.process_id(name) for name in (KIND.value, INTERPRETER)}
            take_up = TakeUp(settings=settings, restarts=service.restarts, on_changed=lambda: changed.append(True))
            desk = ModelDesk(take_up)
            serving = tasks.create_task(desk.run())
            parts = make_parts(FakeCalls(), models=(desk, settings), local_origins=frozenset({HOME}))

            async with client_of(parts, base_url=HOME) as page:
                ordered = await page.post(PULL, json={"models": ["nllb-600m"], "accepts": ["CC-BY-NC-4.0"]})
                told = await _ended(page)
            serving.cancel()

            assert ordered.status_code == 202
            assert (told["phase"], told["in_use"], told["detail"]) == (Phase.DONE, ["nllb-600m"], "")
            assert await service.engines() == ["nllb-600m"]
            assert changed == [True]
            assert all(service.supervisor.process_id(name) != process_id for name, process_id in before.items())


async def _ended(page: httpx2.AsyncClient) -> dict[str, object]:
    """Look until the pull has ended, as the page does."""
    async with asyncio.timeout(2 * START_WITHIN_S):
        while (told := (await page.get(PULL)).json())["phase"] in {Phase.PULLING, Phase.TRYING, Phase.RESTARTING}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return dict(told)


async def test_a_service_that_is_not_there_is_told(settings: Settings) -> None:
    gone = RunningProcess(host="127.0.0.1", port=settings.translation_port)

    with pytest.raises(EngineUnavailable, match="translation could not be started again"):
        await ServiceRestarts(processes={"translation": gone}, token=TOKEN).restart("translation")


@pytest.mark.parametrize(
    ("method", "token", "supervised", "status"),
    [
        ("POST", TOKEN, True, 202),
        ("POST", "wrong", True, 401),
        ("POST", "", True, 401),
        ("GET", TOKEN, True, 405),
        ("POST", TOKEN, False, 409),
    ],
)
async def test_only_who_knows_the_token_may_end_a_supervised_process(
    method: str, token: str, supervised: bool, status: int
) -> None:
    ended: list[bool] = []

    async def behind(scope: object, receive: object, send: object) -> None:
        raise AssertionError("the request is for the door")

    door = RestartDoor(behind, token=TOKEN, supervised=supervised, end=lambda: ended.append(True))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=door), base_url="http://here") as client:
        answer = await client.request(method, "/restart", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == status
    assert ended == [True] * (status == 202)
