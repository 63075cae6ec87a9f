"""``dragoman models doctor``: would each model work here? Its files, memory, the processor, and whether it opens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.ground.errors import ModelError
from dragoman.models.store import ModelStore, StoredModel
from dragoman.services.assembly import open_store
from dragoman.services.model_commands.machine import Machine, look_at_machine
from dragoman.services.model_commands.trial import Trial, kind_of, try_model
from dragoman.services.model_commands.verifying import OnRead, Verdict, ids_here, verify_model
from dragoman.settings import Settings

_QUICK = frozenset({"AVX2", "AVX-512", "VNNI", "NEON"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    about: str
    good: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How one model would do here."""

    model: str
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        return all(finding.good for finding in self.findings)


def probe_models(
    ids: Sequence[str], settings: Settings, *, on_read: OnRead, on_probe: Callable[[Probe], None]
) -> list[Probe]:
    """Look at the models of ``ids``, or at all. Raises ``ModelNotFound`` for one that is not here."""
    store, machine = open_store(settings), look_at_machine()
    listed = {model.id: model for model in store.list()}
    probes = []
    for model_id in ids_here(store, ids):
        verdict = verify_model(store, model_id, on_read=on_read)
        probes.append(_probe(model_id, listed.get(model_id), store, verdict, machine))
        on_probe(probes[-1])
    return probes


def _probe(model_id: str, model: StoredModel | None, store: ModelStore, verdict: Verdict, machine: Machine) -> Probe:
    findings = [_files(verdict)]
    if verdict.good and model is not None:
        findings += [memory(model.ram_mb, machine), processor(machine), *_trial(model, store)]
    return Probe(model=model_id, findings=tuple(findings))


def _files(verdict: Verdict) -> Finding:
    if verdict.good:
        text = f"{verdict.files} files, {verdict.size_bytes / 1e6:.0f} MB, all as published"
        return Finding(about="files", good=True, text=text)
    return Finding(about="files", good=False, text=f"{'; '.join(verdict.wrong)}; this mends it: {verdict.remedy}")


def memory(needed_mb: int, machine: Machine) -> Finding:
    """Compare what a model takes with what can be had."""
    if not needed_mb or not machine.free_mb:
        known = f"{machine.free_mb} MB are free" if machine.free_mb else "the kernel does not say how much is free"
        return Finding(about="memory", good=True, text=f"nobody measured what it takes; {known}")
    good = needed_mb <= machine.free_mb
    advice = "" if good else "; end other programs, or take a smaller model"
    return Finding(about="memory", good=good, text=f"takes about {needed_mb} MB; {machine.free_mb} MB are free{advice}")


def processor(machine: Machine) -> Finding:
    """Say whether the processor is quick at it; a slow one is no failure."""
    names = ", ".join(machine.features) or "no vector instructions that we know"
    quick = machine.int8 and not _QUICK.isdisjoint(machine.features)
    return Finding(about="processor", good=True, text=f"{names}{'' if quick else ': it will be slow here'}")


def _trial(model: StoredModel, store: ModelStore) -> list[Finding]:
    if kind_of(model.engine) is None:
        text = f"the engine {model.engine} is not part of this version; an update may bring it"
        return [Finding(about="engine", good=False, text=text)]
    try:
        store.find(model.id)
    except ModelError as error:
        return [Finding(about="licence", good=False, text=str(error))]
    return [describe_trial(try_model(model.engine, model.id))]


def describe_trial(trial: Trial) -> Finding:
    """Write what came of opening a model."""
    if not trial.opened:
        return Finding(about="opens", good=False, text=trial.problem or "it could not be opened")
    return Finding(about="opens", good=True, text=f"in {trial.load_s:.1f} s, with {trial.peak_mb:.0f} MB at most")
