"""A CTranslate2 model's shortlist: the pieces that may come out, fewer than its vocabulary has. For ctranslate2.py.

A model of 200 languages spends half its time on choosing among 256,000 pieces. ``vmap.txt`` beside ``model.bin`` names
those that are worth it: lines of ``source pieces<TAB>target pieces``. Ours has one line, which holds for any source:
CTranslate2 4.8 gives wrong answers, or an ``IndexError``, once two calls in a row are allowed different pieces and
begin with a target prefix. ``vmap.json`` says for which languages it is complete; between others, and for a source with
pieces that are not in it (names, other scripts), the whole vocabulary is used.
Written by ``services/model_commands/shortlisting.py``. Source of the format: CTranslate2's ``vocabulary_map.cc``.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelCorrupt
from dragoman.ground.languages import Language

MAP_FILE: Final = "vmap.txt"
STATEMENT_FILE: Final = "vmap.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """What the shortlist of a model is good for."""

    languages: frozenset[Language] = frozenset()
    pieces: frozenset[str] = frozenset()
    serves_all: bool = False
    """It came with the model, and says nothing of itself."""

    def serves(self, source: Language, target: Language, pieces: Iterable[str]) -> bool:
        """Say whether it may be used for a source of these pieces."""
        return self.serves_all or ({source, target} <= self.languages and self.pieces.issuperset(pieces))


NO_SHORTLIST: Final = Shortlist()


def read_shortlist(folder: Path) -> Shortlist:
    """Look at the shortlist before CTranslate2 does, which ends the whole process over an empty one.

    A folder without one gives ``NO_SHORTLIST``. Raises ``ModelCorrupt``.
    """
    path, statement = folder / MAP_FILE, folder / STATEMENT_FILE
    if not path.is_file():
        return NO_SHORTLIST
    advice = f"remove it, or make it again: dragoman models shortlist {folder} --languages ... --text ..."
    if path.stat().st_size == 0:
        raise ModelCorrupt(f"{path} is empty; {advice}")
    if not statement.is_file():
        return Shortlist(serves_all=True)
    try:
        stated = json.loads(statement.read_text(encoding="utf-8"))
        languages = frozenset(Language(str(code)) for code in stated["languages"])
        _, _, pieces = path.read_text(encoding="utf-8").partition("\t")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{statement} or {path} cannot be read; {advice}") from error
    return Shortlist(languages=languages, pieces=frozenset(pieces.split()))


def write_shortlist(folder: Path, pieces: Collection[str], *, languages: Collection[Language]) -> None:
    """Write what may come out. A crash in between leaves a model as it was, or one without a shortlist.

    Both are new files: the old ones may be names of the files of a model that was added from here.
    """
    (folder / MAP_FILE).unlink(missing_ok=True)
    _replace(folder / STATEMENT_FILE, json.dumps({"languages": sorted(languages)}))
    _replace(folder / MAP_FILE, f"\t{' '.join(sorted(pieces))}")


def _replace(path: Path, line: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.write_text(f"{line}\n", encoding="utf-8")
    part.replace(path)
