"""The time that bookings and holds take of resources. Triggers refuse what does not fit, whatever the program does."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from smoothbox.contract.bounds import LONGEST_BUFFER_MINUTES
from smoothbox.errors import Problem
from smoothbox.store import holds
from smoothbox.store.connection import Row, Tx

_COLUMNS: Final = "resource_id, service_id, start_at, end_at, busy_start, busy_end, seats, capacity"
_LONGEST_BUFFER: Final = LONGEST_BUFFER_MINUTES * 60
_LIVE: Final = f"(hold_id IS NULL OR EXISTS (SELECT 1 FROM hold WHERE hold.id = hold_id AND {holds.LIVE}))"


class Place(Struct, frozen=True, gc=False):
    """An appointment's time and what it occupies for it, one resource of each group: UTC seconds, buffers in the busy range."""

    service_id: int
    resource_ids: tuple[int, ...]
    start: int
    end: int
    busy_start: int
    busy_end: int
    capacity: int


class Aside(Struct, frozen=True):
    """The booking and the hold whose own time counts as free; 0 is none."""

    booking_id: int = 0
    hold_id: int = 0


def busy(tx: Tx, ids: Sequence[int], start: int, end: int, aside: Aside) -> list[Row]:
    """(resource, start, end, whether holds alone have it, capacity) of each live range that shares time with [start, end).

    Ranges of a resource are equal or apart, so of those that begin before `start` only the last can reach into the window:
    each resource costs two steps down an index, however long its past is.
    """
    return tx.all(
        "SELECT resource.id, busy_start, busy_end, min(hold_id IS NOT NULL), capacity FROM resource"
        " JOIN allocation INDEXED BY allocation_busy ON active = 1 AND resource_id = resource.id"
        " AND busy_start < ? AND busy_start >= coalesce((SELECT max(busy_start) FROM allocation AS before"
        " WHERE before.active = 1 AND before.resource_id = resource.id AND before.busy_start <= ?), ?)"
        f" WHERE resource.id IN ({_marks(ids)}) AND busy_end > ? AND booking_id IS NOT ? AND hold_id IS NOT ? AND {_LIVE}"
        " GROUP BY resource.id, busy_start",
        *(end, start, start, *ids, start, aside.booking_id, aside.hold_id, *holds.span(tx)),
    )


def sessions(tx: Tx, service_id: int, ids: Sequence[int], start: int, end: int, aside: Aside) -> list[Row]:
    """(JSON of its resources, start, end, busy start, busy end, capacity, seats taken) of a service's sessions.

    Those that start in [start, end) and whose first resource is one of these; a session is known by all that it occupies.
    """
    return tx.all(
        "SELECT coalesce(booking.resource_ids, hold.resource_ids) AS occupied, allocation.start_at, allocation.end_at,"
        " busy_start, busy_end, allocation.capacity, sum(seats) FROM allocation INDEXED BY allocation_busy"
        " LEFT JOIN booking ON booking.id = booking_id LEFT JOIN hold ON hold.id = hold_id AND"
        f" {holds.LIVE} WHERE active = 1 AND allocation.resource_id IN ({_marks(ids)}) AND busy_start >= ? AND busy_start < ?"
        " AND allocation.start_at >= ? AND allocation.start_at < ? AND allocation.service_id = ?"
        " AND booking_id IS NOT ? AND hold_id IS NOT ? AND json_extract(occupied, '$[0]') = allocation.resource_id"
        " GROUP BY occupied, busy_start",
        *(*holds.span(tx), *ids, start - _LONGEST_BUFFER, end, start, end, service_id, aside.booking_id, aside.hold_id),
    )


def load(tx: Tx, ids: Sequence[int], start: int, end: int) -> list[Row]:
    """(resource, start, end) of each appointment or session, once, that starts in [start, end)."""
    return tx.all(
        "SELECT resource_id, start_at, end_at FROM allocation INDEXED BY allocation_busy"
        f" WHERE active = 1 AND resource_id IN ({_marks(ids)}) AND busy_start >= ? AND busy_start < ?"
        " AND start_at >= ? AND start_at < ? GROUP BY resource_id, active, busy_start",
        *(*ids, start - _LONGEST_BUFFER, end, start, end),
    )


def take_for_booking(tx: Tx, booking_id: int, place: Place, seats: int) -> None:
    """Occupy a place for a booking. Raises Problem 'slot_unavailable' when it is taken."""
    _insert(tx, "booking_id", booking_id, place, seats)


def take_for_hold(tx: Tx, hold_id: int, place: Place, seats: int) -> None:
    """Keep a place for a hold. Raises Problem 'slot_unavailable' when it is taken."""
    _insert(tx, "hold_id", hold_id, place, seats)


def note_for_booking(tx: Tx, booking_id: int, place: Place, seats: int) -> None:
    """Write down what a booking occupied, without taking it; `retake` takes it."""
    _insert(tx, "booking_id", booking_id, place, seats, active=0)


def hand_over(tx: Tx, hold_id: int, booking_id: int, seats: int) -> None:
    """What a hold kept is the booking's from now on."""
    tx.run("UPDATE allocation SET booking_id = ?, hold_id = NULL, seats = ? WHERE hold_id = ?", booking_id, seats, hold_id)


def give_up(tx: Tx, booking_id: int) -> None:
    """Forget what a booking occupied, because it takes another place."""
    tx.run("DELETE FROM allocation WHERE booking_id = ?", booking_id)


def release(tx: Tx, booking_id: int) -> None:
    """Give the time back; the rows stay and tell what was occupied."""
    tx.run("UPDATE allocation SET active = 0 WHERE booking_id = ?", booking_id)


def retake(tx: Tx, booking_id: int) -> None:
    """Take again what was released. Raises Problem 'slot_unavailable' when somebody else has it.

    Also when a session has begun since on some of its resources and not on all: nobody is in two rooms at once.
    """
    if tx.value(
        "SELECT EXISTS (SELECT 1 FROM booking AS own JOIN allocation AS released ON released.booking_id = own.id"
        " JOIN allocation AS other INDEXED BY allocation_busy ON other.active = 1"
        " AND other.resource_id = released.resource_id AND other.busy_start = released.busy_start"
        " LEFT JOIN booking ON booking.id = other.booking_id LEFT JOIN hold ON hold.id = other.hold_id"
        " WHERE own.id = ? AND coalesce(booking.resource_ids, hold.resource_ids) <> own.resource_ids)",
        booking_id,
    ):
        raise _taken()
    _guarded(tx, "UPDATE allocation SET active = 1 WHERE booking_id = ?", [(booking_id,)])


def _insert(tx: Tx, holder: str, holder_id: int, place: Place, seats: int, active: int = 1) -> None:
    times = (place.start, place.end, place.busy_start, place.busy_end, seats, place.capacity, active)
    _guarded(
        tx,
        f"INSERT INTO allocation ({holder}, {_COLUMNS}, active) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(holder_id, resource_id, place.service_id, *times) for resource_id in place.resource_ids],
    )


def _guarded(tx: Tx, sql: str, rows: Iterable[tuple[int, ...]]) -> None:
    try:
        for row in rows:
            tx.run(sql, *row)
    except sqlite3.IntegrityError as error:
        if str(error) != "slot_unavailable":
            raise
        raise _taken() from error


def _taken() -> Problem:
    return Problem("slot_unavailable", details={"conflict": "booking", "remaining": 0, "next_available": []})


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
