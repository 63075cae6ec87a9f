"""Licences that forbid commercial use: who accepted which, and when. For pull.py, importing.py and store.py.

A model with such a licence is neither fetched nor loaded before somebody has accepted it by name. What was accepted
lies in ``accepted-licences.json``; another licence of the same model is to be accepted anew.
"""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from dragoman.ground.errors import LicenceNotAccepted, ModelCorrupt, ModelError, SettingsInvalid
from dragoman.models.durable import lock, read_json, write_json
from dragoman.models.fields import Fields
from dragoman.models.record import ModelRecord
from dragoman.models.table import ModelTable

ACCEPTED_NAME = "accepted-licences.json"
LOCKS_NAME = ".locks"
_LOCK_WAIT_S = 30.0


class Noncommercial(StrEnum):
    """What becomes of models that may not be used commercially."""

    ACCEPTED = "accepted"
    """Those whose licence somebody accepted are loaded."""
    ALLOWED = "allowed"
    """All are loaded: whoever set it accepts for everybody, as in an image that is rolled out."""
    REFUSED = "refused"
    """None is loaded, accepted or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Somebody's consent to the licence of one model."""

    model: str
    licence: str
    """SPDX identifier."""
    by: str
    """Name of the account."""
    at: str
    """Date and time, ISO 8601 in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """The rules of one models folder."""

    models_dir: Path
    rule: Noncommercial = Noncommercial.ACCEPTED

    def accepted(self) -> dict[str, Acceptance]:
        """Read what was accepted, by model. Raises ``ModelCorrupt`` if the file is damaged."""
        path = self.models_dir / ACCEPTED_NAME
        if not path.is_file():
            return {}
        fields = Fields(read_json(path), where=ACCEPTED_NAME, error=ModelCorrupt)
        return {
            model: Acceptance(model=model, licence=row.text("licence"), by=row.text("by"), at=row.text("at"))
            for model, row in fields.tables()
        }

    def accept(self, model: str, licence: str, *, by: str = "") -> Acceptance:
        """Write down that ``by``, or who runs this, accepts ``licence`` for ``model`` now. Raises ``ModelError``."""
        acceptance = Acceptance(
            model=model,
            licence=licence,
            by=by or account_name(),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        try:
            self.models_dir.mkdir(parents=True, exist_ok=True)
            with lock(self.models_dir / LOCKS_NAME / ACCEPTED_NAME, wait_s=_LOCK_WAIT_S):
                _write(self.models_dir / ACCEPTED_NAME, {**self.accepted(), model: acceptance})
        except OSError as error:
            raise ModelError(
                f"{self.models_dir} cannot be written ({error.strerror or error}); check its owner and mount"
            ) from error
        return acceptance

    def allows(self, model: str, licence: str, *, commercial: bool, own: bool = False) -> bool:
        """Say whether a model with this licence may be fetched and loaded now.

        What somebody brought here himself (``own``) he has accepted, unless none at all may be loaded.
        """
        if commercial or self.rule is Noncommercial.ALLOWED or (own and self.rule is Noncommercial.ACCEPTED):
            return True
        if self.rule is Noncommercial.REFUSED:
            return False
        known = self.accepted().get(model)
        return known is not None and known.licence == licence

    def require(self, model: str, licence: str, *, commercial: bool, own: bool = False) -> None:
        """Raise ``LicenceNotAccepted`` with what would help if ``allows`` says no."""
        if self.allows(model, licence, commercial=commercial, own=own):
            return
        if self.rule is Noncommercial.REFUSED:
            raise LicenceNotAccepted(
                f"{model} has the licence {licence}, which forbids commercial use, and the setting "
                f"noncommercial_models refuses such models; take another one, or set it to {Noncommercial.ACCEPTED}"
            )
        raise LicenceNotAccepted(
            f"{model} has the licence {licence}, which forbids commercial use; who uses it otherwise accepts it by: "
            f"dragoman models pull {model} --accept-licence {licence}"
        )


def check_accepted_names(names: Mapping[str, str], accepting: frozenset[str]) -> None:
    """Check the licences that somebody named against ``names``, the licence of each model that is asked for.

    Raises ``SettingsInvalid`` for one that none of them has: consent to a misspelt licence is none.
    """
    unknown = sorted(accepting - set(names.values()))
    if unknown:
        there = ", ".join(sorted(set(names.values()))) or "none"
        raise SettingsInvalid(f"none of these models has the licence {', '.join(unknown)}; they have: {there}")


def account_name() -> str:
    """Name the account that this process runs under, by its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the table of accounts, as in a container
        return f"uid {os.getuid()}"


def _write(path: Path, accepted: Mapping[str, Acceptance]) -> None:
    write_json(path, {it.model: {"licence": it.licence, "by": it.by, "at": it.at} for it in accepted.values()})


def require_licence(licences: Licences, table: ModelTable, record: ModelRecord) -> None:
    """Hold a model to its licence: the one of the table, which knows better than a record beside the files.

    Raises ``LicenceNotAccepted``.
    """
    known = table.entry(record.id) if record.id in table else record
    own = record.id not in table and not record.source
    licences.require(record.id, known.licence, commercial=known.commercial, own=own)
