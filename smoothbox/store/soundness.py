"""The SQL of what must never be found in a data file, and of what waits in it for too long."""

from typing import Final

from msgspec import Struct, json

from smoothbox.clock import instant_text
from smoothbox.store.connection import Tx

_MOST: Final = 100  # of each kind: the first ones tell enough

_SESSIONS: Final = (
    "SELECT resource_id, service_id, start_at, end_at, busy_start, busy_end, min(booking_id) AS booking_id,"
    " json_group_array(booking_id) AS bookings, sum(seats) AS seats, max(capacity) AS capacity FROM allocation WHERE active = 1"
    " GROUP BY resource_id, service_id, start_at, end_at, busy_start, busy_end"
)
"""What occupies a resource: members of one session share its times, and count as one."""

_HELD: Final = (
    "SELECT booking.id FROM booking LEFT JOIN (SELECT booking_id, count(*) AS held FROM allocation"
    " WHERE active = 1 AND booking_id IS NOT NULL GROUP BY booking_id) ON booking_id = booking.id WHERE"
)


class Clash(Struct, frozen=True):
    """Two that occupy one resource at the same time; bookings by id, or None for a hold. The second begins at `start`."""

    resource: str
    first: int | None
    second: int | None
    start: int


class Overfull(Struct, frozen=True):
    """A session that holds more people than it takes, with its bookings by id, None for a hold."""

    resource: str
    bookings: list[int | None]
    start: int
    seats: int
    capacity: int


class Waiting(Struct, frozen=True):
    """An endpoint whose deliveries have waited for too long, and how many."""

    endpoint_id: int
    url: str
    count: int


class Disabled(Struct, frozen=True):
    """An endpoint that was switched off because it failed."""

    endpoint_id: int
    url: str
    reason: str


def identity(tx: Tx) -> tuple[int, int]:
    """The schema of a file, and the number that marks whose it is; both are 0 in an empty file."""
    return tx.value("PRAGMA user_version"), tx.value("PRAGMA application_id")


def damage(tx: Tx, *, quick: bool) -> list[str]:
    """What SQLite finds wrong with the file; a thorough look also compares indexes with what they index."""
    if quick:
        verdicts = tx.all("PRAGMA quick_check(10)")
    else:
        verdicts = [*tx.all("PRAGMA integrity_check(10)"), *map(_dangling, tx.all("PRAGMA foreign_key_check"))]
    return [text for (text,) in verdicts if text != "ok"][:10]


def clashes(tx: Tx) -> list[Clash]:
    """Active ranges of one resource that overlap though they are not of one session."""
    rows = tx.all(
        f"WITH session AS ({_SESSIONS}), ordered AS (SELECT *, max(busy_end) OVER (PARTITION BY resource_id"
        " ORDER BY busy_start, busy_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until FROM session)"
        " SELECT resource.name, (SELECT booking_id FROM allocation WHERE active = 1 AND resource_id = ordered.resource_id"
        " AND busy_start <= ordered.busy_start AND busy_end > ordered.busy_start AND (service_id, start_at, end_at, busy_start,"
        " busy_end) <> (ordered.service_id, ordered.start_at, ordered.end_at, ordered.busy_start, ordered.busy_end)"
        " ORDER BY busy_start DESC LIMIT 1), booking_id, start_at"
        " FROM ordered JOIN resource ON resource.id = resource_id WHERE busy_start < taken_until ORDER BY start_at LIMIT ?",
        _MOST,
    )
    return [Clash(*row) for row in rows]


def overfull(tx: Tx) -> list[Overfull]:
    """Sessions beyond their capacity."""
    rows = tx.all(
        f"SELECT resource.name, bookings, start_at, seats, capacity FROM ({_SESSIONS})"
        " JOIN resource ON resource.id = resource_id WHERE seats > capacity ORDER BY start_at LIMIT ?",
        _MOST,
    )
    return [Overfull(name, json.decode(bookings, type=list[int | None]), *rest) for name, bookings, *rest in rows]


def unplaced(tx: Tx, blocking: frozenset[str]) -> list[int]:
    """Bookings that should occupy each of their resources, and do not; by id."""
    rows = tx.all(
        f"{_HELD} status IN (SELECT value FROM json_each(?)) AND coalesce(held, 0) <> json_array_length(resource_ids)"
        " ORDER BY id LIMIT ?",
        *(_list(blocking), _MOST),
    )
    return [booking_id for (booking_id,) in rows]


def strays(tx: Tx, blocking: frozenset[str]) -> list[int]:
    """Bookings that should occupy nothing, and do; by id."""
    rows = tx.all(f"{_HELD} status NOT IN (SELECT value FROM json_each(?)) AND held > 0 ORDER BY id", _list(blocking))
    return [booking_id for (booking_id,) in rows]


def release_strays(tx: Tx, blocking: frozenset[str]) -> None:
    """Give back what such bookings occupy."""
    for booking_id in strays(tx, blocking):
        tx.run("UPDATE allocation SET active = 0 WHERE booking_id = ?", booking_id)


def latest_stamp(tx: Tx) -> str | None:
    """The latest instant that the file knows of by itself."""
    found: str | None = tx.value(
        "SELECT max(at) FROM (SELECT max(updated_at) AS at FROM booking UNION ALL SELECT max(updated_at) FROM customer"
        " UNION ALL SELECT created_at FROM event WHERE sequence = (SELECT max(sequence) FROM event))"
    )
    return found


def waiting(tx: Tx, since: float) -> list[Waiting]:
    """Endpoints of which something was due before this instant (Unix seconds), and is still to be sent.

    One that is paused because it fails is waited for with reason, until its pause ends.
    """
    rows = tx.all(
        "SELECT id, url, (SELECT count(*) FROM delivery WHERE endpoint_id = endpoint.id AND status = 'pending'"
        " AND due_at < ? AND updated_at < ?) AS late FROM endpoint WHERE paused_until < ? AND late > 0 ORDER BY id",
        *(since, instant_text(since), since),
    )
    return [Waiting(*row) for row in rows]


def disabled(tx: Tx) -> list[Disabled]:
    """Endpoints that were switched off because they failed."""
    rows = tx.all(
        "SELECT id, url, disabled_reason FROM endpoint WHERE is_active = 0 AND disabled_reason IS NOT NULL ORDER BY id"
    )
    return [Disabled(*row) for row in rows]


def _list(words: frozenset[str]) -> str:
    return json.encode(sorted(words)).decode()


def _dangling(row: tuple[object, ...]) -> tuple[str]:
    table, rowid, parent, _ = row
    return (f"row {rowid} of {table} refers to a {parent} that is not there",)
