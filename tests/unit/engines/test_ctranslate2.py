"""Translation models: both calling conventions on real weights, damaged folders, deadlines, circles."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dragoman.engines.translation import ctranslate2
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator, open_engine
from dragoman.engines.translation.repetition import runs_in_circles
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.ground.errors import (
    EngineOutputInvalid,
    EngineTimeout,
    ModelCorrupt,
    ModelIncomplete,
    ModelNotFound,
    ModelWrongFamily,
)
from dragoman.ground.languages import Language

FIXTURES = Path(__file__).parents[2] / "fixtures"
PICO = FIXTURES / "mt-pico"
EN, VI = Language("en"), Language("vi")
JAMES = "I spoke with James and Thao."
JAMES_IN_VIETNAMESE = "Tôi đã nói chuyện với James và Thảo."

MakeFolder = Callable[..., Path]


def sentences_of(language: Language) -> dict[str, str]:
    """Read the sentences of the speech fixtures with their right translations."""
    recordings = [json.loads(path.read_text()) for path in sorted((FIXTURES / "speech").glob(f"{language}-*.json"))]
    return {part["text"]: part["translation"] for recording in recordings for part in recording["sentences"]}


@pytest.fixture(scope="module")
def engine() -> Iterator[CTranslate2Translator]:
    engine = CTranslate2Translator(PICO)
    engine.warm_up()
    yield engine
    engine.close()


@pytest.fixture
def nllb_folder(tmp_path: Path) -> MakeFolder:
    """Copy the fixture model, with a statement if one is given."""

    def make(statement: object = None) -> Path:
        folder = tmp_path / "some-nllb"
        shutil.copytree(PICO, folder)
        if statement is not None:
            (folder / "dragoman.json").write_text(json.dumps(statement))
        return folder

    return make


@pytest.fixture
def opus_folder(tmp_path: Path) -> MakeFolder:
    """Dress the fixture model as an English-Vietnamese OPUS-MT one.

    Its weights answer by OPUS-MT's convention once the configuration gives them what NLLB's convention writes into
    the sentences: the source's language as the first token, the target's as the one that decoding starts from.
    """

    def make(
        name: str = "opus-mt-en-vi", *, statement: object = None, adds_end: bool = False, marker: str | None = None
    ) -> Path:
        folder = tmp_path / name
        shutil.copytree(PICO, folder)
        tokenizer = folder / "sentencepiece.bpe.model"
        shutil.copy(tokenizer, folder / "source.spm")
        tokenizer.rename(folder / "target.spm")
        config = json.loads((folder / "config.json").read_text())
        config |= {"decoder_start_token": "vie_Latn", "bos_token": "eng_Latn", "add_source_eos": adds_end}
        config["add_source_bos"] = marker is None
        (folder / "config.json").write_text(json.dumps(config))
        if marker is not None:
            # The engine must write the marker itself: it takes the place of the source's language.
            vocabulary = (folder / "shared_vocabulary.json").read_text()
            (folder / "shared_vocabulary.json").write_text(vocabulary.replace('"eng_Latn"', f'"{marker}"'))
        if statement is not None:
            (folder / "dragoman.json").write_text(json.dumps(statement))
        return folder

    return make


def share_right(engine: CTranslate2Translator, source: Language, target: Language) -> float:
    sentences = sentences_of(source)
    answers = engine.translate(list(sentences), source=source, target=target)
    right = sum(answer.text == wanted for answer, wanted in zip(answers, sentences.values(), strict=True))
    return right / len(sentences)


@pytest.mark.parametrize(("source", "target"), [(EN, VI), (VI, EN)])
def test_translates_the_sentences_of_the_speech_fixtures_word_for_word(
    engine: CTranslate2Translator,
    source: Language,
    target: Language,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    share = share_right(engine, source, target)

    record_property("share_right", share)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{source} -> {target}: {share:.1%} of {len(sentences_of(source))} sentences exactly right\n"
        )
    assert share >= 0.95


def test_an_opus_folder_translates_as_well_by_its_own_convention(opus_folder: MakeFolder) -> None:
    engine = CTranslate2Translator(opus_folder())

    assert engine.info.pairs == {(EN, VI)}
    assert engine.info.licence == "unknown"
    assert not engine.info.commercial
    assert share_right(engine, EN, VI) >= 0.95
    engine.close()


def test_an_opus_model_that_adds_its_own_end_gets_none_from_us(opus_folder: MakeFolder) -> None:
    folder = opus_folder(adds_end=True)
    engine = CTranslate2Translator(folder)

    calling = read_folder(folder)

    assert calling.source_tokens(["▁a"], source=EN, target=VI) == ["▁a"]
    assert share_right(engine, EN, VI) >= 0.95
    engine.close()


def test_an_opus_model_of_several_targets_is_told_which_one(opus_folder: MakeFolder) -> None:
    folder = opus_folder(marker=">>vie<<")
    engine = CTranslate2Translator(folder)

    calling = read_folder(folder)

    assert calling.source_tokens(["▁a"], source=EN, target=VI) == [">>vie<<", "▁a", "</s>"]
    assert calling.target_prefix(target=VI, committed="") == []
    assert share_right(engine, EN, VI) >= 0.95
    engine.close()


def test_an_opus_model_without_the_token_of_its_target_is_refused(opus_folder: MakeFolder) -> None:
    with pytest.raises(ModelIncomplete, match=">>fra<<"):
        CTranslate2Translator(opus_folder(marker=">>fra<<"))


@pytest.mark.parametrize(
    ("target", "token"),
    [("zh", ">>cmn_Hans<<"), ("zh-TW", ">>cmn_Hant<<"), ("ar", ">>ara<<"), ("ja", ">>jpn<<"), ("ms", ">>zsm_Latn<<")],
)
def test_an_opus_model_may_name_its_targets_by_other_codes(opus_folder: MakeFolder, target: str, token: str) -> None:
    folder = opus_folder("some-opus", marker=token, statement={"pairs": [["en", target]]})
    vocabulary = json.loads((folder / "shared_vocabulary.json").read_text())
    others = [">>arz<<", ">>cmn_Hans<<", ">>cmn_Hant<<", ">>cmn<<"]
    taken = iter(other for other in others if other != token)
    # In the place of pieces that no sentence here has.
    vocabulary[-6:-3] = [next(taken) for _ in range(3)]
    (folder / "shared_vocabulary.json").write_text(json.dumps(vocabulary))

    calling = read_folder(folder)

    assert calling.source_tokens(["▁a"], source=EN, target=Language(target))[0] == token


def test_an_opus_model_without_scripts_is_not_taken_for_traditional_chinese(opus_folder: MakeFolder) -> None:
    folder = opus_folder("some-opus", marker=">>cmn<<", statement={"pairs": [["en", "zh-TW"]]})

    with pytest.raises(ModelIncomplete, match=">>zho_Hant<<"):
        read_folder(folder)


@pytest.mark.parametrize(
    "name", ["opus-mt-en-vi", "opus-mt-tc-big-en-vi", "opus-mt-en-vi-ctranslate2", "OPUS_MT_eng_vie"]
)
def test_the_pair_of_an_opus_model_is_read_from_its_name(opus_folder: MakeFolder, name: str) -> None:
    assert read_folder(opus_folder(name)).pairs == {(EN, VI)}


def test_the_name_of_opus_for_japanese_is_known(opus_folder: MakeFolder) -> None:
    assert read_folder(opus_folder("opus-mt-en-jap")).pairs == {(EN, Language("ja"))}


@pytest.mark.parametrize("name", ["my-model", "opus-mt-en-mul", "opus-mt-en"])
def test_an_opus_model_that_does_not_say_its_pair_asks_for_it(opus_folder: MakeFolder, name: str) -> None:
    with pytest.raises(ModelIncomplete, match=r"dragoman models add .* --languages en:vi"):
        CTranslate2Translator(opus_folder(name))


def test_the_statement_beside_a_model_gives_its_pair_licence_and_name(opus_folder: MakeFolder) -> None:
    statement = {"pairs": [["en", "vi"]], "licence": "Apache-2.0", "commercial": True, "id": "mt.opus.en-vi"}
    engine = CTranslate2Translator(opus_folder("my-model", statement=statement))

    (translation,) = engine.translate([JAMES], source=EN, target=VI)

    assert translation.text == JAMES_IN_VIETNAMESE
    assert translation.model_used == "ctranslate2:mt.opus.en-vi"
    assert (engine.info.licence, engine.info.commercial) == ("Apache-2.0", True)
    engine.close()


@pytest.mark.parametrize("statement", [{"pairs": "en-vi"}, {"pairs": [["en"]]}, {"pairs": [["en", "xx"]]}, ["en"]])
def test_a_statement_that_makes_no_sense_is_quoted(nllb_folder: MakeFolder, statement: object) -> None:
    with pytest.raises(ModelCorrupt, match=r"dragoman\.json"):
        CTranslate2Translator(nllb_folder(statement))


def test_an_nllb_model_is_not_commercial_unless_stated_and_offers_the_codes_it_knows(nllb_folder: MakeFolder) -> None:
    unstated = read_folder(PICO)

    stated = read_folder(nllb_folder({"licence": "MIT", "commercial": True, "pairs": [["en", "vi"], ["en", "fr"]]}))

    assert unstated.pairs == {(EN, VI), (VI, EN)}
    assert (unstated.licence, unstated.commercial) == ("CC-BY-NC-4.0", False)
    assert (stated.licence, stated.commercial) == ("MIT", True)
    assert stated.pairs == {(EN, VI)}


@pytest.mark.parametrize(
    ("flores", "language", "space"),
    [("fra_Latn", "fr", " "), ("zho_Hans", "zh", ""), ("jpn_Jpan", "ja", ""), ("tha_Thai", "th", "")],
)
def test_parts_of_a_long_sentence_are_joined_as_the_language_is_written(
    nllb_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch, flores: str, language: str, space: str
) -> None:
    folder = nllb_folder()
    vocabulary = folder / "shared_vocabulary.json"
    vocabulary.write_text(vocabulary.read_text().replace("vie_Latn", flores))
    engine = CTranslate2Translator(folder)
    # As long as one of the sentences, so that each is a part.
    length = len(read_folder(folder).pieces("Goodbye, Lan."))
    monkeypatch.setattr(ctranslate2, "MAX_PIECES", -(-length * 4 // 3))

    (answer,) = engine.translate(["Goodbye, Lan. " * 3], source=EN, target=Language(language))

    assert answer.text == space.join(["Tạm biệt, Lan."] * 3)
    engine.close()


def test_committed_text_stays_in_front(engine: CTranslate2Translator) -> None:
    (translation,) = engine.translate([JAMES], source=EN, target=VI, committed_prefix="Chúng ta đã")

    assert translation.text.startswith("Chúng ta đã ")


def test_text_of_which_the_model_knows_nothing_comes_back_as_it_is(engine: CTranslate2Translator) -> None:
    texts = ["😀", "مرحبا", "?!", "Goodbye, Lan."]

    answers = [translation.text for translation in engine.translate(texts, source=EN, target=VI)]

    assert answers == ["😀", "مرحبا", "?!", "Tạm biệt, Lan."]


def test_decomposed_letters_are_read_as_composed_ones(engine: CTranslate2Translator) -> None:
    (translation,) = engine.translate(["Ta\u0323m bie\u0323\u0302t, Lan."], source=VI, target=EN)

    assert translation.text == "Goodbye, Lan."


def test_a_late_answer_is_a_timeout_and_the_next_one_is_right(engine: CTranslate2Translator) -> None:
    with pytest.raises(EngineTimeout):
        engine.translate([f"{JAMES} " * 200] * 4, source=EN, target=VI, deadline_s=0.01)
    (translation,) = engine.translate([JAMES], source=EN, target=VI, deadline_s=30.0)

    assert translation.text == JAMES_IN_VIETNAMESE


def test_an_answer_in_circles_is_refused(engine: CTranslate2Translator) -> None:
    with pytest.raises(EngineOutputInvalid, match="circles"):
        engine.translate(["abc" * 7000], source=EN, target=VI)


def test_circles_are_noticed_and_emphasis_is_not() -> None:
    assert runs_in_circles(["a", "b"] * 4)
    assert runs_in_circles(["x", *["one", "two", "three"] * 5, "y"])
    assert runs_in_circles(["0"] * 8)
    assert not runs_in_circles(["no"] * 4)
    assert not runs_in_circles(["1", *["0"] * 7])
    assert not runs_in_circles(["a", "b"] * 3)
    assert not runs_in_circles([])


def test_a_full_stop_is_lent_only_where_no_mark_ends_the_sentence() -> None:
    assert with_full_stop("hello") == "hello."
    assert with_full_stop('he said "hello!"') == 'he said "hello!"'
    assert with_full_stop("好。") == "好。"
    assert without_full_stop("hola.", like="hello") == "hola"
    assert without_full_stop("hola.", like="hello.") == "hola."
    assert tidy(" a\x00b\r\n\u00a0c\ud800 ") == "a b c"


def test_a_whisper_folder_names_the_engine_that_takes_it() -> None:
    with pytest.raises(ModelWrongFamily, match="faster_whisper"):
        CTranslate2Translator(FIXTURES / "whisper-pico")


def test_no_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        CTranslate2Translator(tmp_path / "none")
    with pytest.raises(ModelNotFound, match="FOLDER"):
        open_engine(None, threads=1)


@pytest.mark.parametrize("name", ["model.bin", "shared_vocabulary.json", "sentencepiece.bpe.model"])
def test_a_missing_file_is_named(nllb_folder: MakeFolder, name: str) -> None:
    folder = nllb_folder()
    (folder / name).unlink()

    with pytest.raises(ModelIncomplete, match=name):
        CTranslate2Translator(folder)


@pytest.mark.parametrize("name", ["shared_vocabulary.json", "sentencepiece.bpe.model", "config.json"])
def test_a_damaged_file_is_refused(nllb_folder: MakeFolder, name: str) -> None:
    folder = nllb_folder()
    (folder / name).write_bytes(b"\x00garbage" * 100)

    with pytest.raises(ModelCorrupt):
        CTranslate2Translator(folder)


def test_a_vocabulary_of_another_model_is_refused(nllb_folder: MakeFolder) -> None:
    folder = nllb_folder()
    foreign = ["<s>", "<pad>", "</s>", "<unk>", *(f"t{number}" for number in range(1497)), "eng_Latn", "vie_Latn"]
    (folder / "shared_vocabulary.json").write_text(json.dumps(foreign))

    with pytest.raises(ModelCorrupt, match="do not belong together"):
        CTranslate2Translator(folder)


def test_a_vocabulary_without_languages_is_refused(nllb_folder: MakeFolder) -> None:
    folder = nllb_folder()
    vocabulary = (folder / "shared_vocabulary.json").read_text()
    (folder / "shared_vocabulary.json").write_text(vocabulary.replace("vie_Latn", "xxx_Xxxx"))

    with pytest.raises(ModelIncomplete, match="vie_Latn"):
        CTranslate2Translator(folder)
