"""How an interpreter speaks to the API: the client of inner.py. From ``services/interpreter.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2

from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.errors import WireError
from dragoman.ground.glossary import TermBase
from dragoman.ground.precedence import ORDINARY
from dragoman.meetings.caption_message import read_caption, read_unfinished, write_caption, write_unfinished
from dragoman.meetings.warden import Lease
from dragoman.wire.fields import Fields
from dragoman.wire.terms import read_term_base, write_term_base

ANSWER_WITHIN_S = 1.0
"""The API is on this machine or beside it; a renewal that takes longer is made anew. Longer than the API keeps a
question after the glossary open (``GLOSSARY_WAITS_S`` of inner.py)."""


def worker_name(process_id: int) -> str:
    """Name an interpreter process, as its leases do."""
    return f"interpreter-{process_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalAnswer:
    keep: bool
    """False: leave the room."""
    instance: str
    """Changes when the API was replaced."""
    glossary: str
    """Version of the room's terms."""
    speakers: int | None = None
    """That may be interpreted at once: planned meetings keep the others. None for any number."""
    priority: int | None = None
    """Of the room's work among that of one kind. None while the API does not know: it stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryVersion:
    """Which terms a room has, and at which API: another one may have forgotten them."""

    instance: str
    glossary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inheritance:
    """Where the interpreter before this one stood."""

    unfinished: tuple[Unfinished, ...] = ()
    last_seq: int = 0
    priority: int = ORDINARY
    """Of the room's work among that of one kind."""


class ApiAway(Exception):
    """The API did not answer, or not in our language; it will be asked again."""


class Replaced(Exception):
    """The room is over, or another interpreter has it."""


class InnerClient:
    """``client`` has the API's address and our token; it stays the caller's to close. All raises ``ApiAway``."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    @staticmethod
    def connect(url: str, token: str) -> httpx2.AsyncClient:
        """Make the client that the constructor takes."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False)

    async def renew(self, lease: Lease) -> RenewalAnswer:
        answer = await self._ask("PUT", f"/internal/leases/{lease.room}", _lease_body(lease))
        try:
            fields = Fields(answer.json(), of="a renewal's answer")
            return RenewalAnswer(
                keep=fields.flag("keep"),
                instance=fields.text("instance"),
                glossary=fields.text("glossary"),
                speakers=fields.optional("speakers", fields.count),
                priority=fields.optional("priority", fields.count),
            )
        except (ValueError, WireError) as error:
            raise ApiAway("the API answered out of step") from error

    async def release(self, lease: Lease, *, failed: bool) -> None:
        """Let a room go; ``failed`` counts as a failure of its interpreter."""
        body = {**_lease_body(lease), "failed": failed}
        await self._ask("POST", f"/internal/leases/{lease.room}/release", body)

    async def deliver(self, room: str, finals: Sequence[Caption], *, epoch: int) -> None:
        """Hand finals over; they are safe when this returns. Raises ``Replaced``."""
        body = [write_caption(final) for final in finals]
        await self._ask("POST", f"/internal/rooms/{room}/finals?epoch={epoch}", body)

    async def finals_before(self, room: str, seq: int, *, epoch: int) -> list[Caption]:
        """Ask for the last finals with a lower number, in order; none when there are no older ones.

        Raises ``Replaced``.
        """
        answer = await self._ask("GET", f"/internal/rooms/{room}/finals?epoch={epoch}&before={seq}", None)
        try:
            return [read_caption(item) for item in Fields(answer.json(), of="finals").items("finals")]
        except (ValueError, WireError) as error:
            raise ApiAway("the API answered out of step") from error

    async def tell_unfinished(self, room: str, unfinished: Sequence[Unfinished], *, epoch: int) -> None:
        """Say what this interpreter is at; it is safe when this returns. Raises ``Replaced``."""
        body = [write_unfinished(it) for it in unfinished]
        await self._ask("POST", f"/internal/rooms/{room}/unfinished?epoch={epoch}", body)

    async def inherit(self, room: str, *, epoch: int) -> Inheritance:
        """Ask what the interpreter before this one left. Raises ``Replaced``."""
        answer = await self._ask("GET", f"/internal/rooms/{room}/unfinished?epoch={epoch}", None)
        try:
            fields = Fields(answer.json(), of="an inheritance")
            left = tuple(read_unfinished(item) for item in fields.items("unfinished"))
            priority = fields.optional("priority", fields.count)
            return Inheritance(unfinished=left, last_seq=fields.count("last_seq"), priority=priority or ORDINARY)
        except (ValueError, WireError) as error:
            raise ApiAway("the API answered out of step") from error

    async def terms(self, room: str, *, epoch: int) -> TermBase:
        """Ask for the glossary of the room. Raises ``Replaced``."""
        answer = await self._ask("GET", f"/internal/rooms/{room}/glossary?epoch={epoch}", None)
        try:
            return read_term_base(answer.json())
        except (ValueError, WireError) as error:
            raise ApiAway("the API answered out of step") from error

    async def changed_terms(self, room: str, *, known: str, epoch: int) -> GlossaryVersion:
        """Wait until the glossary is another than ``known``, or for a moment. Raises ``Replaced``."""
        query = urlencode({"epoch": epoch, "known": known})
        answer = await self._ask("GET", f"/internal/rooms/{room}/glossary/version?{query}", None)
        try:
            fields = Fields(answer.json(), of="a glossary's version")
            return GlossaryVersion(instance=fields.text("instance"), glossary=fields.text("glossary"))
        except (ValueError, WireError) as error:
            raise ApiAway("the API answered out of step") from error

    async def recall_terms(self, room: str, terms: TermBase, *, epoch: int) -> None:
        """Remind an API that was replaced of the room's glossary. Raises ``Replaced``."""
        await self._ask("PUT", f"/internal/rooms/{room}/glossary?epoch={epoch}", write_term_base(terms))

    async def died(self, worker: str) -> None:
        """Say that an interpreter process has ended: for the supervisor."""
        await self._ask("DELETE", f"/internal/workers/{worker}", None)

    async def ready(self, worker: str, *, for_s: float) -> None:
        """Say that this process can take rooms, and has been able to ``for_s`` seconds."""
        await self._ask("PUT", f"/internal/workers/{worker}?for_s={for_s:.3f}", None)

    async def _ask(self, method: str, path: str, body: object) -> httpx2.Response:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx2.RequestError as error:
            raise ApiAway(f"the API does not answer: {type(error).__name__}") from error
        if answer.status_code in (httpx2.codes.FORBIDDEN, httpx2.codes.NOT_FOUND):
            raise Replaced("the API has no place for this interpreter")
        if not answer.is_success:
            raise ApiAway(f"the API answered {answer.status_code}")
        return answer


def _lease_body(lease: Lease) -> dict[str, str | int | float]:
    return {
        "epoch": lease.epoch,
        "worker": lease.worker,
        "load": lease.load,
        "last_seq": lease.last_seq,
        "level": lease.served.level,
        "reason": lease.served.reason,
        "microphones": lease.microphones,
    }
