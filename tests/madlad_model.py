"""A MADLAD-400 of a few kilobytes and random weights: the shape of a T5 in CTranslate2, with its own tokenizer."""

import io
import json
from pathlib import Path

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec

WIDTH, HEADS, INNER, LAYERS, BUCKETS = 32, 2, 64, 2, 32
CODES = ("<2en>", "<2vi>", "<2fil>")
SENTENCES = ("the house is big", "we have three dogs", "ngôi nhà này rất lớn", "chúng tôi có ba con chó")


def write_madlad(folder: Path, *, adds_end: bool = False) -> Path:
    """Write the model as ``ct2-transformers-converter`` does, its tokenizer beside it; give the folder."""
    tokenizer = _tokenizer()
    tokens = [tokenizer.id_to_piece(number) for number in range(tokenizer.get_piece_size())]
    spec = _spec(len(tokens))
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<pad>", "</s>", "<unk>"
    spec.config.decoder_start_token = "<pad>"  # noqa: S105
    spec.validate()
    spec.optimize("int8")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"add_source_eos": adds_end}))
    (folder / "spiece.model").write_bytes(tokenizer.serialized_model_proto())
    return folder


def _tokenizer() -> sentencepiece.SentencePieceProcessor:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 10),
        model_writer=written,
        vocab_size=80,
        hard_vocab_limit=False,
        user_defined_symbols=list(CODES),
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())


def _spec(vocabulary: int) -> transformer_spec.TransformerSpec:
    random = np.random.default_rng(0)

    def weights(*shape: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        return random.standard_normal(shape, dtype=np.float32) * np.float32(0.2)

    spec = transformer_spec.TransformerSpec.from_config(
        (LAYERS, LAYERS),
        HEADS,
        pre_norm=True,
        activation=common_spec.Activation.GELUTanh,
        ffn_glu=True,
        relative_attention_bias=True,
        rms_norm=True,
    )
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = weights(vocabulary, WIDTH)
        side.layer_norm.gamma = np.ones(WIDTH, np.float32)
        for layer in side.layer:
            attentions = [layer.self_attention] + ([layer.attention] if side is spec.decoder else [])
            for attention in attentions:
                is_cross = attention is not layer.self_attention
                attention.layer_norm.gamma = np.ones(WIDTH, np.float32)
                attention.queries_scale = np.float32(1.0)
                sizes = (WIDTH, 2 * WIDTH, WIDTH) if is_cross else (3 * WIDTH, WIDTH)
                for linear, size in zip(attention.linear, sizes, strict=True):
                    linear.weight = weights(size, WIDTH)
                if not is_cross:
                    attention.relative_attention_bias = weights(BUCKETS, HEADS)
                    attention.relative_attention_max_distance = np.dtype("int32").type(128)
            layer.ffn.layer_norm.gamma = np.ones(WIDTH, np.float32)
            for linear in (layer.ffn.linear_0, layer.ffn.linear_0_noact):
                linear.weight = weights(INNER, WIDTH)
            layer.ffn.linear_1.weight = weights(WIDTH, INNER)
    spec.decoder.projection.weight = weights(vocabulary, WIDTH)
    return spec
