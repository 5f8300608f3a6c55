"""Some days as the business looks at them: who is there when, who is away, and what is booked."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from msgspec import Struct

from smoothbox.operations.hours import one_day, weekly
from smoothbox.operations.times import zone_named
from smoothbox.scheduling.hours import Hours, days_window, openings, whole_days
from smoothbox.scheduling.intervals import Interval
from smoothbox.store import bookings, business, resource_entries, resources
from smoothbox.store.bookings import BookingRow
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx

MOST: Final = 2000
_LONGEST: Final = 7 * 86_400  # seconds that a booking lasts at most
_SHOWN: Final = frozenset({"SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW"})


class Absence(Struct, frozen=True):
    """Somebody is away, in UTC seconds."""

    start: int
    end: int
    reason: str


class Presence(Struct, frozen=True):
    """One resource in these days: when it is open, and when it is away all the same."""

    id: int
    name: str
    kind: str
    open: Sequence[Interval]
    away: Sequence[Absence]


class Visit(Struct, frozen=True):
    """A booking as a plan shows it, in UTC seconds."""

    id: int
    status: str
    start: int
    end: int
    service_id: int
    service_name: str
    customer_name: str
    resource_ids: tuple[int, ...]
    party: int
    capacity: int


class Plan(Struct, frozen=True):
    """Some local dates of the business. At most 2,000 visits are shown; `is_cut` says that there are more."""

    zone: str
    first: date
    last: date
    window: Interval
    presences: Sequence[Presence]
    visits: Sequence[Visit]
    is_cut: bool


def plan(tx: Tx, first: date, last: date) -> Plan:
    """All active resources, and what starts on these dates or runs into them; cancelled bookings are left out."""
    own = business.get(tx)
    zone = zone_named(own.timezone)
    window = days_window(first, last, zone)
    closed = whole_days(map(date.fromisoformat, business.closed_dates(tx, str(first), str(last))), zone)
    rows = [*bookings.running_at(tx, window.start, _LONGEST, MOST), *bookings.between(tx, window.start, window.end, MOST + 1)]
    visits = [_visit(row) for row in rows if row.status in _SHOWN]
    presences = [_presence(tx, own, each, window, closed) for _, each in resources.active_names(tx)]
    return Plan(own.timezone, first, last, window, presences, visits[:MOST], len(rows) > MOST)


def _presence(tx: Tx, own: BusinessRow, resource_id: int, window: Interval, closed: Sequence[Interval]) -> Presence:
    row = resources.get(tx, resource_id)
    assert row is not None  # noqa: S101 -- it was listed in this very transaction
    entry = resource_entries.entry(tx, row)
    exceptions = {date.fromisoformat(each.date): one_day(each.intervals) for each in entry.exceptions}
    zone = zone_named(row.timezone or own.timezone)
    found = openings(Hours(zone, weekly(own.hours if row.uses_business_hours else row.hours), exceptions), window)
    shut = [Absence(each.start, each.end, "Closed") for each in closed]
    away = [Absence(each.start_at, each.end_at, each.reason or "Away") for each in entry.time_off]
    met = [each for each in (*shut, *away) if each.start < window.end and window.start < each.end]
    return Presence(row.id, row.name, row.type, found, met)


def _visit(row: BookingRow) -> Visit:
    assert row.start_at is not None  # noqa: S101 -- what has an end has a start
    assert row.end_at is not None  # noqa: S101 -- asked for
    occupied = msgspec.json.decode(row.resource_ids, type=tuple[int, ...])
    return Visit(
        *(row.id, row.status, row.start_at, row.end_at, row.service_id, row.service_name, row.customer_name),
        *(occupied, row.party_size, row.capacity),
    )
