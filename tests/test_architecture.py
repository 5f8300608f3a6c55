"""The house keeps its floors: an import may only go down, and each foreign library stays behind its fence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "smoothbox"
FILES = sorted(path for path in PACKAGE.rglob("*.py"))

FLOORS = {
    "cli": 7,
    "serving": 6,
    "app": 5,
    "api": 4,
    "web": 4,
    "webhooks": 4,
    "chores": 4,
    "pulling": 4,
    "parsing": 3,
    "upkeep": 3,
    "operations": 2,
    "store": 1,
    "scheduling": 0,
    "contract": 0,
}
GROUND = {
    "errors",
    "clock",
    "durable",
    "ids",
    "keyring",
    "keyring_file",
    "settings",
    "setting_values",
    "located_toml",
    "logs",
    "supervisor",
    "__init__",
}  # everyone may name these
ENTRANCE = {"__main__"}

FENCES = {
    "tornado": {"api", "web", "webhooks", "app", "serving"},
    "aiosqlite": {"store"},
    "dateutil": {"scheduling"},
    "sqlite3": {"store"},
    "click": {"cli"},
    "tomllib": {"located_toml", "settings"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "manager"}


def room(path: Path) -> str:
    """The room of a file: its folder, or itself where it stands at the top."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_modules(path: Path) -> set[str]:
    """The files of the house that a file imports, as dotted names."""
    known = {".".join(("smoothbox", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in FILES}
    return {name for name in imports(path) if name in known}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_an_import_only_goes_down(path: Path) -> None:
    here = room(path)
    if here in ENTRANCE:
        return
    for name in own_modules(path):
        there = name.split(".")[1]
        if there in GROUND or there == here:
            continue
        assert here not in GROUND, f"{here} stands on the ground and imports {name}"
        assert FLOORS[there] < FLOORS[here], f"{here} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_library_stays_behind_its_fence(path: Path) -> None:
    for name in imports(path):
        allowed = FENCES.get(name.split(".")[0])
        assert allowed is None or room(path) in allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_clock_asks_what_time_it_is(path: Path) -> None:
    if room(path) == "clock":
        return
    text = path.read_text("utf-8")
    for call in ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time("):
        assert call not in text, f"{path} calls {call})"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if room(path) in {"settings", "supervisor"}:  # a supervisor speaks through the environment
        return
    text = path.read_text("utf-8")
    assert "os.environ" not in text, path
    assert "os.getenv" not in text, path


@pytest.mark.parametrize("path", FILES, ids=str)
def test_sql_is_written_in_the_store_only(path: Path) -> None:
    if room(path) == "store":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA ")), (path, node.value)


def test_no_imports_run_in_a_circle() -> None:
    graph = {".".join(("smoothbox", *path.relative_to(PACKAGE).with_suffix("").parts)): own_modules(path) for path in FILES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name in done:
            return
        for other in graph[name]:
            visit(other, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_is_small_says_its_purpose_and_has_a_name(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{path} does not say what it is for"
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text("utf-8").splitlines()) <= 400
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"
