"""The certificate that is made here: what is in it, how long it is kept, who can read it."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.certificates import HOST, make_pair

from dragoman.services.certificate import Certificate, made_certificate, own_certificate

NAMES = ["house", "house.local", "localhost"]
HERE, THERE = IPv4Address("192.168.1.5"), IPv4Address("10.0.0.7")


def make(folder: Path, *addresses: IPv4Address) -> Certificate:
    return made_certificate(folder / "certificate", names=NAMES, addresses=addresses or (HERE,))


def read(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.chain.read_bytes())


def test_it_names_every_address_and_name_and_lasts_as_long_as_browsers_take(tmp_path: Path) -> None:
    made = make(tmp_path, HERE, THERE)

    inside = read(made)
    assert set(made.names) == {*NAMES, str(HERE), str(THERE)}
    assert inside.not_valid_after_utc - inside.not_valid_before_utc == timedelta(days=397)
    assert inside.not_valid_before_utc < datetime.now(UTC)
    public = inside.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == "secp256r1"
    usage = inside.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_it_is_kept_so_that_an_exception_in_a_browser_lasts(tmp_path: Path) -> None:
    made, again = make(tmp_path), make(tmp_path)

    assert again == made
    assert len(made.fingerprint.split(":")) == 32


def test_fewer_addresses_change_nothing_and_a_new_one_does(tmp_path: Path) -> None:
    both = make(tmp_path, HERE, THERE)
    one = make(tmp_path, HERE)
    other = make(tmp_path, IPv4Address("172.16.0.9"))

    assert one == both
    assert other.fingerprint != both.fingerprint


def test_its_owner_alone_reads_it(tmp_path: Path) -> None:
    made = make(tmp_path)

    assert made.chain == made.key
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert made.key.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in made.key.parent.iterdir()] == [made.key.name]


def test_one_that_others_could_read_is_made_anew(tmp_path: Path) -> None:
    made = make(tmp_path)
    made.key.chmod(0o644)

    again = make(tmp_path)

    assert again.fingerprint != made.fingerprint
    assert again.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"something else", b"-----BEGIN CERTIFICATE-----\n"])
def test_one_that_is_damaged_is_made_anew(tmp_path: Path, content: bytes) -> None:
    made = make(tmp_path)
    made.key.write_bytes(content)

    again = make(tmp_path)

    assert again.fingerprint != made.fingerprint


@pytest.mark.parametrize(("lasts_days", "kept"), [(29, False), (31, True)])
def test_one_that_expires_within_a_month_is_made_anew(tmp_path: Path, lasts_days: int, kept: bool) -> None:
    made = make(tmp_path)
    pair = make_pair(tmp_path, host="localhost", valid_days=lasts_days + 1)
    made.key.write_bytes(pair.key.read_bytes() + pair.certificate.read_bytes())
    old = read(made)

    made_certificate(made.key.parent, names=["localhost"], addresses=[])

    assert (read(made) == old) == kept


def test_a_pair_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)

    own = own_certificate(pair.certificate, pair.key)

    assert own is not None
    assert (own.chain, own.key, own.names) == (pair.certificate, pair.key, (HOST,))
    assert own_certificate(None, None) is None
