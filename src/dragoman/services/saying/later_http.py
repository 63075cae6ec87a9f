"""The better voice that comes later: promised by ``POST /synthesize``, fetched by ``GET /synthesize/{request_id}``."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.languages import language_name
from dragoman.services.saying.backroom import Backroom
from dragoman.services.saying.later import LaterSpeech, LaterState
from dragoman.services.saying.sound_files import SoundFormat
from dragoman.services.saying.tiers import better_than, quickest
from dragoman.services.saying.wishes import Wish
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.web import RETRY_AFTER_S
from dragoman.wire.frames import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What an answer says of the better voice."""

    fields: Header = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Made before the quick voice speaks, kept once it has: what fails at once is not queued."""

    now: Wish | None = None
    """What answers at once, if not the wish as it is."""
    keep: Callable[[SoundFormat], Promised]


NO_PROMISE: Final = Promise(keep=lambda sound_format: Promised())


def promise_better(wish: Wish, engines: Sequence[TextToSpeech], backroom: Backroom) -> Promise:
    """Have ``wish`` spoken at once by the quickest engine, and later by the best; or say that there is none better.

    Raises what ``LaterQueue.check`` raises.
    """
    quick = quickest(wish, engines)
    better = better_than(quick, wish, engines)
    if better is None:
        why = "it was asked for" if wish.engine else f"nothing here speaks {language_name(wish.language)} better"
        said = f"none: {quick.info.label} answered, and {why}"
        none = Promised(fields={"request_id": None, "better": said}, headers={"X-Better": "none"})
        return Promise(keep=lambda sound_format: none)
    backroom.queue.check(wish.text)

    def keep(sound_format: SoundFormat) -> Promised:
        label = better.info.label
        speech = backroom.ask(replace(wish, engine=label), sound_format, better)
        estimate_s = round(backroom.queue.wait_s(speech), 1)
        return Promised(
            fields={"request_id": speech.request_id, "better": label, "estimate_s": estimate_s},
            headers={"X-Request-Id": speech.request_id, "X-Better": label, "X-Better-In-S": f"{estimate_s:g}"},
        )

    return Promise(now=replace(wish, engine=quick.info.label), keep=keep)


async def later_speech(request: Request, backroom: Backroom) -> Response:
    """Answer with the sound once it is there, 202 and how far it is until then; raises what made it fail."""
    answer = request.query_params.get("answer", "audio")
    if answer not in ("audio", "json"):
        raise FieldInvalid(f"no answer {answer[:40]!r}; there are: audio, json")
    now_s = asyncio.get_running_loop().time()
    speech = backroom.queue.find(request.path_params["request_id"], now_s=now_s)
    if speech.error is not None:
        raise speech.error
    if speech.state is LaterState.DONE and answer == "audio":
        return Response(
            speech.content, media_type=speech.sound_format.media_type, headers={"X-TTS-Method": speech.wish.engine}
        )
    done = speech.state is LaterState.DONE
    headers = None if done else {"Retry-After": str(RETRY_AFTER_S)}
    return JSONResponse(_described(speech, backroom), status_code=200 if done else 202, headers=headers)


def _described(speech: LaterSpeech, backroom: Backroom) -> Header:
    described: Header = {
        "request_id": speech.request_id,
        "status": speech.state,
        "progress": round(speech.progress, 2),
        "estimate_s": round(backroom.queue.wait_s(speech), 1),
        "language": speech.wish.language,
        "voice": speech.wish.voice.name,
        "tts_method": speech.wish.engine,
        "format": speech.sound_format,
        "ai_generated": True,
    }
    if speech.state is LaterState.DONE:
        described["audio"] = base64.b64encode(speech.content).decode()
        described["duration"] = round(speech.duration_s, 3)
    return described
