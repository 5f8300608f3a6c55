"""Bookings by the hundred thousand: real rows, written by the store's own functions and not one HTTP request each."""

from collections.abc import Sequence

from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.operations.booking_shapes import new_columns, placed
from smoothbox.operations.customers import matching_or_new
from smoothbox.operations.times import business_zone
from smoothbox.store import allocations, bookings, services
from smoothbox.store.allocations import Place
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.folder import Direct
from smoothbox.store.services import ServiceRow

Slot = tuple[int, int]  # a start in UTC seconds, a resource

_CUSTOMERS = 500
_BATCH = 10_000


def fill(file: Direct, service_id: int, slots: Sequence[Slot]) -> None:
    """Book a service at each of the slots, for one customer after the other."""
    for first in range(0, len(slots), _BATCH):
        file.write(_book_all, service_id, slots[first : first + _BATCH])


def place_at(service: ServiceRow, slot: Slot) -> Place:
    """What an appointment at a slot occupies; buffers are not for these services."""
    start, resource_id = slot
    end = start + service.duration * 60
    return Place(service.id, (resource_id,), start, end, start, end, service.capacity)


def service_named(tx: Tx, service_id: int) -> ServiceRow:
    """A service that is there."""
    found = services.get(tx, service_id)
    assert found is not None
    return found


def _book_all(tx: Tx, service_id: int, slots: Sequence[Slot]) -> None:
    service, people = service_named(tx, service_id), _people(tx)
    for number, slot in enumerate(slots):
        place, person = place_at(service, slot), people[number % _CUSTOMERS]
        columns = new_columns(NewBooking(service_id), service, person, 1)
        taken = placed(place, f"Resource {slot[1]}", person.full_name, service.name)
        row = bookings.insert(tx, {**columns, **taken, "status": "SCHEDULED"})
        allocations.take_for_booking(tx, row.id, place, row.party_size)


def _people(tx: Tx) -> list[Person]:
    wanted = (NewCustomer("Bench", f"Customer {n}", f"bench-{n}@example.com") for n in range(_CUSTOMERS))
    return [matching_or_new(tx, each, business_zone(tx)) for each in wanted]
