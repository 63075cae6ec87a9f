"""What is told of who is at the other end: a browser's name in words, and a network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.devices import describe_device
from dragoman.accounts.networks import network_of

LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{LINUX} Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (WINDOWS, "Chrome on Windows"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx2/2.16", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, device: str) -> None:
    assert describe_device(user_agent) == device


@given(st.text(max_size=2000))
def test_nothing_of_the_header_itself_gets_through(user_agent: str) -> None:
    words = describe_device(f"{user_agent} Firefox/1 Linux").split()

    assert set(words) <= {"Firefox", "Edge", "Opera", "Chrome", "Safari", "Samsung", "Internet", "on"} | {
        *("Linux", "Windows", "macOS", "Android", "iPhone", "iPad", "ChromeOS")
    }


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix socket", "unix socket"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_household_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_session_is_shown_with_less_of_its_address() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6", v6_bits=48) == "2001:db8:1::/48"
