"""Before a file is upgraded, it is copied as it was."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from smoothbox.errors import Problem
from smoothbox.store import upgrade as upgrades
from smoothbox.store.direct import open_direct
from smoothbox.store.migrate import TENANT, migrations
from smoothbox.store.upgrade import upgrade
from tests.box import StillClock
from tests.cli.test_tenant_migrate import make_old, schema_of

NEWEST = len(migrations(TENANT))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the first schema."""
    (tmp_path / "acme").mkdir()
    make_old(tmp_path / "acme" / "live.db", 1)
    return tmp_path / "acme" / "live.db"


def snapshots(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir() if each.suffix != ".db")


def test_an_upgraded_file_has_a_snapshot_of_its_older_self_beside_it(path: Path, clock: StillClock) -> None:
    upgrade(path, clock)
    assert snapshots(path) == ["live.schema-1.sqlite"]
    assert schema_of(path.with_name("live.schema-1.sqlite")) == (1, "acme live")
    assert schema_of(path) == (NEWEST, "acme live")


def test_a_file_that_is_up_to_date_gets_none(path: Path, clock: StillClock) -> None:
    upgrade(path, clock)
    path.with_name("live.schema-1.sqlite").unlink()
    assert upgrade(path, clock) == 0
    with open_direct(path, TENANT, clock):
        pass
    assert snapshots(path) == []


def test_a_file_that_is_made_gets_none(tmp_path: Path, clock: StillClock) -> None:
    with open_direct(tmp_path / "test.db", TENANT, clock, "create"):
        pass
    assert not list(tmp_path.glob("*.sqlite"))


def test_the_snapshot_of_an_earlier_upgrade_goes_and_that_of_the_other_mode_stays(path: Path, clock: StillClock) -> None:
    for name in ("live.schema-0.sqlite", "test.schema-1.sqlite"):
        path.with_name(name).touch()
    upgrade(path, clock)
    assert snapshots(path) == ["live.schema-1.sqlite", "test.schema-1.sqlite"]


def test_without_a_snapshot_nothing_is_migrated(path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Problem("storage_full")

    monkeypatch.setattr(upgrades, "copy", full)
    with pytest.raises(Problem) as caught:
        upgrade(path, clock)
    assert caught.value.code == "storage_full"
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)


def test_going_back_is_putting_the_snapshot_in_place(path: Path, clock: StillClock) -> None:
    upgrade(path, clock)
    path.with_name("live.schema-1.sqlite").replace(path)
    assert schema_of(path) == (1, "acme live")
    assert upgrade(path, clock) == NEWEST - 1


def test_of_several_who_upgrade_a_file_at_once_one_does_and_the_snapshot_is_of_the_file_as_it_was(
    path: Path, clock: StillClock
) -> None:
    together = Barrier(4)

    def upgraded(_: int) -> int:
        together.wait()
        return upgrade(path, clock)

    with ThreadPoolExecutor(4) as crowd:
        assert sorted(crowd.map(upgraded, range(4))) == [0, 0, 0, NEWEST - 1]
    assert snapshots(path) == ["live.schema-1.sqlite"]
    assert schema_of(path.with_name("live.schema-1.sqlite")) == (1, "acme live")


def test_nobody_writes_to_a_file_between_its_snapshot_and_its_migrations(
    path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = upgrades.copy

    def copied(*words: Any) -> Any:
        with closing(sqlite3.connect(path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE business SET name = 'changed'")
        return copy(*words)

    monkeypatch.setattr(upgrades, "copy", copied)
    assert upgrade(path, clock) == NEWEST - 1
    assert schema_of(path.with_name("live.schema-1.sqlite")) == (1, "acme live")
