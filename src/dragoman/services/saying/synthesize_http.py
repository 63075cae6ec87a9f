"""``POST /synthesize``: a text to a sound file, or to JSON with the file in it. For ``text_to_speech.py``.

With ``"better": true`` the quickest voice answers, and the best one speaks the same text meanwhile: ``later_http.py``.
"""

import asyncio
import base64
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dragoman.ground.languages import parse_language
from dragoman.ground.marking import AI_SPEECH_HEADER, describe_synthetic
from dragoman.services.saying.backroom import Backroom
from dragoman.services.saying.body import Body, read_body
from dragoman.services.saying.desk import SpeechDesk
from dragoman.services.saying.later_http import NO_PROMISE, promise_better
from dragoman.services.saying.sound_files import SoundFormat, encode
from dragoman.services.saying.wishes import SLOW, Wish, make_wish
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.web import deadline_of


async def synthesize(request: Request, desk: SpeechDesk, backroom: Backroom) -> Response:
    """Speak the whole text, then answer. Raises our errors."""
    deadline = deadline_of(request)
    started = time.perf_counter()
    body = await read_body(request, most_characters=desk.limits.most_characters)
    sound_format = read_format(body.name("format"))
    as_json = _wants_json(request, body)
    wish = _read_wish(body, desk)
    promise = promise_better(wish, desk.engines, backroom) if body.flag("better") else NO_PROMISE
    if promise.only_later:
        promised = promise.keep(sound_format)
        return JSONResponse(dict(promised.fields), status_code=202, headers=promised.headers)
    wish = promise.now or wish
    speech = await desk.open(wish, within_s=deadline.left_s())
    spoken = await speech.whole()
    mark = describe_synthetic(engines=[spoken.engine], voice=wish.voice.name)
    content = await asyncio.to_thread(encode, spoken.audio, sound_format, mark=mark)
    promised = promise.keep(sound_format)
    latency_ms = round((time.perf_counter() - started) * 1000, 1)
    if not as_json:
        return Response(
            content,
            media_type=sound_format.media_type,
            headers={
                AI_SPEECH_HEADER: "true",
                "X-TTS-Method": spoken.engine,
                "X-Latency-Ms": f"{latency_ms:g}",
                "X-Cached": str(speech.cached).lower(),
                **promised.headers,
            },
        )
    return JSONResponse(
        {
            "audio": base64.b64encode(content).decode(),
            "format": sound_format,
            "duration": round(spoken.audio.duration_s, 3),
            "language": wish.language,
            "voice": wish.voice.name,
            "tts_method": spoken.engine,
            "latency_ms": latency_ms,
            "cached": speech.cached,
            "ai_generated": True,
            **promised.fields,
        }
    )


def read_format(name: str) -> SoundFormat:
    """Give the format, WAV by default. Raises ``FieldInvalid`` with the list."""
    try:
        return SoundFormat(name.lower() or SoundFormat.WAV)
    except ValueError as error:
        raise FieldInvalid(f"no format {name[:40]!r}; there are: {', '.join(SoundFormat)}") from error


def _read_wish(body: Body, desk: SpeechDesk) -> Wish:
    language = body.name("language")
    if not language:
        raise FieldInvalid('the language is missing: say which one the text is in, such as "language": "vi"')
    slow = body.flag("slow")
    speed = body.number("speed", otherwise=SLOW if slow else 1.0)
    if slow and speed > 1.0:
        raise FieldInvalid(f"slow and a speed of {speed:g} do not fit together: leave one of them out")
    return make_wish(
        body.text("text"),
        language=parse_language(language[:40]),
        voice=body.name("voice"),
        speed=speed,
        engine=body.name("engine"),
        engines=desk.engines,
        most_characters=desk.limits.most_characters,
    )


def _wants_json(request: Request, body: Body) -> bool:
    """Say whether JSON is wanted: ``"answer": "json"``, or the header ``Accept: application/json`` alone."""
    answer = body.name("answer")
    if answer not in ("", "audio", "json"):
        raise FieldInvalid(f"no answer {answer[:40]!r}; there are: audio, json")
    return answer == "json" or (not answer and request.headers.get("accept", "").strip() == "application/json")
