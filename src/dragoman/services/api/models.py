"""``/models``: what models would add, and fetching them: for who sits at this machine; admins look from elsewhere."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dragoman.ground.errors import (
    EngineUnavailable,
    LicenceNotAccepted,
    ModelNotFound,
    PullUnderWay,
    TooManyRequests,
)
from dragoman.meetings.errors import NotAllowed
from dragoman.models.store import StoredModel
from dragoman.models.table import load_table
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import maybe_caller
from dragoman.services.api.host_access import is_local
from dragoman.services.api.models_desk import DeskState, ModelDesk
from dragoman.services.api.models_job import PullOrder
from dragoman.services.api.openapi import MAYBE_SIGNED_IN, problems
from dragoman.services.api.parts import count_against, parts_of
from dragoman.services.assembly import licences_of, open_store
from dragoman.services.model_commands.machine import look_at_machine
from dragoman.services.model_commands.profiles import ProfileSummary, summarise
from dragoman.services.model_commands.pulling import plan_pull
from dragoman.services.model_commands.trial import kind_of
from dragoman.settings import Settings

router = APIRouter(prefix="/models", tags=["models"], responses=problems(NotAllowed, EngineUnavailable))

MAX_MODELS = 20
BY_THE_PAGE = "the page at this machine"
ModelName = Annotated[str, Field(min_length=1, max_length=64)]
Licence = Annotated[str, Field(min_length=1, max_length=64)]


class ModelAnswer(BaseModel):
    id: str
    engine: str
    kind: str
    """``speech-to-text``, ``translation`` or ``text-to-speech``; empty for an engine that is not in this version."""
    languages: list[str]
    pairs: list[tuple[str, str]]
    size_mb: int
    ram_mb: int
    """Memory it takes while it works, about; 0 if nobody measured it."""
    licence: str
    commercial: bool
    accepted: bool
    """Its licence allows it, or was accepted here."""
    installed: bool
    state: str
    attribution: str


class ProfileAnswer(BaseModel):
    name: str
    models: list[str]
    size_mb: int
    missing_mb: int
    ram_mb: int
    licences: list[str]
    commercial: bool
    complete: bool


class PullAnswer(BaseModel):
    phase: str
    models: list[str]
    model: str
    done_bytes: int
    total_bytes: int
    in_use: list[str]
    """Of ``models``: those that came and that services use now."""
    left_aside: list[str]
    """Of ``models``: those that came, and of which the settings choose others."""
    missing: list[str]
    """Of ``models``: those that are not here, as far as the pull has told."""
    code: str
    detail: str


class ModelsAnswer(BaseModel):
    models: list[ModelAnswer]
    profiles: list[ProfileAnswer]
    free_disk_mb: int
    free_ram_mb: int
    may_pull: bool
    """This request came from the machine itself; who sees the models elsewhere fetches none."""
    pull: PullAnswer


class NewPull(Body):
    models: Annotated[list[ModelName], Field(min_length=1, max_length=MAX_MODELS)]
    """Ids and profiles."""
    accepts: Annotated[list[Licence], Field(default_factory=list, max_length=MAX_MODELS)]
    """Licences that forbid commercial use and that are accepted with this."""


@router.get("", openapi_extra=MAYBE_SIGNED_IN)
async def see_models(request: Request) -> ModelsAnswer:
    """List the models and profiles there are, and which of them are here.

    By whoever sits at the machine, and admins of the server.
    """
    desk, settings = await _desk_to_see(request)
    answer = await asyncio.to_thread(_list, settings)
    return answer.model_copy(update={"may_pull": is_local(parts_of(request), request), "pull": _pull(desk.state)})


@router.get("/pull", openapi_extra=MAYBE_SIGNED_IN)
async def see_pull(request: Request) -> PullAnswer:
    """Say how far the pull has come.

    By whoever sits at the machine, and admins of the server.
    """
    desk, _ = await _desk_to_see(request)
    return _pull(desk.state)


@router.post(
    "/pull",
    status_code=202,
    responses=problems(ModelNotFound, PullUnderWay, LicenceNotAccepted, TooManyRequests),
)
async def begin_pull(body: NewPull, request: Request) -> PullAnswer:
    """Fetch models and take them into use. Refused while another pull runs, and without the licences that it takes."""
    desk, settings = _desk_of(request)
    count_against(parts_of(request), request)
    plan = await asyncio.to_thread(plan_pull, body.models, settings)
    licences = licences_of(settings)
    for model_id, licence in plan.to_accept.items():
        if licence not in body.accepts:
            licences.require(model_id, licence, commercial=False)
    accepted = tuple(dict.fromkeys(plan.to_accept.values()))
    desk.order(PullOrder(models=tuple(entry.id for entry in plan.entries), accepted=accepted, by=BY_THE_PAGE))
    return _pull(desk.state)


@router.delete("/pull", status_code=202)
async def cancel_pull(request: Request) -> PullAnswer:
    """Break the pull off; what has arrived is kept for the next one, and whole models are taken into use."""
    desk, _ = _desk_of(request)
    desk.cancel()
    return _pull(desk.state)


async def _desk_to_see(request: Request) -> tuple[ModelDesk, Settings]:
    """Raise as ``_desk_of``; an admin of a server with accounts looks from anywhere."""
    caller = None if is_local(parts_of(request), request) else await maybe_caller(request)
    return _desk(request) if caller is not None and caller.is_admin else _desk_of(request)


def _desk_of(request: Request) -> tuple[ModelDesk, Settings]:
    """Raise ``NotAllowed`` for who does not sit at this machine, ``EngineUnavailable`` where nothing can be fetched."""
    if not is_local(parts_of(request), request):
        raise NotAllowed("models are fetched at the machine itself: open this page there, or use dragoman models pull")
    return _desk(request)


def _desk(request: Request) -> tuple[ModelDesk, Settings]:
    parts = parts_of(request)
    if parts.models is None:
        raise EngineUnavailable("this server fetches no models; start it with: dragoman up")
    return parts.models


def _list(settings: Settings) -> ModelsAnswer:
    listed = open_store(settings).list()
    licences = licences_of(settings)
    return ModelsAnswer(
        models=[
            _model(model, accepted=licences.allows(model.id, model.licence, commercial=model.commercial, own=model.own))
            for model in listed
        ],
        profiles=[_profile(profile) for profile in summarise(load_table(), listed) if profile.models],
        free_disk_mb=_free_disk_mb(settings.models_dir),
        free_ram_mb=look_at_machine().free_mb,
        may_pull=False,
        pull=_pull(DeskState()),
    )


def _model(model: StoredModel, *, accepted: bool) -> ModelAnswer:
    return ModelAnswer(
        id=model.id,
        engine=model.engine,
        kind=kind_of(model.engine) or "",
        languages=list(model.languages),
        pairs=[(source, target) for source, target in model.pairs],
        size_mb=round(model.size_bytes / 1e6),
        ram_mb=model.ram_mb,
        licence=model.licence,
        commercial=model.commercial,
        accepted=accepted,
        installed=model.usable,
        state=model.state,
        attribution=model.attribution,
    )


def _profile(profile: ProfileSummary) -> ProfileAnswer:
    return ProfileAnswer(
        name=profile.name,
        models=[model.id for model in profile.models],
        size_mb=round(profile.size_bytes / 1e6),
        missing_mb=round(profile.missing_bytes / 1e6),
        ram_mb=profile.ram_mb,
        licences=list(profile.licences),
        commercial=profile.commercial,
        complete=profile.complete,
    )


def _pull(state: DeskState) -> PullAnswer:
    return PullAnswer(
        phase=state.phase,
        models=list(state.models),
        model=state.model,
        done_bytes=state.done_bytes,
        total_bytes=state.total_bytes,
        in_use=list(state.in_use),
        left_aside=list(state.left_aside),
        missing=list(state.missing),
        code=state.code,
        detail=state.detail,
    )


def _free_disk_mb(models_dir: Path) -> int:
    """Look at the nearest folder that exists."""
    folder = next(path for path in (models_dir.absolute(), *models_dir.absolute().parents) if path.exists())
    return round(shutil.disk_usage(folder).free / 1e6)
