"""For receivers of webhooks: is this delivery from the server, and fresh?"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping

SIGNATURE_HEADER = "Dragoman-Signature"
MAX_AGE_S = 300.0
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class SignatureWrong(ValueError):
    """Not signed by who knows the secret, changed on the way, or too old."""


def read_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, *, now_s: float | None = None, max_age_s: float = MAX_AGE_S
) -> dict[str, str]:
    """Check a delivery and give what it says: ``id``, ``event``, ``at``, ``team``, and ids.

    ``body``: as it came, before any parsing. ``now_s``: Unix seconds, of the system's clock if left out. The same
    ``id`` may come twice: whoever has done something for it does nothing again. Raises ``SignatureWrong``.
    """
    given = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE_HEADER.lower(), "")
    found = _SIGNATURE.fullmatch(given)
    if found is None:
        raise SignatureWrong(f"no signature; look for the header {SIGNATURE_HEADER}")
    signed = hmac.new(secret.encode(), found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, found[2]):
        raise SignatureWrong("the signature does not fit; is this the secret of this webhook, and the body unchanged?")
    if abs((time.time() if now_s is None else now_s) - int(found[1])) > max_age_s:
        raise SignatureWrong(f"signed more than {max_age_s:g} s ago, or by another clock")
    told: dict[str, str] = json.loads(body)
    return told
