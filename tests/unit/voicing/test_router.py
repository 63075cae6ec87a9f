"""VoiceRouter: a voice that fails is asked again, then the next one speaks."""

import pytest

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, LanguageNotSupported
from dragoman.ground.events import EngineFailed
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail
from dragoman.testing.tones import hear_tones
from dragoman.voicing.levelling import TARGET_LUFS
from dragoman.voicing.loudness import measure_loudness
from dragoman.voicing.router import VoiceRouter

ES = Language("es")


def _speak(*engines: FakeTextToSpeech, language: Language = ES) -> tuple[list[Audio], RecordingObserver]:
    observer = RecordingObserver()

    async def run() -> list[Audio]:
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=engines, pool=pool, observer=observer)
            voice = router.voice_for("an", language)
            spoken = router.speak("hola a todos", language=language, voice=voice, speed=1.0, deadline_s=5.0)
            return [audio async for audio in spoken]

    return run_in_virtual_time(run), observer


def _text(pieces: list[Audio]) -> str:
    return " ".join(word.text for piece in pieces for word in hear_tones(piece))


def test_the_text_is_spoken_piece_by_piece() -> None:
    pieces, _ = _speak(FakeTextToSpeech())

    assert _text(pieces) == "hola a todos"
    assert len(pieces) >= 3


@pytest.mark.parametrize("outcome", [Fail(error=EngineCrashed("gone")), Answer.SILENCE], ids=["crashed", "was silent"])
def test_a_voice_that_fails_once_is_asked_again(outcome: Fail | Answer) -> None:
    engine = FakeTextToSpeech(outcomes=[outcome])

    pieces, observer = _speak(engine)

    assert _text(pieces) == "hola a todos"
    assert len(engine.spoken) == 2
    assert len(observer.of(EngineFailed)) == 1


def test_a_voice_that_fails_twice_is_followed_by_the_next() -> None:
    failure = Fail(error=EngineCrashed("gone"))
    good = FakeTextToSpeech(name="good")

    pieces, _ = _speak(FakeTextToSpeech(name="bad", outcomes=[failure, failure]), good)

    assert _text(pieces) == "hola a todos"
    assert len(good.spoken) == 1


def test_what_has_sounded_is_never_said_twice() -> None:
    cut = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=1)])

    with pytest.raises(EngineCrashed):
        _speak(cut, FakeTextToSpeech())

    assert len(cut.spoken) == 1


def test_silence_from_every_engine_is_an_error() -> None:
    with pytest.raises(EngineOutputInvalid):
        _speak(FakeTextToSpeech(outcomes=[Answer.SILENCE, Answer.SILENCE]))


def test_speakers_get_different_voices_while_there_are_enough_and_keep_them() -> None:
    observer = RecordingObserver()
    with EnginePool(workers=1, observer=observer) as pool:
        router = VoiceRouter(engines=[FakeTextToSpeech()], pool=pool, observer=observer)

        voices = [router.voice_for(speaker, ES) for speaker in ("an", "ben", "an", "eva")]

    assert voices[0] != voices[1]
    assert voices[2] == voices[0]
    assert voices[3] in voices[:2]
    assert DEFAULT_VOICE not in voices


def test_a_language_nobody_speaks_is_refused_with_what_there_is() -> None:
    with pytest.raises(LanguageNotSupported, match=r"Thai.*es \(Spanish\)"):
        _speak(FakeTextToSpeech(languages=(ES,)), language=Language("th"))


def test_figures_are_spoken_in_words() -> None:
    engine = FakeTextToSpeech()

    async def run() -> list[Audio]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=observer)
            said = router.speak("son 21 km", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=5.0)
            return [audio async for audio in said]

    pieces = run_in_virtual_time(run)

    assert _text(pieces) == "son veintiún kilómetros"


def test_a_voice_that_breaks_off_at_once_is_asked_again() -> None:
    engine = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("gone"), after_pieces=0)])

    pieces, _ = _speak(engine)

    assert _text(pieces) == "hola a todos"


def test_a_text_of_pictures_alone_is_given_to_no_engine() -> None:
    engine = FakeTextToSpeech()

    async def run() -> list[Audio]:
        observer = RecordingObserver()
        with EnginePool(workers=2, observer=observer) as pool:
            router = VoiceRouter(engines=[engine], pool=pool, observer=observer)
            said = router.speak("😀🎉", language=ES, voice=DEFAULT_VOICE, speed=1.0, deadline_s=5.0)
            return [audio async for audio in said]

    with pytest.raises(EngineOutputInvalid, match="nothing to speak"):
        run_in_virtual_time(run)
    assert engine.spoken == []


def test_every_clause_comes_at_the_same_loudness() -> None:
    pieces, _ = _speak(FakeTextToSpeech())

    lufs = measure_loudness(join_audio(pieces, pieces[0].sample_rate).samples, pieces[0].sample_rate)

    assert lufs == pytest.approx(TARGET_LUFS, abs=1.5)
