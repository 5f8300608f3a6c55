"""What is asked for when somebody wants a place: the service, who may take it, on which terms, for how many people."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from msgspec import structs

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


def offer_for(tx: Tx, own: BusinessRow, service: ServiceRow, resource_id: int | None, party: int) -> Offer:
    """For a body that names one resource or none. Raises Problem 'resource_not_eligible', also when there are too few."""
    named = () if resource_id is None else (resource_id,)
    return tx.remembered(("offer", service.id, named, party), lambda: staffed(new_offer(tx, own, service, named, party)))


def new_offer(tx: Tx, own: BusinessRow, service: ServiceRow, named: Sequence[int], party: int) -> Offer:
    """For a booking that is to be, on resources among which are those named. Raises Problem 'resource_not_eligible'."""
    return _offer(tx, own, service, terms_of(service, own), named, party)


def offer_again(tx: Tx, own: BusinessRow, row: BookingRow, named: Sequence[int] = ()) -> Offer:
    """For a booking that exists, itself aside, on the terms that were agreed when it was made.

    Raises Problem 'resource_not_eligible'.
    """
    service = services.get(tx, row.service_id)
    assert service is not None  # noqa: S101 -- a foreign key says so
    terms = replace(terms_of(service, own), **_frozen_terms(row))
    return structs.replace(_offer(tx, own, service, terms, named, row.party_size), aside=Aside(booking_id=row.id))


def staffed(offer: Offer) -> Offer:
    """The offer, if its groups have enough people at all. Raises Problem 'resource_not_eligible'."""
    if offer.can_be_staffed:
        return offer
    message = f"Service {offer.service.id} has too few active resources to be booked."
    raise Problem("resource_not_eligible", None, {"resource_id": [message]})


def occupied_by(row: BookingRow) -> tuple[int, ...]:
    """The resources that a booking has, or had; of a request without a time the one that it wishes for."""
    occupied = msgspec.json.decode(row.resource_ids, type=tuple[int, ...])
    return occupied or (() if row.resource_id is None else (row.resource_id,))


def _offer(tx: Tx, own: BusinessRow, service: ServiceRow, terms: Terms, named: Sequence[int], party: int) -> Offer:
    groups = resources.groups_of(tx, service.id)
    return Offer(own, service, groups, ways_with(groups, named, service.id), terms, party)


def _frozen_terms(row: BookingRow) -> dict[str, int]:
    return {
        "duration": row.duration * 60,
        "buffer_before": row.buffer_before * 60,
        "buffer_after": row.buffer_after * 60,
        "capacity": row.capacity,
    }
