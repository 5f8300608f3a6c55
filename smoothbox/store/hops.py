"""An aiosqlite connection on whose thread a whole function runs in one hop, and whose verbs remember."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from smoothbox.store import connection as plain
from smoothbox.store.memory import RememberingConnection

T = TypeVar("T")


class _Rows(list[Any]):
    """What aiosqlite expects of execute(): something to fetch all from."""

    def fetchall(self) -> list[Any]:
        return self


class _HoppingConnection(RememberingConnection):
    """Lets `await db.execute_fetchall(function, args)` run a whole function on the connection's thread, in one hop."""

    def execute(self, sql: Any, parameters: Any = ()) -> Any:
        if callable(sql):
            return _Rows((sql(self, *parameters),))
        return super().execute(sql, parameters)


async def hop(connection: aiosqlite.Connection, function: Callable[..., T], *args: Any) -> T:
    """What `function(connection, *args)` returns, or raises, on the connection's own thread."""
    (result,) = await connection.execute_fetchall(cast("str", function), args)
    return cast("T", result)


async def open_connection(path: Path, access: plain.Access, journal: str, checkpoint_pages: int) -> aiosqlite.Connection:
    """As `connect`, with a thread of its own, which ends when it is closed. Raises sqlite3.Error."""
    failure: list[Exception] = []

    def connector() -> sqlite3.Connection:
        # An aiosqlite connection that failed to open cannot be waited for when it ends; so it opens nothing instead.
        try:
            return plain.connect(path, access, journal=journal, checkpoint_pages=checkpoint_pages, factory=_HoppingConnection)
        except sqlite3.Error as error:
            failure.append(error)
            return sqlite3.connect(":memory:", check_same_thread=False)

    connection = await aiosqlite.Connection(connector, iter_chunk_size=64)
    if failure:
        await connection.close()
        raise failure[0]
    return connection
