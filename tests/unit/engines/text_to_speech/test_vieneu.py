"""VieNeu's folders: what is looked at before its package sees them. Speaking is in the contract suite."""

import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from tests.toy_vieneu import make_vieneu_nano, make_vieneu_turbo

from dragoman.engines.text_to_speech.vieneu import VieneuTextToSpeech
from dragoman.engines.text_to_speech.vieneu_folder import Size, read_vieneu_folder
from dragoman.ground.engines import DEFAULT_VOICE, Gender
from dragoman.ground.errors import (
    EngineUnavailable,
    ModelCorrupt,
    ModelIncomplete,
    ModelWrongFamily,
    TextNotReadable,
)
from dragoman.ground.languages import Language

VIETNAMESE = Language("vi")
TURBO_INPUTS = {
    "vieneu_prefill": ["inputs_embeds"],
    "vieneu_decode_step": ["inputs_embeds", "position_ids", "past_k_0", "past_v_0"],
    "vieneu_acoustic_cached": ["token_emb", "position_ids", "past_k_0", "past_v_0"],
}


def write_graph(path: Path, inputs: list[str], operation: str = "Identity") -> None:
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in inputs]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node(operation, [inputs[0]], ["output"])], "graph", tensors, [output])
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph), str(path))


def make_turbo(folder: Path, *, graphs: str = "onnx_update", operation: str = "Identity") -> Path:
    """Write files of the names and inputs of Turbo, with next to nothing in them."""
    for name, inputs in TURBO_INPUTS.items():
        write_graph(folder / graphs / f"{name}.onnx", inputs, operation)
    for name in ("vieneu_backbone_shared.data", "vieneu_v3_heads.npz", "config.json", "tokenizer.json"):
        (folder / graphs / name).write_bytes(b"{}")
    codec = folder / "codec"
    write_graph(codec / "moss_audio_tokenizer_decode_full.onnx", ["audio_codes", "audio_code_lengths"])
    (codec / "moss_audio_tokenizer_decode_shared.data").write_bytes(b"")
    return folder


def cpu(folder: Path, flags: str) -> Path:
    facts = folder / "cpuinfo"
    facts.write_text(f"processor\t: 0\nmodel name\t: A processor\nflags\t\t: fpu sse {flags}\n")
    return facts


def test_nano_is_known_by_its_files(tmp_path: Path) -> None:
    model = read_vieneu_folder(make_vieneu_nano(tmp_path / "nano"))

    assert (model.size, model.sample_rate, model.languages) == (Size.NANO, 24_000, (VIETNAMESE,))
    assert {voice.gender for voice in model.voices} == {Gender.MALE, Gender.FEMALE}


@pytest.mark.parametrize("graphs", ["onnx_update", "."])
def test_turbo_is_known_by_its_files_wherever_they_lie(tmp_path: Path, graphs: str) -> None:
    model = read_vieneu_folder(make_turbo(tmp_path / "turbo", graphs=graphs))

    assert (model.size, model.sample_rate) == (Size.TURBO, 48_000)
    assert model.languages == (VIETNAMESE, Language("en"))
    assert model.graphs == tmp_path / "turbo" / graphs
    assert model.codec == tmp_path / "turbo" / "codec"
    assert len(model.voices) >= 20


@pytest.mark.parametrize(
    "name", ["onnx_update/vieneu_v3_heads.npz", "codec/moss_audio_tokenizer_decode_shared.data"], ids=["heads", "codec"]
)
def test_other_weights_of_the_same_name_are_another_version(tmp_path: Path, name: str) -> None:
    folder = make_turbo(tmp_path / "turbo")
    before = read_vieneu_folder(folder).fingerprint

    (folder / name).write_bytes(b"other weights")

    assert read_vieneu_folder(folder).fingerprint != before
    assert read_vieneu_folder(folder).fingerprint == read_vieneu_folder(folder).fingerprint


def test_the_default_voice_comes_first(tmp_path: Path) -> None:
    folder = make_turbo(tmp_path / "turbo")
    presets = {name: {"gender": "female", "speaker_emb": [0.0] * 192, "codes": []} for name in ("An", "Bình")}
    (folder / "voices_v3_turbo.json").write_text(json.dumps({"presets": presets, "default_voice": "Bình"}))

    assert [voice.name for voice in read_vieneu_folder(folder).voices] == ["Bình", "An"]


@pytest.mark.parametrize("operation", ["MatMulInteger", "DynamicQuantizeLinear"])
def test_int8_weights_are_refused_where_they_would_be_distorted(tmp_path: Path, operation: str) -> None:
    folder = make_turbo(tmp_path / "turbo", graphs="onnx_int8", operation=operation)

    with pytest.raises(EngineUnavailable, match="fp32"):
        read_vieneu_folder(folder, cpu_facts=cpu(tmp_path, "avx2"))


@pytest.mark.parametrize("flag", ["avx512_vnni", "avx_vnni"])
def test_int8_weights_are_taken_where_the_processor_can_sum_them(tmp_path: Path, flag: str) -> None:
    folder = make_turbo(tmp_path / "turbo", graphs="onnx_int8", operation="MatMulInteger")

    assert read_vieneu_folder(folder, cpu_facts=cpu(tmp_path, flag)).graphs.name == "onnx_int8"


def test_fp32_is_preferred_to_int8(tmp_path: Path) -> None:
    make_turbo(tmp_path / "turbo", graphs="onnx_int8", operation="MatMulInteger")
    folder = make_turbo(tmp_path / "turbo", graphs="onnx_update")

    assert read_vieneu_folder(folder, cpu_facts=cpu(tmp_path, "avx2")).graphs.name == "onnx_update"


@pytest.mark.parametrize("name", ["onnx_update/tokenizer.json", "codec/moss_audio_tokenizer_decode_full.onnx"])
def test_a_folder_that_is_not_whole_says_what_is_missing(tmp_path: Path, name: str) -> None:
    folder = make_turbo(tmp_path / "turbo")
    (folder / name).unlink()

    with pytest.raises(ModelIncomplete, match=Path(name).name):
        read_vieneu_folder(folder)


def test_a_graph_of_other_inputs_is_refused(tmp_path: Path) -> None:
    folder = make_turbo(tmp_path / "turbo")
    write_graph(folder / "onnx_update" / "vieneu_prefill.onnx", ["tokens"])

    with pytest.raises(ModelWrongFamily, match="inputs_embeds"):
        read_vieneu_folder(folder)


def test_another_model_is_told_which_files_would_do(tmp_path: Path) -> None:
    with pytest.raises(ModelWrongFamily, match="VieNeu-TTS-v3-Turbo"):
        read_vieneu_folder(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"presets": 3}', '{"presets": {}}'])
def test_a_damaged_list_of_voices_is_refused(tmp_path: Path, content: str) -> None:
    folder = make_turbo(tmp_path / "turbo")
    (folder / "voices_v3_turbo.json").write_text(content)

    with pytest.raises((ModelCorrupt, ModelIncomplete)):
        read_vieneu_folder(folder)


def test_phonemes_that_the_model_does_not_know_are_an_error_that_names_them(tmp_path: Path) -> None:
    folder = make_vieneu_nano(tmp_path / "nano")
    config = json.loads((folder / "config.json").read_text())
    del config["vocab"]["ɲ"]
    (folder / "config.json").write_text(json.dumps(config))
    engine = VieneuTextToSpeech(folder)
    try:
        with pytest.raises(TextNotReadable, match="ɲ"):
            list(engine.speak("Nhà của tôi.", language=VIETNAMESE, voice=DEFAULT_VOICE, speed=1.0))
        refusing = engine.worker_pid
        assert list(engine.speak("Xin chào.", language=VIETNAMESE, voice=DEFAULT_VOICE, speed=1.0))
        assert engine.worker_pid == refusing is not None, "the model stays loaded"
    finally:
        engine.close()


def test_turbo_gives_the_first_sound_while_the_rest_is_made(tmp_path: Path) -> None:
    engine = VieneuTextToSpeech(make_vieneu_turbo(tmp_path / "turbo"))
    text = "Cô y tá sẽ gọi bạn khi bác sĩ sẵn sàng và đã xem giấy tờ của bạn"
    try:
        pieces = list(engine.speak(text, language=VIETNAMESE, voice=DEFAULT_VOICE, speed=1.0))
    finally:
        engine.close()

    assert len(pieces) > 3
    assert pieces[0].duration_s < 0.5
