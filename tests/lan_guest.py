"""Somebody on another machine: ``python -m tests.lan_guest ADDRESS PASSWORD``, run in a network of its own.

Starts a call with the host password, joins it, asks for a practice speaker, and writes as JSON what came.
"""

import asyncio
import json
import os
import ssl
import sys

import httpx2
import numpy as np
from tests.livekit_server import Guest, person

ARRIVES_WITHIN_S = 90.0
WITHOUT = {"name": "An", "speaks": None, "reads": "es", "listens": "es", "consent": False}


async def visit(address: str, password: str) -> dict[str, object]:
    """Give the refusals and what was seen and heard."""
    trusting = ssl.create_default_context()  # SSL_CERT_FILE names the server's certificate
    async with httpx2.AsyncClient(base_url=address, verify=trusting, trust_env=False, timeout=20.0) as client:
        home = await client.get("/")
        told = (await client.get("/api/v1/capabilities")).json()
        uninvited = await client.post("/api/v1/rooms", json={})
        made = (await client.post("/api/v1/rooms", json={"password": password})).json()
        room = f"/api/v1/rooms/{made['room']}"
        joined = (await client.post(f"{room}/join", json=WITHOUT)).json()
        guest = Guest(person(joined["identity"], reads="es", listens="es"))
        await guest.join(address.replace("https", "wss", 1), joined["token"])
        try:
            headers = {"Authorization": f"Bearer {joined['secret']}"}
            asked = await client.post(f"{room}/practice-speaker", json={}, headers=headers)
            await guest.wait_for(lambda: bool(guest.finals) and is_dubbed(guest), timeout_s=ARRIVES_WITHIN_S)
        finally:
            await guest.leave()
    return {
        "home": home.status_code,
        "link": made["link"],
        "password": told["host_password"],
        "uninvited": uninvited.status_code,
        "practice": asked.status_code,
        "captions": [caption.text for caption in guest.finals],
        "loudest": {name: float(max(np.abs(piece).max() for piece in pieces)) for name, pieces in guest.heard.items()},
    }


def is_dubbed(guest: Guest) -> bool:
    return any(name.startswith("dub:") for name in guest.loud_at_s)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(visit(*sys.argv[1:]))))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads now and then abort a Python that clears away while they still report
