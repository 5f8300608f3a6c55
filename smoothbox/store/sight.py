"""Sees whether anybody has committed to a file: this process on another connection, the command line, any other program."""

import asyncio
import sqlite3
from pathlib import Path

from smoothbox.store.connection import connect_to_look


class Turn:
    """A turn of the event loop: what was seen first in it counts for everybody until it ends.

    A loop runs what is to be run in the order in which it was asked for. Whose turn has come before `end` was woken before
    the first look, by bytes of a request that were there by then: so the look came after the request. Whoever takes up a
    request that may have come later, because its connection was served in this very turn, ends the turn first.
    """

    def __init__(self) -> None:
        self._number = 0
        self._is_running = False

    def number(self) -> int:
        """Another one in each turn; to be called in a running event loop."""
        if not self._is_running:
            self._is_running = True
            asyncio.get_running_loop().call_soon(self.end)
        return self._number

    def end(self) -> None:
        """From now on everything is looked at again."""
        self._is_running = False
        self._number += 1


class Sight:
    """A connection that does nothing but look, by SQLite's `data_version`, which tells in a few microseconds.

    Raises sqlite3.Error when the file cannot be opened.
    """

    def __init__(self, path: Path, turn: Turn) -> None:
        self._connection = connect_to_look(path)
        self._cursor = self._connection.cursor()
        self._turn = turn
        self._looked_in = -1
        self._version = -1
        self._is_clear = False
        self._state = object()

    def state(self) -> object | None:
        """The same object for as long as nobody commits, another one from then on.

        None where the file does not tell: it is locked for a moment, or no database any more. What is read after a look
        holds as long as later looks return the same object: a commit in between makes it newer than that look, and the next
        look says so. States of different sights are never the same.
        """
        number = self._turn.number()
        if number != self._looked_in:
            self._look()
            self._looked_in = number
        return self._state if self._is_clear else None

    def _look(self) -> None:
        try:
            (version,) = self._cursor.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self._is_clear = False
            return
        self._is_clear = True
        if version != self._version:
            self._version, self._state = version, object()

    def close(self) -> None:
        """Look no more."""
        self._connection.close()
