"""``POST /v1/audio/speech`` as OpenAI's clients ask it, streamed while it is spoken. For ``text_to_speech.py``.

The work is that of ``desk.py``; only the fields have OpenAI's names. Source: OpenAI's API reference, "Create speech".
"""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.languages import Language, parse_language
from dragoman.ground.marking import AI_SPEECH_HEADER, describe_synthetic
from dragoman.services.saying.body import Body, read_body
from dragoman.services.saying.desk import OpenSpeech, SpeechDesk
from dragoman.services.saying.sound_files import SoundFormat, SpeechEncoder
from dragoman.services.saying.synthesize_http import read_format
from dragoman.services.saying.wishes import Wish, make_wish, stock_voices
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.web import deadline_of

log = structlog.get_logger()

DEFAULT_MODELS: Final = frozenset({"", "default", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"})
"""Names for the best that is here; the last three are what OpenAI's clients say."""
OPENAI_VOICES: Final = tuple("alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split())
"""Each stands for one of the stock voices here."""
_READ_WITHIN_S: Final = 60.0
"""A client that takes nothing for so long has left, without saying so."""
_SLICE_BYTES: Final = 64 << 10
"""Sent at a time: whoever reads more than about 1 KiB in a second takes it within ``_READ_WITHIN_S``."""
_SCRIPT_LANGUAGES: Final = {
    "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "THAI": "th", "HIRAGANA": "ja",
    "KATAKANA": "ja", "CJK": "zh",
}  # fmt: skip
_VIETNAMESE: Final = frozenset("ăđĩơũưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
"""What none of the other base languages writes; letters that French or Portuguese have too (à ã é ô) say nothing."""


async def speech(request: Request, desk: SpeechDesk) -> Response:
    """Answer as soon as the first sound is there. Raises our errors until then."""
    deadline = deadline_of(request)
    body = await read_body(request, most_characters=desk.limits.most_characters)
    if body.name("stream_format") not in ("", "audio"):
        raise FieldInvalid("the sound itself is streamed here: leave out 'stream_format', or give 'audio'")
    sound_format = read_format(body.name("response_format") or SoundFormat.MP3)
    wish = _read_wish(body, desk)
    spoken = await desk.open(wish, within_s=deadline.left_s())
    cached = str(spoken.cached).lower()
    headers = {AI_SPEECH_HEADER: "true", "X-TTS-Method": spoken.engine, "X-Cached": cached}
    return _Streamed(spoken, sound_format, describe_synthetic(engines=[spoken.engine], voice=wish.voice.name), headers)


class _Streamed(StreamingResponse):
    """Lets go of the engine, and of the speech, however the client leaves: also one that has stopped reading."""

    def __init__(self, spoken: OpenSpeech, sound_format: SoundFormat, mark: str, headers: dict[str, str]) -> None:
        super().__init__(_encoded(spoken, sound_format, mark), media_type=sound_format.media_type, headers=headers)
        self._spoken = spoken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as unread:

                async def send_in_time(message: Message) -> None:
                    unread.reschedule(loop.time() + _READ_WITHIN_S)
                    await send(message)
                    unread.reschedule(None)

                await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            # The answer stays without its end, so that the server closes the connection.
            log.warning("speech_not_read", within_s=_READ_WITHIN_S)
        finally:
            await self._spoken.close()


async def _encoded(spoken: OpenSpeech, sound_format: SoundFormat, mark: str) -> AsyncIterator[bytes]:
    encoder = SpeechEncoder(sound_format, sample_rate=spoken.sample_rate, mark=mark, whole=False)
    async for piece in spoken:
        for data in _slices(await asyncio.to_thread(encoder.push, piece.audio)):
            yield data
    rest = await asyncio.to_thread(encoder.end)
    spoken.encoded_bytes = len(rest)
    for data in _slices(rest):
        yield data


def _slices(data: bytes) -> Iterator[bytes]:
    for first in range(0, len(data), _SLICE_BYTES):
        yield data[first : first + _SLICE_BYTES]


def _read_wish(body: Body, desk: SpeechDesk) -> Wish:
    text, voice, model = body.text("input"), body.name("voice"), body.name("model")
    language = _read_language(body, text, voice, desk.engines)
    return make_wish(
        text,
        language=language,
        voice=_stock_voice(voice, language, desk.engines),
        speed=body.number("speed", otherwise=1.0),
        engine="" if model in DEFAULT_MODELS else model,
        engines=desk.engines,
        most_characters=desk.limits.most_characters,
    )


def _read_language(body: Body, text: str, voice: str, engines: Sequence[TextToSpeech]) -> Language:
    """Give the field ``language``, or what the voice speaks, or what the letters say; English for plain letters."""
    named = body.name("language")
    if named:
        return parse_language(named[:40])
    for engine in engines:
        for language in engine.info.languages:
            if voice and any(voice == each.name for each in stock_voices(engine, language)):
                return language
    try:
        return parse_language(voice[:40])
    except UnknownLanguage:
        return _language_of_letters(text)


def _language_of_letters(text: str) -> Language:
    letters = [character for character in text.lower()[:200] if character.isalpha()]
    if _VIETNAMESE.intersection(letters):
        return Language("vi")
    scripts = [unicodedata.name(letter, "").split(" ", 1)[0] for letter in letters if not letter.isascii()]
    found = [_SCRIPT_LANGUAGES[script] for script in scripts if script in _SCRIPT_LANGUAGES]
    # Japanese is full of Chinese letters, and never without its own.
    return Language("ja" if "ja" in found else found[0] if found else "en")


def _stock_voice(name: str, language: Language, engines: Sequence[TextToSpeech]) -> str:
    """Give a voice of ours for one of OpenAI's names, and for the name of a language its default one."""
    if name in OPENAI_VOICES:
        offered = next((voices for engine in engines if (voices := stock_voices(engine, language))), [])
        return offered[OPENAI_VOICES.index(name) % len(offered)].name if offered else ""
    try:
        is_language = parse_language(name[:40]) == language
    except UnknownLanguage:
        return name
    # espeak has voices that are called vi and en-us: the first is a language to everybody, the other is that voice.
    named = {each.name for engine in engines for each in stock_voices(engine, language)} - {language}
    return "" if is_language and name not in named else name
