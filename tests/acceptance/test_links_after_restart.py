"""What people have of a room that lasts, its link, opens it after ``dragoman up`` has ended and begun again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from tests.by_hand import EMAIL, PASSWORD, add_admin
from tests.lasting import JOIN
from tests.site import Site, pico_site


@contextmanager
def signed_in(site: Site) -> Iterator[httpx2.Client]:
    """Give a client with the admin's access token."""
    origin = f"http://{site.address}"
    with httpx2.Client(base_url=f"{origin}/api/v1", headers={"Origin": origin}, timeout=60) as client:
        opened = client.post("/session", json={"email": EMAIL, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {opened.json()['access_token']}"
        yield client


def test_the_link_of_a_lasting_room_opens_it_after_a_restart_of_everything(tmp_path: Path) -> None:
    add_admin(tmp_path, DRAGOMAN_DATA_DIR=str(tmp_path / "data"))
    with pico_site(tmp_path) as site, signed_in(site) as an:
        room = an.post("/my/rooms", json={"title": "Standup"}).json()["id"]

    with pico_site(tmp_path) as site, signed_in(site) as an:
        opened = an.post(f"/my/rooms/{room}/open")
        joined = an.post(f"/rooms/{room}/join", json=JOIN, headers={"Authorization": ""})

    assert (opened.status_code, joined.status_code) == (200, 201), (opened.text, joined.text)
