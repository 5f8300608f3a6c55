"""Whose turn it is: outboxes wait in a ring, and share the attempts that may be under way and the pace at which they begin."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from smoothbox.clock import Clock
from smoothbox.ids import Mode
from smoothbox.operations.outbox import Finished
from smoothbox.settings import Webhooks
from smoothbox.store.box import Tenant
from smoothbox.store.due import DueFile
from smoothbox.webhooks.pace import Pace

Key = tuple[int, Mode]

_FIRST_SETBACK: Final = 1.0  # seconds that a file is left alone which could not be used, doubling
_RIPENING: Final = 0.01  # seconds


@dataclass(slots=True)
class Outbox:
    """What is known of one file's outbox.

    When it is due (Unix seconds), which of its deliveries are under way, what ended and waits to be recorded, which endpoint
    had the last turn, what others queued there, until when (elapsed seconds) it is left alone, and from when on (seconds of
    the loop) what ended waits for nothing more. One that is barred begins no attempts: its tenant is not active.
    """

    tenant: Tenant
    mode: Mode
    due_at: float | None = None
    under_way: set[int] = field(default_factory=set)
    finished: list[Finished] = field(default_factory=list)
    last_endpoint: int = 0
    is_served: bool = False
    is_barred: bool = False
    change: DueFile | None = None
    setback: float = 0.0
    not_before: float = 0.0
    ripe_at: float = 0.0

    @property
    def key(self) -> Key:
        """Its tenant and mode."""
        return self.tenant.id, self.mode

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done about it."""
        return not self.under_way and not self.finished and not self.is_served

    def set_back(self, elapsed: float, longest: float) -> None:
        """Leave it alone for a while, longer each time in a row, up to so many seconds."""
        self.setback = min(max(self.setback * 2, _FIRST_SETBACK), longest)
        self.not_before = elapsed + self.setback


class Turns:
    """Calls `serve(outbox, room)` for those whose turn it is: `room` is how many attempts they may begin.

    Whoever is served says so with `over`, and with `count` how many attempts are under way.
    """

    def __init__(self, rules: Webhooks, clock: Clock, serve: Callable[[Outbox, int], None]) -> None:
        self._rules = rules
        self._clock = clock
        self._serve = serve
        self._ring: OrderedDict[Key, Outbox] = OrderedDict()
        self._ended: dict[Key, Outbox] = {}
        self._per_tenant: Counter[int] = Counter()
        self._under_way = 0
        self._reserved = 0
        self._pace = Pace(rules.per_second, 0.0)
        self._alarm: asyncio.TimerHandle | None = None
        self._is_called = False
        self._is_holding = False

    @property
    def under_way(self) -> int:
        """How many attempts are being made."""
        return self._under_way

    @property
    def waiting(self) -> int:
        """How many outboxes want to begin attempts."""
        return len(self._ring)

    @property
    def has_unrecorded(self) -> bool:
        """Whether the end of an attempt waits to be recorded."""
        return bool(self._ended)

    def want(self, outbox: Outbox) -> None:
        """It wants to begin attempts, behind those that want it already."""
        self._ring.setdefault(outbox.key, outbox)
        self.call()

    def want_to_record(self, outbox: Outbox) -> None:
        """Attempts of it have ended; those that end within a moment are recorded with them, in one transaction."""
        if outbox.key not in self._ended:
            self._ended[outbox.key] = outbox
            outbox.ripe_at = self._time() + _RIPENING
            if outbox.under_way:
                asyncio.get_running_loop().call_later(_RIPENING, self.call)
        if not outbox.under_way:
            self.call()

    def drop(self, outbox: Outbox) -> None:
        """It wants nothing any more."""
        self._ring.pop(outbox.key, None)

    def hold(self) -> None:
        """Let nobody begin attempts any more."""
        self._is_holding = True

    def count(self, outbox: Outbox, more: int) -> None:
        """So many attempts more are under way."""
        self._under_way += more
        self._per_tenant[outbox.tenant.id] += more
        if not self._per_tenant[outbox.tenant.id]:
            del self._per_tenant[outbox.tenant.id]

    def over(self, outbox: Outbox, room: int, begun: int) -> None:
        """Its turn is over; of the attempts that it might have begun so many were."""
        self._reserved -= room
        self._pace.take(begun - room)
        outbox.is_served = False
        self.call()

    def call(self) -> None:
        """See soon whose turn it is."""
        if not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._take)

    def _take(self) -> None:
        """Those who have something to record come first; then those of the ring, as long as there is room."""
        self._is_called = False
        for outbox in list(self._ended.values()):
            if self._is_at_hand(outbox) and self._is_ripe(outbox) and not self._waits_for_pace():
                self._begin(outbox, 0 if self._others_wait(outbox) else self._room(outbox))
        held_up: list[Outbox] = []
        while self._ring and self._free() > 0:
            _, outbox = self._ring.popitem(last=False)
            if self._is_at_hand(outbox) and self._room(outbox):
                self._begin(outbox, self._room(outbox))
            else:
                held_up.append(outbox)
        self._ring.update({outbox.key: outbox for outbox in held_up})
        self._set_alarm()

    def _begin(self, outbox: Outbox, room: int) -> None:
        self._ring.pop(outbox.key, None)
        self._ended.pop(outbox.key, None)
        outbox.is_served = True
        self._reserved += room
        self._pace.take(room)
        self._serve(outbox, room)

    def _is_at_hand(self, outbox: Outbox) -> bool:
        return not outbox.is_served and (self._is_holding or outbox.not_before <= self._clock.elapsed())

    def _others_wait(self, outbox: Outbox) -> bool:
        """Whether one that has no attempts to record could begin some now: it goes first, or it would never have its turn."""
        return any(each is not outbox and self._is_at_hand(each) and self._may_have(each) > 0 for each in self._ring.values())

    def _is_ripe(self, outbox: Outbox) -> bool:
        """Whether none of its attempts is about to end as well."""
        return not outbox.under_way or outbox.ripe_at <= self._time()

    def _room(self, outbox: Outbox) -> int:
        """Its share of what is free, within what its tenant may have."""
        share = -(-self._free() // (len(self._ring) + 1))
        return max(min(share, self._may_have(outbox)), 0)

    def _may_have(self, outbox: Outbox) -> int:
        return 0 if outbox.is_barred else self._rules.per_tenant - self._per_tenant[outbox.tenant.id]

    def _free(self) -> int:
        """How many attempts may begin now in all."""
        if self._is_holding:
            return 0
        return min(self._rules.total - self._under_way - self._reserved, self._ready())

    def _waits_for_pace(self) -> bool:
        """Whether attempts may begin again in a moment: then what ended is recorded together with what is claimed."""
        return not self._is_holding and self._ready() == 0

    def _ready(self) -> int:
        return self._pace.ready(self._time())

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _set_alarm(self) -> None:
        """Where the pace holds somebody up, come again when it allows more."""
        if self._alarm is None and (self._ring or self._ended) and self._waits_for_pace():
            self._alarm = asyncio.get_running_loop().call_later(self._pace.wait(), self._ring_alarm)

    def _ring_alarm(self) -> None:
        self._alarm = None
        self.call()
