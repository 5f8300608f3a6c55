"""Whole data files, copied while others work on them, and copies judged.

A copy is made by SQLite itself (VACUUM INTO), in one step that sees one state of the file; the program never reads the bytes
of a file that somebody has open (closing such a descriptor would drop SQLite's locks). A copy has a name of its own kind,
`.sqlite`, and nobody has it open: its bytes may be read.
"""

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smoothbox.durable import naming, sync, unfinished
from smoothbox.errors import Problem
from smoothbox.store.census import counts
from smoothbox.store.connection import Tx, connect_to_copied, connect_to_copy, primary_code
from smoothbox.store.migrate import TENANT, Kind

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy is: its schema, its size in bytes, its SHA-256, and how much of each thing it holds (a tenant's only)."""

    schema: int
    size: int
    sha256: str
    counts: dict[str, int]


def copy(source: Path, target: Path, kind: Kind) -> Copied:
    """Copy a file beside whoever works on it. The copy is whole, sound and on disk under its name, or not there.

    Raises Problem 'unavailable' for a file that is missing, blank, of another kind, or broken; 'storage_full' on a full disk.
    """
    if not source.exists():
        raise Problem("unavailable", f"{source} is missing.")
    making = unfinished(target)
    try:
        if _is_still(source):
            with closing(connect_to_copied(source)) as still, closing(sqlite3.connect(making)) as written:
                still.backup(written)
        else:
            with closing(connect_to_copy(source)) as connection:
                connection.execute("VACUUM INTO ?", (str(making.absolute()),))  # a relative one might pass for a URI
        copied = judge(making, kind)
        sync(making)
        making.replace(target)
        sync(target.parent)
    except sqlite3.Error as error:
        if primary_code(error) == sqlite3.SQLITE_FULL:
            raise Problem("storage_full", f"The disk is full: {target} has no room, and nothing was written.") from error
        raise Problem("unavailable", f"{source}: {error}.") from error
    finally:
        making.unlink(missing_ok=True)
    return copied


def judge(path: Path, kind: Kind) -> Copied:
    """What a copy is. Raises Problem 'unavailable' for one that is not sound, or not a file of this kind of ours."""
    try:
        with closing(connect_to_copied(path)) as connection:
            schema = _schema(path, connection, kind)
            _refuse_unreal(path, connection)
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise Problem("unavailable", f"{path} is damaged: {verdict}.")
            held = counts(Tx(connection, 0.0)) if kind is TENANT else {}
    except sqlite3.Error as error:
        raise Problem("unavailable", f"{path}: {error}.") from error
    return Copied(schema, path.stat().st_size, checksum(path), held)


def checksum(path: Path) -> str:
    """SHA-256 of a file that nobody has open, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bring(source: Path, target: Path) -> None:
    """Put the bytes of a copy where a data file is to be; they are on disk under that name, or nothing is."""
    making = unfinished(target)
    try:
        with naming(target), source.open("rb") as read, making.open("wb") as written:
            while piece := read.read(_PIECE):
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        making.replace(target)
        sync(target.parent)
    finally:
        making.unlink(missing_ok=True)


def _schema(path: Path, connection: sqlite3.Connection, kind: Kind) -> int:
    """The schema of a file that is open. Raises Problem 'unavailable' for one that is blank or not of this kind of ours."""
    schema: int = connection.execute("PRAGMA user_version").fetchone()[0]
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if not kind.has(schema, mark):
        raise Problem("unavailable", f"{path} is not a smoothbox {kind.name} file.")
    return schema


def _is_still(source: Path) -> bool:
    """Whether nobody can write to a file, since its disk has become read-only, and all that was written is in it."""
    logs = [source.with_name(source.name + end) for end in ("-wal", "-journal")]
    is_in_log = any(log.exists() and log.stat().st_size for log in logs)
    return bool(os.statvfs(source.parent).f_flag & os.ST_RDONLY) and not is_in_log


def _refuse_unreal(path: Path, connection: sqlite3.Connection) -> None:
    """No file of ours has a view or a virtual table: to count its rows might never end."""
    unreal = "SELECT name FROM sqlite_master WHERE type = 'view' OR type = 'table' AND rootpage = 0"
    for (name,) in connection.execute(unreal):
        raise Problem("unavailable", f"{path} is not as smoothbox makes its files: {name} is no table.")
