"""M2M100: as NLLB, with other codes (``__en__``). Source: Fan et al., Beyond English-Centric Translation, JMLR 2021."""

from pathlib import Path

from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.many_languages import codes_by, read_many_languages

TOKENIZER = "sentencepiece.bpe.model"
CODES = codes_by("__{}__")


def read_m2m100(folder: Path, vocabulary: frozenset[str]) -> Convention:
    """Read the model in ``folder``. Raises a ``ModelError``."""
    return read_many_languages(
        folder, vocabulary, tokenizer=TOKENIZER, codes=CODES, names_source=True, licence="MIT", commercial=True
    )
