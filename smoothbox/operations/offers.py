"""What is asked for when a booking or a hold wants a place: the service, who may take it, and on which terms."""

from dataclasses import replace

import msgspec

from smoothbox.errors import Problem, invalid
from smoothbox.operations.diaries import Offer, terms_of
from smoothbox.operations.ways import ways_with
from smoothbox.scheduling.availability import Terms
from smoothbox.store import resources, services
from smoothbox.store.allocations import Aside
from smoothbox.store.bookings import BookingRow
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceRow


def service_for(tx: Tx, service_id: int, party: int) -> ServiceRow:
    """The service that a body names. Raises Problem 'validation_error' when a party of this size cannot book it."""
    service = services.get(tx, service_id)
    if service is None:
        raise invalid("service_id", f"There is no service {service_id}.")
    if not service.is_active:
        raise invalid("service_id", f"Service {service.id} can no longer be booked.")
    if party > service.capacity:
        raise invalid("party_size", f"This service takes at most {service.capacity} at a time.")
    return service


def new_offer(tx: Tx, own: BusinessRow, service: ServiceRow, resource_id: int | None, party: int) -> Offer:
    """For a booking that is to be. Raises Problem 'resource_not_eligible'."""
    return _offer(tx, own, service, terms_of(service, own), resource_id, party, Aside())


def offer_again(tx: Tx, own: BusinessRow, row: BookingRow, resource_id: int | None = None) -> Offer:
    """For a booking that exists, on the terms that were agreed when it was made. Raises Problem 'resource_not_eligible'."""
    service = services.get(tx, row.service_id)
    assert service is not None  # noqa: S101 -- a foreign key says so
    terms = replace(terms_of(service, own), **_frozen_terms(row))
    return _offer(tx, own, service, terms, resource_id, row.party_size, Aside(booking_id=row.id))


def occupied_by(row: BookingRow) -> tuple[int, ...]:
    """The resources that a booking has, or had; of a request without a time the one that it wishes for."""
    occupied = msgspec.json.decode(row.resource_ids, type=tuple[int, ...])
    return occupied or (() if row.resource_id is None else (row.resource_id,))


def _offer(
    tx: Tx, own: BusinessRow, service: ServiceRow, terms: Terms, resource_id: int | None, party: int, aside: Aside
) -> Offer:
    named = () if resource_id is None else (resource_id,)
    offer = Offer(own, service, ways_with(resources.groups_of(tx, service.id), named, service.id), terms, party, aside)
    if not offer.can_be_staffed:
        message = f"No active resource offers service {service.id}."
        raise Problem("resource_not_eligible", None, {"resource_id": [message]})
    return offer


def _frozen_terms(row: BookingRow) -> dict[str, int]:
    return {
        "duration": row.duration * 60,
        "buffer_before": row.buffer_before * 60,
        "buffer_after": row.buffer_after * 60,
        "capacity": row.capacity,
    }
