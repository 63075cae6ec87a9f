"""What ``dragoman up`` plans to run, by settings."""

import json
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dragoman.services.doors import plan_doors
from dragoman.services.processes import LIVEKIT, plan_processes
from dragoman.settings import Settings


@pytest.mark.parametrize(
    ("api_host", "webhook"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/livekit/webhook"),
        ("127.0.0.2", "http://127.0.0.2:8000/livekit/webhook"),
        ("0.0.0.0", "http://127.0.0.1:8000/livekit/webhook"),  # noqa: S104
        ("::", "http://[::1]:8000/livekit/webhook"),
    ],
)
def test_the_media_server_tells_the_api_where_it_listens(tmp_path: Path, api_host: str, webhook: str) -> None:
    settings = Settings.model_validate({"api_host": api_host, "data_dir": tmp_path})
    doors = plan_doors(settings, addresses=[IPv4Address("192.168.1.5")])

    plans = plan_processes(
        settings,
        token="-".join(["only", "for", "these", "tests"]),
        livekit=tmp_path / LIVEKIT,
        run_folder=tmp_path / "run",
        doors=doors,
        host_password=None,
    )

    assert LIVEKIT in {plan.name for plan in plans}
    (config,) = (tmp_path / "run").iterdir()
    assert json.loads(config.read_text())["webhook"]["urls"] == [webhook]
