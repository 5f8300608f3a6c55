"""`smoothbox version`, and what --check-data says of a box: of files of every schema, of broken ones, beside a server."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from smoothbox import __version__
from smoothbox.store.migrate import BOX, TENANT, migrations
from tests.cli.conftest import Smoothbox
from tests.cli.process import run_on_terminal, serving
from tests.cli.test_tenant_migrate import (
    Break,
    all_paths,
    be_a_registry,
    be_foreign,
    come_from_the_future,
    empty,
    lose,
    make_old,
    path_of,
    schema_of,
    scribble,
    written,
)

NEWEST = migrations(TENANT)[-1].number
NEWEST_BOX = migrations(BOX)[-1].number


def files(smoothbox: Smoothbox) -> dict[str, dict[str, Any]]:
    """What is said of each file, by its path in the data folder, where all can be served."""
    return by_path(smoothbox, smoothbox.json("version", "--check-data"))


def by_path(smoothbox: Smoothbox, answer: Any) -> dict[str, dict[str, Any]]:
    return {str(Path(each["path"]).relative_to(smoothbox.data_dir)): each for each in answer["files"]}


def make_registry_old(smoothbox: Smoothbox, schema: int) -> None:
    """The registry as the program of that schema would have it."""
    with closing(sqlite3.connect(smoothbox.data_dir / "box.db")) as file:
        if schema < 4:
            file.execute("ALTER TABLE tenant DROP COLUMN paused_at")
        file.execute("DELETE FROM schema_migration WHERE number > ?", (schema,))
        file.execute(f"PRAGMA user_version = {schema}")
        file.commit()


def stamps(smoothbox: Smoothbox) -> dict[Path, tuple[int, int]]:
    """Every file of the box, with its size and when it was written."""
    found = {path: path.stat() for path in smoothbox.data_dir.rglob("*") if path.is_file()}
    return {path: (each.st_size, each.st_mtime_ns) for path, each in found.items()}


def test_it_says_which_versions_run_without_a_box(bare: Smoothbox) -> None:
    said = bare.json("version")
    assert said["smoothbox"] == __version__
    assert set(said) == {"smoothbox", "python", "sqlite"}
    assert bare.done("version").out.startswith(f"smoothbox  {__version__}\n")


def test_files_can_be_checked_where_there_is_a_box_only(bare: Smoothbox) -> None:
    ended = bare("--json", "version", "--check-data")
    assert ended.status == 4
    assert ended.complaint["error"] == "not_found"


def test_a_box_of_today_has_nothing_to_migrate(smoothbox: Smoothbox) -> None:
    said = smoothbox.json("version", "--check-data")
    assert said["schemas"] == {"box": NEWEST_BOX, "tenant": NEWEST}
    assert [each["state"] for each in said["files"]] == ["current"] * 5
    registry, first, *_ = said["files"]
    of_registry = {"tenant": None, "mode": None, "schema": NEWEST_BOX, "newest": NEWEST_BOX, "state": "current", "reason": ""}
    assert registry == {"path": str(smoothbox.data_dir / "box.db"), **of_registry}
    of_first = {"tenant": "acme", "mode": "live", "schema": NEWEST, "newest": NEWEST, "state": "current", "reason": ""}
    assert first == {"path": str(path_of(smoothbox, "acme")), **of_first}


def test_what_is_of_an_older_schema_is_named_and_left_as_it_is(smoothbox: Smoothbox) -> None:
    make_old(path_of(smoothbox, "acme"), 1)
    make_old(path_of(smoothbox, "rival", "test"), NEWEST - 1)
    make_registry_old(smoothbox, 3)
    before = stamps(smoothbox)
    said = files(smoothbox)
    assert stamps(smoothbox) == before
    found = {path: (each["schema"], each["state"]) for path, each in said.items()}
    assert found == {
        "box.db": (3, "behind"),
        "tenants/acme/live.db": (1, "behind"),
        "tenants/acme/test.db": (NEWEST, "current"),
        "tenants/rival/live.db": (NEWEST, "current"),
        "tenants/rival/test.db": (NEWEST - 1, "behind"),
    }


def test_people_read_what_would_become_of_each_file(smoothbox: Smoothbox) -> None:
    make_old(path_of(smoothbox, "acme"), 1)
    ended = smoothbox.done("version", "--check-data")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["box.db", str(NEWEST_BOX), "up", "to", "date"] in lines
    assert ["tenants/acme/live.db", "1", "would", "be", "migrated", "to", str(NEWEST)] in lines
    assert ["tenants/acme/test.db", str(NEWEST), "up", "to", "date"] in lines
    assert ended.err == f"Next: smoothbox --data-dir {smoothbox.data_dir} tenant migrate --all\n"


def test_a_file_from_the_future_fails_with_what_helps(smoothbox: Smoothbox) -> None:
    come_from_the_future(path_of(smoothbox, "acme"))
    ended = smoothbox("--json", "version", "--check-data")
    assert ended.status == 1
    said = by_path(smoothbox, ended.answer)
    assert (said["tenants/acme/live.db"]["schema"], said["tenants/acme/live.db"]["state"]) == (999, "ahead")
    assert [each["state"] for each in said.values()].count("current") == 4
    assert ended.complaint["message"].startswith("1 of 5 files cannot be served by this program:\n")
    assert str(path_of(smoothbox, "acme")) in ended.complaint["message"]
    assert "newer smoothbox" in ended.complaint["hint"]
    assert "snapshot" in ended.complaint["hint"]
    assert schema_of(path_of(smoothbox, "acme"))[0] == 999


def test_a_registry_from_the_future_keeps_all_from_being_served(smoothbox: Smoothbox) -> None:
    come_from_the_future(smoothbox.data_dir / "box.db")
    ended = smoothbox("--json", "version", "--check-data")
    assert ended.status == 1
    (registry,) = ended.answer["files"]
    assert (registry["schema"], registry["state"]) == (999, "ahead")


@pytest.mark.parametrize(
    ("damage", "schema", "reason"),
    [
        (lose, None, "It is missing."),
        (empty, 0, "It is empty, or none of ours."),
        (scribble, None, "file is not a database"),
        (be_foreign, NEWEST, "It is empty, or none of ours."),
        (be_a_registry, NEWEST_BOX, "It is empty, or none of ours."),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(
    smoothbox: Smoothbox, damage: Break, schema: int | None, reason: str
) -> None:
    damage(path_of(smoothbox, "rival"))
    ended = smoothbox("--json", "version", "--check-data")
    assert ended.status == 1
    broken = by_path(smoothbox, ended.answer)["tenants/rival/live.db"]
    assert (broken["state"], broken["schema"]) == ("unusable", schema)
    assert reason in broken["reason"]
    assert ended.complaint["hint"].endswith("doctor")
    assert [each["state"] for each in ended.answer["files"]].count("current") == 4


def test_a_broken_registry_is_named(smoothbox: Smoothbox) -> None:
    scribble(smoothbox.data_dir / "box.db")
    ended = smoothbox("--json", "version", "--check-data")
    assert ended.status == 1
    assert [each["state"] for each in ended.answer["files"]] == ["unusable"]


def test_a_disabled_tenant_is_checked_and_a_deleted_one_is_not(smoothbox: Smoothbox) -> None:
    smoothbox.done("tenant", "disable", "acme")
    smoothbox.done("--yes", "tenant", "delete", "rival")
    assert list(files(smoothbox)) == ["box.db", "tenants/acme/live.db", "tenants/acme/test.db"]


def test_it_looks_beside_a_server_and_beside_who_writes(smoothbox: Smoothbox) -> None:
    make_old(path_of(smoothbox, "rival"), 1)
    with (
        serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, _),
        written(path_of(smoothbox, "acme")),
    ):
        said = files(smoothbox)
        assert said["tenants/rival/live.db"]["state"] == "behind"
        assert said["tenants/acme/live.db"]["state"] == "current"
        assert process.poll() is None
    assert schema_of(path_of(smoothbox, "rival"))[0] == 1


def test_a_terminal_shows_how_far_it_is(smoothbox: Smoothbox) -> None:
    words = ("--data-dir", str(smoothbox.data_dir), "version", "--check-data")
    _, shown = run_on_terminal("", *words, environment={"TERM": "xterm"})
    assert "Checking" in shown
    assert "5/5" in shown
    assert len(all_paths(smoothbox)) + 1 == 5
