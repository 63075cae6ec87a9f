"""Where people may come in, by settings and addresses."""

import socket
from ipaddress import IPv4Address

import pytest

from dragoman.services.addresses import local_addresses, machine_names, private_addresses
from dragoman.services.doors import Doors, api_for_processes, origin, plan_doors, reached_at
from dragoman.services.ports import listen
from dragoman.settings import Settings

LAN, VPN, WORLD = IPv4Address("192.168.1.5"), IPv4Address("100.64.3.2"), IPv4Address("8.8.4.4")


def doors(*addresses: IPv4Address, certified: tuple[str, ...] = (), **settings: object) -> Doors:
    return plan_doors(Settings.model_validate(settings), certified=certified, addresses=addresses)


def test_without_settings_this_machine_alone_comes_in() -> None:
    plain = doors(LAN)

    assert plain.origins == {"http://127.0.0.1:8000", "http://localhost:8000"}
    assert plain.listen == ()
    assert not plain.open_to_others
    assert plain.link_origin == ""


def test_media_of_calls_on_this_machine_is_taken_on_loopback_and_on_one_private_address() -> None:
    loopback = IPv4Address("127.0.0.1")

    taken = {addresses: doors(*addresses) for addresses in ((LAN, VPN), (WORLD, VPN), (WORLD,), ())}
    kept_in = doors(LAN, media_address="127.0.0.1")

    assert {it.media for it in (*taken.values(), kept_in)} == {loopback}
    assert [it.media_interfaces for it in taken.values()] == [(LAN,), (VPN,), (), ()]
    assert kept_in.media_interfaces == ()


def test_a_lan_is_served_on_every_private_address_and_no_public_one() -> None:
    lan = doors(WORLD, LAN, VPN, lan=True)

    assert lan.listen == (str(LAN), str(VPN))
    assert lan.link_origin == f"https://{LAN}:8443"
    assert f"https://{VPN}:8443" in lan.origins
    assert not any(str(WORLD) in name for name in lan.origins)
    assert (lan.media, lan.media_interfaces) == (LAN, (LAN,))
    assert lan.open_to_others


def test_a_lan_without_a_network_serves_this_machine() -> None:
    nowhere = doors(lan=True)

    assert nowhere.listen == ()
    assert nowhere.origins == {"http://127.0.0.1:8000", "http://localhost:8000"}


def test_an_own_certificate_says_how_the_server_is_called() -> None:
    own = doors(
        WORLD,
        certified=("calls.example.org", "*.example.net"),
        tls_certificate="chain.pem",
        tls_key="key.pem",
        https_port=443,
    )

    assert own.listen == ("0.0.0.0",)  # noqa: S104
    assert own.secure == ("https://calls.example.org",)
    assert own.media == WORLD


def test_a_public_address_is_answered_to_and_what_links_lead_to() -> None:
    behind = doors(LAN, public_address="https://Calls.example.org", lan=True)

    assert "https://calls.example.org" in behind.origins
    assert behind.link_origin == "https://calls.example.org"


def test_media_behind_a_router_is_sent_to_it_and_arrives_at_the_main_address() -> None:
    routed = doors(LAN, VPN, public_address="https://calls.example.org", media_address=str(WORLD))

    assert (routed.media, routed.media_interfaces) == (WORLD, (LAN,))


def test_plain_http_beyond_loopback_is_open_to_others_and_on_loopback_nothing_answers() -> None:
    beyond = doors(LAN, VPN, api_host=str(LAN))

    assert beyond.open_to_others
    assert beyond.origins == {f"http://{LAN}:8000"}
    assert beyond.local == ()


def test_plain_http_everywhere_answers_to_every_address_of_this_machine() -> None:
    everywhere = doors(LAN, VPN, api_host="0.0.0.0")  # noqa: S104

    assert everywhere.open_to_others
    assert {f"http://{LAN}:8000", f"http://{VPN}:8000"} <= set(everywhere.plain)
    assert everywhere.local == ("http://127.0.0.1:8000", "http://localhost:8000")


@pytest.mark.parametrize(
    ("api_host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("127.0.0.2", "http://127.0.0.2:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
        ("fd00::5", "http://[fd00::5]:8000"),
        ("calls.example", "http://calls.example:8000"),
    ],
)
def test_the_other_processes_find_the_api_wherever_it_listens(api_host: str, address: str) -> None:
    assert api_for_processes(Settings.model_validate({"api_host": api_host})) == address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::", "::1", "localhost"])  # noqa: S104
def test_what_listens_is_reached_where_it_is_said_to_be(host: str) -> None:
    with listen(host, 0, setting="api_port") as listener:
        port = listener.getsockname()[1]

        with socket.create_connection((reached_at(host), port), timeout=5) as connection:
            assert connection.getpeername()[1] == port


@pytest.mark.parametrize(
    ("scheme", "host", "port", "written"),
    [
        ("https", "Calls.example", 443, "https://calls.example"),
        ("https", "calls.example", 80, "https://calls.example:80"),
        ("http", "::1", 8000, "http://[::1]:8000"),
    ],
)
def test_origins_are_written_as_browsers_do(scheme: str, host: str, port: int, written: str) -> None:
    assert origin(scheme, host, port) == written


def test_this_machine_knows_its_addresses_and_names() -> None:
    addresses = local_addresses()

    assert len(addresses) == len(set(addresses))
    assert not any(address.is_loopback or address.is_link_local for address in addresses)
    assert set(private_addresses()) <= set(addresses)
    assert all(name == name.lower() for name in machine_names())
