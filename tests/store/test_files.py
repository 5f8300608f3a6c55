"""How a data file is set up, migrated and refused."""

import sqlite3
from pathlib import Path

import pytest

from smoothbox.errors import Problem
from smoothbox.store.connection import connect
from smoothbox.store.database import Database
from smoothbox.store.direct import open_direct
from smoothbox.store.folder import DataFolder
from smoothbox.store.migrate import BOX, TENANT, Kind, Migration, migrate, migrations
from tests.box import StillClock


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(("kind", "journal"), [(TENANT, "wal"), (BOX, "truncate")])
def test_a_file_is_durable_and_strict(tmp_path: Path, kind: Kind, journal: str) -> None:
    connection = connect(tmp_path / "x.db", "create", journal=kind.journal)
    assert pragma(connection, "journal_mode") == journal
    assert pragma(connection, "synchronous") == 2
    assert pragma(connection, "foreign_keys") == 1
    assert pragma(connection, "trusted_schema") == 0
    connection.close()


@pytest.mark.parametrize("kind", [TENANT, BOX])
def test_migrations_are_applied_once_and_recorded(tmp_path: Path, kind: Kind) -> None:
    connection = connect(tmp_path / "x.db", "create", journal=kind.journal)
    assert migrate(connection, kind, 0.0) == len(migrations(kind))
    assert migrate(connection, kind, 0.0) == 0
    assert pragma(connection, "user_version") == migrations(kind)[-1].number
    assert pragma(connection, "application_id") == kind.application_id
    recorded = connection.execute("SELECT number, name FROM schema_migration").fetchall()
    assert recorded == [(step.number, step.name) for step in migrations(kind)]
    connection.close()


@pytest.mark.parametrize("kind", [TENANT, BOX])
def test_migrations_are_numbered_without_gaps(kind: Kind) -> None:
    assert [step.number for step in migrations(kind)] == list(range(1, len(migrations(kind)) + 1))


@pytest.mark.parametrize("kind", [TENANT, BOX])
def test_every_table_is_strict(tmp_path: Path, kind: Kind) -> None:
    connection = connect(tmp_path / "x.db", "create", journal=kind.journal)
    migrate(connection, kind, 0.0)
    tables = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'").fetchall()
    assert [name for name, strict in tables if not strict and not name.startswith("sqlite_")] == []
    connection.close()


def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect(tmp_path / "x.db", "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    steps = (*migrations(TENANT), Migration(99, "0099_broken.sql", ("CREATE TABLE half (x)", "CREATE TABLE closure (y)")))
    monkeypatch.setattr("smoothbox.store.migrate.migrations", lambda _: steps)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, TENANT, 0.0)
    assert pragma(connection, "user_version") == len(steps) - 1
    assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone() is None
    connection.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path, clock: StillClock) -> None:
    path = tmp_path / "x.db"
    with open_direct(path, TENANT, clock, "create") as direct:
        direct.write(lambda tx: tx.run("PRAGMA user_version = 999"))
    with pytest.raises(Problem, match="newer smoothbox"), open_direct(path, TENANT, clock):
        pass


def test_a_foreign_database_is_refused(tmp_path: Path, clock: StillClock) -> None:
    path = tmp_path / "x.db"
    foreign = sqlite3.connect(path)
    foreign.execute("PRAGMA user_version = 1")
    foreign.close()
    with pytest.raises(Problem, match="not a smoothbox"), open_direct(path, TENANT, clock):
        pass


@pytest.mark.gen_test
async def test_a_file_that_is_no_database_is_a_503_for_its_tenant_only(tmp_path: Path, clock: StillClock, caplog) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"this is not a database, it only lies where one should be" * 100)
    with pytest.raises(Problem) as refusal:
        await Database(path, TENANT, clock).open()
    assert refusal.value.code == "unavailable"
    caplog.clear()


def test_two_processes_cannot_serve_one_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.lock()
    with pytest.raises(Problem) as refusal:
        folder.lock()
    assert refusal.value.code == "conflict"
    assert refusal.value.details["pid"].isdigit()


def test_the_audit_hook_of_this_suite_works(tmp_path: Path) -> None:
    """Else the rule that nothing but SQLite opens a database file would be guarded by nobody."""
    with pytest.raises(AssertionError, match="opened"):
        (tmp_path / "live.db").read_bytes()
