"""Whether a data file has the tables, indexes and triggers that our migrations make, and no others."""

import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from smoothbox.errors import Problem
from smoothbox.store.connection import Tx, connect_to_copied
from smoothbox.store.migrate import TENANT, migrations, newest

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


def refuse_foreign(path: Path) -> None:
    """For a copy that somebody brought: a trigger or a view in it would run in our hands.

    Raises Problem 'unavailable' for one that has another schema than a file of its version.
    """
    try:
        with closing(connect_to_copied(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            found = {tuple(row) for row in connection.execute(_SCHEMA)}
    except sqlite3.Error as error:
        raise Problem("unavailable", f"{path.name}: {error}.") from error
    if version > newest(TENANT):
        raise Problem("unavailable", f"{path.name} is of schema {version}, written by a newer smoothbox; upgrade first.")
    if found != _ours(version):
        strange = sorted(name for _, name, *_ in found ^ _ours(version))
        raise Problem("unavailable", f"{path.name} is not as smoothbox makes its files: {', '.join(strange[:3])}.")


def drop_foreign(tx: Tx) -> None:
    """Take out of a copy what Litestream keeps in every file that it replicates."""
    for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '_litestream_*'"):
        tx.run(f"DROP TABLE {name}")


@lru_cache
def _ours(version: int) -> frozenset[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for step in migrations(TENANT)[:version]:
            connection.execute("BEGIN")
            for statement in step.statements:
                connection.execute(statement)
            connection.execute("COMMIT")
        return frozenset(tuple(row) for row in connection.execute(_SCHEMA))
