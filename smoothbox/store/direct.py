"""One file in the hands of a command, beside a server that may be running."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.store import connection as plain
from smoothbox.store.batches import BatchLost, Done, Job, run_batch, run_read
from smoothbox.store.connection import BY_ITSELF, Origin, Tx, connect_to_copied, connect_to_examine
from smoothbox.store.migrate import Kind, is_behind
from smoothbox.store.upgrade import upgrade_open

T = TypeVar("T")
Args = TypeVarTuple("Args")

_NOT_ITS_FAULT: Final = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


class Direct:
    """One file in the hands of a command: the same verbs as in the server, run on the spot."""

    def __init__(self, connection: Any, clock: Clock, origin: Origin = BY_ITSELF) -> None:
        self._connection = connection
        self._clock = clock
        self._origin = origin

    def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb that only reads."""
        result: T = run_read(self._connection, self._clock, Job(verb, args, self._origin))
        return result

    def write(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb in a transaction; raises what it raised, or Problem when the file fails."""
        try:
            (outcome,) = run_batch(self._connection, self._clock, [Job(verb, args, self._origin)])
        except BatchLost as lost:
            raise lost.problem from lost
        if not isinstance(outcome, Done):
            raise outcome.error
        value: T = outcome.value
        return value


@contextmanager
def open_direct(
    path: Path, kind: Kind, clock: Clock, access: plain.Access = "write", origin: Origin = BY_ITSELF
) -> Iterator[Direct]:
    """Open a file beside a server that may be running: short transactions, and checkpoints left to the server.

    Raises Problem 'unavailable' for a file that cannot be opened, is none of ours, or was written by a newer program.
    """
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(closing(plain.connect(path, access, journal=kind.journal, checkpoint_pages=0)))
            upgrade_open(connection, path, kind, clock.now())
        except sqlite3.Error as error:
            raise Problem("unavailable", f"{path} cannot be opened: {error}.") from error
        yield Direct(connection, clock, origin)


@contextmanager
def open_to_look(path: Path, clock: Clock) -> Iterator[Direct]:
    """A file as it is, of whatever schema or make, to be read by verbs. Nothing is brought up to date, and nothing written.

    Raises Problem 'unavailable' for a file that cannot be read, also while it is being read; the detail 'damaged' says whether
    that is the file's own fault.
    """
    try:
        with closing(connect_to_examine(path)) as connection:
            yield Direct(connection, clock)
    except sqlite3.Error as error:
        raise _unread(path, error) from error
    except Problem as problem:  # a verb's, or that of a file which failed under it
        if isinstance(problem.__cause__, sqlite3.Error):
            raise _unread(path, problem.__cause__) from problem
        raise


def _unread(path: Path, error: sqlite3.Error) -> Problem:
    damaged = plain.primary_code(error) not in _NOT_ITS_FAULT
    return Problem("unavailable", f"{path} cannot be read: {error}.", {"damaged": damaged})


@contextmanager
def open_copy(path: Path, kind: Kind, clock: Clock) -> Iterator[Direct]:
    """A copy, to be read by verbs that also know older schemas. Raises Problem 'unavailable' for one of a newer program."""
    try:
        with closing(connect_to_copied(path)) as connection:
            is_behind(connection, kind)
            yield Direct(connection, clock)
    except sqlite3.Error as error:
        raise Problem("unavailable", f"{path} cannot be read: {error}.") from error
