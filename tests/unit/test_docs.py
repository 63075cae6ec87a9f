"""The documentation says what the code does: reference, links, commands, fields, numbers."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from dragoman.cli import app

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *(REPOSITORY / "docs").rglob("*.md")])

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ |[A-Z_]+=\S+ )?(?:\.venv/bin/)?dragoman( [^\n]*)?$", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def prose(page: Path) -> str:
    """Give the page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def code(page: Path) -> str:
    """Give what stands as code, in blocks and within lines, continued lines joined."""
    text = page.read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\n]+)`", FENCED.sub("", text))
    return "\n".join([*FENCED.findall(text), *spans]).replace("\\\n", " ")


def headings(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(prose(page)) if "://" not in link]

    for target in targets:
        path, _, anchor = unquote(target).partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in headings(linked), f"{target}: no such heading"


def test_the_reference_is_what_the_code_says() -> None:
    script = REPOSITORY / "scripts" / "make_reference.py"

    check = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, timeout=120, check=False
    )

    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    named = set(re.findall(r"(?:^|\s)make ([a-z]+)\b", code(page), re.MULTILINE))

    assert named - {"git"} <= targets  # "apt-get install git make"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_is_named_exists_with_its_options(page: Path) -> None:
    known = dict(walk_commands(typer.main.get_command(app), "dragoman"))

    for said in COMMAND.findall(code(page)):
        name = "dragoman"
        for word in said.split():
            if f"{name} {word}" not in known:
                break
            name = f"{name} {word}"
        rest = said.split()[len(name.split()) - 1 :]
        is_group = any(other.startswith(f"{name} ") for other in known)
        assert not (is_group and rest and rest[0].islower() and rest[0].isalpha()), f"no command {name} {rest[0]}"
        options = {word for word in rest if word.startswith("--")}
        assert options <= known[name], f"{name} has no {options - known[name]}"


def walk_commands(command: object, name: str) -> Iterator[tuple[str, set[str]]]:
    """Give every command, such as ``dragoman models pull``, with its options."""
    assert isinstance(command, TyperCommand | TyperGroup)
    yield name, {option for param in command.params for option in param.opts} | {"--help"}
    if isinstance(command, TyperGroup):
        for key, below in command.commands.items():
            yield from walk_commands(below, f"{name} {key}")


def test_every_field_of_the_report_is_described() -> None:
    source = (REPOSITORY / "src" / "dragoman" / "services" / "recording_results.py").read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    [report] = [function for function in functions if function.name == "_report"]
    [made] = [node.value for node in ast.walk(report) if isinstance(node, ast.Return)]
    assert isinstance(made, ast.Dict)
    fields = [str(key.value) for key in made.keys if isinstance(key, ast.Constant)]

    page = (REPOSITORY / "docs" / "howto" / "read-the-results.md").read_text(encoding="utf-8")

    assert len(fields) >= 10
    assert [field for field in fields if f"`{field}`" not in page] == []


def test_the_figures_of_the_readme_name_their_machine() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    section = text.split("## What works")[1].split("\n## ")[0]
    before_the_table = section.split("\n|")[0]

    assert re.search(r"\d+ cores", before_the_table), "say above the table on which machine its figures were measured"


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"))
    listed = (folder / "README.md").read_text(encoding="utf-8")

    for number, page in enumerate(pages, start=1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04d}-")
        assert page.name in listed
        assert all(part in text for part in ("**Question.**", "**What we chose.**", "**What we gave up.**")), page.name
