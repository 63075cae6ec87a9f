"""NLLB-200: the source begins with its language (``eng_Latn``), the output with the other one.

Without its source's code it answers fluently and wrongly (OpenNMT/CTranslate2 issue 2017); it is always written.
"""

from pathlib import Path

from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.many_languages import read_many_languages
from dragoman.ground.languages import LANGUAGES

TOKENIZER = "sentencepiece.bpe.model"
CODES = {language: entry.flores for language, entry in LANGUAGES.items()}


def read_nllb(folder: Path, vocabulary: frozenset[str]) -> Convention:
    """Read the model in ``folder``. Raises a ``ModelError``."""
    return read_many_languages(
        folder,
        vocabulary,
        tokenizer=TOKENIZER,
        codes=CODES,
        names_source=True,
        licence="CC-BY-NC-4.0",
        commercial=False,
    )
