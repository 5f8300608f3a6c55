"""The SQL of bookings."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from smoothbox.scheduling.lifecycle import Status
from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source


class BookingRow(Struct, frozen=True, gc=False):
    """As stored: schedule times are UTC seconds, None for a request without a time; JSON is text, booleans 0 or 1."""

    id: int
    version: int
    status: Status
    service_id: int
    service_name: str
    resource_id: int | None
    resource_ids: str
    resource_name: str
    customer_id: int
    customer_name: str
    start_at: int | None
    end_at: int | None
    duration: int
    buffer_before: int
    buffer_after: int
    capacity: int
    price: int | None
    party_size: int
    notes: str
    internal_notes: str
    source: str
    external_id: str | None
    metadata: str
    series_id: int | None
    previous_start_at: int | None
    cancelled_at: str | None
    cancellation_reason: str
    cancelled_by: str | None
    late_cancellation: int
    created_at: str
    updated_at: str


_SELECT: Final = ", ".join(BookingRow.__struct_fields__)

_FRESH: Final = {
    "version": 1,
    "previous_start_at": None,
    "cancelled_at": None,
    "cancellation_reason": "",
    "cancelled_by": None,
    "late_cancellation": 0,
}

SOURCE: Final = Source(
    "booking",
    BookingRow.__struct_fields__,
    {
        "id": "id",
        "start_time": "start_key",
        "end_time": "end_key",
        "status": "status",
        "service_id": "service_id",
        "customer_id": "customer_id",
        "external_id": "external_id",
        "series_id": "series_id",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    {
        "start_date": "start_key >= ? AND start_at IS NOT NULL",
        "end_date": "start_key < ?",
        "start_datetime": "start_key >= ? AND start_at IS NOT NULL",
        "end_datetime": "start_key < ?",
        "resource_id": "EXISTS (SELECT 1 FROM allocation WHERE booking_id = booking.id AND allocation.resource_id = ?)",
        "search": "instr(search_key, ?)",
    },
)


def get(tx: Tx, booking_id: int) -> BookingRow | None:
    """One booking."""
    row = tx.one(f"SELECT {_SELECT} FROM booking WHERE id = ?", booking_id)
    return BookingRow(*row) if row else None


def insert(tx: Tx, columns: Mapping[str, Any]) -> BookingRow:
    """Add a booking from its columns; the row as it stands now, made up here because RETURNING costs as much as the insert."""
    values = {**_FRESH, **columns, "created_at": tx.stamp, "updated_at": tx.stamp}
    booking_id = tx.insert_row("booking", values)
    del values["search_key"]
    return BookingRow(id=booking_id, **values)


def update(tx: Tx, booking_id: int, columns: Mapping[str, Any]) -> BookingRow:
    """Change columns of a booking; its version grows by one."""
    (row,) = tx.all(
        f"UPDATE booking SET {', '.join(f'{name} = ?' for name in columns)}, version = version + 1, updated_at = ?"
        f" WHERE id = ? RETURNING {_SELECT}",
        *columns.values(),
        tx.stamp,
        booking_id,
    )
    return BookingRow(*row)
