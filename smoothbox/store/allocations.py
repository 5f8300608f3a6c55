"""The time that bookings take of resources. A trigger refuses two active ranges of one resource that overlap."""

import sqlite3
from collections.abc import Sequence

from smoothbox.errors import Problem
from smoothbox.store.connection import Row, Tx


def busy(tx: Tx, ids: Sequence[int], start: int, end: int, without_booking: int = 0) -> list[Row]:
    """(resource, start, end) of the active ranges of these resources that share time with [start, end).

    Ranges of a resource never overlap, so of those that begin before `start` only the last can reach into the window: each
    resource costs two steps down an index, however long its past is.
    """
    return tx.all(
        "SELECT resource.id, busy_start, busy_end FROM resource"
        " JOIN allocation INDEXED BY allocation_busy ON active = 1 AND resource_id = resource.id"
        " AND busy_start < ? AND busy_start >= coalesce((SELECT max(busy_start) FROM allocation AS before"
        " WHERE before.active = 1 AND before.resource_id = resource.id AND before.busy_start <= ?), ?)"
        f" WHERE resource.id IN ({', '.join('?' * len(ids))}) AND busy_end > ? AND booking_id <> ?",
        *(end, start, start, *ids, start, without_booking),
    )


def insert(tx: Tx, booking_id: int, resource_id: int, start: int, end: int) -> None:
    """Take a range. Raises Problem 'slot_unavailable' when it is taken."""
    _take(
        tx,
        "INSERT INTO allocation (booking_id, resource_id, busy_start, busy_end, active) VALUES (?, ?, ?, ?, 1)",
        *(booking_id, resource_id, start, end),
    )


def move(tx: Tx, booking_id: int, resource_id: int, start: int, end: int) -> None:
    """Take another range instead. Raises Problem 'slot_unavailable' when it is taken."""
    _take(
        tx,
        "UPDATE allocation SET resource_id = ?, busy_start = ?, busy_end = ?, active = 1 WHERE booking_id = ?",
        *(resource_id, start, end, booking_id),
    )


def release(tx: Tx, booking_id: int) -> None:
    """Give the time back; the row stays and tells what was occupied."""
    tx.run("UPDATE allocation SET active = 0 WHERE booking_id = ?", booking_id)


def _take(tx: Tx, sql: str, *parameters: int) -> None:
    try:
        tx.run(sql, *parameters)
    except sqlite3.IntegrityError as error:
        if str(error) != "slot_unavailable":
            raise
        details = {"conflict": "booking", "remaining": 0, "next_available": []}
        raise Problem("slot_unavailable", details=details) from error
