"""Brings a file up to the schema of this program, whoever else has it open; a snapshot of it as it was stays beside it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.store.connection import connect
from smoothbox.store.copies import copy
from smoothbox.store.migrate import TENANT, Kind, is_behind, migrate


def upgrade_open(connection: sqlite3.Connection, path: Path, kind: Kind, now: float) -> int:
    """Bring a file that is open up to date; returns how many migrations were applied.

    A file that lacks some is copied first, to `live.schema-4.sqlite` beside it; the snapshot of an earlier upgrade goes.
    Raises Problem as `migrate` and `copy` do, or sqlite3.Error: then the file is as it was.
    """
    if not is_behind(connection, kind):
        return 0
    return migrate(connection, kind, now, lambda schema: _snapshot(path, kind, schema))


def _snapshot(path: Path, kind: Kind, schema: int) -> None:
    snapshot = path.with_name(f"{path.stem}.schema-{schema}.sqlite")
    copy(path, snapshot, kind)
    for other in path.parent.glob(f"{path.stem}.schema-*.sqlite"):
        if other != snapshot:
            other.unlink(missing_ok=True)


def upgrade(path: Path, clock: Clock) -> int:
    """Apply the migrations that a file lacks, in one transaction; how many there were.

    Raises Problem 'unavailable' for a file that cannot take them: it is as it was.
    """
    _refuse_lost(path)
    try:
        with closing(connect(path, "write", journal=TENANT.journal, checkpoint_pages=0)) as connection:
            _refuse_blank(connection)
            return upgrade_open(connection, path, TENANT, clock.now())
    except sqlite3.Error as error:
        raise Problem("unavailable", str(error)) from error


def _refuse_lost(path: Path) -> None:
    if not path.exists():
        raise Problem("unavailable", "The file is missing; put it back from a backup.")
    if not path.stat().st_size:
        raise Problem("unavailable", "The file is empty; put it back from a backup.")


def _refuse_blank(connection: sqlite3.Connection) -> None:
    """A tenant's file is made with its schema: what has none would only look like an empty business."""
    if connection.execute("PRAGMA user_version").fetchone() == (0,):
        raise Problem("unavailable", f"A data file is not a smoothbox {TENANT.name} file.")
