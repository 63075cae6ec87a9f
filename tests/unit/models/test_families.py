"""Which engine takes a folder: by what its files begin with, whatever they are called."""

from pathlib import Path

import pytest
from tests.gguf_model import write_gguf

from dragoman.ground.errors import ModelIncomplete, ModelWrongFamily
from dragoman.models.families import recognise_engine, require_family
from dragoman.testing.firefox_model import write_firefox_model, write_shortlist

PICO = Path(__file__).parents[2] / "fixtures"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_every_engine_knows_its_own_models(tmp_path: Path) -> None:
    write_firefox_model(tmp_path / "en-es", "enes", {"a": "b"})
    write_shortlist(tmp_path / "en-es", "enes", {"a": "b"})
    write_gguf(tmp_path / "llm" / "model.gguf", {})
    folders = {
        "firefox": tmp_path / "en-es",
        "llama_cpp": tmp_path / "llm",
        "ctranslate2": PICO / "mt-pico",
        "faster_whisper": PICO / "whisper-pico",
    }

    assert {engine: recognise_engine(folder) for engine, folder in folders.items()} == {name: name for name in folders}
    for engine, folder in folders.items():
        require_family(folder, engine, names(folder))
        for other in set(folders) - {engine}:
            with pytest.raises(ModelWrongFamily):
                require_family(folder, other, names(folder))


def test_a_firefox_model_without_its_vocabulary_is_incomplete(tmp_path: Path) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", {})
    (folder / "vocab.enes.spm").rename(folder / "srcvocab.enes.spm")

    with pytest.raises(ModelIncomplete, match=r"vocab\*\.spm or srcvocab\*\.spm and trgvocab\*\.spm"):
        require_family(folder, "firefox", names(folder))


@pytest.mark.parametrize("engine", ["firefox", "llama_cpp", "ctranslate2"])
def test_a_pickle_with_another_name_is_refused(tmp_path: Path, engine: str) -> None:
    folder = write_firefox_model(tmp_path / "en-es", "enes", {})
    (folder / "lex.bin").write_bytes(b"\x80\x04cos\nsystem\n")

    with pytest.raises(ModelWrongFamily):
        require_family(folder, engine, names(folder))
