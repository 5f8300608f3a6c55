"""One file in the hands of a command, beside a server that may be running."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.store import connection as plain
from smoothbox.store.batches import BatchLost, Done, Job, run_batch, run_read
from smoothbox.store.connection import BY_ITSELF, Origin, Tx, connect_to_copied
from smoothbox.store.migrate import Kind, is_behind
from smoothbox.store.upgrade import upgrade_open

T = TypeVar("T")
Args = TypeVarTuple("Args")


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
def open_copy(path: Path, kind: Kind, clock: Clock) -> Iterator[Direct]:
    """A copy, to be read by verbs that also know older schemas. Raises Problem 'unavailable' for one of a newer program."""
    try:
        with closing(connect_to_copied(path)) as connection:
            is_behind(connection, kind)
            yield Direct(connection, clock)
    except sqlite3.Error as error:
        raise Problem("unavailable", f"{path} cannot be read: {error}.") from error
