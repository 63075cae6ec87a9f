"""Published weights into CTranslate2: the fixtures taken apart and put together again, and shapes of the real ones."""

import json
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import sentencepiece
from numpy.typing import NDArray

from dragoman.ground.errors import DragomanError, ModelCorrupt, ModelIncomplete, ModelWrongFamily, OutputNotWritable
from dragoman.models.converting.convert import convert_model
from dragoman.models.converting.layers import sinusoids
from dragoman.models.converting.weights_folder import open_weights

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MT, WHISPER = FIXTURES / "mt-pico", FIXTURES / "whisper-pico"
RANDOM = np.random.default_rng(0)
Arrays = dict[str, NDArray[Any]]
_DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}


def write_safetensors(path: Path, arrays: Arrays, *, kind: str = "F32") -> None:
    """Write the format from its description: length, header, bytes."""
    header, body = {}, b""
    for name, array in arrays.items():
        stored = array.astype({"F32": "<f4", "F16": "<f2"}.get(kind, "<f4"))
        content = (stored.view("<u4") >> 16).astype("<u2").tobytes() if kind == "BF16" else stored.tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(content)],
        }
        body += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def read_ctranslate2(path: Path) -> Arrays:
    """Read the variables of a model.bin as float32, whatever they were quantized to."""
    content, at = path.read_bytes(), 0

    def take(form: str) -> Any:
        nonlocal at
        (value,) = struct.unpack_from(form, content, at)
        at += struct.calcsize(form)
        return value

    def name() -> str:
        nonlocal at
        length = take("<H")
        text = content[at : at + length].rstrip(b"\0").decode()
        at += length
        return text

    take("<I"), name(), take("<I")
    arrays: Arrays = {}
    for _ in range(take("<I")):
        key, shape = name(), [take("<I") for _ in range(take("<B"))]
        kind, size = _DTYPES[take("<B")], take("<I")
        arrays[key] = np.frombuffer(content[at : at + size], dtype=kind).reshape(shape)
        at += size
    for _ in range(take("<I")):
        alias, of = name(), name()
        arrays[alias] = arrays[of]
    scaled = {}
    for key, array in arrays.items():
        scale = arrays.get(f"{key}_scale")
        wide = array.astype(np.float32)
        scaled[key] = wide if scale is None else wide / np.reshape(scale, (-1, *(1,) * (wide.ndim - 1)))
    return scaled


def taken_apart(arrays: Arrays) -> Arrays:
    """Give the layers under Transformers' names: the way back of ``layers.py``."""
    made: Arrays = {}

    def linear(spec: str, *names: str) -> None:
        for part, bias, name in zip(
            np.split(arrays[f"{spec}/weight"], len(names)),
            np.split(arrays[f"{spec}/bias"], len(names)),
            names,
            strict=True,
        ):
            made[f"{name}.weight"], made[f"{name}.bias"] = part, bias

    def norm(spec: str, name: str) -> None:
        made[f"{name}.weight"], made[f"{name}.bias"] = arrays[f"{spec}/gamma"], arrays[f"{spec}/beta"]

    for side in ("encoder", "decoder"):
        norm(f"{side}/layer_norm", f"model.{side}.layer_norm")
        layers = {
            key.split("/")[1] for key in arrays if key.startswith(f"{side}/layer_") and "_norm" not in key.split("/")[1]
        }
        for number in range(len(layers)):
            spec, name = f"{side}/layer_{number}", f"model.{side}.layers.{number}"
            own = [f"{name}.self_attn.{part}_proj" for part in "qkv"]
            linear(f"{spec}/self_attention/linear_0", *own)
            linear(f"{spec}/self_attention/linear_1", f"{name}.self_attn.out_proj")
            norm(f"{spec}/self_attention/layer_norm", f"{name}.self_attn_layer_norm")
            if side == "decoder":
                linear(f"{spec}/attention/linear_0", f"{name}.encoder_attn.q_proj")
                linear(f"{spec}/attention/linear_1", *(f"{name}.encoder_attn.{part}_proj" for part in "kv"))
                linear(f"{spec}/attention/linear_2", f"{name}.encoder_attn.out_proj")
                norm(f"{spec}/attention/layer_norm", f"{name}.encoder_attn_layer_norm")
            linear(f"{spec}/ffn/linear_0", f"{name}.fc1")
            linear(f"{spec}/ffn/linear_1", f"{name}.fc2")
            norm(f"{spec}/ffn/layer_norm", f"{name}.final_layer_norm")
    return made


def layers_of(arrays: Arrays, side: str) -> int:
    return 1 + max(int(key.split(".")[3]) for key in arrays if key.startswith(f"model.{side}.layers."))


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the translator of the fixtures as its authors would have published it."""
    folder = tmp_path_factory.mktemp("published") / "mt"
    folder.mkdir()
    arrays = read_ctranslate2(MT / "model.bin")
    made = taken_apart(arrays) | {"model.shared.weight": arrays["decoder/embeddings/weight"]}
    for side in ("encoder", "decoder"):
        # Fairseq's tables have two rows before the first position.
        positions = arrays[f"{side}/position_encodings/encodings"]
        made[f"model.{side}.embed_positions.weights"] = np.concatenate([np.zeros_like(positions[:2]), positions])
    write_safetensors(folder / "model.safetensors", made)
    vocabulary = json.loads((MT / "shared_vocabulary.json").read_text(encoding="utf-8"))
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(vocabulary)}))
    (folder / "sentencepiece.bpe.model").write_bytes((MT / "sentencepiece.bpe.model").read_bytes())
    config = {
        "model_type": "m2m_100",
        "d_model": int(made["model.shared.weight"].shape[1]),
        "encoder_layers": layers_of(made, "encoder"),
        "decoder_layers": layers_of(made, "decoder"),
        "encoder_attention_heads": int(arrays["encoder/num_heads"]),
        "max_position_embeddings": int(arrays["encoder/position_encodings/encodings"].shape[0]),
        "activation_function": "relu",
        "scale_embedding": True,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def translate(folder: Path, text: str, *, source: str, target: str) -> str:
    pieces = sentencepiece.SentencePieceProcessor(str(folder / "sentencepiece.bpe.model"))
    translator = ctranslate2.Translator(str(folder), device="cpu", compute_type="int8")
    tokens = [source, *pieces.encode(text, out_type=str), "</s>"]
    (result,) = translator.translate_batch([tokens], target_prefix=[[target]], beam_size=1, max_decoding_length=60)
    return str(pieces.decode(result.hypotheses[0][1:]))


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the recogniser of the fixtures as its authors would have published it."""
    folder = tmp_path_factory.mktemp("published") / "whisper"
    folder.mkdir()
    arrays = read_ctranslate2(WHISPER / "model.bin")
    made = taken_apart(arrays) | {"model.decoder.embed_tokens.weight": arrays["decoder/embeddings/weight"]}
    for side in ("encoder", "decoder"):
        made[f"model.{side}.embed_positions.weight"] = arrays[f"{side}/position_encodings/encodings"]
    for conv in ("conv1", "conv2"):
        made[f"model.encoder.{conv}.weight"] = arrays[f"encoder/{conv}/weight"]
        made[f"model.encoder.{conv}.bias"] = arrays[f"encoder/{conv}/bias"]
    write_safetensors(folder / "model.safetensors", made)
    (folder / "tokenizer.json").write_bytes((WHISPER / "tokenizer.json").read_bytes())
    layers, heads = layers_of(made, "decoder"), int(arrays["decoder/num_heads"])
    config = {
        "model_type": "whisper", "encoder_layers": layers_of(made, "encoder"), "decoder_layers": layers,
        "encoder_attention_heads": int(arrays["encoder/num_heads"]), "decoder_attention_heads": heads,
        "suppress_tokens": [1, 2], "begin_suppress_tokens": [220, 50257],
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [("Xin chào.", "vie_Latn", "eng_Latn"), ("Good morning.", "eng_Latn", "vie_Latn")],
)
def test_a_converted_translator_says_what_its_original_says(
    translator: Path, tmp_path: Path, text: str, source: str, target: str
) -> None:
    assert convert_model(translator, tmp_path / "made") == "ctranslate2"

    said = translate(tmp_path / "made", text, source=source, target=target)
    assert said == translate(MT, text, source=source, target=target)
    assert said


def test_a_converted_recogniser_hears_what_its_original_hears(recogniser: Path, tmp_path: Path) -> None:
    assert convert_model(recogniser, tmp_path / "made") == "faster_whisper"

    mel = RANDOM.standard_normal((1, 80, 3000)).astype(np.float32)
    heard = [
        ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8").generate(
            ctranslate2.StorageView.from_array(mel), [[50258, 50259, 50359, 50363]], beam_size=1, max_length=30,
            suppress_tokens=[],
        )[0].sequences_ids[0]
        for folder in (WHISPER, tmp_path / "made")
    ]  # fmt: skip
    config = json.loads((tmp_path / "made" / "config.json").read_text())
    assert heard[0] == heard[1]
    assert config["suppress_ids"] == [1, 2]
    assert 50259 in config["lang_ids"]
    assert 50358 not in config["lang_ids"]
    assert config["alignment_heads"]


@pytest.mark.parametrize("quantization", ["int8", "float16", "float32"])
def test_a_model_of_random_weights_gives_finite_scores(tmp_path: Path, quantization: str) -> None:
    """In the shape of NLLB, with two layers of four heads instead of twelve of sixteen; in bfloat16, in two files."""
    width, inner, size = 32, 64, 60
    plain: dict[str, tuple[int, ...]] = {"model.shared.weight": (size, width)}
    for side, attentions in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "encoder_attn"])):
        norms = [f"model.{side}.layer_norm"]
        for number in range(2):
            name = f"model.{side}.layers.{number}"
            norms += [f"{name}.{kind}_layer_norm" for kind in [*attentions, "final"]]
            for attention in attentions:
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    plain |= {
                        f"{name}.{attention}.{part}.weight": (width, width),
                        f"{name}.{attention}.{part}.bias": (width,),
                    }
            plain |= {f"{name}.fc1.weight": (inner, width), f"{name}.fc1.bias": (inner,)}
            plain |= {f"{name}.fc2.weight": (width, inner), f"{name}.fc2.bias": (width,)}
        plain |= {f"{norm}.{half}": (width,) for norm in norms for half in ("weight", "bias")}
    arrays = {name: RANDOM.standard_normal(shape).astype(np.float32) * 0.1 for name, shape in plain.items()}
    source = tmp_path / "random"
    source.mkdir()
    parts = {f"part{number}.safetensors": dict(list(arrays.items())[number::2]) for number in range(2)}
    for file, held in parts.items():
        write_safetensors(source / file, held, kind="BF16")
    places = {weight: file for file, held in parts.items() for weight in held}
    (source / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *(f"t{number}" for number in range(40)), "vie_Latn", "eng_Latn"]
    (source / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (source / "sentencepiece.bpe.model").write_bytes((MT / "sentencepiece.bpe.model").read_bytes())
    config = {
        "model_type": "m2m_100", "d_model": width, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_attention_heads": 4, "max_position_embeddings": 64,
    }  # fmt: skip
    (source / "config.json").write_text(json.dumps(config))

    convert_model(source, tmp_path / "made", quantization=quantization)

    model = ctranslate2.Translator(str(tmp_path / "made"), device="cpu")
    (result,) = model.translate_batch(
        [["vie_Latn", "t1", "t2", "</s>"]], target_prefix=[["eng_Latn"]], return_scores=True, min_decoding_length=5,
        max_decoding_length=5,
    )  # fmt: skip
    assert len(result.hypotheses[0]) == 5
    assert np.isfinite(result.scores[0])
    made = json.loads((tmp_path / "made" / "shared_vocabulary.json").read_text())
    assert made == [*tokens, *(f"madeupword{number}" for number in range(size - len(tokens)))]


def test_numbers_of_half_width_are_read_as_they_were(tmp_path: Path) -> None:
    array = np.array([[1.5, -2.25], [0.0, 1024.0]], dtype=np.float32)
    for kind in ("F32", "F16", "BF16"):
        write_safetensors(tmp_path / "model.safetensors", {"a": array}, kind=kind)

        assert open_weights(tmp_path)["a"].tolist() == array.tolist()


def test_positions_are_half_sines_half_cosines() -> None:
    made = sinusoids(3, 6, first=2)

    assert made.shape == (3, 6)
    assert made[0, 0] == pytest.approx(np.sin(2.0))
    assert made[0, 3] == pytest.approx(np.cos(2.0))
    assert made[1, 2] == pytest.approx(np.sin(3.0 / 10000))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x08", struct.pack("<Q", 1 << 60), struct.pack("<Q", 4) + b"nope", struct.pack("<Q", 2) + b"[]"],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelCorrupt):
        open_weights(tmp_path)


@pytest.mark.parametrize(
    "field",
    [
        {"data_offsets": [0, 1 << 40]},
        {"data_offsets": [8, 0]},
        {"shape": [1 << 62, 8]},
        {"dtype": "I64"},
        {"shape": "x"},
    ],
)
def test_arrays_that_lie_outside_their_file_are_refused(tmp_path: Path, field: dict[str, object]) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **field}}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))

    with pytest.raises(ModelCorrupt):
        open_weights(tmp_path)


def test_a_folder_without_weights_says_which_are_read(translator: Path, tmp_path: Path) -> None:
    source = shutil.copytree(translator, tmp_path / "source")
    (source / "model.safetensors").unlink()

    with pytest.raises(ModelIncomplete, match=r"model\.safetensors, pytorch_model\.bin"):
        convert_model(source, tmp_path / "made")

    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("change", [{"model_type": "llama"}, {"d_model": 64}, {"encoder_layers": 9}, {"d_model": None}])
def test_weights_that_are_not_what_the_config_says_are_refused(
    translator: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    source = shutil.copytree(translator, tmp_path / "source")
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | change))

    with pytest.raises((ModelWrongFamily, ModelCorrupt)):
        convert_model(source, tmp_path / "made")

    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["config.json", "vocab.json", "sentencepiece.bpe.model"])
def test_a_missing_file_is_named(translator: Path, tmp_path: Path, name: str) -> None:
    source = shutil.copytree(translator, tmp_path / "source")
    (source / name).unlink()

    with pytest.raises(ModelIncomplete, match=name):
        convert_model(source, tmp_path / "made")


def test_nothing_is_overwritten(translator: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine")

    with pytest.raises(OutputNotWritable, match="is there already"):
        convert_model(translator, tmp_path / "made")


def test_a_marian_model_needs_the_files_that_its_config_names(tmp_path: Path) -> None:
    for text in (
        "models: [../../secret.npz]\nvocabs: [v.yml]",
        "models: [gone.npz]\nvocabs: [v.yml]",
        "models: 3",
        "[",
        "",
    ):
        (tmp_path / "decoder.yml").write_text(text)

        with pytest.raises(DragomanError):
            convert_model(tmp_path, tmp_path.parent / "made")


def test_an_opus_model_of_random_weights_gives_finite_scores(tmp_path: Path) -> None:
    """In the shape of OPUS-MT as Marian writes it: post-norm, one vocabulary, weights as ``x @ W``."""
    width, inner = 16, 32
    tokens = ["</s>", "<unk>", *(f"t{number}" for number in range(20))]
    shapes: dict[str, tuple[int, ...]] = {"Wemb": (len(tokens), width), "decoder_ff_logit_out_b": (1, len(tokens))}
    for side, attentions in (("encoder", ["self"]), ("decoder", ["self", "context"])):
        for attention in attentions:
            name = f"{side}_l1_{attention}"
            shapes |= {f"{name}_W{part}": (width, width) for part in "qkvo"}
            shapes |= {f"{name}_b{part}": (1, width) for part in "qkvo"}
            shapes |= {f"{name}_Wo_ln_{half}": (1, width) for half in ("scale", "bias")}
        name = f"{side}_l1_ffn"
        shapes |= {f"{name}_W1": (width, inner), f"{name}_b1": (1, inner), f"{name}_W2": (inner, width)}
        shapes |= {f"{name}_b2": (1, width), f"{name}_ffn_ln_scale": (1, width), f"{name}_ffn_ln_bias": (1, width)}
    arrays: Arrays = {name: RANDOM.standard_normal(shape).astype(np.float32) * 0.1 for name, shape in shapes.items()}
    config = (
        "type: transformer\nenc-depth: 1\ndec-depth: 1\ntransformer-heads: 2\ntransformer-ffn-activation: swish\n"
        "transformer-preprocess: ''\ntransformer-postprocess: dan\ntransformer-postprocess-emb: d\n"
        "transformer-guided-alignment-layer: last\ntransformer-decoder-autoreg: self-attention\n"
        "transformer-no-projection: false\n"
    )
    arrays["special:model.yml"] = np.frombuffer(config.encode() + b"\0", dtype=np.int8)
    source = tmp_path / "opus"
    source.mkdir()
    with zipfile.ZipFile(source / "model.npz", "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array)
    (source / "vocab.yml").write_text("".join(f"{token}: {number}\n" for number, token in enumerate(tokens)))
    (source / "decoder.yml").write_text("models:\n  - model.npz\nvocabs:\n  - vocab.yml\n  - vocab.yml\n")
    for name in ("source.spm", "target.spm"):
        (source / name).write_bytes((MT / "sentencepiece.bpe.model").read_bytes())

    assert convert_model(source, tmp_path / "made") == "ctranslate2"

    model = ctranslate2.Translator(str(tmp_path / "made"), device="cpu")
    (result,) = model.translate_batch([["t1", "t2"]], return_scores=True, min_decoding_length=4, max_decoding_length=4)
    assert len(result.hypotheses[0]) == 4
    assert np.isfinite(result.scores[0])
    assert {"source.spm", "target.spm", "shared_vocabulary.json"} <= {
        path.name for path in (tmp_path / "made").iterdir()
    }
