"""Which addresses a webhook may have, and which it may reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.errors import WebhookAddressRefused
from dragoman.accounts.webhook_addresses import check_address, is_public, read_target


def test_an_address_of_https_is_read_with_its_path_and_query() -> None:
    target = read_target("https://Hooks.Example.org/in?team=1#not-sent")

    assert (target.secure, target.host, target.port, target.path) == (True, "hooks.example.org", 443, "/in?team=1")
    assert target.host_header == "hooks.example.org"
    assert read_target("https://hooks.example.org:8443").host_header == "hooks.example.org:8443"
    assert read_target("https://[2606:4700::1111]/").host_header == "[2606:4700::1111]"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "gopher://hooks.example.org/",
        "javascript:alert(1)",
        "//hooks.example.org/",
        "hooks.example.org",
        "https://",
        "https:///path",
        "https://user@hooks.example.org/",
        "https://user:word@hooks.example.org/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:x/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX-Other: 1",
        "https://hooks.example.org/\x00",
        "https://höoks.example.org/",
        "https://[::1",
        "https://hooks_%2f.example.org/",
        "https://" + "a" * 3000 + ".org/",
    ],
)
def test_what_is_no_plain_address_of_https_is_refused(url: str) -> None:
    with pytest.raises(WebhookAddressRefused):
        read_target(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
        "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_no_address_inside_a_network_is_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(WebhookAddressRefused, match="inside"):
        check_address(address, read_target("https://hooks.example.org/"))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_public_network_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.1/"]
)
def test_an_address_in_numbers_that_leads_inside_is_refused_when_the_webhook_is_made(url: str) -> None:
    with pytest.raises(WebhookAddressRefused):
        read_target(url)


def test_an_allowed_origin_may_be_of_http_and_inside_and_nothing_else_may() -> None:
    allowed = ["http://10.0.0.5:8080", "https://[fd00::5]"]

    assert read_target("http://10.0.0.5:8080/in", allowed_origins=allowed).allowed
    assert read_target("https://[fd00::5]/in", allowed_origins=allowed).allowed
    for other in ("http://10.0.0.5/in", "http://10.0.0.5:8081/", "http://10.0.0.50:8080/", "https://10.0.0.5:8080/"):
        with pytest.raises(WebhookAddressRefused):
            read_target(other, allowed_origins=allowed)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            target = read_target(url)
        except WebhookAddressRefused:
            continue
        assert target.secure
        assert target.path.isascii()
        assert "\r" not in target.path + target.host_header
        assert "\n" not in target.path + target.host_header


@given(st.ip_addresses())
def test_every_address_is_public_or_not(address: object) -> None:
    assert is_public(str(address)) in (True, False)
