"""The SQL of calendar feeds: the generation of their links, and the bookings that they show."""

from typing import Final

from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx

_SELECT: Final = ", ".join(f"booking.{name}" for name in BookingRow.__struct_fields__)


def generation(tx: Tx) -> int:
    """Which links are good."""
    number: int = tx.value("SELECT generation FROM feed_link")
    return number


def raise_generation(tx: Tx) -> None:
    """End all links that were handed out."""
    tx.run("UPDATE feed_link SET generation = generation + 1")


def bookings_between(tx: Tx, first: int, end: int, most: int) -> list[BookingRow]:
    """Bookings that start within these UTC seconds, cancelled ones too, in the order of time."""
    rows = tx.all(
        f"SELECT {_SELECT} FROM booking INDEXED BY booking_start WHERE start_key >= ? AND start_key < ?"
        " ORDER BY start_key, id LIMIT ?",
        *(first, end, most),
    )
    return [BookingRow(*row) for row in rows]


def bookings_of(tx: Tx, resource_id: int, first: int, end: int, most: int) -> list[BookingRow]:
    """As `bookings_between`, of those that occupy a resource, or did."""
    rows = tx.all(
        f"SELECT {_SELECT} FROM booking INDEXED BY booking_start WHERE start_key >= ? AND start_key < ?"
        " AND EXISTS (SELECT 1 FROM allocation WHERE booking_id = booking.id AND resource_id = ?)"
        " ORDER BY start_key, id LIMIT ?",
        *(first, end, resource_id, most),
    )
    return [BookingRow(*row) for row in rows]
