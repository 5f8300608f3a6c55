"""The two ways a verb runs: in a batch with others that is committed once, or reading alone on a steady view.

A verb is a plain function `verb(tx, …)`. It runs whole inside one transaction, so nothing interleaves with it. It has no
effect but on its transaction, and may run twice: when another of its batch has to be undone.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smoothbox.clock import Clock
from smoothbox.store.connection import BY_ITSELF, Origin, Tx, primary_code, storage_problem
from smoothbox.store.memory import Memory, memory_of

# Primary result codes after which the transaction is gone or not to be trusted, so that nobody in it may be told "done".
_FATAL: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_INTERRUPT,
    }
)


@dataclass(frozen=True, slots=True)
class Job:
    """A verb that waits for its turn in a batch."""

    verb: Callable[..., Any]
    args: tuple[Any, ...]
    origin: Origin = BY_ITSELF


@dataclass(frozen=True, slots=True)
class Done:
    """The job is committed; this is what it returned, and whether it queued something."""

    value: Any
    has_queued: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The job changed nothing; this is what it raised."""

    error: Exception


class BatchLost(Exception):  # noqa: N818 -- names what happened to the batch
    """The whole transaction was rolled back; nobody in it was served. `problem` is what each of them is told."""

    def __init__(self, error: sqlite3.Error) -> None:
        self.problem = storage_problem(error)
        self.suspect = primary_code(error) in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        super().__init__(str(error))


class _HalfDoneError(Exception):
    """A job has failed after it had changed something, and nothing tells its changes from those of the others.

    The whole transaction is rolled back; `error` is what the job raised.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


def run_batch(connection: sqlite3.Connection, clock: Clock, jobs: Sequence[Job]) -> list[Done | Failed]:
    """Run all jobs in one transaction, and commit once.

    Returns what became of each job, only after the commit. Raises BatchLost when the transaction as a whole is lost:
    then not one of them took effect.
    """
    try:
        return _run(connection, clock, jobs, _attempt)
    except _HalfDoneError as half:
        if len(jobs) == 1:
            return [Failed(half.error)]
        # Verbs refuse before they write, so this is rare: savepoints for every batch would cost each booking more.
        return _run(connection, clock, jobs, _attempt_apart)


def run_read(connection: sqlite3.Connection, clock: Clock, job: Job) -> Any:
    """Run one verb on a steady view of the file."""
    try:
        connection.execute("BEGIN")
        try:
            memory = memory_of(connection)
            return job.verb(Tx(connection, clock.now(), memory, job.origin, memory.pictures), *job.args)
        finally:
            _end(connection)
    except sqlite3.Error as error:
        if primary_code(error) in _FATAL:
            raise storage_problem(error) from error
        raise


_Attempt = Callable[[sqlite3.Connection, Tx, Job], Done | Failed]


def _run(connection: sqlite3.Connection, clock: Clock, jobs: Sequence[Job], attempt: _Attempt) -> list[Done | Failed]:
    memory = Memory()
    try:
        connection.execute("BEGIN IMMEDIATE")
        memory = memory_of(connection)
        outcomes = [attempt(connection, Tx(connection, clock.now(), memory, job.origin), job) for job in jobs]
        connection.execute("COMMIT")
    except (BatchLost, _HalfDoneError):
        _roll_back(connection, memory)
        raise
    except sqlite3.Error as error:
        _roll_back(connection, memory)
        raise BatchLost(error) from error
    return outcomes


def _attempt(connection: sqlite3.Connection, tx: Tx, job: Job) -> Done | Failed:
    """Raises _HalfDoneError when the job has to be undone."""
    before = connection.total_changes
    try:
        return Done(job.verb(tx, *job.args), tx.has_queued)
    except Exception as error:  # handed to whoever asked; the others of the batch go on
        _raise_if_lost(connection, error)
        if connection.total_changes != before:
            raise _HalfDoneError(error) from error
        return Failed(error)


def _attempt_apart(connection: sqlite3.Connection, tx: Tx, job: Job) -> Done | Failed:
    """In a savepoint of its own, so that it alone can be undone."""
    connection.execute("SAVEPOINT job")
    try:
        done = Done(job.verb(tx, *job.args), tx.has_queued)
    except Exception as error:  # noqa: BLE001 -- as above
        _raise_if_lost(connection, error)
        connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")
        tx.forget()  # what is remembered may be undone now
        return Failed(error)
    connection.execute("RELEASE job")
    return done


def _raise_if_lost(connection: sqlite3.Connection, error: Exception) -> None:
    if isinstance(error, sqlite3.Error) and (primary_code(error) in _FATAL or not connection.in_transaction):
        raise BatchLost(error) from error


def _roll_back(connection: sqlite3.Connection, memory: Memory) -> None:
    memory.forget()
    _end(connection)


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
