"""/healthz and /readyz: what a supervisor asks, and what it is told when something is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from smoothbox.errors import Problem
from smoothbox.store.folder import DataFolder
from tests.box import Client, RunningBox

pytestmark = pytest.mark.gen_test


@pytest.fixture
def anybody(box: RunningBox) -> Client:
    """Who has no token."""
    return Client(box.url, None)


async def test_a_box_that_answers_is_alive(anybody: Client) -> None:
    answer = await anybody.get("/healthz")
    assert (answer.status, answer.body) == (200, {"status": "alive"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"].startswith("req_")


async def test_a_box_with_all_it_needs_is_ready(anybody: Client) -> None:
    answer = await anybody.get("/readyz")
    assert (answer.status, answer.body) == (200, {"status": "ready"})


async def test_a_query_is_in_nobodys_way(anybody: Client) -> None:
    assert (await anybody.get("/readyz?why=not")).status == 200


async def test_a_probe_leaves_nothing_in_the_folder(box: RunningBox, anybody: Client) -> None:
    before = {path.name for path in box.folder.root.iterdir()}
    await anybody.get("/readyz")
    assert {path.name for path in box.folder.root.iterdir()} == before


async def test_head_is_answered_and_other_methods_are_refused(anybody: Client) -> None:
    assert (await anybody.send("HEAD", "/readyz")).status == 200
    answer = await anybody.send("DELETE", "/readyz")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "method_not_allowed", "GET, HEAD")


async def test_a_folder_that_is_gone_is_named(box: RunningBox, anybody: Client) -> None:
    aside = box.folder.root.with_name("aside")
    box.folder.root.rename(aside)
    try:
        answer = await anybody.get("/readyz")
        assert (answer.status, answer.code) == (503, "unavailable")
        (said,) = answer.body["details"]["data_folder"]
        assert said == f"The data folder, {box.folder.root}, cannot be written to: No such file or directory."
        assert said in answer.body["message"]
        assert (await anybody.get("/healthz")).status == 200
    finally:
        aside.rename(box.folder.root)
    assert (await anybody.get("/readyz")).status == 200


def beside(box: RunningBox, statement: str) -> None:
    """Run a statement on the registry in another process: this one opens no database file but through its own store."""
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
    subprocess.run([sys.executable, "-c", script, str(box.folder.box), statement], check=True)


async def test_a_registry_that_cannot_be_read_is_named(
    box: RunningBox, anybody: Client, caplog: pytest.LogCaptureFixture
) -> None:
    beside(box, "ALTER TABLE tenant RENAME TO nobody")
    answer = await anybody.get("/readyz")
    beside(box, "ALTER TABLE nobody RENAME TO tenant")
    assert answer.status == 503
    assert answer.body["details"] == {"registry": ["The registry cannot be read; the log says why."]}
    assert "the registry cannot be read: no such table: tenant" in caplog.messages
    caplog.clear()
    assert (await anybody.get("/readyz")).status == 200


async def test_a_box_that_stops_is_not_ready(box: RunningBox, anybody: Client) -> None:
    box.app._front.is_draining = True
    answer = await anybody.get("/readyz")
    assert (answer.status, answer.body["details"]) == (503, {"server": ["The box is stopping."]})
    assert (await anybody.get("/healthz")).status == 200


def test_a_file_system_that_takes_no_files_is_named() -> None:
    with pytest.raises(Problem, match="The data folder, /proc, cannot be written to: ") as refused:
        DataFolder(Path("/proc")).require_writable()
    assert refused.value.code == "unavailable"
