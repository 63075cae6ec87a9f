"""The store: adding one's own models, finding them, and noticing what is wrong with them."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.toy_vieneu import make_vieneu_nano, make_vieneu_turbo

from dragoman.engines.text_to_speech.vieneu_folder import Size, read_vieneu_folder
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelNotFound, ModelWrongFamily, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.models.store import ModelState, ModelStore
from dragoman.models.table import load_table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EN, VI = Language("en"), Language("vi")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", load_table())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A translator of one's own, outside the store."""
    return shutil.copytree(FIXTURES / "mt-pico", tmp_path / "own-mt")


def test_an_added_model_is_found_by_its_id_with_all_its_files(store: ModelStore, own: Path, tmp_path: Path) -> None:
    added = store.add(own, pairs=[(EN, VI), (VI, EN)], licence="Apache-2.0", commercial=True)

    folder = store.find("own-mt")

    assert (added.engine, added.pairs, added.licence) == ("ctranslate2", ((EN, VI), (VI, EN)), "Apache-2.0")
    assert folder == tmp_path / "models" / "own-mt"
    record = json.loads((folder / "dragoman.json").read_text(encoding="utf-8"))
    assert record["pairs"] == [["en", "vi"], ["vi", "en"]]
    assert set(record["files"]) == {path.name for path in own.iterdir()}


def test_a_whisper_folder_is_recognised(store: ModelStore) -> None:
    added = store.add(FIXTURES / "whisper-pico", languages=[EN, VI])

    assert added.engine == "faster_whisper"
    assert not added.commercial


def test_files_are_linked_where_the_disk_can(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])

    assert store.find("own-mt").joinpath("model.bin").samefile(own / "model.bin")


def test_links_in_the_folder_are_followed(store: ModelStore, own: Path, tmp_path: Path) -> None:
    blob = (own / "model.bin").rename(tmp_path / "blob")
    (own / "model.bin").symlink_to(blob)

    store.add(own, pairs=[(EN, VI)])

    assert not (store.find("own-mt") / "model.bin").is_symlink()


def test_files_that_are_no_model_files_stay_behind(store: ModelStore, own: Path) -> None:
    (own / "README.md").write_text("read me")
    (own / "run.py").write_text("import os")

    store.add(own, pairs=[(EN, VI)])

    assert not (store.find("own-mt") / "run.py").exists()
    assert not (store.find("own-mt") / "README.md").exists()


def test_an_incomplete_folder_is_refused_with_what_it_lacks(store: ModelStore, own: Path) -> None:
    (own / "sentencepiece.bpe.model").unlink()

    with pytest.raises(ModelIncomplete, match=r"sentencepiece\.bpe\.model or .*source\.spm and target\.spm"):
        store.add(own, pairs=[(EN, VI)])


def test_a_pickled_folder_is_refused_with_the_reason(store: ModelStore, own: Path) -> None:
    (own / "model.bin").rename(own / "pytorch_model.bin")

    with pytest.raises(ModelWrongFamily, match="run code"):
        store.add(own, pairs=[(EN, VI)])


def test_a_pickle_under_another_name_is_refused(store: ModelStore, own: Path) -> None:
    (own / "model.bin").write_bytes(b"PK\x03\x04" + bytes(1000))

    with pytest.raises(ModelWrongFamily, match="not written by CTranslate2"):
        store.add(own, pairs=[(EN, VI)])


def test_a_model_for_another_engine_is_refused(store: ModelStore) -> None:
    with pytest.raises(ModelWrongFamily, match="faster_whisper"):
        store.add(FIXTURES / "whisper-pico", engine="ctranslate2", pairs=[(EN, VI)])


def test_a_refused_folder_leaves_nothing_behind(store: ModelStore, own: Path, tmp_path: Path) -> None:
    (own / "config.json").unlink()

    with pytest.raises(ModelIncomplete):
        store.add(own, pairs=[(EN, VI)])

    assert not list((tmp_path / "models").glob("*"))


@pytest.mark.parametrize("model_id", ["Own", "../own", "", "a/b", ".hidden", "a..b"])
def test_an_id_that_is_no_folder_name_is_refused(store: ModelStore, own: Path, model_id: str) -> None:
    named = own.rename(own.with_name("Übung"))

    with pytest.raises(SettingsInvalid, match="id"):
        store.add(named, pairs=[(EN, VI)], model_id=model_id)


def test_the_ids_of_the_table_stay_its_own(store: ModelStore, own: Path) -> None:
    with pytest.raises(SettingsInvalid, match="another one"):
        store.add(own, pairs=[(EN, VI)], model_id="whisper-small")


def test_a_translator_without_pairs_is_refused(store: ModelStore, own: Path) -> None:
    with pytest.raises(SettingsInvalid, match="pairs"):
        store.add(own)


def test_a_model_that_was_not_pulled_says_the_command(store: ModelStore) -> None:
    with pytest.raises(ModelNotFound, match="dragoman models pull whisper-small"):
        store.find("whisper-small")


def test_an_unknown_name_is_answered_with_the_known_ids(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])

    with pytest.raises(ModelNotFound, match=r"whisper-small.*own-mt"):
        store.find("wisper")


def test_a_folder_of_ones_own_is_found_by_its_path(store: ModelStore, own: Path) -> None:
    assert store.find(str(own)) == own


def test_a_folder_with_a_handwritten_statement_is_found(store: ModelStore, own: Path) -> None:
    (own / "dragoman.json").write_text('{"pairs": [["en", "vi"]]}', encoding="utf-8")

    assert store.find(str(own)) == own


def test_a_copied_model_folder_is_verified_where_it_lies(store: ModelStore, own: Path, tmp_path: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    copy = shutil.copytree(store.find("own-mt"), tmp_path / "copy")
    _flip_a_bit(copy / "model.bin")

    with pytest.raises(ModelCorrupt, match=r"model\.bin"):
        store.find(str(copy))


def test_a_flipped_bit_is_named_by_its_file(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    _flip_a_bit(store.find("own-mt") / "model.bin")

    with pytest.raises(ModelCorrupt, match=r"model\.bin"):
        store.find("own-mt")


def test_a_truncated_file_is_named(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    os.truncate(store.find("own-mt") / "shared_vocabulary.json", 10)

    with pytest.raises(ModelIncomplete, match=r"shared_vocabulary\.json"):
        store.find("own-mt")


def test_a_folder_without_its_record_is_incomplete(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    (store.find("own-mt") / "dragoman.json").unlink()

    with pytest.raises(ModelIncomplete, match=r"dragoman\.json"):
        store.find("own-mt")


@pytest.mark.parametrize(
    "record", ["", "[]", "{}", '{"id": "own-mt", "files": {"../../etc/passwd": {"size": 1, "sha256": "a"}}}']
)
def test_a_damaged_record_is_corrupt(store: ModelStore, own: Path, record: str) -> None:
    store.add(own, pairs=[(EN, VI)])
    (store.find("own-mt") / "dragoman.json").write_text(record, encoding="utf-8")

    with pytest.raises(ModelCorrupt, match=r"dragoman\.json"):
        store.find("own-mt")


def test_unchanged_files_are_hashed_once(store: ModelStore, own: Path, tmp_path: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    store.find("own-mt")
    memory = tmp_path / "models" / ".verified.json"
    written = memory.stat().st_mtime_ns

    store.find("own-mt")

    assert memory.stat().st_mtime_ns == written


def test_a_damaged_memory_of_hashes_costs_only_another_look(store: ModelStore, own: Path, tmp_path: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    (tmp_path / "models" / ".verified.json").write_text('{"x": 3}', encoding="utf-8")

    assert store.find("own-mt").is_dir()


def test_the_list_has_the_table_and_ones_own(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])

    listed = {model.id: model for model in store.list()}

    assert listed["whisper-small"].state is ModelState.ABSENT
    assert listed["whisper-small"].licence == "MIT"
    assert listed["own-mt"].state is ModelState.INSTALLED
    assert listed["own-mt"].size_bytes == sum(path.stat().st_size for path in own.iterdir())
    assert listed["own-mt"].own


def test_the_list_shows_what_is_incomplete(store: ModelStore, own: Path) -> None:
    store.add(own, pairs=[(EN, VI)])
    (store.find("own-mt") / "model.bin").unlink()

    states = {model.id: model.state for model in store.list()}

    assert states["own-mt"] is ModelState.INCOMPLETE


def test_adding_again_replaces_ones_own_model(store: ModelStore, own: Path, tmp_path: Path) -> None:
    store.add(own, pairs=[(EN, VI)])

    store.add(own, pairs=[(VI, EN)])

    assert [model.pairs for model in store.list() if model.own] == [((VI, EN),)]
    assert {path.name for path in (tmp_path / "models").iterdir()} == {".locks", "own-mt"}


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # it may be a link to a fixture
    path.write_bytes(content)


def test_a_voice_of_vieneu_is_recognised_and_whole_in_the_store(store: ModelStore, tmp_path: Path) -> None:
    nano = make_vieneu_nano(tmp_path / "nano")

    added = store.add(nano, languages=[VI], licence="Apache-2.0", commercial=True)

    assert added.engine == "vieneu"
    assert read_vieneu_folder(store.find("nano")).size is Size.NANO


def test_a_voice_that_lies_in_several_folders_is_taken_with_them(store: ModelStore, tmp_path: Path) -> None:
    turbo = make_vieneu_turbo(tmp_path / "turbo")

    added = store.add(turbo, languages=[VI, EN])

    assert added.engine == "vieneu"
    assert read_vieneu_folder(store.find("turbo")).size is Size.TURBO
    assert store.list()[-1].state is ModelState.INSTALLED


def test_a_voice_with_python_objects_among_its_numbers_is_refused(store: ModelStore, tmp_path: Path) -> None:
    nano = make_vieneu_nano(tmp_path / "nano")
    np.savez(nano / "constants.npz", null_spk=np.array([{}], dtype=object))

    with pytest.raises(ModelWrongFamily, match=r"constants\.npz is not taken: 'null_spk\.npy' holds Python objects"):
        store.add(nano, languages=[VI])

    assert not (tmp_path / "models" / "nano").exists()


def test_a_voice_is_added_with_the_languages_that_it_speaks(store: ModelStore, tmp_path: Path) -> None:
    nano = make_vieneu_nano(tmp_path / "nano")

    with pytest.raises(SettingsInvalid, match="--languages vi"):
        store.add(nano)
