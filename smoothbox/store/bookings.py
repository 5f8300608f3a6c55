"""The SQL of bookings."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from smoothbox.contract.bounds import LONGEST_BUFFER_MINUTES
from smoothbox.scheduling.lifecycle import BLOCKING, Status
from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source
from smoothbox.store.walks import Branch, Detour, Tally, Walk


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

_FROM: Final = "start_key >= ? AND +start_key < 253402300800"  # which a request without a time has; + keeps it off the index
_TALLY: Final = Tally("booking_tally", {"service_id": "service_id", "status": "status"})
_RELEASED: Final = Tally("released_tally", {"resource_id": "resource_id", "service_id": "service_id", "status": "status"})


def _ordered(field: str, index: str) -> Walk:
    return Walk(field, (Branch(f"booking {index}", tally=_TALLY),))


def _by(parameter: str, index: str, where: str, tally: Tally | None = None, order: str = "start_time") -> Walk:
    return Walk(order, (Branch(f"booking INDEXED BY {index}", where, tally=tally),), parameter)


def _occupants(index: str, key: str, active: int, *, early: int = 0, **own: Any) -> Branch:
    """Bookings by what they occupy, in the order of time; those that have a time occupy something."""
    rows = f"(SELECT booking_id AS occupant, {key} AS came FROM allocation INDEXED BY {index}"
    where = f" WHERE resource_id = ? AND active = {active} AND booking_id IS NOT NULL)"
    detour = Detour(" CROSS JOIN booking ON booking.id = occupant", key="came", id="occupant", early=early)
    return Branch(rows + where, detour=detour, **own)


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
        "start_date": _FROM,
        "end_date": "start_key < ?",
        "start_datetime": _FROM,
        "end_datetime": "start_key < ?",
        "resource_id": "EXISTS (SELECT 1 FROM allocation WHERE booking_id = booking.id AND allocation.resource_id = ?)",
        "search": "instr(search_key, ?)",
    },
    (
        _by("external_id", "booking_external", "external_id = ?", order=""),
        Walk("", (Branch("booking", "id IN ({marks})"),), "id__in"),
        _by("series_id", "booking_series", "series_id = ?"),
        _by("customer_id", "booking_customer", "customer_id = ?"),
        # Active ranges of a resource are equal or apart: in the order of busy_start they are in that of start_at too.
        Walk(
            "start_time",
            (
                _occupants("allocation_busy", "busy_start", 1, early=LONGEST_BUFFER_MINUTES * 60, only=("status", BLOCKING)),
                _occupants("allocation_released", "start_at", 0, tally=_RELEASED),
            ),
            "resource_id",
        ),
        _by("service_id", "booking_service", "service_id = ?", _TALLY),
        _by("status", "booking_status", "status = ?", _TALLY),
        _ordered("start_time", "INDEXED BY booking_start"),
        _ordered("end_time", "INDEXED BY booking_end"),
        _ordered("created_at", "INDEXED BY booking_created"),
        _ordered("updated_at", "INDEXED BY booking_updated"),
        _ordered("id", "NOT INDEXED"),
    ),
    {
        "start_date": ("start_time", ">="),
        "end_date": ("start_time", "<"),
        "start_datetime": ("start_time", ">="),
        "end_datetime": ("start_time", "<"),
    },
)


def get(tx: Tx, booking_id: int) -> BookingRow | None:
    """One booking."""
    row = tx.one(f"SELECT {_SELECT} FROM booking WHERE id = ?", booking_id)
    return BookingRow(*row) if row else None


def between(tx: Tx, first: int, end: int, most: int) -> list[BookingRow]:
    """Bookings that start within these UTC seconds, cancelled ones too, in the order of time."""
    return _in_time(tx, "start_key >= ? AND start_key < ?", (first, end, most))


def between_of(tx: Tx, resource_id: int, first: int, end: int, most: int) -> list[BookingRow]:
    """As `between`, of those that occupy a resource, or did."""
    own = "EXISTS (SELECT 1 FROM allocation WHERE booking_id = booking.id AND resource_id = ?)"
    return _in_time(tx, f"start_key >= ? AND start_key < ? AND {own}", (first, end, resource_id, most))


def running_at(tx: Tx, second: int, longest: int, most: int) -> list[BookingRow]:
    """Bookings that have begun before a UTC second, at most so many seconds, and end after it."""
    return _in_time(tx, "start_key >= ? AND start_key < ? AND end_key > ?", (second - longest, second, second, most))


def _in_time(tx: Tx, where: str, parameters: tuple[int, ...]) -> list[BookingRow]:
    rows = tx.all(
        f"SELECT {_SELECT} FROM booking INDEXED BY booking_start WHERE {where} ORDER BY start_key, id LIMIT ?", *parameters
    )
    return [BookingRow(*row) for row in rows]


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
