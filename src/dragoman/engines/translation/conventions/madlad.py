"""MADLAD-400, a T5: the source begins with the language that is wanted (``<2vi> Hello.``), its own is not named.

Source: Kudugunta et al., MADLAD-400, NeurIPS 2023.
"""

from dataclasses import replace
from pathlib import Path

from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.many_languages import codes_by, read_many_languages
from dragoman.ground.languages import Language

TOKENIZERS = ("spiece.model", "sentencepiece.model")
CODES = codes_by("<2{}>") | {Language("tl"): "<2fil>"}


def read_madlad(folder: Path, vocabulary: frozenset[str]) -> Convention:
    """Read the model in ``folder``. Raises a ``ModelError``."""
    tokenizer = next((name for name in TOKENIZERS if (folder / name).is_file()), TOKENIZERS[0])
    convention = read_many_languages(
        folder,
        vocabulary,
        tokenizer=tokenizer,
        codes=CODES,
        names_source=False,
        licence="Apache-2.0",
        commercial=True,
    )
    # The code is text to the tokenizer, which may put a piece of space before it.
    encode = convention.source_tokenizer.encode
    return replace(
        convention,
        codes={language: tuple(encode(code, out_type=str)) for language, (code,) in convention.codes.items()},
    )
