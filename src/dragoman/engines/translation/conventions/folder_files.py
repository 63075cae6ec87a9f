"""Read the files beside a translation model: vocabulary, tokenizer, configuration. For the conventions."""

from pathlib import Path

import sentencepiece

from dragoman.engines.ctranslate2_files import require_files
from dragoman.engines.translation.statement import read_json, read_json_object
from dragoman.ground.errors import ModelCorrupt

_SAMPLED_PIECES = 1000


def adds_end_itself(folder: Path) -> bool:
    """Say whether the model's own configuration adds the end of the source."""
    return read_json_object(folder / "config.json").get("add_source_eos") is True


def read_vocabulary(folder: Path, side: str) -> frozenset[str]:
    """Read the tokens of ``side`` (``source`` or ``target``), whether shared or not, JSON or one per line."""
    names = [f"{stem}_vocabulary.{ending}" for stem in ("shared", side) for ending in ("json", "txt")]
    require_files(folder, ["|".join(names)])
    path = next(folder / name for name in names if (folder / name).is_file())
    if path.suffix == ".txt":
        try:
            return frozenset(path.read_text(encoding="utf-8").split("\n"))
        except (OSError, ValueError) as error:
            raise ModelCorrupt(f"{path} cannot be read: {error}; fetch the model again") from error
    tokens = read_json(path)
    if not isinstance(tokens, list):
        raise ModelCorrupt(f"{path} should hold a list of tokens; fetch the model again")
    return frozenset(str(token) for token in tokens)


def read_tokenizer(path: Path, vocabulary: frozenset[str]) -> sentencepiece.SentencePieceProcessor:
    """Read a SentencePiece model, and check that its pieces are the vocabulary's."""
    try:
        tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(path))
        count = tokenizer.get_piece_size()
        sample = tokenizer.id_to_piece(list(range(0, count, max(1, count // _SAMPLED_PIECES))))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelCorrupt(f"{path} is no SentencePiece model: {error}; fetch the model again") from error
    known = sum(piece in vocabulary for piece in sample)
    if known < len(sample) / 2:
        # With a foreign tokenizer a model answers fluently and wrongly.
        raise ModelCorrupt(
            f"{path.name} and the vocabulary in {path.parent} do not belong together: {known} of {len(sample)} "
            "pieces are known; fetch the model again"
        )
    return tokenizer
