"""Sees whether anybody has committed to a file: this process on another connection, the command line, any other program."""

import sqlite3
from pathlib import Path

from smoothbox.store.connection import connect
from smoothbox.store.migrate import Kind


class Sight:
    """A connection that does nothing but look, by SQLite's `data_version`, which tells in a few microseconds.

    Raises sqlite3.Error when the file cannot be opened.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self._connection = connect(path, "read", journal=kind.journal)
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._cursor = self._connection.cursor()
        self._version = -1
        self._state = object()

    def state(self) -> object | None:
        """The same object for as long as nobody commits, another one from then on; None where the file is locked just now.

        What is read after a look holds as long as later looks return the same object: a commit in between makes it newer
        than that look, and the next look says so. States of different sights are never the same.
        """
        try:
            (version,) = self._cursor.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            return None
        if version != self._version:
            self._version, self._state = version, object()
        return self._state

    def close(self) -> None:
        """Look no more."""
        self._connection.close()
