"""Streaming transducers by sherpa-onnx: whole folders, broken ones, and a worker that dies."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from tests.toy_transducer import LEVEL, WORD_BEGINS, say_in_letters, sound_chords, write_nemotron, write_zipformer

from dragoman.engines.registry import open_speech_to_text
from dragoman.engines.speech_to_text import sherpa
from dragoman.engines.speech_to_text.sherpa import Sherpa
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import EngineChoice, RecognitionContext
from dragoman.ground.errors import (
    EngineCrashed,
    EngineUnavailable,
    LanguageNotSupported,
    ModelCorrupt,
    ModelError,
    ModelIncomplete,
    ModelWrongFamily,
)
from dragoman.ground.languages import Language

EN, VI = Language("en"), Language("vi")
NO_CONTEXT = RecognitionContext()
ENCODER, DECODER, JOINER = (
    "encoder-epoch-1-avg-1.int8.onnx",
    "decoder-epoch-1-avg-1.onnx",
    "joiner-epoch-1-avg-1.int8.onnx",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zipformer(tmp_path_factory.mktemp("models") / "sherpa-onnx-streaming-zipformer-en-2026-01-01")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Sherpa]:
    engine = sherpa.open_engine(folder, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def engine_with_hot_words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sherpa]:
    folder = tmp_path_factory.mktemp("models") / "zipformer-en"
    engine = sherpa.open_engine(write_zipformer(folder, hot_words=True), threads=1)
    yield engine
    engine.close()


def opened(folder: Path) -> Sherpa:
    return sherpa.open_engine(folder, threads=1)


def hear(engine: Sherpa, audio: Audio, *, language: Language = EN, hot_words: tuple[str, ...] = ()) -> str:
    pause = silence(0.3, RECOGNITION_RATE)
    context = RecognitionContext(hot_words=hot_words)
    return engine.transcribe(
        join_audio([pause, audio, pause], RECOGNITION_RATE), language=language, context=context
    ).text


def test_the_registry_opens_it_by_its_name(folder: Path) -> None:
    choice = EngineChoice(name="sherpa", model="zipformer")

    engine = open_speech_to_text(choice, find_model=lambda _: folder)

    assert engine.info.streaming
    engine.close()


def test_after_its_worker_was_killed_the_next_call_works(folder: Path) -> None:
    engine = opened(folder)
    killed = engine.worker_pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        engine.transcribe(say_in_letters("yes"), language=EN, context=NO_CONTEXT)

    assert hear(engine, say_in_letters("yes")) == "yes"
    assert engine.worker_pid not in {None, killed}
    engine.close()
    assert engine.worker_pid is None


def test_the_streams_of_a_dead_worker_say_that_they_are_lost(folder: Path) -> None:
    engine = opened(folder)
    stream = engine.open_stream(language=EN, context=NO_CONTEXT)
    assert engine.worker_pid is not None
    os.kill(engine.worker_pid, signal.SIGKILL)
    with pytest.raises(EngineCrashed):
        engine.warm_up()

    engine.warm_up()

    with pytest.raises(EngineCrashed, match="lost"):
        stream.finish()
    engine.close()


def test_too_many_open_utterances_are_refused_and_the_others_go_on(engine: Sherpa) -> None:
    streams = [engine.open_stream(language=EN, context=NO_CONTEXT) for _ in range(32)]

    with pytest.raises(EngineUnavailable, match="32 utterances"):
        engine.open_stream(language=EN, context=NO_CONTEXT)

    assert all(stream.finish().words == () for stream in streams)


def test_words_that_others_follow_stay_as_they_are(engine: Sherpa) -> None:
    stream = engine.open_stream(language=EN, context=NO_CONTEXT)
    audio = say_in_letters("these are a few words in a row")
    hypotheses = [
        stream.accept(Audio(samples=audio.samples[begin : begin + 800], sample_rate=RECOGNITION_RATE))
        for begin in range(0, len(audio.samples), 800)
    ]

    final = stream.finish()

    assert final.text == "these are a few words in a row"
    for words in hypotheses:
        assert [word.text for word in words[:-1]] == [word.text for word in final.words][: max(0, len(words) - 1)]


def test_a_recording_of_more_than_one_piece_keeps_its_times(engine: Sherpa) -> None:
    pause = silence(14.0, RECOGNITION_RATE)
    audio = join_audio([pause, say_in_letters("one"), pause, say_in_letters("two"), pause], RECOGNITION_RATE)

    first, second = engine.transcribe(audio, language=EN, context=NO_CONTEXT).words

    assert (first.text, second.text) == ("one", "two")
    assert first.start_s == pytest.approx(14.0, abs=0.3)
    assert second.start_s == pytest.approx(28.0 + say_in_letters("one").duration_s, abs=0.3)


def test_a_hot_word_wins_over_a_word_that_sounds_as_well(engine_with_hot_words: Sherpa) -> None:
    mumbled = sound_chords([{WORD_BEGINS: LEVEL}, {"b": LEVEL, "p": 0.25 * LEVEL}, {"a": LEVEL}, {"t": LEVEL}])

    assert hear(engine_with_hot_words, mumbled) == "bat"
    assert hear(engine_with_hot_words, mumbled, hot_words=("dog", "pat")) == "pat"


@pytest.mark.parametrize("phrase", ["", " ", "/", ":1e9", "#x", "@", "pat:9", "pa\nt", "日本語", "p" * 100_000, "\0"])
def test_no_hot_word_breaks_the_worker(engine_with_hot_words: Sherpa, phrase: str) -> None:
    worker = engine_with_hot_words.worker_pid

    heard = hear(engine_with_hot_words, say_in_letters("bat"), hot_words=(phrase,) * 200)

    assert heard == "bat"
    assert engine_with_hot_words.worker_pid == worker


def test_a_model_without_small_letters_is_written_as_people_write(tmp_path: Path) -> None:
    engine = opened(write_zipformer(tmp_path / "zipformer-en", capitals=True))

    assert hear(engine, say_in_letters("i met him on monday")) == "I met him on Monday"
    engine.close()


def test_a_multilingual_model_is_told_the_language(tmp_path: Path) -> None:
    engine = opened(write_nemotron(tmp_path / "nemotron"))

    assert set(engine.info.languages) == {EN, VI}
    assert hear(engine, say_in_letters("do it"), language=EN) == "do it"
    assert hear(engine, say_in_letters("do it"), language=VI) == "đo it"
    with pytest.raises(LanguageNotSupported, match="Vietnamese"):
        engine.transcribe(say_in_letters("do it"), language=None, context=NO_CONTEXT)
    engine.close()


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("sherpa-onnx-streaming-zipformer-ar_en_id_ja_ru_th_vi_zh-2025-02-10", "ar en id ja ru th vi zh"),
        ("sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20", "zh en"),
        ("sherpa-onnx-streaming-zipformer-fr-2023-04-14", "fr"),
    ],
)
def test_a_published_folder_says_its_languages_by_its_name(tmp_path: Path, name: str, languages: str) -> None:
    engine = opened(write_zipformer(tmp_path / name))

    assert engine.info.languages == tuple(languages.split())
    engine.close()


def test_the_store_s_card_says_what_a_model_is(tmp_path: Path) -> None:
    folder = write_zipformer(tmp_path / "zipformer-fr")
    card = '{"id": "our-zipformer", "languages": ["vi"], "licence": "Apache-2.0", "commercial": true}'
    (folder / "dragoman.json").write_text(card, encoding="utf-8")

    engine = opened(folder)

    assert (engine.info.label, engine.info.languages) == ("sherpa:our-zipformer", (VI,))
    assert (engine.info.licence, engine.info.commercial) == ("Apache-2.0", True)
    engine.close()


def strip_metadata(file: Path, *, only: str = "") -> None:
    """Take all entries of the metadata away, or one."""
    model = onnx.load(file)
    kept = [entry for entry in model.metadata_props if only and entry.key != only]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, file)


def spoil_graph(file: Path) -> None:
    """Leave a file that says the right things, with a graph that cannot run."""
    model = onnx.load(file)
    model.graph.node[0].op_type = "NoSuchOperation"
    onnx.save(model, file)


def write_tokens(folder: Path, text: str) -> None:
    (folder / "tokens.txt").write_text(text, encoding="utf-8")


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


Spoil = Callable[[Path], object]
WRONG_FOLDERS: dict[str, tuple[Spoil, type[ModelError], str]] = {
    "no tokens": (lambda folder: (folder / "tokens.txt").unlink(), ModelIncomplete, "tokens.txt"),
    "no joiner": (lambda folder: (folder / JOINER).unlink(), ModelIncomplete, "joiner"),
    "empty encoder": (lambda folder: (folder / ENCODER).write_bytes(b""), ModelCorrupt, "fetch"),
    "garbage": (lambda folder: (folder / ENCODER).write_bytes(os.urandom(9999)), ModelError, "fetch"),
    "short encoder": (lambda folder: shorten(folder / ENCODER), ModelError, "fetch"),
    "short decoder": (lambda folder: shorten(folder / DECODER), ModelError, "fetch"),
    "short joiner": (lambda folder: shorten(folder / JOINER), ModelError, "fetch"),
    "an offline model": (lambda folder: strip_metadata(folder / ENCODER, only="T"), ModelWrongFamily, "streaming"),
    "no metadata": (lambda folder: strip_metadata(folder / ENCODER), ModelWrongFamily, "streaming"),
    "bare decoder": (lambda folder: strip_metadata(folder / DECODER), ModelWrongFamily, "vocab_size"),
    "parts exchanged": (lambda folder: shutil.copy(folder / JOINER, folder / ENCODER), ModelWrongFamily, "streaming"),
    "unknown operation": (lambda folder: spoil_graph(folder / ENCODER), ModelCorrupt, "NoSuchOperation"),
    "wrong decoder": (lambda folder: shutil.copy(folder / JOINER, folder / DECODER), ModelWrongFamily, "vocab_size"),
    "few tokens": (lambda folder: write_tokens(folder, "<blk> 0\na 1\n"), ModelCorrupt, "different models"),
    "no blank": (lambda folder: write_tokens(folder, "a 0\nb 1\n"), ModelCorrupt, "blank"),
    "token gaps": (lambda folder: write_tokens(folder, "<blk> 0\nb 7\n"), ModelCorrupt, "numbers"),
    "no numbers": (lambda folder: write_tokens(folder, "one two three\n"), ModelCorrupt, "number"),
    "binary tokens": (lambda folder: (folder / "tokens.txt").write_bytes(b"\xff\xfe" * 99), ModelCorrupt, "UTF-8"),
    "nameless": (lambda folder: folder.rename(folder.with_name("mine")), ModelIncomplete, "languages"),
}


@pytest.mark.parametrize("fault", WRONG_FOLDERS)
def test_a_folder_that_sherpa_cannot_run_is_refused_with_its_reason(folder: Path, tmp_path: Path, fault: str) -> None:
    spoil, error, said = WRONG_FOLDERS[fault]
    wrong = Path(shutil.copytree(folder, tmp_path / "zipformer-en"))
    spoil(wrong)
    wrong = wrong if wrong.exists() else tmp_path / "mine"

    with pytest.raises(error, match=said):
        opened(wrong)


def test_nemo_tokens_of_another_model_are_refused(tmp_path: Path) -> None:
    folder = write_nemotron(tmp_path / "nemotron")
    tokens = (folder / "tokens.txt").read_text(encoding="utf-8")
    write_tokens(folder, tokens.replace("<blk>", "x").replace("▁", "<blk>"))

    with pytest.raises(ModelCorrupt, match="<blk>"):
        opened(folder)


@pytest.mark.parametrize("sound", ["noise", "clipping", "not a number"])
def test_ugly_sound_leaves_the_worker_well(engine: Sherpa, sound: str) -> None:
    random = np.random.default_rng(5)
    samples = {
        "noise": random.normal(0, 0.05, 2 * RECOGNITION_RATE),
        "clipping": np.sign(random.normal(0, 1, 2 * RECOGNITION_RATE)) * 7,
        "not a number": np.full(RECOGNITION_RATE, np.nan),
    }[sound]
    worker = engine.worker_pid

    with np.errstate(invalid="ignore"):
        hear(engine, Audio(samples=samples.astype(np.float32), sample_rate=RECOGNITION_RATE))

    assert hear(engine, say_in_letters("yes")) == "yes"
    assert engine.worker_pid == worker
