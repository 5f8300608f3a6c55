"""Numbered migrations: what a file lacks is applied with its records in one transaction, so it has one schema or the other."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.errors import Problem
from smoothbox.store import fence
from smoothbox.store.connection import Tx


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its folder of migrations, its journal mode, and the number that marks it as ours."""

    name: str
    journal: str
    application_id: int

    def has(self, schema: int, mark: int) -> bool:
        """Whether these are the schema and the mark of a file of this kind; both are 0 in an empty file."""
        return schema != 0 and mark == self.application_id


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


def newest(kind: Kind) -> int:
    """The schema of this program."""
    return migrations(kind)[-1].number


def is_behind(connection: sqlite3.Connection, kind: Kind) -> bool:
    """Whether a file lacks migrations. Raises Problem as `migrate` does."""
    return _version(connection, kind) < newest(kind)


def migrate(connection: sqlite3.Connection, kind: Kind, now: float, keep: Callable[[int], object] = lambda _: None) -> int:
    """Bring a file up to date, whole or not at all; returns how many migrations were applied.

    `keep` is told the schema of a file that has one while nobody can write to it any more and nothing is changed yet.
    Raises Problem 'unavailable' when the file is of a newer schema or is not one of ours, or what `keep` raises.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, kind)  # another process may have been faster
        pending = [step for step in migrations(kind) if step.number > version]
        if version and pending:
            keep(version)
        tx = Tx(connection, now)
        is_fenced = fence.is_up(tx)
        fence.take_down(tx)  # for this transaction: what is paused is upgraded too
        for step in pending:
            _apply(connection, kind, step, instant_text(now))
        if is_fenced:
            fence.put_up(tx)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return len(pending)


def _version(connection: sqlite3.Connection, kind: Kind) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if version and mark != kind.application_id:
        raise Problem("unavailable", f"A data file is not a smoothbox {kind.name} file.")
    if version > newest(kind):
        raise Problem("unavailable", f"A data file is of schema {version}, written by a newer smoothbox; upgrade first.")
    return version


def _apply(connection: sqlite3.Connection, kind: Kind, step: Migration, stamp: str) -> None:
    for statement in step.statements:
        connection.execute(statement)
    record = (step.number, step.name, stamp)
    connection.execute("INSERT INTO schema_migration (number, name, applied_at) VALUES (?, ?, ?)", record)
    connection.execute(f"PRAGMA user_version = {step.number}")
    connection.execute(f"PRAGMA application_id = {kind.application_id}")


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        raise ValueError(f"unfinished statement in a migration: {pending.strip()[:60]}")
