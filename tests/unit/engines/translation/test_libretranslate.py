"""LibreTranslate: our own service answers as one, and servers that break every rule."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.translating_server import serve_app, serve_badly, serve_translators, write_json

from dragoman.engines.translation.libretranslate import (
    MAX_BATCH,
    LibreTranslateTranslator,
    open_engine,
)
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    LanguageNotSupported,
)
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.script import Fail

EN, ES, VI, ZH, ZH_TW = (Language(code) for code in ("en", "es", "vi", "zh", "zh-TW"))
LANGUAGES = json.dumps([{"code": "en", "name": "English", "targets": ["es", "en"]}]).encode()
KEY = "-".join(["open", "sesame", "to", "all"])


@contextmanager
def against(answer: Callable[[socketserver.StreamRequestHandler], None]) -> Iterator[LibreTranslateTranslator]:
    """Open the engine at a server that lists its languages well, and answers all else by ``answer``."""

    def serve(handler: socketserver.StreamRequestHandler, first: str) -> None:
        if first.startswith("GET /languages"):
            write_json(handler, LANGUAGES)
        else:
            answer(handler)

    with serve_badly(serve) as address:
        engine = LibreTranslateTranslator(address)
        yield engine
        engine.close()


def spanish(engine: LibreTranslateTranslator, *sentences: str, deadline_s: float | None = 20.0) -> list[str]:
    answers = engine.translate(sentences, source=EN, target=ES, deadline_s=deadline_s)
    return [answer.text for answer in answers]


def test_another_dragoman_is_a_libretranslate() -> None:
    other = FakeTranslator()
    with serve_translators(other) as address:
        engine = LibreTranslateTranslator(address)

        answers = spanish(engine, "hello there.", "no mark", "", "😀", *["again."] * (2 * MAX_BATCH))

        assert answers[:4] == ["es:hello es:there.", "es:no es:mark", "", "😀"]
        assert answers[4:] == ["es:again."] * (2 * MAX_BATCH)
        assert engine.info.pairs == other.info.pairs
        assert engine.info.remote is False
        engine.close()


def test_its_key_opens_a_service_that_wants_one() -> None:
    with serve_translators(FakeTranslator(), token=KEY) as address:
        with pytest.raises(EngineError, match="DRAGOMAN_LIBRETRANSLATE_API_KEY"):
            spanish(open_engine(None, threads=1, url=address))
        engine = open_engine(None, threads=1, url=address, api_key=KEY)

        assert spanish(engine, "hello.") == ["es:hello."]
        engine.close()


def test_a_failure_of_the_service_is_one_of_ours() -> None:
    with serve_translators(FakeTranslator(outcomes=[Fail(error=EngineCrashed("gone"))])) as address:
        engine = LibreTranslateTranslator(address)

        with pytest.raises(EngineCrashed, match="status"):
            spanish(engine, "hello.")
        assert spanish(engine, "later.") == ["es:later."]
        engine.close()


def test_the_services_own_codes_are_used() -> None:
    asked: list[dict[str, object]] = []

    async def translate(request: Request) -> JSONResponse:
        asked.append(await request.json())
        return JSONResponse({"translatedText": ["好。"]})

    codes = ["en", "zh-Hans", "zh", "zt", "xx", "tlh"]
    listing = [{"code": code, "name": code, "targets": codes} for code in codes]
    app = Starlette(
        routes=[
            Route("/languages", lambda _: JSONResponse(listing)),
            Route("/translate", translate, methods=["POST"]),
        ]
    )
    with serve_app(app) as address:
        engine = LibreTranslateTranslator(address + "/", api_key=KEY)

        for target in (ZH, ZH_TW):
            engine.translate(["Good."], source=EN, target=target)

        assert engine.info.pairs == {(one, other) for one in (EN, ZH, ZH_TW) for other in (EN, ZH, ZH_TW)} - {
            (EN, EN),
            (ZH, ZH),
            (ZH_TW, ZH_TW),
        }
        assert asked == [
            {"q": ["Good."], "source": "en", "target": code, "format": "text", "api_key": KEY}
            for code in ("zh-Hans", "zt")
        ]
        engine.close()


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (500, EngineCrashed, "500"),
        (400, EngineCrashed, "400"),
        (403, EngineUnavailable, "API_KEY"),
        (429, EngineUnavailable, "no more requests"),
        (301, EngineUnavailable, "elsewhere"),
    ],
)
def test_a_status_says_what_would_help_and_not_what_was_said(status: int, error: type[EngineError], says: str) -> None:
    with (
        against(lambda handler: write_json(handler, b'{"error": "cannot do Hello"}', status=status)) as engine,
        pytest.raises(error, match=says) as refusal,
    ):
        spanish(engine, "Hello.")

    assert "Hello" not in str(refusal.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"translatedText": "hola"}',
        b'{"translatedText": []}',
        b'{"translatedText": ["a", "b"]}',
        b'{"translatedText": [7]}',
        b'{"translatedText": [" "]}',
        b"null",
        b'{"translatedText": ["' + b"x" * (5 << 20) + b'"]}',
    ],
    ids=range(11),
)
def test_garbage_is_refused(body: bytes) -> None:
    with against(lambda handler: write_json(handler, body)) as engine, pytest.raises(EngineOutputInvalid):
        spanish(engine, "Hello.")


def test_a_body_that_breaks_off_is_a_crash() -> None:
    def cut(handler: socketserver.StreamRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    with against(cut) as engine, pytest.raises(EngineCrashed, match="broke off"):
        spanish(engine, "Hello.")


def test_a_service_that_never_answers_is_left_at_the_deadline() -> None:
    enough = threading.Event()

    def wait(_: socketserver.StreamRequestHandler) -> None:
        enough.wait(30)

    with against(wait) as engine:
        with pytest.raises(EngineTimeout):
            spanish(engine, "Hello.", deadline_s=0.2)
        with pytest.raises(EngineTimeout):
            spanish(engine, "Hello.", deadline_s=0.0)
        enough.set()


def test_a_service_that_answers_in_drops_is_left_at_the_deadline() -> None:
    enough = threading.Event()

    def drip(handler: socketserver.StreamRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not enough.wait(0.02):
            handler.wfile.write(b" ")

    with against(drip) as engine:
        with pytest.raises(EngineTimeout, match="fully"):
            spanish(engine, "Hello.", deadline_s=0.3)
        enough.set()


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'[{"code": "en"}]', b'[{"code": "xx", "targets": ["yy"]}]'])
def test_a_server_without_languages_of_ours_is_not_opened(body: bytes) -> None:
    with (
        serve_badly(lambda handler, _: write_json(handler, body)) as address,
        pytest.raises(EngineUnavailable, match="LibreTranslate"),
    ):
        LibreTranslateTranslator(address)


def test_without_an_address_or_a_server_it_says_what_is_missing() -> None:
    with pytest.raises(EngineUnavailable, match="DRAGOMAN_LIBRETRANSLATE_URL"):
        open_engine(None, threads=1)
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        open_engine(None, threads=1, url="http://127.0.0.1:1")


def test_closing_frees_nobody_s_text_and_refuses_the_next() -> None:
    with serve_translators(FakeTranslator()) as address:
        engine = LibreTranslateTranslator(address)
        with pytest.raises(LanguageNotSupported):
            engine.translate(["Hello."], source=EN, target=Language("ca"))
        engine.close()
        engine.close()

        with pytest.raises(EngineUnavailable, match="closed"):
            spanish(engine, "Hello.")


def test_texts_that_leave_this_machine_are_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.loads(LANGUAGES)
    monkeypatch.setattr(LibreTranslateTranslator, "_get", lambda self, path: answer)

    away = LibreTranslateTranslator("https://translate.example.org")
    here = LibreTranslateTranslator("http://[::1]:5000")

    assert away.info.remote
    assert "texts are sent there" in away.info.attribution
    assert not here.info.remote
    assert "sent" not in here.info.attribution
    away.close()
    here.close()
