"""What a supervisor asks, and what a service answers while it starts and afterwards."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dragoman.ground.events import EngineCalled, Stage
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.health import health_routes
from dragoman.services.probe import probe
from dragoman.testing.engines import FakeTranslator


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[int]:
    """Answer every connection with these bytes, or never; give the port."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await over.wait()
        else:
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            over.set()


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"200\r\n", False),
        (b"", False),
        (b"x" * 100_000, False),
        (None, False),
    ],
)
async def test_only_a_good_answer_in_time_means_that_a_process_is_well(answer: bytes | None, well: bool) -> None:
    async with answering(answer) as port:
        assert await probe("127.0.0.1", port, "/health/live", within_s=5.0 if well else 0.2) is well


async def test_a_port_where_nobody_listens_means_that_it_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert not await probe("127.0.0.1", port, "/health/live", within_s=5.0)


def test_a_service_that_loads_lives_and_is_not_ready() -> None:
    client = TestClient(Starlette(routes=health_routes([], is_ready=lambda: False, metrics=None)))

    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health").json() == {"status": "starting", "model_loaded": False, "model_info": []}


def test_a_service_that_is_ready_tells_its_engines() -> None:
    client = TestClient(Starlette(routes=health_routes([FakeTranslator()], is_ready=lambda: True, metrics=None)))

    health = client.get("/health").json()

    assert (health["status"], health["model_loaded"]) == ("ok", True)
    assert [info["kind"] for info in health["model_info"]] == ["translation"]


def test_the_metrics_of_a_service_count_its_engine_calls() -> None:
    metrics = Metrics()
    client = TestClient(Starlette(routes=health_routes([], is_ready=lambda: True, metrics=metrics)))

    MetricsObserver(metrics).observe(
        EngineCalled(stage=Stage.TRANSLATION, engine="fake", wall_ms=20.0, thread_cpu_ms=1.0)
    )

    assert 'dragoman_engine_call_seconds_count{engine="fake",stage="translation"} 1.0' in client.get("/metrics").text
