"""The interpreter as a process: ``dragoman serve interpreter``. It takes rooms from LiveKit until it is asked to end.

What it does in a room is interpreter.py; beside it a small server says that it is well.
"""

import asyncio
import os
from contextlib import ExitStack

import uvicorn

from dragoman import __version__
from dragoman.ground.errors import SettingsInvalid
from dragoman.observe.metrics import Metrics
from dragoman.rooms.dispatch import DispatchWorker
from dragoman.rooms.livekit_worker_protocol import WorkerProtocol
from dragoman.services.api.inner_client import InnerClient, worker_name
from dragoman.services.call_secrets import derive_secrets
from dragoman.services.doors import api_for_processes
from dragoman.services.interpreter import InterpreterProcess, terms_of
from dragoman.services.leash import die_with
from dragoman.services.leashed_server import LeashedServer, quiet_signals
from dragoman.services.ports import listen
from dragoman.services.restart_door import RestartDoor
from dragoman.services.room_interpreting import open_room_interpreting
from dragoman.services.web import service_app
from dragoman.settings import Settings, forget_secrets

AGENT = "dragoman"
"""Name that interpreters register under and the warden asks for."""
MAX_ROOMS = 24
"""Rooms of one process: most people in a call are silent most of the time, and what it carries at once is admitted
by the microphones that speak (``load.py``)."""
LOOPBACK = "127.0.0.1"


def serve_interpreter(settings: Settings, *, supervisor: int | None) -> None:
    """Serve until SIGINT or SIGTERM, or until the supervisor has ended. Raises as ``serve`` does."""
    if supervisor is not None:
        die_with(supervisor)
    if settings.token is None:
        raise SettingsInvalid("the interpreter needs the token of the others; start everything with: dragoman up")
    forget_secrets()
    token = settings.token
    metrics = Metrics()
    with ExitStack() as stack:
        listener = stack.enter_context(listen(LOOPBACK, settings.interpreter_port, setting="interpreter_port"))
        rooms = stack.enter_context(open_room_interpreting(settings, metrics))
        secrets = derive_secrets(settings.token)

        async def run() -> None:
            livekit_url = f"ws://{LOOPBACK}:{settings.livekit_port}"
            async with InnerClient.connect(api_for_processes(settings), secrets.inner_token) as client:
                process = InterpreterProcess(
                    api=InnerClient(client),
                    interpret=lambda room: rooms.interpret(
                        room,
                        safe=room,
                        terms=room.terms,
                        most_speakers=lambda: room.most_speakers,
                        priority=lambda: room.priority,
                    ),
                    worker=worker_name(os.getpid()),
                    load=rooms.load.now,
                )
                worker = DispatchWorker(
                    protocol=WorkerProtocol(agent_name=AGENT, url=livekit_url, max_jobs=MAX_ROOMS, version=__version__),
                    url=livekit_url,
                    keys=secrets.livekit,
                    serve=process.serve,
                    terms=terms_of,
                    load=rooms.load.for_dispatch,
                )
                # No model is loaded in it: the engines that it works with are other processes'.
                app = service_app(
                    name="interpreter",
                    engines=(),
                    routes=(),
                    token=token,
                    is_ready=worker.registered.is_set,
                    metrics=metrics,
                )

                def end() -> None:
                    server.should_exit = True

                door = RestartDoor(app, token=token, supervised=supervisor is not None, end=end)
                server = LeashedServer(
                    uvicorn.Config(door, log_config=None, access_log=False, lifespan="off", server_header=False),
                    supervised=supervisor is not None,
                )
                async with asyncio.TaskGroup() as tasks:
                    own = [
                        tasks.create_task(worker.run(), name="dispatch worker"),
                        tasks.create_task(process.tell_ready(worker.registered), name="tell ready"),
                    ]
                    await server.serve_leashed(listener)
                    for task in own:
                        task.cancel()

        with quiet_signals():
            asyncio.run(run())
