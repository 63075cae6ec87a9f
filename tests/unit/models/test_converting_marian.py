"""OPUS-MT as Transformers publishes it: converted without PyTorch, it computes what NumPy computes of its weights."""

import json
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
from tests.marian_model import Marian, score, write_marian
from tests.unit.models.test_converting import write_safetensors

from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelWrongFamily
from dragoman.ground.languages import Language
from dragoman.models.converting.convert import convert_model
from dragoman.services.model_commands.converting import convert_to_folder

EN, VI = Language("en"), Language("vi")
SOURCE, TARGET = ["▁the", "▁house", "▁is", "▁big", "."], ["▁ngôi", "▁nhà", "▁lớn", "."]


def score_converted(folder: Path) -> list[float]:
    model = ctranslate2.Translator(str(folder), device="cpu", compute_type="float32")
    (scored,) = model.score_batch([[*SOURCE, "</s>"]], [TARGET])
    return list(scored.log_probs)


@pytest.mark.parametrize(
    "form",
    [{}, {"old_form": True}, {"transposed": True}, {"positions": False}, {"separate": True}],
    ids=["zip", "before PyTorch 1.6", "transposed", "positions computed", "two vocabularies"],
)
def test_a_converted_model_scores_as_its_weights_say(tmp_path: Path, form: dict[str, Any]) -> None:
    published = write_marian(tmp_path / "published", **form)

    assert convert_model(published.folder, tmp_path / "made", quantization="float32") == "ctranslate2"

    assert score_converted(tmp_path / "made") == pytest.approx(score(published, SOURCE, TARGET), abs=1e-4)


def test_safetensors_come_before_a_checkpoint(tmp_path: Path) -> None:
    published = write_marian(tmp_path / "published")
    write_safetensors(published.folder / "model.safetensors", dict(published.arrays))
    (published.folder / "pytorch_model.bin").write_bytes(b"no checkpoint")

    convert_model(published.folder, tmp_path / "made", quantization="float32")

    assert score_converted(tmp_path / "made") == pytest.approx(score(published, SOURCE, TARGET), abs=1e-4)


def test_padding_is_no_word_of_the_converted_model(tmp_path: Path) -> None:
    published = write_marian(tmp_path / "published")

    convert_model(published.folder, tmp_path / "made")

    assert json.loads((tmp_path / "made" / "shared_vocabulary.json").read_text()) == published.source[:-1]


@pytest.mark.parametrize("quantization", ["int8", "float16", "float32"])
def test_the_engine_answers_with_what_the_weights_say(tmp_path: Path, quantization: str) -> None:
    published = write_marian(tmp_path / "opus-mt-en-vi", answer=("chào", "buổi", "sáng", "."))
    convert_model(published.folder, tmp_path / "made" / "opus-mt-en-vi", quantization=quantization)

    engine = CTranslate2Translator(tmp_path / "made" / "opus-mt-en-vi")
    (answer,) = engine.translate(["Good morning."], source=EN, target=VI)
    engine.close()

    assert answer.text == "chào buổi sáng."
    assert engine.info.pairs == {(EN, VI)}


@pytest.mark.parametrize(("name", "pair"), [("opus-mt-vi-en", "vi:en"), ("opus-mt-mul-en", "en:vi")])
def test_the_command_that_comes_next_names_the_pair_that_the_folder_names(tmp_path: Path, name: str, pair: str) -> None:
    published = write_marian(tmp_path / name)

    command = convert_to_folder(published.folder, tmp_path / "made", quantization="int8")

    assert command == f"dragoman models add {tmp_path / 'made'} --languages {pair}"


def change_config(model: Marian, **changes: object) -> None:
    path = model.folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "change",
    [
        {"normalize_before": True},
        {"normalize_embedding": True},
        {"activation_function": "tanh"},
        {"d_model": 64},
        {"encoder_layers": 3},
    ],
    ids=str,
)
def test_a_model_of_another_shape_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    published = write_marian(tmp_path / "published")
    change_config(published, **change)

    with pytest.raises((ModelWrongFamily, ModelCorrupt)):
        convert_model(published.folder, tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["vocab.json", "source.spm", "target.spm", "pytorch_model.bin"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    published = write_marian(tmp_path / "published")
    (published.folder / name).unlink()

    with pytest.raises(ModelIncomplete, match=name):
        convert_model(published.folder, tmp_path / "made")


@pytest.mark.parametrize("tokens", [["</s>", "<unk>"], [f"t{number}" for number in range(40)]], ids=["few", "many"])
def test_tokens_that_are_not_as_many_as_embeddings_are_refused(tmp_path: Path, tokens: list[str]) -> None:
    published = write_marian(tmp_path / "published")
    (published.folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))

    with pytest.raises(ModelCorrupt, match="tokens"):
        convert_model(published.folder, tmp_path / "made")


def test_a_bias_of_another_length_is_refused(tmp_path: Path) -> None:
    published = write_marian(tmp_path / "published")
    arrays = dict(published.arrays) | {"final_logits_bias": np.zeros((1, 3), np.float32)}
    write_safetensors(published.folder / "model.safetensors", arrays)

    with pytest.raises(ModelCorrupt, match="last layer"):
        convert_model(published.folder, tmp_path / "made")
