"""``dragoman models``: list, fetch, check, carry, remove. The work is in ``services/model_commands``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from dragoman.cli.model_tables import model_table, profile_table
from dragoman.cli.pull_lines import PullLines, PullScreen
from dragoman.cli.screen import err, interruptible, out, prepare
from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import DragomanError, SettingsInvalid
from dragoman.ground.languages import Language, language_name, parse_language
from dragoman.models.importing import Imported
from dragoman.models.removing import remove_model
from dragoman.models.table import load_table
from dragoman.services.assembly import open_store
from dragoman.services.model_commands.bundles import export_bundle, exported_bytes, import_bundle
from dragoman.services.model_commands.probing import Probe, probe_models
from dragoman.services.model_commands.profiles import summarise
from dragoman.services.model_commands.pulling import PullWish, describe_plan, plan_pull, pull_models
from dragoman.services.model_commands.shortlisting import MOST_PIECES, ShortlistWish, make_shortlist
from dragoman.services.model_commands.verifying import verify_models

models_app = typer.Typer(no_args_is_help=True, help="Models that add languages.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="All that are here by default.")]
Accepted = Annotated[
    list[str] | None,
    typer.Option("--accept-licence", metavar="SPDX", help="Accept a licence that forbids commercial use."),
]


@models_app.command("list")
def list_models() -> None:
    """List the models and profiles there are, and which of them are here."""
    listed = open_store(prepare()).list()
    out.print(model_table(listed), soft_wrap=False)
    out.say("")
    out.print(profile_table(summarise(load_table(), listed)), soft_wrap=False)


@models_app.command()
def pull(
    names: Annotated[list[str], typer.Argument(metavar="ID-OR-PROFILE", help="As in: dragoman models list")],
    accepted: Accepted = None,
    mirror: Annotated[
        list[str] | None,
        typer.Option(metavar="URL-OR-FOLDER", help="Asked before the hub; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a line, for another program.")] = False,
    accepted_by: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Fetch models: verified, resumed where an earlier pull stopped, in place only when whole."""
    settings = prepare()
    wish = PullWish(names=tuple(names), accepted=frozenset(accepted or ()), mirrors=tuple(mirror or ()), by=accepted_by)
    if as_json:
        lines = PullLines(out.pour)
        try:
            with interruptible(leaves="what has arrived is kept, and the same command goes on from there"):
                pull_models(wish, settings, lines.telling())
        except DragomanError as error:
            lines.failed(error)
            raise
        return
    plan = plan_pull(names, settings)
    if size := describe_plan(plan, settings):
        out.say(size)
    wish = _ask_for_licences(wish, plan.to_accept)
    with (
        interruptible(leaves="what has arrived is kept, and the same command goes on from there"),
        _download_bar() as bar,
    ):
        if not pull_models(wish, settings, PullScreen(bar, out, err).telling()):
            out.say(f"{', '.join(names)}: nothing is to be fetched for it")


def _ask_for_licences(wish: PullWish, to_accept: dict[str, str]) -> PullWish:
    """Ask who sits here; whoever cannot be asked is told by ``pull_models`` what to type."""
    if sys.stdin is None or not sys.stdin.isatty():
        return wish
    missing = {model: licence for model, licence in to_accept.items() if licence not in wish.accepted}
    agreed = set()
    for licence in dict.fromkeys(missing.values()):
        models = ", ".join(model for model, known in missing.items() if known == licence)
        if typer.confirm(f"{models}: the licence {licence} forbids commercial use. Do you accept it?", err=True):
            agreed.add(licence)
    return PullWish(names=wish.names, accepted=wish.accepted | agreed, mirrors=wish.mirrors, by=wish.by)


@models_app.command()
def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with a converted model.")],
    model_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Its name here; the folder's name by default.")
    ] = "",
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="Such as faster_whisper or ctranslate2; recognised by default.")
    ] = "",
    languages: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE", help="vi for a recogniser or a voice, en:vi for a translator; may be repeated."
        ),
    ] = None,
    licence: Annotated[str, typer.Option(metavar="SPDX", help="Its licence, such as Apache-2.0.")] = "",
    commercial: Annotated[bool, typer.Option("--commercial", help="Its licence allows commercial use.")] = False,
) -> None:
    """Take a model of your own into the store."""
    if not languages:
        raise SettingsInvalid(
            "say what the model knows: --languages vi for a recogniser or a voice, en:vi for a translator"
        )
    stored = open_store(prepare()).add(
        folder,
        model_id=model_id,
        engine=engine,
        languages=[parse_language(text) for text in languages if ":" not in text],
        pairs=[_pair(text) for text in languages if ":" in text],
        licence=licence,
        commercial=commercial,
    )
    out.say(f"{stored.id}: added for {stored.engine}; use it as {stored.engine}:{stored.id}")


@models_app.command()
def verify(ids: Ids = None) -> None:
    """Read every byte of the models here again, and say which file is wrong."""
    settings = prepare()
    with interruptible(leaves="nothing was changed"), _reading_bar() as bar:
        verdicts = verify_models(ids or (), settings, on_read=_Reading(bar).show)
    for verdict in verdicts:
        if verdict.good:
            out.say(f"{verdict.model}: good, {verdict.files} files, {verdict.size_bytes / 1e6:.0f} MB")
        for sentence in verdict.wrong:
            err.say(f"{verdict.model}: {sentence}", style="red")
        for note in verdict.notes:
            out.say(f"{verdict.model}: {note}")
        if verdict.remedy:
            err.say(f"{verdict.model}: this mends it: {verdict.remedy}")
    if not verdicts:
        out.say("no model is here; dragoman models list says which there are")
    if not all(verdict.good for verdict in verdicts):
        raise typer.Exit(1)


@models_app.command()
def doctor(ids: Ids = None) -> None:
    """Say of every model here whether it would work: files, memory, processor, and whether it opens."""
    settings = prepare()
    with interruptible(leaves="nothing was changed"), _reading_bar() as bar:
        probes = probe_models(ids or (), settings, on_read=_Reading(bar).show, on_probe=_tell_probe)
    if not probes:
        out.say("no model is here; dragoman models list says which there are")
    if not all(probe.good for probe in probes):
        raise typer.Exit(1)


def _tell_probe(probe: Probe) -> None:
    out.say(f"{probe.model}: {'works' if probe.good else 'does not work'} here")
    for finding in probe.findings:
        out.say(f"  {finding.about}: {finding.text}", style=None if finding.good else "red")


@models_app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As in: dragoman models list")],
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
) -> None:
    """Remove models from this machine. One that a running service works with stays."""
    settings = prepare()
    here = {model.id: model for model in open_store(settings).list()}
    if not yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise SettingsInvalid("nobody is here to be asked; --yes removes without asking")
        size = sum(here[model_id].size_bytes for model_id in ids if model_id in here) / 1e6
        if not typer.confirm(f"Remove {', '.join(ids)} ({size:.0f} MB)?", err=True):
            out.say("nothing was removed")
            return
    for model_id in ids:
        freed = remove_model(settings.models_dir, model_id)
        room = f"{freed / 1e6:.0f} MB are free again" if freed else "its files have other names on this disk and stay"
        out.say(f"{model_id}: removed; {room}")


@models_app.command("export")
def export_models(
    names: Annotated[list[str], typer.Argument(metavar="ID-OR-PROFILE", help="Models that are here.")],
    target: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file, such as models.tar.")],
) -> None:
    """Write models into one file, for machines without a network."""
    settings = prepare()
    with interruptible(leaves=f"{target} was not written"), _reading_bar() as bar:
        task = bar.add_task("writing", total=exported_bytes(names, settings))
        size = export_bundle(names, target, settings, on_bytes=lambda count: bar.advance(task, count))
    out.say(f"{target}: {size / 1e6:.0f} MB; on the other machine: dragoman models import {target.name}")


@models_app.command("import")
def import_models(
    bundle: Annotated[Path, typer.Argument(metavar="FILE", help="What dragoman models export wrote.")],
    accepted: Accepted = None,
) -> None:
    """Take models out of such a file: every byte checked, each in place only when whole."""
    settings = prepare()

    def tell(imported: Imported) -> None:
        out.say(f"{imported.id}: {imported.size_bytes / 1e6:.0f} MB taken; it lies in {imported.folder}")

    with interruptible(leaves="models that were named above are in their place, others are not"), _reading_bar() as bar:
        task = bar.add_task("taking", total=bundle.stat().st_size if bundle.is_file() else None)
        import_bundle(
            bundle,
            settings,
            accepted=frozenset(accepted or ()),
            on_bytes=lambda count: bar.advance(task, count),
            on_notice=err.say,
            on_done=tell,
        )


@models_app.command()
def shortlist(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with a model for ctranslate2.")],
    languages: Annotated[str, typer.Option(metavar="LANGUAGES", help="Between which it is made quicker: en,vi")],
    texts: Annotated[
        list[str],
        typer.Option("--text", metavar="FILE", help="Sentences, as vi=FILE or named like news.vi.txt; repeated."),
    ],
    pieces: Annotated[
        int, typer.Option(min=100, max=200_000, help="Most frequent pieces of each language.")
    ] = MOST_PIECES,
) -> None:
    """Make a model of many languages quicker between a few: it chooses among fewer pieces."""
    wanted = tuple(dict.fromkeys(parse_language(code) for code in languages.split(",") if code.strip()))
    wish = ShortlistWish(folder=folder, languages=wanted, texts=tuple(texts), pieces=pieces)
    with interruptible(leaves="the model works as before"):
        outcomes, known = make_shortlist(wish)
    for outcome in outcomes:
        out.say(
            f"{language_name(outcome.language)}: {outcome.pieces} of {known} pieces; of lines that were left out "
            f"{outcome.found:.1%} is found"
        )
    out.say(f"{folder / 'vmap.txt'} is used from the next start on; remove it to be without")


@models_app.command()
def convert(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The folder of a model as it was published.")],
    target: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="A new folder.")],
    quantization: Annotated[
        str, typer.Option(metavar="KIND", help="int8, int8_float32, int16, float16 or float32.")
    ] = "int8",
) -> None:
    """Convert a published model (NLLB, M2M100, Whisper, PhoWhisper, OPUS-MT) into CTranslate2's format."""
    from dragoman.services.model_commands.converting import convert_to_folder

    prepare()
    with interruptible(leaves="nothing was written"):
        command = convert_to_folder(source, target, quantization=quantization)
    out.say(f"{target}: converted; take it into the store with its languages: {command}")


def _download_bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=err, disable=not err.is_terminal)


@contextmanager
def _reading_bar() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        yield bar


class _Reading:
    """A line of the bar for each model that is read."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def show(self, model: str, read: int, total: int) -> None:
        if model not in self._tasks:
            self._tasks[model] = self._bar.add_task(model, total=total)
        self._bar.update(self._tasks[model], completed=read)


def _pair(text: str) -> LanguagePair:
    source, _, target = text.partition(":")
    pair: tuple[Language, Language] = parse_language(source), parse_language(target)
    if pair[0] == pair[1]:
        raise SettingsInvalid(f"{text} names one language twice; a pair is source:target, such as en:vi")
    return pair
