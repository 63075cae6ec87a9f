"""Whisper large-v3-turbo's kind at a small width, with random weights: made here, for tests of what is special of it.

128 mel bands; four decoder layers, not as many as the encoder has (32 there, two here), with 20 heads of which six
align; one language more than before, Cantonese, so that every token behind the languages has another id. The ids and
the alignment heads are those that Transformers has for ``openai/whisper-large-v3-turbo`` and its converter writes.
"""

import json
from pathlib import Path
from typing import Final

from benchmarks.true_cost import Shape, write_model

PICO: Final = Path(__file__).parent / "fixtures" / "whisper-pico"
"""Whose text tokens are Whisper's own."""
TURBO: Final = Shape(
    width=160,
    layers=2,
    heads=20,
    alignment_heads=((2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)),
    mels=128,
    decoder_layers=4,
)
CANTONESE: Final = ("<|yue|>", 50358)
VOCABULARY_SIZE: Final = 51866


def write_turbo(folder: Path) -> Path:
    """Write the model with all its files into ``folder``."""
    name, place = CANTONESE
    vocabulary = json.loads((PICO / "vocabulary.json").read_text(encoding="utf-8"))
    vocabulary.insert(place, name)
    write_model(TURBO, folder, vocabulary=vocabulary, lang_ids=list(range(50259, place + 1)))
    tokenizer = json.loads((PICO / "tokenizer.json").read_text(encoding="utf-8"))
    added = tokenizer["added_tokens"]
    moved = [token | {"id": token["id"] + (token["id"] >= place)} for token in added]
    cantonese = next(token for token in added if token["content"] == "<|su|>") | {"content": name, "id": place}
    tokenizer["added_tokens"] = sorted([*moved, cantonese], key=lambda token: int(token["id"]))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    return folder
