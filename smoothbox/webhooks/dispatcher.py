"""The loop that empties the outboxes: woken after commits, backed by a sweep, fair to all, and quiet where nothing is due.

Each data file has its turn: one transaction records the attempts that ended and claims those that are due. Files take turns
in a ring, and share what is left of the attempts that may be under way.
"""

import asyncio
import logging
import random
from collections import Counter, OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.keyring import Keyring
from smoothbox.operations.outbox import Claim, Finished, Round, advance, take_back
from smoothbox.settings import Webhooks
from smoothbox.store.box import Tenant
from smoothbox.store.due import DueFile
from smoothbox.store.registry import Registry
from smoothbox.store.tenants import TenantFiles
from smoothbox.webhooks.retry import next_step
from smoothbox.webhooks.sender import Sender

_Key = tuple[int, Mode]

_FIRST_SETBACK: Final = 1.0  # seconds that a file is left alone which could not be used, doubling
_LONGEST_SETBACK: Final = 300.0
_GLANCE: Final = 0.01  # seconds between an attempt's end and the beginning of its recording

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outbox:
    """What is known of one file's outbox.

    When it is due (Unix seconds), what ended and waits to be recorded, which endpoint had the last turn, and until when
    (elapsed seconds) it is left alone.
    """

    tenant: Tenant
    mode: Mode
    due_at: float | None = None
    finished: list[Finished] = field(default_factory=list)
    last_endpoint: int = 0
    under_way: int = 0
    is_served: bool = False
    change: DueFile | None = None
    setback: float = 0.0
    not_before: float = 0.0

    @property
    def key(self) -> _Key:
        """Its tenant and mode."""
        return self.tenant.id, self.mode


class Dispatcher:
    """Sends what is due. `wake` is called after a commit that queued something, `sweep` once a second."""

    def __init__(
        self, files: TenantFiles, registry: Registry, sender: Sender, keyring: Keyring, rules: Webhooks, clock: Clock
    ) -> None:
        self._files = files
        self._registry = registry
        self._sender = sender
        self._keyring = keyring
        self._rules = rules
        self._clock = clock
        self._outboxes: dict[_Key, _Outbox] = {}
        self._ring: OrderedDict[_Key, _Outbox] = OrderedDict()
        self._ended: dict[_Key, _Outbox] = {}  # those with attempts to record
        self._taken_back: set[_Key] = set()
        self._per_tenant: Counter[int] = Counter()
        self._under_way = 0
        self._reserved = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_turn_coming = False
        self._is_holding = False

    def wake(self, tenant: Tenant, mode: Mode, due_at: float) -> None:
        """A file wants to be looked at: at once, or when its time comes."""
        outbox = self._outbox(tenant, mode)
        if due_at <= self._clock.now():
            self._queue(outbox)
        else:
            outbox.due_at = due_at if outbox.due_at is None else min(outbox.due_at, due_at)

    async def sweep(self) -> None:
        """Look after what is due by the clock, was written by others, or was left behind by a server that ended."""
        known = set(self._outboxes)
        try:
            rows = await self._registry.due_files()
        except Problem as problem:
            _log.warning("cannot see which files are due: %s", problem)
            return
        for row in rows:
            self._look_at(row, known)
        for key in known - {(row.tenant.id, row.mode) for row in rows}:
            self._forget_if_idle(key)
        self._call_turn()

    def hold(self) -> None:
        """Begin no more attempts."""
        self._is_holding = True

    async def stop(self, seconds: float) -> None:
        """Wait for the attempts under way and record them, at most so long; what is left is made again at the next start."""
        self.hold()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._is_busy() and (left := end - loop.time()) > 0:
            await asyncio.wait([*self._tasks, loop.create_task(asyncio.sleep(_GLANCE))], timeout=left)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_busy(self) -> bool:
        return bool(self._tasks or self._ended)

    def _outbox(self, tenant: Tenant, mode: Mode) -> _Outbox:
        outbox = self._outboxes.setdefault((tenant.id, mode), _Outbox(tenant, mode))
        outbox.tenant = tenant  # it may have been renamed
        return outbox

    def _look_at(self, row: DueFile, known: set[_Key]) -> None:
        key = (row.tenant.id, row.mode)
        outbox = self._outbox(row.tenant, row.mode)
        if row.changes != row.attended:
            outbox.change = row
        is_due = outbox.due_at is not None and outbox.due_at <= self._clock.now()
        if is_due or outbox.change is not None or key not in known:
            self._queue(outbox)

    def _forget_if_idle(self, key: _Key) -> None:
        """Its file is closed, and the registry knows when it is due; or its tenant is active no longer."""
        outbox = self._outboxes[key]
        if not outbox.under_way and not outbox.finished and not outbox.is_served and not self._per_tenant[key[0]]:
            del self._outboxes[key]
            self._ring.pop(key, None)
            del self._per_tenant[key[0]]

    def _queue(self, outbox: _Outbox) -> None:
        """Give an outbox a turn, behind those that wait for theirs already."""
        self._ring.setdefault(outbox.key, outbox)
        self._call_turn()

    def _call_turn(self) -> None:
        if not self._has_turn_coming:
            self._has_turn_coming = True
            asyncio.get_running_loop().call_soon(self._take_turns)

    def _take_turns(self) -> None:
        """Record what ended, whatever else there is to do; then let those of the ring begin attempts, as many as may."""
        self._has_turn_coming = False
        for outbox in [each for each in self._ended.values() if self._is_at_hand(each)]:
            self._begin_serving(outbox)
        held_up: list[_Outbox] = []
        while self._ring and self._free() > 0:
            _, outbox = self._ring.popitem(last=False)
            if self._is_at_hand(outbox) and self._room(outbox):
                self._begin_serving(outbox)
            else:
                held_up.append(outbox)
        self._ring.update({outbox.key: outbox for outbox in held_up})

    def _is_at_hand(self, outbox: _Outbox) -> bool:
        return not outbox.is_served and outbox.not_before <= self._clock.elapsed()

    def _begin_serving(self, outbox: _Outbox) -> None:
        room = self._room(outbox)
        self._ring.pop(outbox.key, None)
        self._ended.pop(outbox.key, None)
        outbox.is_served = True
        self._reserved += room
        self._begin(self._serve(outbox, room))

    def _free(self) -> int:
        """How many attempts more may be under way in all."""
        return 0 if self._is_holding else self._rules.total - self._under_way - self._reserved

    def _room(self, outbox: _Outbox) -> int:
        """How many attempts an outbox may begin now: its share of what is free, within what its tenant may have."""
        share = -(-self._free() // (len(self._ring) + 1))
        return max(min(share, self._rules.per_tenant - self._per_tenant[outbox.tenant.id]), 0)

    async def _serve(self, outbox: _Outbox, room: int) -> None:
        finished, outbox.finished = outbox.finished, []
        try:
            turn = await self._advance(outbox, finished, room)
        except Exception as error:  # noqa: BLE001 -- whatever ails one file, the others go on
            outbox.finished = finished + outbox.finished
            if outbox.finished:
                self._ended[outbox.key] = outbox
            self._set_back(outbox, error)
        else:
            outbox.setback = 0.0
            self._follow(outbox, turn)
        finally:
            self._reserved -= room
            outbox.is_served = False
            self._call_turn()

    async def _advance(self, outbox: _Outbox, finished: list[Finished], room: int) -> Round:
        vault = self._keyring.vault(f"{outbox.tenant.folder}/{outbox.mode}")
        async with self._files.use(outbox.tenant, outbox.mode) as file:
            if outbox.key not in self._taken_back:
                await file.write(take_back)
                self._taken_back.add(outbox.key)
            turn = await file.write(advance, finished, room, outbox.last_endpoint, self._rules, vault)
        if outbox.change is not None:
            change, outbox.change = outbox.change, None
            await self._registry.note_attended(change)
        return turn

    def _follow(self, outbox: _Outbox, turn: Round) -> None:
        """Begin what was claimed, and remember when to look again."""
        outbox.due_at = turn.next_due
        for claim in turn.claims:
            self._count(outbox, 1)
            outbox.last_endpoint = claim.endpoint_id
            self._begin(self._attempt(outbox, claim))
        if turn.has_more:
            self._queue(outbox)

    def _count(self, outbox: _Outbox, more: int) -> None:
        """So many attempts more are under way."""
        outbox.under_way += more
        self._per_tenant[outbox.tenant.id] += more
        self._under_way += more

    def _set_back(self, outbox: _Outbox, error: Exception) -> None:
        """Leave a file alone for a while that cannot be used now."""
        outbox.setback = min(max(outbox.setback * 2, _FIRST_SETBACK), _LONGEST_SETBACK)
        outbox.not_before = self._clock.elapsed() + outbox.setback
        outbox.due_at = self._clock.now()
        if isinstance(error, Problem):
            _log.info("the outbox of %s/%s has to wait: %s", outbox.tenant.folder, outbox.mode, error)
        else:
            _log.error("the outbox of %s/%s failed", outbox.tenant.folder, outbox.mode, exc_info=error)

    async def _attempt(self, outbox: _Outbox, claim: Claim) -> None:
        try:
            outcome = await self._sender.attempt(claim)
            spread = random.uniform(1 - self._rules.jitter, 1 + self._rules.jitter)  # noqa: S311 -- spreads load, hides nothing
            step = next_step(outcome, claim.used, outbox.mode, self._rules, spread)
            outbox.finished.append(Finished(claim, outcome, step))
            self._ended[outbox.key] = outbox
        finally:
            self._count(outbox, -1)
            self._call_turn()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
