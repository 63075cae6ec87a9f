"""Say to which family a CTranslate2 translation model belongs, by the files of its folder and the codes it knows.

The families are in ``conventions/``; ctranslate2.py runs the model.
"""

from pathlib import Path

from dragoman.engines.translation.conventions import m2m100, madlad, nllb, opus_mt
from dragoman.engines.translation.conventions.convention import Convention
from dragoman.engines.translation.conventions.folder_files import read_vocabulary
from dragoman.ground.errors import ModelIncomplete


def read_folder(folder: Path) -> Convention:
    """Read how the translation model in ``folder`` is called.

    Raises ``ModelIncomplete`` when files or the pair of languages are missing, ``ModelCorrupt`` when a file does not
    parse or when tokenizer and model do not belong together.
    """
    vocabulary = read_vocabulary(folder, "source")
    if any((folder / name).is_file() for name in opus_mt.TOKENIZERS):
        return opus_mt.read_opus_mt(folder, vocabulary)
    if len(vocabulary.intersection(madlad.CODES.values())) > 1:
        return madlad.read_madlad(folder, vocabulary)
    if len(vocabulary.intersection(m2m100.CODES.values())) > 1:
        return m2m100.read_m2m100(folder, vocabulary)
    if (folder / nllb.TOKENIZER).is_file():
        return nllb.read_nllb(folder, vocabulary)
    raise ModelIncomplete(
        f"{folder} holds neither {nllb.TOKENIZER} (NLLB, M2M100) nor {' and '.join(opus_mt.TOKENIZERS)} (OPUS-MT) "
        f"nor {madlad.TOKENIZERS[0]} (MADLAD-400); copy the tokenizer of the original model beside model.bin"
    )
