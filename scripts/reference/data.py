"""The page of what is stored. For make_reference.py."""

from scripts.reference.markdown import table

from dragoman.accounts.data_map import ELSEWHERE, FILES, TABLES


def data_page() -> str:
    """Write the data map: what is stored of whom, why, for how long."""
    header = ("table", "what", "why", "whose", "kept", "when somebody is erased", "exported")
    tables = [
        (
            f"[`{it.name}`](#{it.name})",
            it.what,
            it.why,
            it.whose,
            it.how_long,
            it.erased.value,
            "no" if it.of_person is None else "yes",
        )
        for it in TABLES
    ]
    files = [(f"`{it.path}`", it.what, it.why, it.whose, it.how_long, it.erased) for it in FILES]
    elsewhere = [
        (it.place.value, f"`{it.name}`", it.what, it.why, it.whose, it.how_long, it.erased) for it in ELSEWHERE
    ]
    columns = "".join(
        f"\n### {it.name}\n\n"
        + table(("column", "what"), [(f"`{name}`", text) for name, text in it.columns.items()])
        + (f"\nIn no export: {', '.join(sorted(it.secrets))}.\n" if it.secrets and it.of_person else "")
        for it in TABLES
    )
    return (
        "# What is stored\n\n"
        "Nothing of a call, unless it says so here: no sound, no captions, and translations only where `redis_url` is\n"
        "set. Without accounts there is no database. How to export and erase a person:\n"
        "[Privacy](../howto/privacy.md).\n\n## Tables\n\n"
        + table(header, tables)
        + "\n## Files below `data_dir`\n\n"
        + table(("path", "what", "why", "whose", "kept", "when somebody is erased"), files)
        + "\n## Elsewhere\n\n"
        + table(("place", "key or path", "what", "why", "whose", "kept", "when somebody is erased"), elsewhere)
        + "\n## Columns\n"
        + columns
    )
