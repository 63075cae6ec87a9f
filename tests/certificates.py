"""Pairs of certificate and key for tests, as an authority would give them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

HOST = "calls.example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two files in PEM."""

    certificate: Path
    key: Path

    def variables(self) -> dict[str, str]:
        return {"DRAGOMAN_TLS_CERTIFICATE": str(self.certificate), "DRAGOMAN_TLS_KEY": str(self.key)}


def make_pair(
    folder: Path,
    *,
    name: str = "own",
    host: str = HOST,
    valid_from_days: int = -1,
    valid_days: int = 90,
    passphrase: str = "",
) -> Pair:
    """Write a pair for ``host`` into ``folder``, valid from so many days from now on."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    begins = datetime.now(UTC) + timedelta(days=valid_from_days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=valid_days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    pair = Pair(certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    return pair
