"""The loop that empties the outboxes: woken after commits, backed by a sweep, fair to all, and quiet where nothing is due.

In its turn an outbox is served in one transaction, which records the attempts that ended and claims those that are due.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Final

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.keyring import Keyring
from smoothbox.operations.outbox import Claim, Finished, Round, advance, take_back
from smoothbox.settings import Webhooks
from smoothbox.store.box import Tenant
from smoothbox.store.due import DueFile, is_due
from smoothbox.store.registry import Registry
from smoothbox.store.tenants import TenantFiles
from smoothbox.webhooks.retry import next_step
from smoothbox.webhooks.sender import Sender
from smoothbox.webhooks.turns import Key, Outbox, Turns

_GLANCE: Final = 0.02  # seconds; how often a stop looks whether all is done
_LONGEST_REFUSAL: Final = 8.0  # seconds that a file is left alone which refused
_LONGEST_SETBACK: Final = 300.0  # or which failed

_log = logging.getLogger(__name__)


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
        self._turns = Turns(rules, clock, lambda outbox, room: self._begin(self._serve(outbox, room)))
        self._outboxes: dict[Key, Outbox] = {}
        self._sound: set[Key] = set()  # files in which nothing is claimed but what is under way
        self._tasks: set[asyncio.Task[None]] = set()
        self.attempts: Counter[tuple[str, str]] = Counter()  # by what followed, and by the error or the kind of status

    @property
    def under_way(self) -> int:
        """How many attempts are being made."""
        return self._turns.under_way

    @property
    def waiting(self) -> int:
        """How many files wait for a turn."""
        return self._turns.waiting

    def wake(self, tenant: Tenant, mode: Mode) -> None:
        """Something was queued in a file."""
        self._turns.want(self._outbox(tenant, mode))

    async def sweep(self) -> None:
        """Look after what is due by the clock, was queued by others, or was left behind by a server that ended."""
        known = set(self._outboxes)
        try:
            rows = await self._registry.due_files()
        except Problem as problem:
            _log.warning("cannot see which files are due: %s", problem)
            return
        for row in rows:
            self._look_at(row, known)
        for key in known - {(row.tenant.id, row.mode) for row in rows}:
            self._let_go(self._outboxes[key])
        self._turns.call()

    def hold(self) -> None:
        """Begin no more attempts."""
        self._turns.hold()

    async def stop(self, seconds: float) -> None:
        """Wait for the attempts under way and record them, at most so long; what is left is made again at the next start."""
        self.hold()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (self._tasks or self._turns.has_unrecorded) and (left := end - loop.time()) > 0:
            self._turns.call()
            await asyncio.wait([*self._tasks, loop.create_task(asyncio.sleep(_GLANCE))], timeout=left)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _outbox(self, tenant: Tenant, mode: Mode) -> Outbox:
        outbox = self._outboxes.setdefault((tenant.id, mode), Outbox(tenant, mode))
        outbox.tenant = tenant  # it may have been renamed
        return outbox

    def _look_at(self, row: DueFile, known: set[Key]) -> None:
        outbox = self._outbox(row.tenant, row.mode)
        outbox.is_barred = False
        if row.changes != row.attended:
            outbox.change = row
        its_time = outbox.due_at is not None and is_due(outbox.due_at, self._clock.now())
        is_closed = row.due_at > 0
        if its_time or is_closed or outbox.change is not None or outbox.key not in known:
            self._turns.want(outbox)

    def _let_go(self, outbox: Outbox) -> None:
        """Its file is closed, and the registry knows when it is due; or its tenant is active no longer."""
        outbox.is_barred = True
        if outbox.is_idle:
            del self._outboxes[outbox.key]
            self._turns.drop(outbox)

    async def _serve(self, outbox: Outbox, room: int) -> None:
        finished, outbox.finished = outbox.finished, []
        change, begun = outbox.change, 0
        try:
            turn = await self._advance(outbox, finished, room)
            begun = len(turn.claims)
            self._follow(outbox, turn)
        except Exception as error:  # noqa: BLE001 -- whatever ails one file, the others go on
            self._set_back(outbox, error)
            self._sound.discard(outbox.key)  # what was claimed, if anything was, nobody sends
            outbox.finished = [] if outbox.is_barred else finished + outbox.finished  # a deleted tenant has no file
            change = None
        finally:
            self._turns.over(outbox, room, begun)
            if outbox.finished:
                self._turns.want_to_record(outbox)
        await self._note_attended(outbox, change)

    async def _advance(self, outbox: Outbox, finished: list[Finished], room: int) -> Round:
        vault = self._keyring.vault(outbox.tenant.folder, outbox.mode)
        async with self._files.use(outbox.tenant, outbox.mode) as file:
            if outbox.key not in self._sound:
                ended = {each.claim.delivery_id for each in (*finished, *outbox.finished)}
                await file.write(take_back, outbox.under_way | ended)
                self._sound.add(outbox.key)
            return await file.write(advance, finished, room, outbox.last_endpoint, self._rules, vault)

    def _follow(self, outbox: Outbox, turn: Round) -> None:
        """Begin what was claimed, and remember when to look again."""
        outbox.due_at, outbox.setback = turn.next_due, 0.0
        self._turns.count(outbox, len(turn.claims))
        for claim in turn.claims:
            outbox.under_way.add(claim.delivery_id)
            outbox.last_endpoint = claim.endpoint_id
            self._begin(self._attempt(outbox, claim))
        if turn.has_more:
            self._turns.want(outbox)

    async def _note_attended(self, outbox: Outbox, change: DueFile | None) -> None:
        """Tell the registry that what others had queued before this turn was looked after; else it is the next time."""
        if change is None:
            return
        try:
            await self._registry.note_attended(change)
        except Problem as problem:
            _log.info("cannot note what was looked after: %s", problem)
            return
        if outbox.change is change:
            outbox.change = None

    def _set_back(self, outbox: Outbox, error: Exception) -> None:
        """Leave a file alone for a while that cannot be used now."""
        is_refusal = isinstance(error, Problem)  # such as a full queue, which is soon over
        outbox.set_back(self._clock.elapsed(), _LONGEST_REFUSAL if is_refusal else _LONGEST_SETBACK)
        outbox.due_at = self._clock.now()
        if is_refusal:
            _log.info("the outbox of %s/%s has to wait: %s", outbox.tenant.folder, outbox.mode, error)
        else:
            _log.error("the outbox of %s/%s failed", outbox.tenant.folder, outbox.mode, exc_info=error)

    async def _attempt(self, outbox: Outbox, claim: Claim) -> None:
        try:
            outcome = await self._sender.attempt(claim)
            spread = random.uniform(1 - self._rules.jitter, 1 + self._rules.jitter)  # noqa: S311 -- spreads load, hides nothing
            step = next_step(outcome, claim.used, outbox.mode, self._rules, spread)
            outbox.finished.append(Finished(claim, outcome, step))
            self.attempts[step.kind, outcome.error or f"{(outcome.status_code or 0) // 100}xx"] += 1
        except Exception:  # noqa: BLE001 -- it must not stay claimed for ever
            said = {"delivery_id": claim.delivery_id, "event_id": claim.event_id}
            _log.exception("an attempt of %s/%s failed", outbox.tenant.folder, outbox.mode, extra=said)
            self._sound.discard(outbox.key)  # it is taken back, and made again
        finally:
            outbox.under_way.remove(claim.delivery_id)
            self._turns.count(outbox, -1)
            self._turns.want_to_record(outbox)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
