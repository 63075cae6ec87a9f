"""The better voice that comes later: promised by ``POST /synthesize``, fetched by ``GET /synthesize/{request_id}``."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dragoman.ground.engines import DEFAULT_VOICE, TextToSpeech
from dragoman.ground.errors import CapacityExhausted
from dragoman.ground.languages import language_name
from dragoman.ground.marking import AI_SPEECH_HEADER
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
    only_later: bool = False
    """Nothing answers at once."""
    keep: Callable[[SoundFormat], Promised]


NO_PROMISE: Final = Promise(keep=lambda sound_format: Promised())


def promise_better(wish: Wish, engines: Sequence[TextToSpeech], backroom: Backroom) -> Promise:
    """Have ``wish`` spoken at once by the quickest engine, and later by the best; or say that there is none better.

    What the best one has spoken already answers at once, as long as it is kept.
    An engine for background jobs never answers at once, even where it is named or the only one. Raises what
    ``LaterQueue.check`` raises.
    """
    slow = next((each for each in engines if each.info.jobs_only and each.info.label == wish.engine), None)
    # A voice belongs to its engine: another one answers in its own.
    at_once = wish if slow is None else replace(wish, engine="", voice=DEFAULT_VOICE)
    quick = quickest(at_once, engines)
    better = slow or (quick if quick.info.jobs_only else better_than(quick, wish, engines))
    if better is None:
        why = "it was asked for" if wish.engine else f"nothing here speaks {language_name(wish.language)} better"
        return Promise(keep=lambda sound_format: _none(f"{quick.info.label} answered, and {why}"))
    later = replace(wish, engine=better.info.label)
    kept = backroom.kept_for(later)
    if kept is not None:
        return Promise(now=kept, keep=lambda sound_format: _here_already(better.info.label))
    backroom.queue.check(wish.text)
    if quick.info.jobs_only:
        return Promise(only_later=True, keep=lambda sound_format: _promised(later, sound_format, better, backroom))

    def keep(sound_format: SoundFormat) -> Promised:
        try:
            return _promised(later, sound_format, better, backroom)
        except CapacityExhausted as error:
            # Others took the last places while the quick voice spoke: its sound is not lost for that.
            return _none(str(error))

    return Promise(now=replace(at_once, engine=quick.info.label), keep=keep)


def _promised(wish: Wish, sound_format: SoundFormat, better: TextToSpeech, backroom: Backroom) -> Promised:
    speech = backroom.ask(wish, sound_format, better)
    estimate_s = round(backroom.queue.wait_s(speech), 1)
    label = better.info.label
    return Promised(
        fields={"request_id": speech.request_id, "better": label, "estimate_s": estimate_s},
        headers={"X-Request-Id": speech.request_id, "X-Better": label, "X-Better-In-S": f"{estimate_s:g}"},
    )


def _here_already(label: str) -> Promised:
    return Promised(
        fields={"request_id": None, "better": label, "estimate_s": 0.0},
        headers={"X-Better": label, "X-Better-In-S": "0"},
    )


def _none(why: str) -> Promised:
    return Promised(fields={"request_id": None, "better": f"none: {why}"}, headers={"X-Better": "none"})


async def later_speech(request: Request, backroom: Backroom) -> Response:
    """Answer with the sound once it is there, 202 and how far it is until then; raises what made it fail."""
    answer = request.query_params.get("answer", "audio")
    if answer not in ("audio", "json"):
        raise FieldInvalid(f"no answer {answer[:40]!r}; there are: audio, json")
    now_s = asyncio.get_running_loop().time()
    speech = backroom.queue.find(request.path_params["request_id"], now_s=now_s)
    if speech.error is not None:
        # The same one at every poll: its trace would grow, and hold on to all those requests.
        raise speech.error.with_traceback(None)
    if speech.state is LaterState.DONE and answer == "audio":
        marked = {AI_SPEECH_HEADER: "true", "X-TTS-Method": speech.wish.engine}
        return Response(speech.content, media_type=speech.sound_format.media_type, headers=marked)
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
