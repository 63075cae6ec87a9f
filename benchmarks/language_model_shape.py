"""A language model of the size of Hy-MT2-1.8B in GGUF, with computed weights. To ``language_model.py``.

Its layers are all zeros, which cost as much as any other numbers: each word leads to the next by the rows of the last
matrix alone, as in the tests' tiny one (tests/gguf_model.py). The words of the prompts are tokens, whole.
"""

import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import gguf
import numpy as np
from benchmarks.translation_words import word
from numpy.typing import NDArray

END: Final = 2
ANSWER: Final = tuple(f"▁{word(number)}" for number in range(16))
LAST_WORD: Final = "finally."
"""Of every sentence; it leads to the answer."""
SENTENCES: Final = tuple(
    f"{first} people of the office in the city met again today {LAST_WORD}" for first in ("Some", "Most", "All", "Ten")
)
_ABOUT: Final = tuple(word(number) for number in range(100, 900))
"""What backgrounds are made of."""
_PROMPT: Final = (
    "[Background Information] Please translate the following text into Vietnamese, taking the provided background "
    "information into consideration. [Source Text]"
)
_BLOCK: Final = 32
_BYTES: Final = {gguf.GGMLQuantizationType.Q4_0: 18, gguf.GGMLQuantizationType.Q8_0: 34}
"""Of a block of 32 weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModelShape:
    name: str
    vocabulary: int
    width: int
    layers: int
    heads: int
    shared_heads: int
    """Of keys and values."""
    inner: int


HY_MT2: Final = LanguageModelShape(
    name="hy-mt2-1.8b-size",
    vocabulary=120_818,
    width=2048,
    layers=32,
    heads=16,
    shared_heads=4,
    inner=6144,
)
"""1.8 billion weights, four bits for the layers and eight for the words: as many bytes to read for each token as of the
published Q4 file. Into how many layers they are divided is assumed. A Llama, from which Hunyuan's dense models differ
by two small norms in each layer (github.com/osaurus-ai/vmlx-swift/pull/97)."""


def background(number: int, words: int) -> str:
    """Make a background; those of two numbers begin differently."""
    return " ".join(_ABOUT[(number * words + place) % len(_ABOUT)] for place in range(words)) + "."


def write_language_model(folder: Path, shape: LanguageModelShape) -> Path:
    """Give the folder of the model, made if it is not there yet."""
    target, part = folder / shape.name, folder / f"{shape.name}.part"
    if not target.is_dir():
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        # Its name tells the engine which languages it knows.
        _write(part / "Hy-MT2-shape.gguf", shape)
        part.rename(target)
    return target


def _write(path: Path, shape: LanguageModelShape) -> None:
    whole = dict.fromkeys([*_PROMPT.split(), *" ".join(SENTENCES).split(), *_ABOUT, *(f"{it}." for it in _ABOUT)])
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *whole, *ANSWER]
    known = len(tokens)
    kinds = [2, 3, 3, *[6] * 256, 1, *[4] * len(whole), *[1] * len(ANSWER)]  # unknown, control, bytes, of the user
    tokens += [f"<filler{number}>" for number in range(shape.vocabulary - known)]
    number = {token: index for index, token in enumerate(tokens)}
    kinds += [5] * (len(tokens) - known)  # unused
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(shape.name)
    writer.add_context_length(4096)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.shared_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}{% endfor %}")
    chain = [LAST_WORD, *ANSWER, "</s>"]
    ways = [(number[before], number[after]) for before, after in pairwise(chain)]
    _add_words(writer, "token_embd.weight", shape, {before: place for place, (before, _) in enumerate(ways)})
    _add_words(writer, "output.weight", shape, {after: place for place, (_, after) in enumerate(ways)})
    writer.add_tensor("output_norm.weight", np.ones(shape.width, np.float32))
    narrow = shape.width // shape.heads * shape.shared_heads
    matrices = {"attn_q": (shape.width, shape.width), "attn_k": (narrow, shape.width), "attn_v": (narrow, shape.width)}
    matrices |= {"attn_output": (shape.width, shape.width), "ffn_gate": (shape.inner, shape.width)}
    matrices |= {"ffn_up": (shape.inner, shape.width), "ffn_down": (shape.width, shape.inner)}
    for layer in range(shape.layers):
        for name, size in matrices.items():
            _add_zeros(writer, f"blk.{layer}.{name}.weight", size, gguf.GGMLQuantizationType.Q4_0)
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(shape.width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_zeros(writer: Any, name: str, size: tuple[int, int], kind: gguf.GGMLQuantizationType) -> NDArray[np.uint8]:
    """Add a matrix of zeros; blocks of zeros are bytes of zeros."""
    blocks = np.zeros((size[0], size[1] // _BLOCK * _BYTES[kind]), np.uint8)
    writer.add_tensor(name, blocks, raw_dtype=kind)
    return blocks


def _add_words(writer: Any, name: str, shape: LanguageModelShape, places: dict[int, int]) -> None:
    """Add a row for each token, zeros but for one 1 in those of ``places``."""
    kind = gguf.GGMLQuantizationType.Q8_0
    rows = _add_zeros(writer, name, (shape.vocabulary, shape.width), kind)
    for token, place in places.items():
        row = np.zeros((1, shape.width), np.float32)
        row[0, place] = 1.0
        rows[token] = gguf.quants.quantize(row, kind)[0]
