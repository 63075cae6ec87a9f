"""The families of CTranslate2 models: where each wants the languages named, on real and on random weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.madlad_model import write_madlad

from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.ground.errors import EngineOutputInvalid, ModelIncomplete, ModelWrongFamily
from dragoman.ground.languages import Language
from dragoman.models.families import recognise_engine, require_family

PICO = Path(__file__).parents[3] / "fixtures" / "mt-pico"
EN, VI, TL = Language("en"), Language("vi"), Language("tl")
JAMES, IN_VIETNAMESE = "I spoke with James and Thao.", "Tôi đã nói chuyện với James và Thảo."

Respell = Callable[[dict[str, str]], Path]


@pytest.fixture
def respelt(tmp_path: Path) -> Respell:
    """Copy the fixture, an NLLB, with other names for some of its tokens."""

    def make(names: dict[str, str]) -> Path:
        folder = tmp_path / "some-model"
        shutil.copytree(PICO, folder)
        path = folder / "shared_vocabulary.json"
        tokens = json.loads(path.read_text())
        path.write_text(json.dumps([names.get(token, token) for token in tokens]))
        return folder

    return make


def test_nllb_names_the_source_in_front_and_the_target_as_first_output() -> None:
    nllb = read_folder(PICO)

    tokens = nllb.source_tokens(["▁a"], source=EN, target=VI)

    assert tokens == ["eng_Latn", "▁a", *(["</s>"] if nllb.adds_end else [])]
    assert nllb.target_prefix(target=VI, committed="") == ["vie_Latn"]
    assert nllb.text(["vie_Latn", "▁a", "</s>"], target=VI) == "a"


def test_an_m2m100_is_known_by_its_codes_and_translates_by_them(respelt: Respell) -> None:
    folder = respelt({"eng_Latn": "__en__", "vie_Latn": "__vi__"})
    engine = CTranslate2Translator(folder)

    (answer,) = engine.translate([JAMES], source=EN, target=VI)

    assert answer.text == IN_VIETNAMESE
    assert engine.info.pairs == {(EN, VI), (VI, EN)}
    assert (engine.info.licence, engine.info.commercial) == ("MIT", True)
    engine.close()


@pytest.mark.parametrize("adds_end", [False, True])
def test_a_madlad_is_told_the_target_in_front_of_the_source(tmp_path: Path, adds_end: bool) -> None:
    madlad = read_folder(write_madlad(tmp_path / "madlad", adds_end=adds_end))

    tokens = madlad.source_tokens(madlad.pieces("the house"), source=EN, target=VI)

    whole = madlad.source_tokenizer.encode("<2vi> the house", out_type=str)
    assert tokens == [*whole, *([] if adds_end else ["</s>"])]
    assert all(token in madlad.source_vocabulary for token in tokens)
    assert madlad.target_prefix(target=VI, committed="") == []
    assert madlad.pairs == {(one, other) for one in (EN, VI, TL) for other in (EN, VI, TL) if one != other}
    assert (madlad.licence, madlad.commercial) == ("Apache-2.0", True)


def test_a_t5_of_madlads_shape_runs(tmp_path: Path) -> None:
    folder = write_madlad(tmp_path / "madlad")
    engine = CTranslate2Translator(folder)

    try:
        answers = engine.translate(["the house is big", "", "we have three dogs."], source=EN, target=VI)
    except EngineOutputInvalid:
        pass  # Its weights are chance: circles are as good as words.
    else:
        assert [bool(answer.text) for answer in answers] == [True, False, True]
    engine.close()


def test_a_madlad_is_complete_with_its_own_tokenizer(tmp_path: Path) -> None:
    folder = write_madlad(tmp_path / "madlad")
    names = [path.name for path in folder.iterdir()]

    require_family(folder, "ctranslate2", names)

    assert recognise_engine(folder) == "ctranslate2"
    with pytest.raises(ModelWrongFamily, match="not for firefox"):
        require_family(folder, "firefox", [])
    (folder / "spiece.model").unlink()
    with pytest.raises(ModelIncomplete, match=r"spiece\.model"):
        CTranslate2Translator(folder)
    with pytest.raises(ModelIncomplete, match=r"spiece\.model"):
        require_family(folder, "ctranslate2", [name for name in names if name != "spiece.model"])


def test_only_words_of_the_vmap_come_out_where_there_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "with-vmap"
    shutil.copytree(PICO, folder)
    tokens = json.loads((folder / "shared_vocabulary.json").read_text())
    kept = [token for token in tokens if "chuyện" not in token]
    (folder / "vmap.txt").write_text("\t" + " ".join(kept) + "\n")
    engine = CTranslate2Translator(folder)

    (answer,) = engine.translate([JAMES], source=EN, target=VI)

    assert "chuyện" not in answer.text
    assert "James" in answer.text
    engine.close()
