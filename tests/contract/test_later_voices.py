"""``"better": true`` of ``POST /synthesize``: a quick voice now, the better one later; and phrases made in advance."""

import base64
import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import soundfile
from starlette.testclient import TestClient

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import DEFAULT_VOICE
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import Language
from dragoman.observe.metrics import Metrics
from dragoman.services.saying.desk import SayingLimits
from dragoman.services.saying.phrases import load_phrases
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.services.web import FRAME_TYPE
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail, Hang, Outcome
from dragoman.testing.tones import hear_tones
from dragoman.wire.frames import pack_frame
from dragoman.wire.requests import SpeakRequest, write_speak

WITHIN_S = 30.0
NEVER_S = 3600.0
EN = Language("en")


def premium(*outcomes: Outcome) -> FakeTextToSpeech:
    return FakeTextToSpeech(name="premium", languages=(EN,), outcomes=outcomes, jobs_only=True)


@contextmanager
def service(
    *engines: FakeTextToSpeech, idle_s: float = NEVER_S, limits: SayingLimits | None = None
) -> Iterator[TestClient]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = text_to_speech_app(engines, pool=pool, idle_s=idle_s, limits=limits, metrics=Metrics())
        with TestClient(app) as client:
            assert client.portal is not None
            aside = client.portal.start_task_soon(app.state.work_aside)
            try:
                yield client
            finally:
                aside.cancel()


def synthesize(client: TestClient, text: str = "we start", **fields: object) -> httpx2.Response:
    return client.post("/synthesize", json={"text": text, "language": "en", "better": True} | fields)


def fetch(client: TestClient, request_id: str, *, answer: str = "audio") -> httpx2.Response:
    """Ask until it is there, or failed."""
    until_s = time.monotonic() + WITHIN_S
    while True:
        answered = client.get(f"/synthesize/{request_id}?answer={answer}")
        if answered.status_code != 202 or time.monotonic() > until_s:
            return answered
        time.sleep(0.02)


def prepared(client: TestClient) -> float:
    """Say how many phrases have been counted."""
    counted = re.search(r'events_total\{what="prepared"\} (\S+)', client.get("/metrics").text)
    return float(counted[1]) if counted else 0.0


def heard(content: bytes) -> str:
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return " ".join(word.text for word in hear_tones(Audio(samples=samples, sample_rate=rate)))


def test_the_quick_voice_answers_and_the_better_one_is_fetched_later() -> None:
    hang = Hang()

    with service(premium(hang), FakeTextToSpeech(name="espeak")) as client:
        now = synthesize(client, answer="json").json()
        waiting = client.get(f"/synthesize/{now['request_id']}")
        hang.until.set()
        later = fetch(client, now["request_id"])
        described = client.get(f"/synthesize/{now['request_id']}?answer=json").json()

    assert (now["tts_method"], now["better"]) == ("espeak", "premium")
    assert heard(base64.b64decode(now["audio"])) == "we start"
    assert now["estimate_s"] > 0
    assert waiting.status_code == 202
    assert waiting.json()["status"] in ("waiting", "speaking")
    assert waiting.headers["retry-after"]
    assert (later.status_code, later.headers["x-tts-method"]) == (200, "premium")
    assert heard(later.content) == "we start"
    assert "engine: premium" in soundfile.SoundFile(io.BytesIO(later.content)).comment
    assert (described["status"], described["progress"], described["ai_generated"]) == ("done", 1.0, True)


def test_bare_sound_names_the_request_in_its_headers() -> None:
    with service(premium(), FakeTextToSpeech(name="espeak")) as client:
        now = synthesize(client, format="flac")
        later = fetch(client, now.headers["x-request-id"])

    assert float(now.headers["x-better-in-s"]) > 0
    assert (later.headers["content-type"], later.headers["x-tts-method"]) == ("audio/flac", "premium")
    assert (now.headers["x-ai-generated"], later.headers["x-ai-generated"]) == ("true", "true")


def test_a_voice_for_background_jobs_that_is_named_speaks_later_and_another_one_now() -> None:
    with service(premium(), FakeTextToSpeech(name="espeak", languages=(EN,))) as client:
        answer = synthesize(client, engine="premium", voice="en-second", answer="json").json()
        later = fetch(client, answer["request_id"])

    assert (answer["tts_method"], answer["better"]) == ("espeak", "premium")
    assert heard(later.content) == "we start"


def test_where_a_voice_for_background_jobs_is_the_only_one_the_request_is_queued_without_a_sound() -> None:
    with service(premium()) as client:
        answer = synthesize(client)
        later = fetch(client, answer.json()["request_id"])

    assert (answer.status_code, answer.json()["better"]) == (202, "premium")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert heard(later.content) == "we start"


@pytest.mark.parametrize("alone", [True, False], ids=["the only one", "named"])
def test_a_voice_for_background_jobs_is_never_waited_for(alone: bool) -> None:
    slow = premium()
    engines = [slow] if alone else [slow, FakeTextToSpeech(name="espeak", languages=(EN,))]
    speak = write_speak(SpeakRequest(text="we start", language=EN, voice=DEFAULT_VOICE, speed=1.0, engine="premium"))

    with service(*engines) as client:
        answers = [
            client.post("/synthesize", json={"text": "we start", "language": "en", "engine": "premium"}),
            client.post("/v1/audio/speech", json={"input": "we start", "model": "premium", "voice": "alloy"}),
            client.post("/speak", content=pack_frame(speak), headers={"Content-Type": FRAME_TYPE}),
        ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all('with \\"better\\": true' in answer.text for answer in answers[:2])
    assert answers[0].json()["code"] == "only_later"
    assert slow.spoken == []


def plain(client: TestClient, text: str = "we start", **fields: object) -> dict[str, object]:
    asked = {"text": text, "language": "en", "answer": "json"} | fields
    answer: dict[str, object] = client.post("/synthesize", json=asked).json()
    return answer


def test_a_better_voice_replaces_the_quick_one_for_who_asks_again() -> None:
    best, quick = premium(), FakeTextToSpeech(name="espeak", languages=(EN,))

    with service(best, quick) as client:
        before = plain(client)
        fetch(client, synthesize(client).headers["x-request-id"])
        again = synthesize(client, answer="json").json()
        after, named = plain(client), plain(client, engine="premium")
        streamed = client.post("/v1/audio/speech", json={"input": "we start", "voice": "en", "response_format": "wav"})
        quickly = plain(client, engine="espeak")

    assert before["tts_method"] == "espeak"
    for answer in (again, after, named):
        assert (answer["tts_method"], answer["cached"], answer["voice"]) == ("premium", True, "")
        assert heard(base64.b64decode(str(answer["audio"]))) == "we start"
    assert (again["request_id"], again["better"], again["estimate_s"]) == (None, "premium", 0.0)
    assert (streamed.headers["x-tts-method"], streamed.headers["x-cached"]) == ("premium", "true")
    # Who names an engine hears that one.
    assert quickly["tts_method"] == "espeak"
    assert len(best.spoken) == 1


def test_a_better_voice_replaces_no_other_text_or_speed_and_goes_with_the_cache() -> None:
    with service(premium(), FakeTextToSpeech(name="espeak", languages=(EN,))) as client:
        fetch(client, synthesize(client).headers["x-request-id"])
        others = [plain(client, "another text"), plain(client, speed=1.2)]
        client.delete("/clear_cache")
        cleared, promised = plain(client), synthesize(client, answer="json").json()

    assert [answer["tts_method"] for answer in [*others, cleared]] == ["espeak"] * 3
    assert promised["request_id"]


def test_what_a_better_voice_has_spoken_is_forgotten_with_the_cache_and_what_it_still_speaks_is_not() -> None:
    hang = Hang()

    with service(premium(Answer.WELL, hang), FakeTextToSpeech(name="espeak", languages=(EN,))) as client:
        done = synthesize(client).headers["x-request-id"]
        fetched = fetch(client, done)
        waiting = synthesize(client, "another text").headers["x-request-id"]
        client.delete("/clear_cache")
        gone = client.get(f"/synthesize/{done}")
        hang.until.set()
        still = fetch(client, waiting)

    assert fetched.status_code == 200
    assert (gone.status_code, gone.json()["code"]) == (404, "result_gone")
    assert heard(still.content) == "another text"


def test_the_only_voice_answers_at_once_what_it_has_spoken_in_the_background() -> None:
    with service(premium()) as client:
        fetch(client, synthesize(client).headers["x-request-id"])
        bare = synthesize(client)

    assert (bare.status_code, bare.headers["x-tts-method"], bare.headers["x-cached"]) == (200, "premium", "true")
    assert (bare.headers["x-better"], bare.headers["x-better-in-s"]) == ("premium", "0")
    assert "x-request-id" not in bare.headers
    assert heard(bare.content) == "we start"


def test_a_better_voice_that_two_asked_for_speaks_once() -> None:
    hang = Hang()
    best = premium(hang)

    with service(best, FakeTextToSpeech(name="espeak", languages=(EN,))) as client:
        asked = [synthesize(client).headers["x-request-id"], synthesize(client, format="flac").headers["x-request-id"]]
        hang.until.set()
        answers = [fetch(client, request_id) for request_id in asked]

    assert [answer.headers["content-type"] for answer in answers] == ["audio/wav", "audio/flac"]
    assert [heard(answer.content) for answer in answers] == ["we start"] * 2
    assert len(best.spoken) == 1


def test_with_one_engine_it_says_that_none_is_better() -> None:
    with service(FakeTextToSpeech(name="espeak")) as client:
        answer = synthesize(client, answer="json").json()
        bare = synthesize(client)

    assert answer["request_id"] is None
    assert answer["better"] == "none: espeak answered, and nothing here speaks English better"
    assert bare.headers["x-better"] == "none"


def test_without_the_flag_nothing_is_promised() -> None:
    best = premium()

    with service(best, FakeTextToSpeech(name="espeak")) as client:
        asked = {"text": "hi", "language": "en", "answer": "json"}
        answer = client.post("/synthesize", json=asked).json()
        again = client.post("/synthesize", json=asked).json()

    assert "request_id" not in answer
    assert (answer["tts_method"], again["cached"]) == ("espeak", True)
    assert best.spoken == []


def test_a_better_voice_that_fails_is_told_to_who_fetches_it() -> None:
    broken = premium(Fail(error=EngineCrashed("gone")), Fail(error=EngineCrashed("gone")))

    with service(broken, FakeTextToSpeech(name="espeak")) as client:
        now = synthesize(client)
        later = fetch(client, now.headers["x-request-id"])

    assert now.status_code == 200
    assert (later.status_code, later.json()["code"]) == (502, "engine_crashed")


@pytest.mark.parametrize("request_id", ["nothing", "x" * 500, "%00"])
def test_a_request_that_nobody_made_is_not_found(request_id: str) -> None:
    with service(FakeTextToSpeech()) as client:
        answer = client.get(f"/synthesize/{request_id}")

    assert answer.status_code == 404


def test_no_more_wait_than_may_and_a_long_text_is_refused_before_anything_is_spoken() -> None:
    hang = Hang()
    quick = FakeTextToSpeech(name="espeak")

    with service(premium(hang), quick) as client:
        answers = [synthesize(client, f"text {place}") for place in range(18)]
        spoken = len(quick.spoken)
        long = synthesize(client, "a " * 600)
        hang.until.set()

    assert [answer.status_code for answer in answers[:16]] == [200] * 16
    assert answers[-1].json()["code"] == "capacity_exhausted"
    assert long.json()["code"] == "text_not_speakable"
    assert "leave 'better' out" in long.json()["detail"]
    assert len(quick.spoken) == spoken


@pytest.mark.parametrize("better", ["yes", 1, []])
def test_the_flag_is_true_or_false(better: object) -> None:
    with service(FakeTextToSpeech()) as client:
        answer = synthesize(client, better=better)

    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")


def test_phrases_are_spoken_when_idle_counted_and_found_by_who_says_them() -> None:
    phrases = len(load_phrases()[EN])

    with service(FakeTextToSpeech(languages=(EN,)), idle_s=0.01) as client:
        until_s = time.monotonic() + WITHIN_S
        while prepared(client) < phrases and time.monotonic() < until_s:
            time.sleep(0.02)
        answer = client.post("/synthesize", json={"text": "Thank you.", "language": "en"})

    assert answer.headers["x-cached"] == "true"


def test_phrases_take_half_of_the_cache_and_drive_nothing_out() -> None:
    engine = FakeTextToSpeech(languages=(EN,))
    limits = SayingLimits(cache_bytes=1 << 19)

    with service(engine, idle_s=0.01, limits=limits) as client:
        until_s = time.monotonic() + WITHIN_S
        while "dragoman_voice_cache_bytes 0" in client.get("/metrics").text and time.monotonic() < until_s:
            time.sleep(0.05)
        # One phrase may pass the half; the next is not begun.
        for _ in range(20):
            time.sleep(0.02)
        metrics = client.get("/metrics").text

    assert 'what="evicted"' not in metrics
    held = float(metrics.split("\ndragoman_voice_cache_bytes ")[1].split("\n")[0])
    assert 0 < held <= (1 << 19) / 2 + 200_000


def test_a_service_that_is_asked_all_the_time_prepares_nothing() -> None:
    engine = FakeTextToSpeech(languages=(EN,))

    with service(engine) as client:
        for place in range(5):
            client.post("/synthesize", json={"text": f"text {place}", "language": "en"})
        metrics = client.get("/metrics").text

    assert 'what="prepared"' not in metrics
    assert len(engine.spoken) == 5
