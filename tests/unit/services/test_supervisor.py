"""The supervisor with small programs that answer like services."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.ground.errors import EngineUnavailable, SettingsInvalid
from dragoman.services.processes import ProcessPlan, check_plans, leashed, plan_services
from dragoman.services.restarts import RestartTuning
from dragoman.services.supervisor import Supervisor
from dragoman.settings import Settings
from dragoman.testing.free_ports import free_ports

WITHIN_S = 30.0
"""For what takes a moment, on a machine that is busy with other things."""

# Says OK to everybody, after a word on standard output.
SERVER = """
import signal, socket, sys
{before}
server = socket.create_server(("127.0.0.1", {port}))
print("listening", flush=True)
while True:
    connection, _ = server.accept()
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    connection.close()
"""


def server(name: str, *, before: str = "", needs: tuple[str, ...] = (), stop_within_s: float = 5.0) -> ProcessPlan:
    (port,) = free_ports(1)
    return ProcessPlan(
        name=name,
        command=(sys.executable, "-S", "-c", SERVER.format(port=port, before=before)),
        host="127.0.0.1",
        port=port,
        port_setting=f"{name}_port",
        needs=needs,
        stop_within_s=stop_within_s,
    )


class Log:
    """Lines as they come, to be waited for."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()

    def add(self, name: str, text: str) -> None:
        self.lines.append((name, text))
        task = asyncio.create_task(self._tell(), name="tell of a line")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait_for(self, found: Callable[[list[tuple[str, str]]], bool]) -> None:
        async with asyncio.timeout(WITHIN_S), self._changed:
            await self._changed.wait_for(lambda: found(self.lines))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def running(*plans: ProcessPlan, tuning: RestartTuning | None = None) -> AsyncIterator[tuple[Supervisor, Log]]:
    """Run ``plans`` until the block ends, then see that nothing of them is left."""
    log = Log()
    supervisor = Supervisor(plans, on_line=log.add, tuning=tuning)
    task = asyncio.create_task(supervisor.run(log.ready.set), name="supervisor")
    try:
        async with asyncio.timeout(WITHIN_S):
            await log.ready.wait()
        yield supervisor, log
    finally:
        supervisor.stop()
        async with asyncio.timeout(WITHIN_S):
            await task


def process_id(supervisor: Supervisor, name: str) -> int:
    found = supervisor.process_id(name)
    assert found is not None
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_starts_only_after_those_it_needs_are_ready() -> None:
    async with running(server("second", needs=("first",)), server("first")) as (_, log):
        told = [line for line in log.lines if line[1] == "listening" or " is ready " in line[1]]

    assert [name for name, _ in told] == ["first", "dragoman", "second", "dragoman"]


async def test_a_killed_process_is_started_again() -> None:
    async with running(server("one")) as (supervisor, log):
        first = process_id(supervisor, "one")
        os.kill(first, signal.SIGKILL)

        await log.wait_for(lambda lines: sum(" is ready " in text for _, text in lines) == 2)

        assert process_id(supervisor, "one") != first
        assert any("SIGKILL" in text for name, text in log.lines if name == "dragoman")


async def test_a_process_that_hangs_is_killed_and_started_again() -> None:
    async with running(server("one"), tuning=RestartTuning(missed_beats=1)) as (supervisor, log):
        first = process_id(supervisor, "one")
        os.kill(first, signal.SIGSTOP)

        await log.wait_for(lambda lines: sum(" is ready " in text for _, text in lines) == 2)

        assert not is_alive(first)
        assert any("hangs" in text for name, text in log.lines if name == "dragoman")


async def test_a_process_that_crashes_again_and_again_is_parked_and_the_others_go_on() -> None:
    tuning = RestartTuning(first_delay_s=0.01, max_crashes=2)
    async with running(server("one"), server("two"), tuning=tuning) as (supervisor, log):
        other = process_id(supervisor, "two")
        for crashes in (1, 2):
            os.kill(process_id(supervisor, "one"), signal.SIGKILL)
            if crashes == 1:
                await log.wait_for(lambda lines: sum("one is ready" in text for _, text in lines) == 2)

        await log.wait_for(lambda lines: any("too often" in text for _, text in lines))

        assert process_id(supervisor, "two") == other
        assert is_alive(other)


async def test_a_process_that_refuses_to_start_ends_everything_with_its_own_words() -> None:
    plans = [server("well"), server("ill", before="sys.exit('the model is missing')")]
    supervisor = Supervisor(plans, on_line=lambda name, text: None)

    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(EngineUnavailable, match="ill does not start: the model is missing"):
            await supervisor.run(lambda: None)

    left = supervisor.process_id("well")
    assert left is not None
    assert not is_alive(left)


async def test_a_program_that_is_not_there_is_told_by_name() -> None:
    plan = ProcessPlan(
        name="one", command=("/nowhere/program",), host="127.0.0.1", port=free_ports(1)[0], port_setting="one_port"
    )

    with pytest.raises(EngineUnavailable, match="/nowhere/program"):
        await Supervisor([plan], on_line=lambda name, text: None).run(lambda: None)


async def test_a_process_that_cannot_be_started_again_for_a_while_is_tried_again_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    plan = server("one")
    program, away = tmp_path / "program", tmp_path / "away"
    program.symlink_to(plan.command[0])
    tuning = RestartTuning(first_delay_s=0.01, max_crashes=100)
    elsewhere = replace(plan, command=(str(program), *plan.command[1:]))
    async with running(elsewhere, server("two"), tuning=tuning) as (supervisor, log):
        other = process_id(supervisor, "two")
        program.rename(away)
        os.kill(process_id(supervisor, "one"), signal.SIGKILL)
        await log.wait_for(lambda lines: any(f"one cannot be started: {program}" in text for _, text in lines))
        away.rename(program)

        await log.wait_for(lambda lines: sum("one is ready" in text for _, text in lines) == 2)

        assert process_id(supervisor, "two") == other
        assert is_alive(other)


async def test_a_process_that_does_not_want_to_end_is_killed() -> None:
    stubborn = server("one", before="signal.signal(signal.SIGTERM, signal.SIG_IGN)", stop_within_s=0.2)
    async with running(stubborn) as (supervisor, _):
        pid = process_id(supervisor, "one")

    assert not is_alive(pid)


async def test_who_hands_over_ends_before_the_others() -> None:
    farewell = """
def leave(number, frame):
    import time
    time.sleep({wait_s})
    print("farewell", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
"""
    heir = server("heir", before=farewell.format(wait_s=0))
    last_words = server("last words", before=farewell.format(wait_s=0.5))

    async with running(heir, replace(last_words, hands_over=True)) as (_, log):
        pass

    assert [name for name, text in log.lines if text == "farewell"] == ["last words", "heir"]


async def test_a_line_without_end_is_cut_and_broken_characters_do_no_harm() -> None:
    noisy = server("one", before="sys.stdout.buffer.write(b'x' * 20_000 + b'\\xff\\n'); print('then this', flush=True)")
    async with running(noisy) as (_, log):
        await log.wait_for(lambda lines: ("one", "then this") in lines)

        texts = [text for name, text in log.lines if name == "one"]

    assert max(map(len, texts)) <= 8001
    assert sum(text.count("x") for text in texts) == 20_000


async def test_a_foreign_program_on_the_leash_dies_with_its_starter() -> None:
    starter = (
        "import os, subprocess, time\n"
        f"command = [part.replace('{{supervisor}}', str(os.getpid())) for part in {leashed(['sleep', '600'])!r}]\n"
        "child = subprocess.Popen(command)\n"
        "while open(f'/proc/{child.pid}/comm').read() != 'sleep\\n': time.sleep(0.01)\n"
        "print('on the leash', flush=True)\n"
        "time.sleep(600)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", starter, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN_S):
        assert await process.stdout.readline() == b"on the leash\n"

        process.kill()
        await process.wait()

        # The program holds the pipe open for as long as it lives.
        assert await process.stdout.read() == b""


def test_a_taken_port_is_told_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = Settings(translation_port=listener.getsockname()[1])

        with pytest.raises(SettingsInvalid, match=r"translation_port.*DRAGOMAN_TRANSLATION_PORT"):
            check_plans(plan_services(settings, token="open" * 8))


def test_two_processes_on_one_port_are_told_apart_before_they_start() -> None:
    settings = Settings(translation_port=18123, text_to_speech_port=18123)

    with pytest.raises(SettingsInvalid, match="translation and text-to-speech both have port 18123"):
        check_plans(plan_services(settings, token="open" * 8))


def test_a_service_with_an_address_of_its_own_is_not_started_here() -> None:
    settings = Settings(translation_url="http://10.0.0.7:8003")

    names = [plan.name for plan in plan_services(settings, token="open" * 8)]

    assert names == ["speech-to-text", "text-to-speech"]


def test_the_token_is_on_no_command_line() -> None:
    plans = plan_services(Settings(), token="open" * 8)

    assert all("open" * 8 not in part for plan in plans for part in plan.command)


async def test_whoever_must_know_is_told_of_an_end_before_the_process_is_started_again() -> None:
    told: list[tuple[str, int]] = []
    log = Log()

    async def tell(name: str, process_id: int) -> None:
        assert not [line for _, line in log.lines if "started again" in line]
        told.append((name, process_id))

    supervisor = Supervisor([server("api")], on_line=log.add, on_end=tell)
    task = asyncio.create_task(supervisor.run(log.ready.set), name="supervisor")
    async with asyncio.timeout(WITHIN_S):
        await log.ready.wait()
    first = process_id(supervisor, "api")

    os.kill(first, signal.SIGKILL)
    await log.wait_for(lambda lines: any("started again" in line for _, line in lines))
    supervisor.stop()
    async with asyncio.timeout(WITHIN_S):
        await task

    assert told == [("api", first)]
