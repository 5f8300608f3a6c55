"""The shapes of a booking: as a new row, as a row that takes another place, and as the API shows it."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from smoothbox.contract.bookings import Booking, NewBooking
from smoothbox.operations.times import wall_text, zone_named
from smoothbox.store.allocations import Place
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.services import ServiceRow


def new_columns(tx: Tx, new: NewBooking, service: ServiceRow, customer: Person, party: int) -> dict[str, Any]:
    """A new row that has no place yet: what the service says today is copied, and later edits of it do not reach it."""
    customer_name = customer.full_name
    return {
        "status": "PENDING",
        "service_id": service.id,
        "service_name": service.name,
        "resource_id": None,
        "resource_ids": "[]",
        "resource_name": "",
        "customer_id": customer.id,
        "customer_name": customer_name,
        "search_key": search_key(customer_name, service.name),
        "start_at": None,
        "end_at": None,
        "duration": service.duration,
        "buffer_before": service.buffer_before,
        "buffer_after": service.buffer_after,
        "capacity": service.capacity,
        "price": service.price,
        "party_size": party,
        "notes": new.notes.strip(),
        "internal_notes": new.internal_notes.strip(),
        "source": tx.origin.channel,
        "external_id": new.external_id,
        "metadata": msgspec.json.encode(new.metadata).decode(),
        "series_id": None,
    }


def placed(place: Place, resource_name: str, customer_name: str, service_name: str) -> dict[str, Any]:
    """The columns of a booking that takes a place; a session's own length and buffers go with it."""
    return {
        "resource_id": place.resource_ids[0],
        "resource_ids": json_of(place.resource_ids),
        "resource_name": resource_name,
        "search_key": search_key(customer_name, service_name, resource_name),
        "start_at": place.start,
        "end_at": place.end,
        "duration": (place.end - place.start) // 60,
        "buffer_before": (place.start - place.busy_start) // 60,
        "buffer_after": (place.busy_end - place.end) // 60,
        "capacity": place.capacity,
    }


def wire(row: BookingRow, timezone: str) -> Booking:
    """A booking as the API shows it, its schedule in the zone of the business."""
    zone = zone_named(timezone)
    return Booking(
        row.id,
        row.version,
        row.status,
        row.service_id,
        row.service_name,
        row.resource_id,
        Raw(row.resource_ids),
        row.resource_name,
        row.customer_id,
        row.customer_name,
        _shown(row.start_at, zone),
        _shown(row.end_at, zone),
        timezone,
        row.duration,
        row.price,
        row.party_size,
        row.notes,
        row.internal_notes,
        row.source,
        row.external_id,
        Raw(row.metadata),
        row.series_id,
        _shown(row.previous_start_at, zone),
        row.cancelled_at,
        row.cancellation_reason,
        row.cancelled_by,
        bool(row.late_cancellation),
        row.created_at,
        row.updated_at,
    )


def search_key(*names: str) -> str:
    """What a search for any of the names finds."""
    return "\n".join(names).casefold()


def json_of(resource_ids: tuple[int, ...]) -> str:
    """The one way in which a booking and a hold write down what they occupy: sessions are told apart by it."""
    return msgspec.json.encode(resource_ids).decode()


def _shown(second: int | None, zone: ZoneInfo) -> str | None:
    return None if second is None else wall_text(second, zone)
