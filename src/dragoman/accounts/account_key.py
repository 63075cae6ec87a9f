"""The key of the accounts, made once and kept in a file: all that it signs and hides is worth nothing without it."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from dragoman.ground.errors import SettingsInvalid

KEY_FILE = "account.key"
KEY_BYTES = 32


def read_or_make_key(data_dir: Path) -> bytes:
    """Give the key in ``data_dir``; the first time, make it. Only its owner may read the file.

    Raises ``SettingsInvalid`` if it cannot be read or written, or is too short to be one.
    """
    file = data_dir / KEY_FILE
    try:
        if not file.exists():
            _make(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SettingsInvalid(f"the key of the accounts, {file}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsInvalid(f"{file} is no key; restore it, or remove it, which signs everybody out") from error
    if len(key) < KEY_BYTES:
        raise SettingsInvalid(f"{file} is cut short; restore it, or remove it, which signs everybody out")
    return key


def derive_key(key: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose alone (HMAC-SHA-256 of the purpose, RFC 2104)."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)


def _make(file: Path) -> None:
    """Write a new key beside ``file`` and link it there: whoever comes second takes the first one's."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{secrets.token_hex(KEY_BYTES)}\n")
            opened.flush()
            os.fsync(opened.fileno())
        file.hardlink_to(new)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
