"""``dragoman up`` for other machines, in a network of two: somebody on the other one starts a call, reads and hears."""

import json
from collections.abc import Iterator

import pytest
from tests.certificates import HOST, Pair, make_pair
from tests.lan import SERVER
from tests.lan_site import ADDRESS, LanSite, running_lan_site

INNER_PORTS = (7880, 8000, 8002, 8003, 8004, 8005)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanSite]:
    folder = tmp_path_factory.mktemp("house")
    made = folder / "data" / "dragoman" / "certificate" / "dragoman.pem"
    with running_lan_site(folder, "--lan", trusted=made, variables={}) as running_house:
        yield running_house


@pytest.fixture(scope="module")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanSite]:
    """Run with a certificate of one's own, and a tunnel in front."""
    folder = tmp_path_factory.mktemp("own-house")
    pair: Pair = make_pair(folder)
    variables = {**pair.variables(), "DRAGOMAN_PUBLIC_ADDRESS": "https://tunnel.example.net"}
    with running_lan_site(folder, trusted=pair.certificate, variables=variables) as running_house:
        yield running_house


def test_somebody_on_another_machine_starts_a_call_reads_captions_and_hears_the_dub(house: LanSite) -> None:
    told = json.loads(house.run(house.network.guest, "tests.lan_guest", ADDRESS, house.password))

    assert ADDRESS in house.said
    assert (told["home"], told["password"], told["uninvited"], told["practice"]) == (200, True, 403, 202)
    assert told["link"].startswith(f"{ADDRESS}/r/")
    assert told["captions"]
    assert len([name for name, loudest in told["loudest"].items() if loudest > 0.01]) >= 2, told["loudest"]


def test_everything_else_stays_on_the_machine_itself(house: LanSite) -> None:
    from_there = [house.ask(house.network.guest, SERVER, port, f"127.0.0.1:{port}", tls=False) for port in INNER_PORTS]
    at_home = [house.ask(house.network.server, "127.0.0.1", 8000, "localhost:8000", tls=False)]

    assert [answer.status for answer in from_there] == [0] * len(INNER_PORTS)
    assert [answer.status for answer in at_home] == [200]


def test_the_other_machines_are_answered_under_the_printed_names_alone(house: LanSite) -> None:
    guest = house.network.guest
    health = house.ask(guest, SERVER, 8443, f"{SERVER}:8443", tls=True, path="/health/ready")
    stranger = house.ask(guest, SERVER, 8443, "localhost:8443", tls=True)

    assert health.status == 200
    assert stranger.status == 403


def test_an_own_certificate_and_a_tunnel_are_served_by_their_names(own_house: LanSite) -> None:
    path = "/api/v1/capabilities"
    guest, server = own_house.network.guest, own_house.network.server

    by_name = own_house.ask(guest, SERVER, 8443, f"{HOST}:8443", tls=True, path=path)
    by_tunnel = own_house.ask(server, "127.0.0.1", 8000, "tunnel.example.net", tls=False, path=path)
    at_home = own_house.ask(server, "127.0.0.1", 8000, "127.0.0.1:8000", tls=False, path=path)
    by_another_name = own_house.ask(server, "127.0.0.1", 8000, "other.example.net", tls=False, path=path)

    assert [it.status for it in (by_name, by_tunnel, at_home, by_another_name)] == [200, 200, 200, 403]
    assert [it.body["host_password"] for it in (by_name, by_tunnel, at_home)] == [True, True, False]
    assert "strict-transport-security" in by_name.headers
    assert "https://tunnel.example.net" in own_house.said
    assert "fingerprint" not in own_house.said
