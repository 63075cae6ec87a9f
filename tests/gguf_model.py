"""A tiny language model in GGUF, as llama.cpp loads it, with computed weights: it knows the answers it is given.

Each word leads to the next by the rows of its last matrix; attention and feed-forward layers add nothing. What the
prompt ends with decides the answer, whatever stands before.
"""

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

INNER, LAYERS, HEADS = 128, 2, 2
END = 2

Matrix = NDArray[np.float32]


def write_gguf(path: Path, answers: Mapping[str, str], *, endless: Mapping[str, str] | None = None) -> Path:
    """Write the model: a prompt that ends with the last word of a key gets the key's answer.

    No word may stand in two answers. A key of ``endless`` gets its answer again and again, for ever.
    """
    chains = {key.split()[-1]: [f"▁{word}" for word in answer.split()] for key, answer in answers.items()}
    rounds = {key.split()[-1]: [f"▁{word}" for word in answer.split()] for key, answer in (endless or {}).items()}
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    known = len(tokens)
    tokens += [*chains, *rounds, *(word for chain in [*chains.values(), *rounds.values()] for word in chain)]
    number = {token: index for index, token in enumerate(tokens)}
    assert len(number) == len(tokens), "a word stands in two answers"
    following = dict.fromkeys(number, "</s>")
    for key, chain in [*chains.items(), *rounds.items()]:
        following |= dict(zip([key, *chain], chain, strict=False))
    following |= {chain[-1]: chain[0] for chain in rounds.values()}
    width = 64 * -(-(len(tokens) - known + 1) // 64)
    embeddings = np.zeros((len(tokens), width), np.float32)
    embeddings[:known, 0] = 1.0
    embeddings[np.arange(known, len(tokens)), np.arange(1, len(tokens) - known + 1)] = 1.0
    output = np.zeros_like(embeddings)
    for token, after in following.items():
        output[number[after]] = np.maximum(output[number[after]], embeddings[number[token]])
    kinds = [2, 3, 3, *[6] * 256, *[4] * (len(chains) + len(rounds))]  # unknown, control, bytes, of the user
    _write(path, tokens, kinds + [1] * (len(tokens) - len(kinds)), embeddings, output)
    return path


def _write(path: Path, tokens: list[str], kinds: list[int], embeddings: Matrix, output: Matrix) -> None:
    width = embeddings.shape[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("computed")
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}{% endfor %}")
    writer.add_tensor("token_embd.weight", embeddings)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    shapes: dict[str, tuple[int, ...]] = {"attn_q": (width, width), "attn_k": (width, width), "attn_v": (width, width)}
    shapes |= {"attn_output": (width, width), "attn_norm": (width,), "ffn_norm": (width,)}
    shapes |= {"ffn_gate": (INNER, width), "ffn_up": (INNER, width), "ffn_down": (width, INNER)}
    for layer in range(LAYERS):
        for part, shape in shapes.items():
            weights = np.ones(shape, np.float32) if part.endswith("norm") else np.zeros(shape, np.float32)
            writer.add_tensor(f"blk.{layer}.{part}.weight", weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
