"""Nothing is stored in Redis, the cache folder or a browser that the data map does not name."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import dragoman
from dragoman.accounts.data_map import ELSEWHERE, Place

SOURCE = Path(dragoman.__file__).parent
PAGE = Path(__file__).parents[3] / "web" / "src"
LIST_IT = "list it in accounts/stored_elsewhere.py"
_REDIS = re.compile(r"^\s*(?:from|import) redis\b", re.MULTILINE)
_REDIS_KEY = re.compile(r"\"([a-z_-]+:[a-z0-9_:{}-]*)\"")
_BELOW_CACHE = re.compile(r"\bcache(?:_dir)? / \"([^\"]+)\"")
_COOKIE = re.compile(r"\.set_cookie\(\s*([A-Z_]+|\"[^\"]+\")")
_PYTHON_CONSTANT = re.compile(r"^([A-Z_]+)(?:: Final)? = (\"[^\"]+\"|[A-Z_]+)$", re.MULTILINE)
_PAGE_CONSTANT = re.compile(r"^(?:export )?const ([A-Z_]+) = '([^']+)'", re.MULTILINE)
_PAGE_KEY = re.compile(r"(?:\b(?:set|get|remove)Item\(|\b(?:write|readObject)\(storage, )('[^']+'|`[^`]+`|\w+)")
_PAGE_STORES = re.compile(r"\b(?:set|get|remove)Item\(|\b(?:local|session)Storage\b")
_OTHER_STORES = re.compile(
    r"\bindexedDB\b|document\.cookie|\bcookieStore\b|\bcaches\.|\bserviceWorker\b|navigator\.storage"
    r"|(?:local|session)Storage(?:\[|\.(?!clear\b))"
)


def listed(*places: Place) -> set[str]:
    return {it.name for it in ELSEWHERE if it.place in places}


def unlisted(names: set[str], *places: Place) -> set[str]:
    return {name for name in names if not any(fnmatch(name, it) for it in listed(*places))}


def python_sources() -> dict[str, str]:
    return {str(file.relative_to(SOURCE)): file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py")}


def page_sources() -> dict[str, str]:
    """Give what is built into the page, without its tests."""
    files = (file for ending in ("*.ts", "*.tsx") for file in PAGE.rglob(ending))
    kept = (file for file in files if ".test." not in file.name and "testing" not in file.parts)
    return {str(file.relative_to(PAGE)): file.read_text(encoding="utf-8") for file in kept}


def test_every_key_in_redis_is_listed() -> None:
    keys = {
        name: {key + "*" for key in _REDIS_KEY.findall(text) if not key.startswith(("redis:", "rediss:", "unix:"))}
        for name, text in python_sources().items()
        if _REDIS.search(text)
    }

    assert "translating/redis_cache.py" in keys
    assert all(keys.values()), "begin the keys of Redis with a constant, such as dragoman:what:1:"
    assert not unlisted(set().union(*keys.values()), Place.REDIS), LIST_IT


def test_every_path_below_the_cache_folder_is_listed() -> None:
    made = {path for text in python_sources().values() for path in _BELOW_CACHE.findall(text)}

    assert made == listed(Place.CACHE_DIR), LIST_IT


def test_whoever_is_given_the_cache_folder_calls_it_cache() -> None:
    """The test above finds paths by that word."""
    about = {name: text for name, text in python_sources().items() if "cache" in text and name != "settings.py"}
    trees = [ast.parse(text) for text in about.values()]
    callees = {callee for tree in trees for callee in given_the_cache(tree)}

    defined = {name: parameters for tree in trees for name, parameters in definitions(tree) if name in callees}

    assert {"MeasuredSpeed", "StockPitches", "measure_costs"} <= callees
    assert not {name for name in callees if "cache" not in defined.get(name, ())}


def given_the_cache(tree: ast.Module) -> Iterator[str]:
    """Give the names of what is called with ``settings.cache_dir``; any other use of it has no name."""
    handed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values = [*node.args, *(it.value for it in node.keywords)]
            if found := [it for it in values if isinstance(it, ast.Attribute) and it.attr == "cache_dir"]:
                handed |= set(found)
                yield ast.unparse(node.func).rpartition(".")[2]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "cache_dir" and node not in handed:
            yield f"line {node.lineno}"


def definitions(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Give functions and classes with the names of what they take."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, parameters_of(node)
        elif isinstance(node, ast.ClassDef):
            made = [it for it in node.body if isinstance(it, ast.FunctionDef) and it.name == "__init__"]
            yield node.name, set().union(*map(parameters_of, made))


def parameters_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {it.arg for it in (*function.args.args, *function.args.kwonlyargs)}


def test_every_cookie_is_listed() -> None:
    cookies = set()
    sources = python_sources()
    everywhere = {name: value for text in sources.values() for name, value in _PYTHON_CONSTANT.findall(text)}
    for text in sources.values():
        own = everywhere | dict(_PYTHON_CONSTANT.findall(text))
        for said in _COOKIE.findall(text):
            name = said
            while not name.startswith('"'):
                name = own[name]
            cookies.add(name.strip('"'))

    assert cookies == listed(Place.COOKIE), LIST_IT


def test_every_key_of_the_browsers_storage_is_listed() -> None:
    keys = set()
    for file, text in page_sources().items():
        constants = dict(_PAGE_CONSTANT.findall(text))
        for said in _PAGE_KEY.findall(text):
            if said[0] in "'`":
                filled = said[1:-1]
                for name, value in constants.items():
                    filled = filled.replace(f"${{{name}}}", value)
                keys.add(re.sub(r"\$\{[^}]+\}", "*", filled))
            elif said != "key":  # what write() and readObject() are given: theirs is found where they are called
                assert said in constants, f"{file}: name the key {said} by a constant"
                keys.add(constants[said])

    assert keys == listed(Place.BROWSER, Place.TAB), LIST_IT


def test_the_page_stores_nothing_in_any_other_way() -> None:
    sources = page_sources()

    found = {file: it.group() for file, text in sources.items() if (it := _OTHER_STORES.search(text))}

    assert any(_PAGE_STORES.search(text) for text in sources.values())
    assert not found, "store it by a named key, and list that in accounts/stored_elsewhere.py"
