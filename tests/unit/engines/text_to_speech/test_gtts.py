"""Google's voices, against a stand-in on this machine: what is sent, and what becomes of every answer."""

import base64
import io
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import numpy as np
import pytest
import soundfile

from dragoman.engines.registry import REGISTRY, open_text_to_speech
from dragoman.engines.text_to_speech.gtts import SAMPLE_RATE, GttsTextToSpeech
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, EngineChoice, EngineKind, Voice
from dragoman.ground.errors import (
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    LanguageNotSupported,
    SpeedOutOfRange,
    VoiceNotFound,
)
from dragoman.ground.languages import Language

ENGLISH = Language("en")
Asked = list[tuple[str, str]]
"""Text and language of each request."""


def clip(seconds: float = 0.5, rate: int = SAMPLE_RATE) -> bytes:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    mp3 = io.BytesIO()
    soundfile.write(mp3, tone, rate, format="MP3")
    return mp3.getvalue()


def answer_with(mp3: bytes) -> bytes:
    rows = [["wrb.fr", "jQ1olc", json.dumps([base64.b64encode(mp3).decode()]), None, "generic"], ["di", 12]]
    return f')]}}\'\n\n{len(mp3)}\n{json.dumps(rows)}\n25\n[["e",4]]\n'.encode()


@contextmanager
def stand_in(answer: Callable[[], bytes], status: int = 200) -> Iterator[tuple[GttsTextToSpeech, Asked]]:
    """A service that answers every request the same way, and notes what it is sent."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            call = json.loads(urllib.parse.unquote(body.removeprefix("f.req=").rstrip("&")))[0][0]
            text, language = json.loads(call[1])[:2]
            asked.append((text, language))
            content = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="stand-in")
    thread.start()
    engine = GttsTextToSpeech(httpx2.Client(base_url=f"http://127.0.0.1:{server.server_port}", timeout=10.0))
    try:
        yield engine, asked
    finally:
        engine.close()
        server.shutdown()
        server.server_close()
        thread.join()


def say(engine: GttsTextToSpeech, text: str, *, language: Language = ENGLISH) -> Audio:
    return join_audio(engine.speak(text, language=language, voice=DEFAULT_VOICE, speed=1.0), SAMPLE_RATE)


def test_a_sentence_is_sent_and_its_clip_is_spoken() -> None:
    with stand_in(lambda: answer_with(clip(0.5))) as (engine, asked):
        spoken = say(engine, "Xin chào các bạn.", language=Language("vi"))

    assert asked == [("Xin chào các bạn.", "vi")]
    assert spoken.duration_s == pytest.approx(0.5, abs=0.1)
    assert float(np.abs(spoken.samples).max()) > 0.2


def test_a_long_text_is_sent_in_pieces_of_which_no_word_is_lost() -> None:
    text = "The nurse will call you when the doctor is ready and has had a look at your papers, " * 4
    with stand_in(lambda: answer_with(clip(0.2))) as (engine, asked):
        say(engine, text)

    assert all(len(sent) <= 100 for sent, _ in asked)
    assert " ".join(sent for sent, _ in asked).split() == text.split()


def test_a_clip_of_another_rate_is_brought_to_the_stated_one() -> None:
    with stand_in(lambda: answer_with(clip(0.5, rate=44_100))) as (engine, _):
        assert say(engine, "Hello.").duration_s == pytest.approx(0.5, abs=0.1)


def test_chinese_has_the_name_that_google_gives_it() -> None:
    with stand_in(lambda: answer_with(clip(0.2))) as (engine, asked):
        say(engine, "你好", language=Language("zh"))

    assert asked[0][1] == "zh-CN"


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_refusal_says_that_it_may_pass(status: int) -> None:
    with (
        stand_in(lambda: b"no", status=status) as (engine, _),
        pytest.raises(EngineUnavailable, match=str(status)),
    ):
        say(engine, "Hello.")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>sign in</html>",
        b'[["wrb.fr","jQ1olc",null,null]]',
        b'[["wrb.fr","jQ1olc","[]"]]',
        b'[["wrb.fr","jQ1olc","[\\"!!!\\"]"]]',
        b"jQ1olc \xff\xfe",
        answer_with(b"this is no MP3"),
        answer_with(b""),
        answer_with(clip(60.0)),
        b"x" * (5 << 20),
    ],
)
def test_an_answer_that_is_no_clip_is_refused(content: bytes) -> None:
    with stand_in(lambda: content) as (engine, _), pytest.raises(EngineOutputInvalid):
        say(engine, "Hello.")


def test_a_service_that_is_not_there_is_told() -> None:
    with stand_in(lambda: b"") as (_, _):
        pass
    engine = GttsTextToSpeech(httpx2.Client(base_url="http://127.0.0.1:9", timeout=2.0))

    with pytest.raises(EngineUnavailable, match="internet"):
        say(engine, "Hello.")
    engine.close()


def test_a_service_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    released = threading.Event()

    def never() -> bytes:
        released.wait(timeout=30)
        return b""

    with stand_in(never) as (engine, _):
        impatient = GttsTextToSpeech(httpx2.Client(base_url=engine.address, timeout=0.2))
        try:
            with pytest.raises(EngineTimeout):
                say(impatient, "Hello.")
        finally:
            released.set()
            impatient.close()


def test_nothing_is_sent_to_warm_up() -> None:
    with stand_in(lambda: answer_with(clip())) as (engine, asked):
        engine.warm_up()

    assert asked == []


@pytest.mark.parametrize("nothing", ["", "...", "😀"])
def test_nothing_is_sent_of_a_text_without_words(nothing: str) -> None:
    with stand_in(lambda: answer_with(clip())) as (engine, asked):
        with pytest.raises(EngineOutputInvalid, match="nothing to speak"):
            say(engine, nothing)

        assert asked == []


def test_wrong_wishes_are_refused_before_anything_is_sent() -> None:
    with stand_in(lambda: answer_with(clip())) as (engine, asked):
        for error, voice, language, speed in (
            (VoiceNotFound, Voice(name="siri"), ENGLISH, 1.0),
            (LanguageNotSupported, DEFAULT_VOICE, Language("lo"), 1.0),
            (SpeedOutOfRange, DEFAULT_VOICE, ENGLISH, 9.0),
        ):
            with pytest.raises(error):
                list(engine.speak("Hello.", language=language, voice=voice, speed=speed))

        assert asked == []


def test_it_says_that_text_leaves_the_machine() -> None:
    with stand_in(lambda: b"") as (engine, _):
        assert engine.info.online
        assert "sent to Google" in engine.info.attribution
        assert not engine.info.commercial


def no_model(name: str) -> Path:
    raise AssertionError(f"{name} needs no model")


def test_it_is_off_until_somebody_allows_text_to_leave_the_machine() -> None:
    with pytest.raises(EngineUnavailable, match="online_voices"):
        open_text_to_speech(EngineChoice(name="gtts"), find_model=no_model)


def test_it_is_never_opened_by_default() -> None:
    assert "gtts" not in REGISTRY[EngineKind.TEXT_TO_SPEECH]


def test_once_allowed_it_opens_and_warns(capsys: pytest.CaptureFixture[str]) -> None:
    engine = open_text_to_speech(EngineChoice(name="gtts"), find_model=no_model, online=True)
    engine.close()

    said = capsys.readouterr()
    assert "text_leaves_this_machine" in said.out + said.err


def test_after_closing_it_says_that_it_is_closed() -> None:
    with stand_in(lambda: answer_with(clip())) as (engine, _):
        engine.close()

        with pytest.raises(EngineUnavailable):
            say(engine, "Hello.")
