"""A voice that belongs to a person is for that person's calls: no route lists it, speaks with it or prepares it."""

from pathlib import Path

from starlette.testclient import TestClient

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Voice
from dragoman.ground.languages import Language
from dragoman.observe.metrics import Metrics
from dragoman.services.saying.listings import voice_rows
from dragoman.services.saying.openai_http import OPENAI_VOICES
from dragoman.services.saying.phrases import common_wishes
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.voicing.stock_pitches import StockPitches

EN = Language("en")
CLONE = Voice(name="an", owner="an@example.org")


class Lent(FakeTextToSpeech):
    """Has somebody's own voice, before its stock voices."""

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return (CLONE, *super().voices(language))


def test_nobody_else_can_list_or_use_a_voice_that_belongs_to_a_person() -> None:
    engine = Lent(languages=(EN,))
    with EnginePool(workers=1, observer=RecordingObserver()) as pool:
        app = text_to_speech_app([engine], pool=pool, metrics=Metrics())
        with TestClient(app) as client:
            listed = client.get("/voices?language=en").json()["voices"]
            named = client.post("/synthesize", json={"text": "we start", "language": "en", "voice": "an"})
            for name in OPENAI_VOICES:
                client.post("/v1/audio/speech", json={"input": f"by {name}", "voice": name, "response_format": "wav"})
            guessed = client.post("/v1/audio/speech", json={"input": "we start", "voice": "an"})

    assert [(voice["name"], voice["default"]) for voice in listed] == [("en-first", True), ("en-second", False)]
    assert (named.status_code, named.json()["code"]) == (422, "voice_not_found")
    assert "an," not in named.json()["detail"]
    assert guessed.status_code == 422
    assert {voice.name for _, voice, _ in engine.spoken} == {"en-first", "en-second"}


def test_a_voice_that_belongs_to_a_person_is_neither_prepared_nor_measured(tmp_path: Path) -> None:
    engine = Lent(languages=(EN,))

    StockPitches(tmp_path).measure(engine, EN)

    assert CLONE not in {voice for _, voice, _ in engine.spoken}
    assert len(engine.spoken) == 2
    assert CLONE not in {wish.voice for wish in common_wishes([engine])}
    assert voice_rows([engine], EN)[0].voices == ("en-first", "en-second")
