"""Google Translate's voices, over the internet: off unless somebody allows text to leave this machine.

The service is undocumented, may refuse at any time, and gives whole clips. It is asked as the package gTTS 2.5 asks it
(``batchexecute``, call ``jQ1olc``), but not with that package, which does not check the server's certificate.
"""

import base64
import binascii
import io
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import soundfile
import soxr
import structlog

from dragoman.engines.text_to_speech.spoken_clauses import cut_sentences, longest_plausible_s, neutralise
from dragoman.engines.text_to_speech.voice_requests import choose_voice, require_speed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, EngineKind, Voice
from dragoman.ground.errors import EngineOutputInvalid, EngineTimeout, EngineUnavailable
from dragoman.ground.languages import LANGUAGES, Language

log = structlog.get_logger()

ADDRESS: Final = "https://translate.google.com"
SAMPLE_RATE: Final = 24_000
"""Hertz of its clips."""
TIMEOUT_S: Final = 10.0
"""For one clip, from the question to the last byte."""
_PATH: Final = "/_/TranslateWebserverUi/data/batchexecute"
_CALL: Final = "jQ1olc"
_MAX_CHARS: Final = 100
"""The service takes no more at once."""
_MAX_ANSWER_BYTES: Final = 4 << 20
_VOICE: Final = Voice(name="google")
_CODES: Final = {Language("zh"): "zh-CN", Language("zh-TW"): "zh-TW"}
_LACKING: Final = frozenset(map(Language, ("lo", "eo", "gl", "eu", "mk")))
"""Languages of ours that it does not speak."""


class GttsTextToSpeech:
    """One voice a language; a request for every 100 characters. Its sound is refused if it is not a whole clip."""

    def __init__(self, client: httpx2.Client) -> None:
        """Use ``client``, which has the address and checks certificates, and is closed with the engine."""
        self._client = client
        self._closed = threading.Event()
        self._info = EngineInfo(
            name="gtts",
            kind=EngineKind.TEXT_TO_SPEECH,
            languages=tuple(language for language in LANGUAGES if language not in _LACKING),
            sample_rate=SAMPLE_RATE,
            licence="LicenseRef-Google-Terms",
            commercial=False,
            attribution="Google Translate; what is said is sent to Google",
            streaming=True,
            online=True,
        )

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def address(self) -> str:
        """Where text is sent."""
        return str(self._client.base_url)

    def warm_up(self) -> None:
        """Do nothing: no text leaves this machine before somebody speaks."""

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text`` at its usual speed, a piece for every request. Contract: ``TextToSpeech.speak``."""
        choose_voice(self._info, self.voices(language), language=language, voice=voice)
        require_speed(self._info, speed)
        pieces = [part for sentence in cut_sentences(neutralise(text), language) for part in _cut(sentence)]
        if not pieces:
            raise EngineOutputInvalid("nothing to speak: the text has no letter and no digit")
        for piece in pieces:
            if self._closed.is_set():
                raise EngineUnavailable("gtts is closed; open it again")
            yield _decoded(self._ask(piece, _CODES.get(language, language)), longest_s=longest_plausible_s(piece))

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return (_VOICE,) if language in self._info.languages else ()

    def cpu_s(self) -> float:
        """Give 0: another's machines speak."""
        return 0.0

    def close(self) -> None:
        self._closed.set()
        self._client.close()

    def _ask(self, text: str, code: str) -> bytes:
        """Give the MP3 of ``text``. Raises ``EngineTimeout``, ``EngineUnavailable`` or ``EngineOutputInvalid``."""
        arguments = json.dumps([text, code, None, "null"], separators=(",", ":"))
        calls = json.dumps([[[_CALL, arguments, None, "generic"]]], separators=(",", ":"))
        deadline = time.monotonic() + TIMEOUT_S
        answer = bytearray()
        try:
            with self._client.stream(
                "POST",
                _PATH,
                content=f"f.req={urllib.parse.quote(calls)}&",
                headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            ) as response:
                if response.status_code != httpx2.codes.OK:
                    raise EngineUnavailable(f"Google answered {response.status_code}; it may allow no more for a while")
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > _MAX_ANSWER_BYTES:
                        raise EngineOutputInvalid(f"Google answered with more than {_MAX_ANSWER_BYTES} bytes")
                    if time.monotonic() > deadline:
                        raise EngineTimeout(f"Google did not answer within {TIMEOUT_S:g} s")
        except httpx2.TimeoutException as error:
            raise EngineTimeout(f"Google did not answer within {TIMEOUT_S:g} s") from error
        except (httpx2.HTTPError, RuntimeError) as error:  # a closed client raises RuntimeError
            raise EngineUnavailable(f"Google cannot be reached ({error}); is there a way to the internet?") from error
        return _find_clip(bytes(answer))


def _cut(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > _MAX_CHARS:
        cut = max(sentence.rfind(mark, 1, _MAX_CHARS) for mark in " ,，、")
        cut = cut + 1 if cut > 0 else _MAX_CHARS
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [piece for piece in (*pieces, sentence) if any(char.isalnum() for char in piece)]


def _find_clip(answer: bytes) -> bytes:
    """Find the clip in an answer: lines of JSON, one of which holds ``[[..., "jQ1olc", "[\\"BASE64\\"]", ...]]``."""
    for line in answer.decode("utf-8", "replace").splitlines():
        if _CALL not in line:
            continue
        try:
            row = next(row for row in json.loads(line) if _CALL in row)
            return base64.b64decode(json.loads(row[row.index(_CALL) + 1])[0], validate=True)
        except (ValueError, TypeError, LookupError, StopIteration, AttributeError, binascii.Error) as error:
            raise EngineOutputInvalid("Google answered without sound; this language or text may be refused") from error
    raise EngineOutputInvalid("Google answered in an unknown way; the service may have changed")


def _decoded(clip: bytes, *, longest_s: float) -> Audio:
    try:
        samples, rate = soundfile.read(io.BytesIO(clip), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise EngineOutputInvalid("Google answered with a clip that is no MP3") from error
    mono = samples.mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    if not 0 < len(mono) <= longest_s * SAMPLE_RATE:
        raise EngineOutputInvalid(f"Google answered with {len(mono) / SAMPLE_RATE:.1f} s of sound")
    return Audio(samples=mono.astype("float32"), sample_rate=SAMPLE_RATE)


def open_engine(model: Path | None, *, threads: int) -> GttsTextToSpeech:
    """Open the way to Google. The registry asks first whether text may leave this machine."""
    log.warning("text_leaves_this_machine", engine="gtts", to=ADDRESS)
    return GttsTextToSpeech(httpx2.Client(base_url=ADDRESS, timeout=TIMEOUT_S))
