"""What verbs remember of a file from one transaction to the next: rows that are read by every booking and seldom change.

One connection has one memory. It is good for as long as nobody else commits, which SQLite's `data_version` tells, and as
long as whoever changes such rows on this connection forgets.
"""

import sqlite3
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from smoothbox.store.pictures import Pictures

T = TypeVar("T")

_MOST: Final = 100
"""Entries; who is there around a day is one, and with many people takes ten kilobytes."""


class Memory:
    """Values by key; and pictures of rows, for transactions that only read."""

    __slots__ = ("_values", "_version", "pictures")

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._version = -1
        self.pictures = Pictures()

    def __len__(self) -> int:
        return len(self._values)

    def refresh(self, connection: sqlite3.Connection) -> None:
        """To be called in a transaction that has just begun: what it reads from here on is what may be remembered."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._values) > _MOST:
            self._values.clear()
            self._version = version
            self.pictures = Pictures()

    def recall(self, key: Hashable, load: Callable[[], T]) -> T:
        """The value of a key, loaded where there is none."""
        if key not in self._values:
            self._values[key] = load()
        found: T = self._values[key]
        return found

    def keep(self, key: Hashable, value: object) -> None:
        """Another value for a key."""
        self._values[key] = value

    def forget(self, *keys: Hashable) -> None:
        """Drop the values of some keys; without any, of all."""
        if not keys:
            self._values.clear()
        for key in keys:
            self._values.pop(key, None)


class RememberingConnection(sqlite3.Connection):
    """A connection with a memory of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.memory = Memory()


def memory_of(connection: sqlite3.Connection) -> Memory:
    """The connection's own, as of the transaction that has just begun; else one that lasts as long as the transaction."""
    if not isinstance(connection, RememberingConnection):
        return Memory()
    connection.memory.refresh(connection)
    return connection.memory
