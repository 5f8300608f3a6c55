"""The shapes of a booking: as a new row, as the API shows it, and what of its service is frozen in it."""

from typing import Any

import msgspec
from msgspec import Raw

from smoothbox.contract.bookings import Booking, NewBooking
from smoothbox.operations.times import wall_text, zone_named
from smoothbox.scheduling.availability import Terms
from smoothbox.store.bookings import BookingRow
from smoothbox.store.customers import Person
from smoothbox.store.services import ServiceRow


def new_columns(
    new: NewBooking, service: ServiceRow, customer: Person, start: int, terms: Terms, resource_id: int, resource_name: str
) -> dict[str, Any]:
    """The new row: what the service says today is copied, and later edits of it do not reach the booking."""
    customer_name = customer.full_name
    return {
        "status": "SCHEDULED",
        "service_id": service.id,
        "service_name": service.name,
        "resource_id": resource_id,
        "resource_ids": f"[{resource_id}]",
        "resource_name": resource_name,
        "customer_id": customer.id,
        "customer_name": customer_name,
        "search_key": search_key(customer_name, service.name, resource_name),
        "start_at": start,
        "end_at": start + terms.duration,
        "duration": service.duration,
        "buffer_before": service.buffer_before,
        "buffer_after": service.buffer_after,
        "price": service.price,
        "party_size": new.party_size,
        "notes": new.notes.strip(),
        "internal_notes": new.internal_notes.strip(),
        "source": "api",
        "external_id": new.external_id,
        "metadata": msgspec.json.encode(new.metadata).decode(),
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
        wall_text(row.start_at, zone),
        wall_text(row.end_at, zone),
        timezone,
        row.duration,
        row.price,
        row.party_size,
        row.notes,
        row.internal_notes,
        row.source,
        row.external_id,
        Raw(row.metadata),
        None if row.previous_start_at is None else wall_text(row.previous_start_at, zone),
        row.cancelled_at,
        row.cancellation_reason,
        row.cancelled_by,
        bool(row.late_cancellation),
        row.created_at,
        row.updated_at,
    )


def frozen_terms(row: BookingRow) -> dict[str, int]:
    """The part of `Terms` that a booking keeps from the moment it was made, in seconds."""
    return {
        "duration": row.end_at - row.start_at,
        "buffer_before": row.buffer_before * 60,
        "buffer_after": row.buffer_after * 60,
    }


def search_key(*names: str) -> str:
    """What a search for any of the names finds."""
    return "\n".join(names).casefold()
