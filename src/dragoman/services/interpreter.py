"""The interpreter process: rooms from LiveKit's dispatch, each with a lease at the API and a journal of its finals.

From ``rooms/dispatch.py``, which calls ``InterpreterProcess.serve`` for every job; to ``interpreting/interpreter.py``.
What is decided about leases is in ``meetings/warden.py``, about the journal in ``meetings/journal.py``.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast

import structlog

from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.errors import WireError
from dragoman.ground.rooms import Room
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.meetings.journal import Journal
from dragoman.meetings.warden import Lease
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.livekit_worker_protocol import Job, Offer, Terms
from dragoman.services.api.inner_client import ApiAway, Inheritance, InnerClient, Replaced
from dragoman.services.room_terms import RoomTerms
from dragoman.wire.fields import Fields

log = structlog.get_logger()

RENEW_EVERY_S = 0.8
"""What the API says in its answers, such as how many may be interpreted, is here within a second."""
TELL_READY_EVERY_S = 0.2
DELIVER_AGAIN_S = (0.1, 0.25, 0.5, 1.0)
"""Waits between deliveries while the API is away; then always the last."""
SAFE_WITHIN_S = 0.1
"""A final is shown when the API has it, or after this time: 3 ms on one machine, and no reader waits for a dead API."""
LAST_DELIVERY_S = 3.0
"""What an ending room gives the API to take the last finals: it is back within this time."""
MAKE_WAY_S = 25.0
"""What an interpreter that is sent away has to leave: longer than LiveKit's library needs to give up joining."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What the warden wrote into a dispatch."""

    epoch: int
    last_seq: int


def read_assignment(metadata: str) -> Assignment:
    """Raises ``WireError``."""
    try:
        fields = Fields(json.loads(metadata), of="a dispatch")
    except ValueError as error:
        raise WireError("a dispatch's metadata is JSON") from error
    assignment = Assignment(epoch=fields.count("epoch"), last_seq=fields.count("last_seq"))
    fields.end()
    return assignment


def terms_of(offer: Offer) -> Terms:
    """Say as whom an offered room is taken: the epoch is in the dispatch. Raises ``WireError``."""
    return Terms(epoch=read_assignment(offer.metadata).epoch)


class InterpreterProcess:
    """``interpret`` works in a room to its end; ``load`` is 0 to 1; ``worker`` names this process to the supervisor."""

    def __init__(
        self,
        *,
        api: InnerClient,
        interpret: Callable[[ContinuedRoom], Awaitable[None]],
        worker: str,
        load: Callable[[], float],
        room_of: Callable[[Job, int], LiveKitRoom] = lambda job, epoch: LiveKitRoom(
            url=job.url, token=job.token, epoch=epoch
        ),
    ) -> None:
        self._api = api
        self._interpret = interpret
        self._worker = worker
        self._load = load
        self._room_of = room_of
        self._serving: dict[str, set[asyncio.Task[object]]] = {}
        """Who is in a room, or on the way, by its name."""

    async def serve(self, job: Job) -> None:
        """Interpret one LiveKit room: for ``DispatchWorker``. Raises ``WireError`` or ``RoomUnavailable``."""
        assignment = read_assignment(job.metadata)
        try:
            await self._api.inherit(job.room, epoch=assignment.epoch)
        except Replaced:
            log.info("interpreter_not_needed", epoch=assignment.epoch)
            return
        except ApiAway:
            log.info("joining_without_api", epoch=assignment.epoch)
        async with self._alone_in(job.room), self._room_of(job, assignment.epoch) as room:
            await self.interpret_room(room, assignment)
            log.info("room_ended", reason=room.end_reason)

    @asynccontextmanager
    async def _alone_in(self, room: str) -> AsyncIterator[None]:
        """Send away whoever of this process is in ``room``, and join only then.

        A room may be dispatched twice. Two that join under the one name throw each other out, and LiveKit's library
        tries again for the one that was thrown out.
        """
        me = cast(asyncio.Task[object], asyncio.current_task())
        there = self._serving.setdefault(room, set())
        earlier = set(there)
        there.add(me)
        try:
            for task in earlier:
                task.cancel()
            if earlier:
                await asyncio.wait(earlier, timeout=MAKE_WAY_S)
            yield
        finally:
            there.discard(me)
            if not there:
                self._serving.pop(room, None)

    async def interpret_room(self, room: Room, assignment: Assignment) -> None:
        """Interpret any room under a lease, until it ends or the API takes it away."""
        await RoomDuty(
            room,
            assignment,
            terms=await RoomTerms.fetched(self._api, room.name, epoch=assignment.epoch),
            inheritance=await self._inherit(room.name, assignment),
            api=self._api,
            interpret=self._interpret,
            worker=self._worker,
            load=self._load,
        ).run()

    async def _inherit(self, room: str, assignment: Assignment) -> Inheritance:
        try:
            return await self._api.inherit(room, epoch=assignment.epoch)
        except (ApiAway, Replaced) as error:
            # It forgot everything if it was replaced; and a lease that it refuses ends this interpreter soon.
            log.warning("nothing_inherited", detail=str(error))
            return Inheritance()

    async def tell_ready(self, registered: asyncio.Event) -> None:
        """Tell the API whenever the media server knows us, so that waiting rooms wait no longer; a task of its own."""
        clock = asyncio.get_running_loop()
        told, since_s = False, clock.time()
        while True:
            if not registered.is_set():
                told, since_s = False, clock.time() + TELL_READY_EVERY_S
            elif not told:
                with suppress(ApiAway, Replaced):
                    await self._api.ready(self._worker, for_s=max(0.0, clock.time() - since_s))
                    told = True
            await asyncio.sleep(TELL_READY_EVERY_S)


class RoomDuty:
    """One room's lease and journal beside its interpreter."""

    def __init__(
        self,
        room: Room,
        assignment: Assignment,
        *,
        terms: RoomTerms,
        inheritance: Inheritance,
        api: InnerClient,
        interpret: Callable[[ContinuedRoom], Awaitable[None]],
        worker: str,
        load: Callable[[], float],
    ) -> None:
        self._room = ContinuedRoom(
            room,
            epoch=assignment.epoch,
            last_seq=max(assignment.last_seq, inheritance.last_seq),
            keep=self._keep_final,
            keep_unfinished=self._keep_unfinished,
            forget_unfinished=self._forget_unfinished,
            inherited=inheritance.unfinished,
            terms=terms.now,
        )
        self._room.priority = inheritance.priority
        self._terms = terms
        self._epoch = assignment.epoch
        self._api = api
        self._interpret = interpret
        self._worker = worker
        self._load = load
        self._journal = Journal(inherited=inheritance.unfinished)
        self._to_deliver = asyncio.Event()
        self._delivered = asyncio.Condition()
        self._api_away = False
        self._instance = ""

    async def run(self) -> None:
        """Renew, deliver and interpret until the room ends; then deliver what is left and let the lease go.

        One that failed says so: the API counts it, and from the second one on waits longer before it sends another.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                interpreting = tasks.create_task(self._interpret_to_end(), name="interpret")
                delivering = tasks.create_task(self._keep_delivering(), name="deliver finals")
                renewing = tasks.create_task(self._keep_renewing(interpreting), name="renew the lease")
                following = tasks.create_task(self._terms.keep_following(), name="follow the glossary")
                inheriting = tasks.create_task(self._inherit_finals(), name="take over the finals")
                await asyncio.wait([interpreting])
                following.cancel()
                inheriting.cancel()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._everything_delivered(), LAST_DELIVERY_S)
                renewing.cancel()
                delivering.cancel()
        except asyncio.CancelledError:
            await self._release()
            raise
        except ExceptionGroup:
            await self._release(failed=True)
            raise
        await self._release()

    async def _release(self, *, failed: bool = False) -> None:
        with suppress(ApiAway, Replaced):
            await self._api.release(self._lease(), failed=failed)

    async def _interpret_to_end(self) -> None:
        await self._interpret(self._room)

    async def _keep_renewing(self, interpreting: asyncio.Task[None]) -> None:
        while True:
            try:
                answer = await self._api.renew(self._lease())
            except ApiAway:
                self._api_away = True
            except Replaced:
                interpreting.cancel()
                return
            else:
                if not answer.keep:
                    log.info("interpreter_replaced", epoch=self._epoch)
                    interpreting.cancel()
                    return
                self._notice(answer.instance)
                self._room.most_speakers = answer.speakers
                if answer.priority is not None:
                    self._room.priority = answer.priority
                await self._terms.follow(instance=answer.instance, version=answer.glossary)
            await asyncio.sleep(RENEW_EVERY_S)

    def _notice(self, instance: str) -> None:
        """An API that was replaced has forgotten what was said: it gets everything again."""
        self._api_away = False
        if self._instance and self._instance != instance:
            self._journal.start_over()
        self._instance = instance
        self._to_deliver.set()

    async def _inherit_finals(self) -> None:
        """Keep what was said before, the newest first: an API that is replaced later gets it back from here.

        Beside the interpreting, which does not wait for hours of talk.
        """
        before = self._room.last_seq + 1
        while True:
            try:
                finals = await self._api.finals_before(self._room.name, before, epoch=self._epoch)
            except ApiAway:
                await asyncio.sleep(DELIVER_AGAIN_S[-1])
                continue
            except Replaced:
                return
            if not finals or not self._journal.inherit(finals):
                return
            before = finals[0].seq

    async def _keep_delivering(self) -> None:
        failures = 0
        while True:
            unfinished, finals = self._journal.next_unfinished(), self._journal.next_delivery()
            if not finals and not unfinished:
                self._to_deliver.clear()
                await self._to_deliver.wait()
                continue
            try:
                if unfinished:
                    await self._api.tell_unfinished(self._room.name, unfinished, epoch=self._epoch)
                if finals:
                    await self._api.deliver(self._room.name, finals, epoch=self._epoch)
            except ApiAway:
                self._api_away = True
                await asyncio.sleep(DELIVER_AGAIN_S[min(failures, len(DELIVER_AGAIN_S) - 1)])
                failures += 1
                continue
            except Replaced:
                log.info("finals_refused", epoch=self._epoch)
            failures = 0
            self._api_away = False
            self._journal.told(unfinished)
            self._journal.delivered(finals)
            async with self._delivered:
                self._delivered.notify_all()

    async def _keep_final(self, final: Caption) -> None:
        """Let the API have a final before anybody reads it, so that whoever takes over knows its number."""
        self._journal.add(final)
        await self._wait_until_safe(lambda: self._journal.has(final.seq))

    async def _keep_unfinished(self, unfinished: Sequence[Unfinished]) -> None:
        """Words that are shown as certain are not lost with this process."""
        for segment in unfinished:
            self._journal.keep(segment)
        await self._wait_until_safe(lambda: all(self._journal.is_told(segment.segment) for segment in unfinished))

    def _forget_unfinished(self, speaker: str) -> None:
        self._journal.forget(speaker)
        self._to_deliver.set()

    async def _wait_until_safe(self, is_safe: Callable[[], bool]) -> None:
        self._to_deliver.set()
        if self._api_away:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(SAFE_WITHIN_S), self._delivered:
                await self._delivered.wait_for(is_safe)

    async def _everything_delivered(self) -> None:
        async with self._delivered:
            await self._delivered.wait_for(lambda: not self._journal.next_delivery())

    def _lease(self) -> Lease:
        return Lease(
            room=self._room.name,
            epoch=self._epoch,
            worker=self._worker,
            load=self._load(),
            last_seq=self._room.last_seq,
            served=self._room.ladder.worst,
            microphones=self._room.microphones,
        )
