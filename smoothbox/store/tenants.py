"""The pool of open tenant files: opened on first use, kept while used, closed when idle or when others need the room."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.settings import Tenants as Limits
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Origin
from smoothbox.store.database import Database, Watch
from smoothbox.store.due import next_due
from smoothbox.store.folder import DataFolder
from smoothbox.store.migrate import TENANT
from smoothbox.store.sight import Turn

_Key = tuple[int, Mode]

_log = logging.getLogger(__name__)


class Agenda(Protocol):
    """Keeps in mind, across a crash, which files may have something to do by themselves."""

    async def mark(self, tenant_id: int, mode: Mode) -> None:
        """A file is written from now on: until it is settled nobody but itself knows when it is due."""

    async def settle(self, tenant_id: int, mode: Mode, due_at: float | None) -> None:
        """A file is closed, and due then (Unix seconds; None: never)."""


Attend = Callable[[Tenant, Mode], None]


@dataclass(slots=True)
class _Place:
    """One file in the pool. `pins` counts its users; it is closed only when there are none."""

    key: _Key
    database: Database
    opening: "asyncio.Task[None]"
    closing: "asyncio.Task[None] | None" = None
    pins: int = 0
    last_used: float = field(default=0.0)

    @property
    def is_open(self) -> bool:
        """Whether its file can be used now."""
        has_opened = self.opening.done() and not self.opening.cancelled() and self.opening.exception() is None
        return has_opened and self.closing is None


class TenantFiles:
    """Open files by tenant and mode; at most `max_open` of them.

    `attend` is told when something was queued in a file.
    """

    def __init__(self, folder: DataFolder, limits: Limits, clock: Clock, agenda: Agenda, turn: Turn | None = None) -> None:
        self.attend: Attend = lambda *_: None
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._agenda = agenda
        self._turn = turn or Turn()
        self._places: OrderedDict[_Key, _Place] = OrderedDict()
        self._is_closed = False
        self._errands = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._places)

    def waiting_writes(self) -> Iterator[int]:
        """How many writes wait, for each file that is in the pool."""
        return (place.database.waiting for place in self._places.values())

    def use(self, tenant: Tenant, mode: Mode) -> "Use":
        """The tenant's file, open and pinned within `async with`.

        Raises Problem 'unavailable' when the pool is full of files in use, or when the file cannot be opened.
        """
        return Use(self, tenant, mode)

    async def for_each_open(self, errand: Callable[[Database], Awaitable[None]]) -> None:
        """Run an errand on every file that is open; it keeps none from being closed as idle.

        A file that cannot serve the errand now is left for the next time.
        """
        async with self._errands:
            for place in list(self._places.values()):
                if place.is_open and not self._is_closed:
                    await _run(errand, place)

    async def close_idle(self) -> None:
        """Close what nobody used for the idle time."""
        limit = self._clock.elapsed() - self._limits.idle_seconds
        idle = [place for place in self._places.values() if not place.pins and place.last_used <= limit]
        await _all(self._begin_closing(place) for place in idle)

    async def close(self) -> None:
        """Close every file, and open none from now on; a file that fails to close keeps no other from it."""
        self._is_closed = True
        async with self._errands:  # the one that is under way has its file until it is done
            pass
        await _all(self._begin_closing(place) for place in list(self._places.values()))

    async def pin(self, tenant: Tenant, mode: Mode) -> _Place:
        """For `Use`: the place of a file that is open, with one user more."""
        place = await self._place(tenant, mode)
        place.pins += 1
        try:
            if not place.opening.done():
                # Shielded: a client that leaves must not cancel the opening for the others (and would leak descriptors).
                await asyncio.shield(place.opening)
            place.opening.result()
        except BaseException:
            self.unpin(place)
            raise
        return place

    def unpin(self, place: _Place) -> None:
        """For `Use`: one user less."""
        place.pins -= 1
        place.last_used = self._clock.elapsed()

    async def _place(self, tenant: Tenant, mode: Mode) -> _Place:
        key = (tenant.id, mode)
        while (place := self._places.get(key)) is not None and place.closing is not None:
            await _all([place.closing])
        if self._is_closed:
            raise Problem("unavailable", "The box is stopping.", {"retry_after": 1})
        if place is not None:
            self._places.move_to_end(key)
            return place
        if sum(each.closing is None for each in self._places.values()) >= self._limits.max_open:
            self._make_room()
        return self._open(key, tenant)

    def _open(self, key: _Key, tenant: Tenant) -> _Place:
        mode = key[1]
        path = self._folder.tenant_file(tenant.folder, mode)
        watch = Watch(partial(self._agenda.mark, *key), lambda: self.attend(tenant, mode))
        limits, origin = self._limits, Origin(mode)
        database = Database(path, TENANT, self._clock, limits.queue, origin, watch, self._turn, limits.checkpoint_pages)
        place = _Place(key, database, asyncio.create_task(database.open()), last_used=self._clock.elapsed())
        place.opening.add_done_callback(lambda task: self._opened(key, task))
        self._places[key] = place
        return place

    def _opened(self, key: _Key, task: "asyncio.Task[None]") -> None:
        """A file that could not be opened leaves the pool; the next request tries anew."""
        if task.cancelled() or task.exception() is not None:
            self._places.pop(key, None)

    def _make_room(self) -> None:
        """Begin to close the file that was unused for longest."""
        for place in self._places.values():
            if not place.pins and place.closing is None:
                self._begin_closing(place)
                return
        raise Problem("unavailable", "All data files that may be open are in use.", {"retry_after": 1})

    def _begin_closing(self, place: _Place) -> "asyncio.Task[None]":
        """From this moment on nobody gets the place any more."""
        if place.closing is None:
            place.closing = asyncio.create_task(self._shut(place))
        return place.closing

    async def _shut(self, place: _Place) -> None:
        try:
            await place.opening
            settle = await self._settlement(place)
            await place.database.close()
            await _unless_refused(settle, place)
        finally:
            self._places.pop(place.key, None)

    async def _settlement(self, place: _Place) -> Callable[[], Awaitable[None]]:
        """How to note when a file is due that nobody has open; one that cannot tell stays marked, and is looked at again."""
        await place.database.finish_writes()
        if not place.database.is_written:
            return _nothing
        try:
            due_at = await place.database.read(next_due)
        except Problem as problem:
            _stays_marked(place, problem)
            return _nothing
        return partial(self._agenda.settle, *place.key, due_at)


async def _nothing() -> None:
    """There is nothing to note."""


async def _unless_refused(settle: Callable[[], Awaitable[None]], place: _Place) -> None:
    try:
        await settle()
    except Problem as problem:
        _stays_marked(place, problem)


def _stays_marked(place: _Place, problem: Problem) -> None:
    _log.info("%s will be looked at again, though nothing may be due: %s", place.database.path, problem)


async def _run(errand: Callable[[Database], Awaitable[None]], place: _Place) -> None:
    place.pins += 1
    try:
        await errand(place.database)
    except Problem as problem:
        _log.info("an errand on %s has to wait: %s", place.database.path, problem)
    except Exception:  # noqa: BLE001 -- what ails one file keeps no other from its turn
        _log.exception("an errand on %s failed", place.database.path)
    finally:
        place.pins -= 1


async def _all(closings: Iterable["asyncio.Task[None]"]) -> None:
    """Wait for files to close. What goes wrong with one is logged, for nobody waits for it in particular."""
    for outcome in await asyncio.gather(*map(asyncio.shield, closings), return_exceptions=True):
        if isinstance(outcome, Exception):
            _log.warning("a data file did not close as it should: %s", outcome)


class Use:
    """`async with` one file of the pool. A class, because a generator would cost a tenth of a request."""

    __slots__ = ("_files", "_mode", "_place", "_tenant")

    def __init__(self, files: TenantFiles, tenant: Tenant, mode: Mode) -> None:
        self._files = files
        self._tenant = tenant
        self._mode = mode
        self._place: _Place

    async def __aenter__(self) -> Database:
        self._place = await self._files.pin(self._tenant, self._mode)
        return self._place.database

    async def __aexit__(self, *_: object) -> None:
        self._files.unpin(self._place)
