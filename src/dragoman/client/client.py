"""The calls of the API that programs make. From answers.py and connection.py."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx2

from dragoman.client.answers import (
    DayFigures,
    Delivery,
    Job,
    Me,
    Meeting,
    Member,
    NewWebhook,
    Opened,
    Room,
    Team,
    Webhook,
    read_answer,
)
from dragoman.client.connection import Connection

Item = TypeVar("Item")


class DragomanClient:
    """Asks one server, with one API key; close it, or use it with ``with``.

    Every call raises ``ApiProblem`` for what the server refuses, and ``NoAnswer`` where there is none. Lists are
    fetched page by page while they are read. Whatever makes something carries an idempotency key: it is made once,
    also where an answer got lost and the call was made again.
    """

    def __init__(
        self, url: str, *, key: str, timeout_s: float = 10.0, transport: httpx2.BaseTransport | None = None
    ) -> None:
        """``url``: where people open the page. ``key``: made at "API keys" of an account. ``transport``: for tests."""
        self._api = Connection(url, key=key, timeout_s=timeout_s, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._api.close()

    def me(self) -> Me:
        return read_answer(Me, self._api.get("me"))

    def teams(self) -> Iterator[Team]:
        return self._list("teams", Team)

    def make_team(self, name: str, *, idempotency_key: str | None = None) -> Team:
        return read_answer(Team, self._api.post("teams", {"name": name}, key=idempotency_key))

    def rename_team(self, team_id: str, name: str) -> Team:
        return read_answer(Team, self._api.patch(_path("teams", team_id), {"name": name}))

    def delete_team(self, team_id: str) -> None:
        self._api.delete(_path("teams", team_id))

    def members(self, team_id: str) -> Iterator[Member]:
        return self._list(_path("teams", team_id, "members"), Member)

    def figures(self, team_id: str, *, days: int = 30) -> list[DayFigures]:
        """Give the calls of the last days, the newest first; days without any are left out. For admins of the team."""
        told = self._api.get(_path("teams", team_id, "figures"), {"days": str(days)})
        return [read_answer(DayFigures, written) for written in told["days"]]

    def rooms(self) -> Iterator[Room]:
        return self._list("my/rooms", Room)

    def room(self, room_id: str) -> Room:
        return read_answer(Room, self._api.get(_path("my", "rooms", room_id)))

    def make_room(
        self,
        title: str,
        *,
        team_id: str | None = None,
        lobby: bool = False,
        interpretation: bool = True,
        most_people: int | None = None,
        idempotency_key: str | None = None,
    ) -> Room:
        body: dict[str, Any] = {"title": title, "team_id": team_id, "lobby": lobby, "interpretation": interpretation}
        body |= {} if most_people is None else {"most_people": most_people}
        return read_answer(Room, self._api.post("my/rooms", body, key=idempotency_key))

    def delete_room(self, room_id: str) -> None:
        self._api.delete(_path("my", "rooms", room_id))

    def open_room(self, room_id: str) -> Opened:
        """Begin a call in a room, or come into the one that goes on, as its host."""
        return read_answer(Opened, self._api.post_again(_path("my", "rooms", room_id, "open")))

    def schedule(
        self,
        room_id: str,
        *,
        starts_local: str,
        time_zone: str,
        minutes: int,
        weekly_until: str | None = None,
        idempotency_key: str | None = None,
    ) -> Meeting:
        """Enter a meeting at ``2026-11-23T09:30`` on the clocks of ``time_zone``, such as ``Europe/Madrid``."""
        body: dict[str, Any] = {"starts_local": starts_local, "time_zone": time_zone, "minutes": minutes}
        body |= {} if weekly_until is None else {"weekly_until": weekly_until}
        return read_answer(
            Meeting, self._api.post(_path("my", "rooms", room_id, "meetings"), body, key=idempotency_key)
        )

    def webhooks(self, team_id: str) -> Iterator[Webhook]:
        return self._list(_path("teams", team_id, "webhooks"), Webhook)

    def make_webhook(self, team_id: str, url: str, events: Sequence[str]) -> NewWebhook:
        body = {"url": url, "events": list(events)}
        return read_answer(NewWebhook, self._api.post(_path("teams", team_id, "webhooks"), body))

    def test_webhook(self, team_id: str, webhook_id: str) -> Delivery:
        return read_answer(Delivery, self._api.post(_path("teams", team_id, "webhooks", webhook_id, "test"), None))

    def deliveries(self, team_id: str, webhook_id: str) -> Iterator[Delivery]:
        return self._list(_path("teams", team_id, "webhooks", webhook_id, "deliveries"), Delivery)

    def delete_webhook(self, team_id: str, webhook_id: str) -> None:
        self._api.delete(_path("teams", team_id, "webhooks", webhook_id))

    def jobs(self) -> Iterator[Job]:
        """List what the server does by itself, or was asked to do. For admins of the server."""
        return self._list("admin/jobs", Job)

    def job(self, job_id: str) -> Job:
        return read_answer(Job, self._api.get(_path("jobs", job_id)))

    def release_job(self, job_id: str) -> Job:
        """Begin a job again that was given up. For admins of the server."""
        return read_answer(Job, self._api.post(_path("jobs", job_id, "release"), None))

    def _list(self, path: str, kind: type[Item]) -> Iterator[Item]:
        cursor: str | None = None
        while True:
            page = self._api.get(path, {} if cursor is None else {"cursor": cursor})
            for written in page["items"]:
                yield read_answer(kind, written)
            cursor = page["next"]
            if cursor is None:
                return


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)
