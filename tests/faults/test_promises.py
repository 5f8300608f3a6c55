"""What SECURITY.md promises is guarded by tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"


def promises() -> dict[str, list[str]]:
    """Each promise with the files that are named as its guards; a name without a folder is of the one before."""
    text = (ROOT / "SECURITY.md").read_text("utf-8").partition("## What is not promised")[0]
    found: dict[str, list[str]] = {}
    for promise, _, guards in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)[1:]:
        folder = "tests"
        for name in re.findall(r"[\w/]+(?:\.py)?(?=[, (]|$)", guards):
            if name.startswith("tests/"):
                folder = name.rpartition("/")[0]
            if name.endswith(".py") or name.startswith("tests/"):
                found.setdefault(promise, []).append(name if name.startswith("tests/") else f"{folder}/{name}")
    return found


def test_every_promise_has_a_guard_and_every_guard_is_there() -> None:
    found = promises()
    assert len(found) == 14
    for promise, guards in found.items():
        assert guards, promise
        for guard in guards:
            assert (ROOT / guard).exists(), (promise, guard)


def test_every_test_of_faults_guards_a_promise() -> None:
    named = {guard for guards in promises().values() for guard in guards}
    own = {f"tests/faults/{path.name}" for path in (TESTS / "faults").glob("test_*.py")} - {"tests/faults/test_promises.py"}
    assert own <= named
