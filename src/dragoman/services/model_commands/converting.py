"""``dragoman models convert``: published weights into the format of our engines, and how to go on from there."""

from pathlib import Path

from dragoman.engines.translation.conventions.opus_mt import pairs_of_name
from dragoman.ground.errors import ModelIncomplete, SettingsInvalid
from dragoman.models.converting.convert import QUANTIZATIONS, convert_model
from dragoman.models.families import RECOGNISERS


def convert_to_folder(source: Path, target: Path, *, quantization: str) -> str:
    """Convert ``source`` into ``target``; give the command that takes it into the store.

    Raises what ``convert_model`` raises, and ``SettingsInvalid`` for an unknown quantization.
    """
    if quantization not in QUANTIZATIONS:
        raise SettingsInvalid(f"no quantization {quantization!r}; there are: {', '.join(QUANTIZATIONS)}")
    engine = convert_model(source, target, quantization=quantization)
    languages = "vi" if engine in RECOGNISERS else _pair_of(source)
    return f"dragoman models add {target} --languages {languages}"


def _pair_of(source: Path) -> str:
    """Name the pair that the folder's name says, or one as an example: NLLB knows them all."""
    try:
        return ":".join(min(pairs_of_name(source)))
    except ModelIncomplete:
        return "en:vi"
