"""Numbered migrations: each SQL file is applied once, together with its record, in one transaction."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.errors import Problem


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its folder of migrations, its journal mode, and the number that marks it as ours."""

    name: str
    journal: str
    application_id: int


BOX: Final = Kind("box", "TRUNCATE", 0x534D4258)
TENANT: Final = Kind("tenant", "WAL", 0x534D5454)


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    statements: tuple[str, ...]


@lru_cache
def migrations(kind: Kind) -> tuple[Migration, ...]:
    """All migrations of a kind, in their order."""
    folder = resources.files("smoothbox.store") / "migrations" / kind.name
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(Migration(int(name[:4]), name, tuple(_statements((folder / name).read_text("utf-8")))) for name in names)


def is_behind(connection: sqlite3.Connection, kind: Kind) -> bool:
    """Whether a file lacks migrations. Raises Problem as `migrate` does."""
    return _version(connection, kind) < migrations(kind)[-1].number


def migrate(connection: sqlite3.Connection, kind: Kind, now: float) -> int:
    """Bring a file up to date; returns how many migrations were applied.

    Raises Problem 'unavailable' when the file is of a newer schema or is not one of ours.
    """
    version = _version(connection, kind)
    pending = [step for step in migrations(kind) if step.number > version]
    for step in pending:
        _apply(connection, kind, step, instant_text(now))
    return len(pending)


def _version(connection: sqlite3.Connection, kind: Kind) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if version and mark != kind.application_id:
        raise Problem("unavailable", f"A data file is not a smoothbox {kind.name} file.")
    if version > migrations(kind)[-1].number:
        raise Problem("unavailable", f"A data file is of schema {version}, written by a newer smoothbox; upgrade first.")
    return version


def _apply(connection: sqlite3.Connection, kind: Kind, step: Migration, stamp: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection, kind) < step.number:  # another process may have been faster
            for statement in step.statements:
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_migration (number, name, applied_at) VALUES (?, ?, ?)",
                (step.number, step.name, stamp),
            )
            connection.execute(f"PRAGMA user_version = {step.number}")
            connection.execute(f"PRAGMA application_id = {kind.application_id}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        raise ValueError(f"unfinished statement in a migration: {pending.strip()[:60]}")
