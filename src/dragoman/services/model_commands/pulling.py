"""``dragoman models pull``: ids and profiles, licences first, then every model from the first source that has it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dragoman.models.licences import Acceptance, Noncommercial, check_accepted_names
from dragoman.models.pull import Puller, PullProgress, PullReport
from dragoman.models.source import ModelSource
from dragoman.models.sources import Sources, first_that_has
from dragoman.models.table import ModelEntry, ModelTable, load_table
from dragoman.services.assembly import licences_of, open_store
from dragoman.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PullWish:
    """What somebody asked for."""

    names: tuple[str, ...]
    """Ids and profiles."""
    accepted: frozenset[str] = frozenset()
    """SPDX identifiers of licences that he accepts."""
    mirrors: tuple[str, ...] = ()
    """Before those of the settings."""
    by: str = ""
    """Who accepts the licences; empty for the account that this runs under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullTelling:
    """Where a pull is told of."""

    on_progress: Callable[[PullProgress], None] = lambda progress: None
    on_notice: Callable[[str], None] = lambda notice: None
    on_done: Callable[[PullReport], None] = lambda report: None
    on_accepted: Callable[[Acceptance], None] = lambda acceptance: None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPlan:
    """What a wish comes to. Nothing is fetched yet."""

    entries: tuple[ModelEntry, ...]
    to_accept: dict[str, str] = field(default_factory=dict)
    """Licences that nobody has accepted yet, by model."""


def plan_pull(names: Sequence[str], settings: Settings, *, table: ModelTable | None = None) -> PullPlan:
    """Look up what ``names`` mean. Raises ``ModelNotFound`` for a misspelt one, before anything is fetched."""
    entries = (table or load_table()).expand(names)
    licences = licences_of(settings)
    return PullPlan(
        entries=entries,
        to_accept={
            entry.id: entry.licence
            for entry in entries
            if not licences.allows(entry.id, entry.licence, commercial=entry.commercial)
        },
    )


def describe_plan(plan: PullPlan, settings: Settings) -> str:
    """Say how much is to be fetched, before it is: ``545 MB to fetch: whisper-small 486 MB, ...``; empty if nothing."""
    missing = {model.id: model.size_bytes for model in open_store(settings).list() if not model.usable}
    sizes = {entry.id: missing[entry.id] for entry in plan.entries if entry.id in missing}
    each = ", ".join(f"{model_id} {size / 1e6:.0f} MB" for model_id, size in sizes.items())
    return f"{sum(sizes.values()) / 1e6:.0f} MB to fetch: {each}" if sizes else ""


def pull_models(
    wish: PullWish, settings: Settings, telling: PullTelling, *, table: ModelTable | None = None
) -> tuple[PullReport, ...]:
    """Fetch all models of ``wish``. Raises what ``Puller.pull`` raises; models before the failure stay.

    Licences are settled before the first byte: ``LicenceNotAccepted`` names the one that is missing, and
    ``SettingsInvalid`` one that was accepted and that none of the models has.
    """
    table = table or load_table()
    plan = plan_pull(wish.names, settings, table=table)
    licences = licences_of(settings)
    check_accepted_names({entry.id: entry.licence for entry in plan.entries}, wish.accepted)
    for model_id, licence in plan.to_accept.items():
        if licence not in wish.accepted or licences.rule is Noncommercial.REFUSED:
            licences.require(model_id, licence, commercial=False)
    for model_id, licence in plan.to_accept.items():
        telling.on_accepted(licences.accept(model_id, licence, by=wish.by))
    reports = []
    with Sources(
        table,
        mirrors=(*wish.mirrors, *settings.model_mirrors),
        hub=settings.model_hub or "",
        firefox_registry=settings.firefox_registry or "",
    ) as sources:
        for entry in plan.entries:

            def pull(source: ModelSource, model_id: str = entry.id) -> PullReport:
                return Puller(
                    settings.models_dir,
                    table,
                    source,
                    licences=licences,
                    on_progress=telling.on_progress,
                    on_notice=telling.on_notice,
                ).pull(model_id)

            reports.append(first_that_has(sources.of(entry), pull))
            telling.on_done(reports[-1])
    return tuple(reports)
