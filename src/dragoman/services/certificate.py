"""Certificates for https: one made here for this network, or a pair of files of one's own. To up.py and serve_api.py.

The one made here is kept, so that the exception which somebody has made for it in a browser lasts; it is made anew when
this machine gets a further address or name, and before it expires.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dragoman.ground.errors import SettingsInvalid

VALID_FOR = timedelta(days=397)
"""The longest that browsers take for a certificate (398 days, CA/Browser Forum ballot SC31), less one."""
MADE_ANEW_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER_BY = timedelta(days=1)
_FILE = "dragoman.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Files that a server is started with."""

    chain: Path
    key: Path
    """May be the same file."""
    names: tuple[str, ...]
    """Host names and addresses that it is for."""
    fingerprint: str
    """SHA-256 in hexadecimal, as browsers show it."""


def made_certificate(folder: Path, *, names: Sequence[str], addresses: Sequence[IPv4Address]) -> Certificate:
    """Give the certificate of ``folder`` that is valid for all ``names`` and ``addresses``; make it if there is none.

    Self-signed, ECDSA on P-256, readable by its owner alone. Raises ``SettingsInvalid`` for a folder that cannot be
    written.
    """
    path = folder / _FILE
    wanted = {*names, *map(str, addresses)}
    kept = _kept(path, wanted)
    if kept is None:
        try:
            _write(path, _make(names, addresses))
        except OSError as error:
            raise SettingsInvalid(
                f"the certificate for https cannot be written to {folder}: {error.strerror}; choose another folder: "
                "data_dir in dragoman.toml, or the variable DRAGOMAN_DATA_DIR"
            ) from error
        kept = x509.load_pem_x509_certificate(path.read_bytes())
    return _describe(kept, path, path)


def own_certificate(chain: Path | None, key: Path | None) -> Certificate | None:
    """Check a pair of files before anything is started; None if none is set. Raises ``SettingsInvalid``."""
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        have, lack = ("tls_key", "tls_certificate") if chain is None else ("tls_certificate", "tls_key")
        raise SettingsInvalid(f"{have} is set and {lack} is not; https takes both: name the other file too")
    try:
        first = x509.load_pem_x509_certificates(_read(chain, "tls_certificate"))[0]
    except ValueError as error:
        raise SettingsInvalid(
            f"tls_certificate: {chain} holds no certificate in PEM (text that begins with -----BEGIN CERTIFICATE-----)"
        ) from error
    if _public_key_of(key) != first.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise SettingsInvalid(f"tls_key: {key} is not the key of the certificate {chain}; name the pair made together")
    now = datetime.now(UTC)
    if now > first.not_valid_after_utc:
        raise SettingsInvalid(
            f"tls_certificate: {chain} has expired on {first.not_valid_after_utc:%Y-%m-%d}; renew it, then start again"
        )
    if now < first.not_valid_before_utc:
        raise SettingsInvalid(
            f"tls_certificate: {chain} is valid from {first.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on; is the clock "
            "of this machine right?"
        )
    return _describe(first, chain, key)


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsInvalid(f"{setting}: there is no file {path}") from error
    except OSError as error:
        raise SettingsInvalid(
            f"{setting}: {path} cannot be read by the user who starts dragoman: {error.strerror}"
        ) from error


def _public_key_of(path: Path) -> bytes:
    data = _read(path, "tls_key")
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except TypeError as error:
        raise SettingsInvalid(
            f"tls_key: {path} is locked by a passphrase; write it without one: openssl pkey -in {path} -out NEW"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsInvalid(f"tls_key: {path} holds no private key in PEM") from error
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _kept(path: Path, wanted: Iterable[str]) -> x509.Certificate | None:
    """Give the certificate in ``path`` if it is good for ``wanted`` and for a while, and nobody else could read it."""
    try:
        if path.stat().st_mode & 0o077:
            return None
        data = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(data)
        key = serialization.load_pem_private_key(data, password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    now = datetime.now(UTC)
    lasts = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - MADE_ANEW_BEFORE
    fits = key.public_key() == certificate.public_key() and set(wanted) <= set(_names(certificate))
    return certificate if lasts and fits else None


def _make(names: Sequence[str], addresses: Sequence[IPv4Address]) -> bytes:
    """Make a key and a certificate (RFC 5280); gives both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dragoman on this network")])
    alternatives = [*(x509.DNSName(name) for name in names), *(x509.IPAddress(address) for address in addresses)]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER_BY)
        .not_valid_after(now - _CLOCKS_DIFFER_BY + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _write(path: Path, data: bytes) -> None:
    """Put key and certificate in place together: one file, renamed when it is whole, never readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:  # made with mode 0600
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _describe(certificate: x509.Certificate, chain: Path, key: Path) -> Certificate:
    digest = certificate.fingerprint(hashes.SHA256())
    return Certificate(chain=chain, key=key, names=_names(certificate), fingerprint=digest.hex(":").upper())


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = [name.lower() for name in extension.get_values_for_type(x509.DNSName)]
    return (*hosts, *(str(it) for it in extension.get_values_for_type(x509.IPAddress)))
