"""Have a process of ``dragoman up`` started again, and wait until it is ready. For models_take_up.py."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from dragoman.ground.errors import EngineUnavailable
from dragoman.services.probe import READY_PATH, probe
from dragoman.services.restart_door import PROCESS_ID, RESTART_PATH

ANSWER_WITHIN_S = 5.0
GONE_WITHIN_S = 30.0
READY_WITHIN_S = 120.0
ASK_EVERY_S = 0.1
PROBE_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProcess:
    """Where a process of this machine answers."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRestarts:
    """``processes`` by name; ``token`` is what they know us by."""

    processes: Mapping[str, RunningProcess]
    token: str = field(repr=False)
    ready_within_s: float = READY_WITHIN_S

    async def restart(self, name: str) -> None:
        """End the process ``name`` and wait for the next one. Raises ``EngineUnavailable``."""
        process = self.processes[name]
        process_id = await self._ask_to_end(name, process)
        try:
            async with asyncio.timeout(GONE_WITHIN_S):
                while _is_running(process_id):  # noqa: ASYNC110  # the kernel has no event for us
                    await asyncio.sleep(ASK_EVERY_S)
            async with asyncio.timeout(self.ready_within_s):
                while not await _is_ready(process):  # noqa: ASYNC110
                    await asyncio.sleep(ASK_EVERY_S)
        except TimeoutError as error:
            raise EngineUnavailable(f"{name} did not come back in time; what it wrote says why") from error

    async def _ask_to_end(self, name: str, process: RunningProcess) -> int:
        url = f"http://{process.host}:{process.port}{RESTART_PATH}"
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with httpx2.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
                answer = await client.post(url, headers=headers)
            if answer.status_code == httpx2.codes.CONFLICT:
                raise EngineUnavailable(f"{name} runs by itself; start it again by hand, or all with: dragoman up")
            return int(answer.raise_for_status().json()[PROCESS_ID])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(f"{name} could not be started again; start everything again") from error


async def _is_ready(process: RunningProcess) -> bool:
    return await probe(process.host, process.port, READY_PATH, within_s=PROBE_WITHIN_S)


def _is_running(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()
