"""One SQLite file as the server uses it: one reading connection and, from the first write on, one that writes.

Each connection has a thread of its own (aiosqlite's), and a verb makes the whole trip in one hop. Writes that arrive while
another commit is under way wait in a queue and go together into the next one: one fsync serves up to 64 of them.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, TypeVarTuple, cast

import aiosqlite

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.store.batches import BatchLost, Done, Failed, Job, run_batch, run_read
from smoothbox.store.connection import BY_ITSELF, CHECKPOINT_PAGES, Access, Origin, Tx, storage_problem
from smoothbox.store.hops import hop, open_connection
from smoothbox.store.migrate import Kind, is_behind
from smoothbox.store.sight import Sight, Turn
from smoothbox.store.upgrade import upgrade_open

T = TypeVar("T")
Args = TypeVarTuple("Args")

BATCH_LIMIT: Final = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who keeps an eye on a file: asked before its first write, and told after each commit that queued something.

    A file whose `prepare` fails is not written.
    """

    prepare: Callable[[], Awaitable[None]]
    attend: Callable[[], None]


@dataclass(slots=True)
class _Waiting:
    job: Job
    answer: asyncio.Future[Any]

    def settle(self, outcome: Done | Failed) -> None:
        if self.answer.done():  # whoever asked has gone
            return
        if isinstance(outcome, Done):
            self.answer.set_result(outcome.value)
        else:
            self.answer.set_exception(outcome.error)


class Database:
    """One file. `write` and `read` run a verb in a transaction; both raise Problem when the file itself fails.

    `origin` is what a change goes back to where its writer names nothing else. `checkpoint_pages` as in `connect`.
    """

    def __init__(
        self,
        path: Path,
        kind: Kind,
        clock: Clock,
        queue_limit: int = 256,
        origin: Origin = BY_ITSELF,
        watch: Watch | None = None,
        turn: Turn | None = None,
        checkpoint_pages: int = CHECKPOINT_PAGES,
    ) -> None:
        self.path = path
        self.is_written = False
        self._kind = kind
        self._clock = clock
        self._queue_limit = queue_limit
        self._origin = origin
        self._watch = watch
        self._turn = turn or Turn()
        self._checkpoint_pages = checkpoint_pages
        self._queue: deque[_Waiting] = deque()
        self._leader: asyncio.Task[None] | None = None
        self._suspect = False
        self._takes_writes = True
        self._sight: Sight | None = None
        self._was_looked_at = False
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return len(self._queue)

    async def open(self) -> None:
        """Open the file and bring it up to the schema of this program.

        Raises Problem 'unavailable' for a file that cannot be opened or that a newer program has written.
        """
        try:
            self._reader = await self._connect("read")
            try:
                if await hop(self._reader, is_behind, self._kind):
                    self._writer = await self._open_writer()
            except BaseException:
                await self._reader.close()
                raise
        except Problem as problem:
            _log.error("%s cannot be opened: %s", self.path, problem)
            raise
        except sqlite3.Error as error:
            _log.error("%s cannot be opened: %s", self.path, error)
            raise storage_problem(error) from error

    async def _open_writer(self) -> aiosqlite.Connection:
        writer = await self._connect("write")
        try:
            if await hop(writer, upgrade_open, self.path, self._kind, self._clock.now()):
                _log.info("%s was brought up to date; a copy of what it was lies beside it", self.path)
        except BaseException:
            await writer.close()
            raise
        return writer

    def _connect(self, access: Access) -> Awaitable[aiosqlite.Connection]:
        return open_connection(self.path, access, self._kind.journal, self._checkpoint_pages)

    async def finish_writes(self) -> None:
        """Take no more writes, and wait for those that were taken."""
        self._takes_writes = False
        if self._leader is not None:
            await self._leader

    async def close(self) -> None:
        """Finish the writes that wait, then close what is open; the last one out checkpoints."""
        await self.finish_writes()
        self._look_away()
        await _close(self._reader, self._writer)

    def state(self) -> object | None:
        """What `Sight.state` says of the file; None also where nobody can tell yet.

        The connection for it is made at the second look: a file that is asked once, among thousands, is not worth it.
        """
        if self._sight is None:
            if self._was_looked_at:
                self._sight = self._sighted()
            self._was_looked_at = True
        return None if self._sight is None else self._sight.state()

    def _look_away(self) -> None:
        if self._sight is not None:
            self._sight.close()
            self._sight = None

    def _sighted(self) -> Sight | None:
        try:
            return Sight(self.path, self._turn)
        except sqlite3.Error as error:
            _log.info("nobody can tell whether %s changes: %s", self.path, error)
            return None

    async def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> T:
        """Run a verb that only reads, on a steady view of the file."""
        await asyncio.sleep(0)  # those who came in one turn of the loop go to the thread together: one switch, not one each
        return await hop(self._reader, run_read, self._clock, Job(verb, args, self._origin))

    async def write(self, verb: Callable[[Tx, *Args], T], *args: *Args, origin: Origin | None = None) -> T:
        """Run a verb in a transaction and return after its commit has reached the disk.

        Raises what the verb raised (then it changed nothing), or Problem when the file cannot take it.
        """
        if not self._takes_writes:
            raise Problem("unavailable", "The box is stopping.", {"retry_after": 1})
        if len(self._queue) >= self._queue_limit:
            raise Problem("unavailable", "More writes wait than the disk takes.", {"retry_after": 1})
        waiting = _Waiting(Job(verb, args, origin or self._origin), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._leader is None:
            self._leader = asyncio.create_task(self._lead())
        return cast("T", await waiting.answer)

    async def _lead(self) -> None:
        try:
            while self._queue:
                await self._commit_next()
        finally:
            self._leader = None

    async def _commit_next(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(BATCH_LIMIT, len(self._queue)))]
        outcomes = await self._outcomes([waiting.job for waiting in batch])
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.settle(outcome)
        self._tell(outcomes)

    def _tell(self, outcomes: list[Done | Failed]) -> None:
        """Pass on that something was queued."""
        if self._watch is not None and any(isinstance(outcome, Done) and outcome.has_queued for outcome in outcomes):
            self._watch.attend()

    async def _outcomes(self, jobs: list[Job]) -> list[Done | Failed]:
        try:
            if self._suspect:
                await self._reopen()
            return await hop(await self._prepared(), run_batch, self._clock, jobs)
        except BatchLost as lost:
            self._suspect = lost.suspect
            return [Failed(lost.problem)] * len(jobs)
        except Problem as problem:
            return [Failed(problem)] * len(jobs)
        except sqlite3.Error as error:
            _log.warning("%s cannot be written to: %s", self.path, error)
            return [Failed(storage_problem(error))] * len(jobs)
        except Exception:  # noqa: BLE001 -- whatever it was, those who wait must hear of it
            _log.exception("a batch of writes to %s failed", self.path)
            self._suspect = True
            return [Failed(Problem("unavailable", details={"retry_after": 1}))] * len(jobs)

    async def _prepared(self) -> aiosqlite.Connection:
        """The connection to write with, opened for the first write: most files are read far more than they are written.

        Raises Problem when whoever watches the file could not take note that it is written from now on, or sqlite3.Error.
        """
        if self._writer is None:
            self._writer = await self._open_writer()
        if not self.is_written:
            if self._watch is not None:
                await self._watch.prepare()
            self.is_written = True
        return self._writer

    async def _reopen(self) -> None:
        """After a failed write or fsync the handle is not to be trusted: only a fresh one tells what the disk holds.

        The old pair serves reads until the new one has proved good.
        """
        writer = await self._connect("write")
        try:
            await hop(writer, _check)
            reader = await self._connect("read")
        except BaseException:
            await writer.close()
            raise
        self._look_away()
        old = (self._reader, self._writer)
        self._writer, self._reader, self._suspect = writer, reader, False
        await _close(*old)


async def _close(*connections: aiosqlite.Connection | None) -> None:
    for connection in connections:
        if connection is not None:
            await connection.close()


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
