"""The watermark of the settings: whether its model is here, what puts it in, what finds it. For assembly.py, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import EngineUnavailable, ModelError, ModelIncomplete, ModelNotFound
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
from dragoman.services.remote_engines import ServiceAddress
from dragoman.services.saying.marks_elsewhere import unmarked_dubs
from dragoman.settings import Settings
from dragoman.voicing.watermark import UnusableWatermark, Watermark

if TYPE_CHECKING:
    from dragoman.engines.watermark.audioseal import AudioSeal

log = structlog.get_logger()

_DEFAULT: Final = str(Settings.model_fields["watermark_model"].default)
_ADDS_ONE: Final = f"dragoman models pull {_DEFAULT}"


def find_watermark_model(settings: Settings) -> Path | None:
    """Find its folder; None if no watermark is wanted, or the default one is not here.

    Raises a ``ModelError`` for one that is asked for and not here, and for one that is damaged.
    """
    name = settings.watermark_model.strip()
    if not name:
        return None
    try:
        return ModelStore(settings.models_dir, load_table()).find(name)
    except (ModelNotFound, ModelIncomplete):
        if name == _DEFAULT:
            return None
        raise


def open_watermark_model(settings: Settings) -> "AudioSeal | None":
    """Open it, if there is one. Raises what ``find_watermark_model`` and ``open_audioseal`` raise."""
    folder = find_watermark_model(settings)
    if folder is None:
        return None
    # Brings onnxruntime, 9 MB in each of four processes, which whoever has no such model does without.
    from dragoman.engines.watermark.audioseal import open_audioseal

    return open_audioseal(folder, threads=settings.threads_per_model)


def open_watermark(settings: Settings) -> Watermark | None:
    """Make what marks all speech; None without a model. Raises as above, and for a model that only finds marks."""
    model = open_watermark_model(settings)
    if model is None:
        return None
    if not model.marks:
        raise EngineUnavailable(
            f"{settings.watermark_model} only finds watermarks; put its generator beside it, or set watermark_model "
            "to nothing"
        )
    return Watermark(model, site=settings.watermark_site)


def open_watermark_or_refuse(settings: Settings) -> Watermark | None:
    """Make what marks all speech; where it cannot be opened, what refuses to speak: captions need no watermark."""
    try:
        return open_watermark(settings)
    except (EngineUnavailable, ModelError) as error:
        hint = "put a whole model there, or set watermark_model to nothing"
        log.warning("nothing_is_spoken_without_its_watermark", code=error.code, detail=str(error), hint=hint)
        return UnusableWatermark(f"{error}; {hint}")


def describe_watermark(settings: Settings) -> str:
    """Say in a line whether speech is marked. Opens no model, and asks the service elsewhere if there is one.

    Raises what ``find_watermark_model`` raises.
    """
    if find_watermark_model(settings) is None:
        url = settings.service_of(EngineKind.TEXT_TO_SPEECH).url
        elsewhere = unmarked_dubs(ServiceAddress(url=url, token=settings.token), marked_here=False) if url else None
        if elsewhere is not None:
            return f"no watermark in dubs: {elsewhere}"
        if not settings.watermark_model.strip():
            return "no watermark in speech: watermark_model is set to nothing"
        return f"no watermark in speech; this adds one: {_ADDS_ONE}"
    return f"watermark in all speech: {settings.watermark_model}, site {settings.watermark_site}"
