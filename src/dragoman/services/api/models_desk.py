"""The one pull that a page may have at a time: ordered, watched, broken off, and taken into use. To models.py.

What it tells outlives the page that ordered it: whoever opens the page again sees how far it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import structlog

from dragoman.ground.errors import DownloadFailed, DragomanError, PullUnderWay
from dragoman.services.api.models_job import Event, PullOrder, pull_command, run_pull

log = structlog.get_logger()

Pull = Callable[[PullOrder, Callable[[Event], None], asyncio.Event], Awaitable[int]]
"""Fetches, tells of it, and ends early once the event is set; gives an exit status."""


class Phase(StrEnum):
    """How far the desk is with the last order."""

    IDLE = "idle"
    PULLING = "pulling"
    TRYING = "trying"
    """It is here, and is opened once."""
    RESTARTING = "restarting"
    """The services that use it are started again; calls go on."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_BUSY = frozenset({Phase.PULLING, Phase.TRYING, Phase.RESTARTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskState:
    """What a page shows."""

    phase: Phase = Phase.IDLE
    models: tuple[str, ...] = ()
    """All that were ordered."""
    model: str = ""
    """The one that is arriving."""
    done_bytes: int = 0
    total_bytes: int = 0
    """Of ``model``; 0 before it is known."""
    in_use: tuple[str, ...] = ()
    """Once ended, however: those that came and that services use now."""
    left_aside: tuple[str, ...] = ()
    """Once ended: those that came, and of which the settings choose other models, or other machines."""
    missing: tuple[str, ...] = ()
    """Those that are not here, as far as the pull has told."""
    code: str = ""
    """Of the error, once failed."""
    detail: str = ""

    @property
    def busy(self) -> bool:
        return self.phase in _BUSY


class Takes(Protocol):
    """Brings models into use: ``TakeUp``."""

    async def try_out(self, models: Sequence[str]) -> None: ...

    def services_of(self, models: Sequence[str]) -> list[str]: ...

    async def start_again(self, services: Sequence[str]) -> None: ...

    @property
    def on_changed(self) -> Callable[[], None]: ...


async def _pull_in_a_process(order: PullOrder, on_event: Callable[[Event], None], stop: asyncio.Event) -> int:
    return await run_pull(pull_command(order), on_event=on_event, stop=stop)


class ModelDesk:
    """Takes orders while ``run`` runs; ``take_up`` brings into use what came."""

    def __init__(self, take_up: Takes, *, pull: Pull = _pull_in_a_process) -> None:
        self.state = DeskState()
        self._take_up = take_up
        self._pull = pull
        self._ordered = asyncio.Event()
        self._stop = asyncio.Event()
        self._order: PullOrder | None = None
        self._came: list[str] = []
        """What the pull has brought whole; not what it found here as it was."""

    def order(self, order: PullOrder) -> None:
        """Begin a pull. Raises ``PullUnderWay`` while another one runs."""
        if self.state.busy:
            raise PullUnderWay(f"{', '.join(self.state.models)} is being fetched; wait for it, or cancel it")
        self.state = DeskState(phase=Phase.PULLING, models=order.models, missing=order.models)
        self._order = order
        self._came.clear()
        self._stop.clear()
        self._ordered.set()

    def cancel(self) -> None:
        """Break the pull off; what has arrived is kept, and of that whole models are taken into use to the end."""
        if self.state.phase is Phase.PULLING:
            self._stop.set()

    async def run(self) -> None:
        """Work until cancelled. One order's failure is that order's."""
        while True:
            await self._ordered.wait()
            self._ordered.clear()
            order, self._order = self._order, None
            if order is not None:
                await self._serve(order)

    async def _serve(self, order: PullOrder) -> None:
        try:
            status = await self._pull(order, self._hear, self._stop)
            came = order.models if status == 0 else tuple(self._came)
            if status == 0:
                self._show(missing=())
            if came:
                await self._bring_into_use(came)
            if not self.state.missing:
                self._show(phase=Phase.DONE)
            elif self._stop.is_set():
                self._show(phase=Phase.CANCELLED)
            else:
                self._fail(DownloadFailed(f"the pull ended by itself (status {status}); the next goes on from there"))
        except DragomanError as error:
            self._fail(error)
        except Exception:  # the top of a task: the desk outlives whatever happens to an order
            log.exception("model_order_failed")
            self._fail(DownloadFailed("something went wrong here; the server's log has it"))

    async def _bring_into_use(self, models: Sequence[str]) -> None:
        self._show(phase=Phase.TRYING)
        await self._take_up.try_out(models)
        takers = {model: await asyncio.to_thread(self._take_up.services_of, [model]) for model in models}
        services = list(dict.fromkeys(service for taking in takers.values() for service in taking))
        if services:
            self._show(phase=Phase.RESTARTING)
            await self._take_up.start_again(services)
            await asyncio.to_thread(self._take_up.on_changed)
        self._show(
            in_use=tuple(model for model, taking in takers.items() if taking),
            left_aside=tuple(model for model, taking in takers.items() if not taking),
        )

    def _hear(self, event: Event) -> None:
        match event:
            case {"event": "progress", "model": str(model), "done_bytes": int(done), "total_bytes": int(total)}:
                self._show(model=model, done_bytes=done, total_bytes=total)
            case {"event": "done", "model": str(model), "changed": bool(changed)}:
                self._show(missing=tuple(each for each in self.state.missing if each != model))
                if changed:
                    self._came.append(model)
            case {"event": "failed", "code": str(code), "detail": str(detail)}:
                self._show(code=code, detail=detail)
            case _:
                pass

    def _fail(self, error: DragomanError) -> None:
        """Say why; what the pull itself said stands."""
        self._show(phase=Phase.FAILED, code=self.state.code or error.code, detail=self.state.detail or str(error))

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
