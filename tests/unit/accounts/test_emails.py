"""E-mail addresses: one spelling for each, and nothing that mail cannot be sent to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import EmailInvalid


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("an@example.org", "an@example.org"),
        ("  An.Nguyen@Example.ORG ", "an.nguyen@example.org"),
        ("an+calls@mail.example.org", "an+calls@mail.example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("an@bücher.example", "an@xn--bcher-kva.example"),
        ("an@BÜCHER.example", "an@xn--bcher-kva.example"),
        ("nguye\u0302\u0303n@example.org", "nguyễn@example.org"),
    ],
)
def test_an_address_has_one_spelling(given_text: str, normal: str) -> None:
    assert normal_email(given_text) == normal
    assert normal_email(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "an",
        "an@",
        "@example.org",
        "an@example",
        "an@localhost",
        "an@127.0.0.1",
        "an@[127.0.0.1]",
        "an@example..org",
        ".an@example.org",
        "an.@example.org",
        "a..n@example.org",
        "an an@example.org",
        "an@exa mple.org",
        "an@@example.org",
        "a@n@example.org",
        "an@-example.org",
        "an@example.org\nBcc: all@example.org",
        "an\r\n@example.org",
        "an\0@example.org",
        "an@example.org\0",
        "a\u202en@example.org",
        "a\u200bn@example.org",
        "<an@example.org>",
        '"an"@example.org',
        "an@example.org, bo@example.org",
        "x" * 65 + "@example.org",
        "an@" + "x" * 64 + ".org",
        "an@" + "x." * 130 + "org",
        "\ud800@example.org",
        "an@\ud800.org",
        "'; DROP TABLE users; --@example.org",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(EmailInvalid, match=r"an@example\.org"):
        normal_email(text)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_taken_is_its_own_spelling(local: str, domain: str) -> None:
    try:
        normal = normal_email(f"{local}@{domain}")
    except EmailInvalid:
        return

    assert normal_email(normal) == normal and len(normal) <= 254
    assert not set(normal) & set("\r\n\0 <>,;\"'" if "'" not in local else '\r\n\0 <>,;"')
