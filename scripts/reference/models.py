"""The page of models. For make_reference.py."""

from collections.abc import Sequence
from itertools import permutations

from scripts.reference.markdown import table

from dragoman.ground.engines import LanguagePair
from dragoman.ground.languages import LANGUAGES
from dragoman.models.table import load_table


def models_page() -> str:
    models = load_table()
    rows = [
        (
            f"`{entry.id}`",
            f"`{entry.engine}`",
            ", ".join(entry.languages) or _pairs(entry.pairs),
            f"{entry.download_bytes / 1e6:.0f}",
            str(entry.ram_mb),
            entry.licence + ("" if entry.commercial else " (no commercial use)"),
            "in the table" if entry.pinned else "recorded at the first pull",
            entry.attribution,
        )
        for entry in models
    ]
    header = ("id", "engine", "languages", "download, MB", "memory, MB", "licence", "revision and hashes", "by")
    names = ", ".join(f"{code} {entry.name}" for code, entry in LANGUAGES.items())
    return (
        "# Models\n\n"
        f"What `dragoman models pull` knows; it fetches from <{models.hub}> or from the mirror that the setting\n"
        "`model_hub` names. See [Models: fetch, add, check](../howto/models.md).\n\n"
        + table(header, rows)
        + f"\n## Languages\n\n{names}.\n"
    )


def _pairs(pairs: Sequence[LanguagePair]) -> str:
    """Name each pair, or of many that go each into each other the languages once."""
    languages = tuple(dict.fromkeys(language for pair in pairs for language in pair))
    if len(languages) > 2 and set(pairs) == set(permutations(languages, 2)):
        return f"each into each other: {', '.join(languages)}"
    return ", ".join(f"{source} to {target}" for source, target in pairs)
