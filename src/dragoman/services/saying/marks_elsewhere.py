"""Whether a text-to-speech service marks its speech and who asks it does not. For room_interpreting.py and doctor.

``POST /speak`` gives speech as the engine made it: whoever asked puts the watermark in, once it has its final speed and
loudness. A machine that interprets needs the model too, and nothing else would say that it is missing.
"""

import httpx2
import structlog

from dragoman.services.remote_engines import ServiceAddress

log = structlog.get_logger()

_ASK_WITHIN_S = 5.0


def unmarked_dubs(service: ServiceAddress, *, marked_here: bool) -> str | None:
    """Say what is missing where ``service`` has a watermark and this process none; None if all is well. Blocks.

    A service that does not answer has no watermark as far as anybody knows.
    """
    if marked_here:
        return None
    headers = {} if service.token is None else {"Authorization": f"Bearer {service.token}"}
    try:
        answer = httpx2.get(f"{service.url}/health", headers=headers, timeout=_ASK_WITHIN_S, trust_env=False)
        health = answer.json()
    except (httpx2.RequestError, ValueError) as error:
        log.info("watermark_not_told", service=service.url, detail=str(error))
        return None
    if not isinstance(health, dict) or health.get("watermark") is not True:
        return None
    return (
        f"the service at {service.url} has a watermark, which is in its files alone; dubs are marked by the process "
        "that interprets, and there is no model for that here: dragoman models pull audioseal"
    )
