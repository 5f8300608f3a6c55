"""Bookings by the hundred thousand: real rows, written by the store's own functions and not one HTTP request each."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.operations.booking_shapes import new_columns, placed
from smoothbox.operations.customers import matching_or_new
from smoothbox.operations.times import business_zone
from smoothbox.scheduling.lifecycle import BLOCKING
from smoothbox.store import allocations, bookings, services
from smoothbox.store.allocations import Place
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.direct import Direct
from smoothbox.store.services import ServiceRow

T = TypeVar("T")
Slot = tuple[int, int]  # a start in UTC seconds, a resource

_CUSTOMERS = 500
_BATCH = 5_000


def fill(file: Direct, service_id: int, slots: Sequence[Slot]) -> None:
    """Book a service at each of the slots, for one customer after the other."""
    service = file.read(service_named, service_id)
    people = people_of(file, _CUSTOMERS)
    write_all(file, enumerate(slots), lambda tx, each: note(tx, service, people[each[0] % _CUSTOMERS], each[1]))


def write_all(file: Direct, rows: Iterable[T], write: Callable[[Tx, T], None]) -> None:
    """Write rows down, thousands in a transaction."""
    remaining = iter(rows)
    with _room(file):
        while batch := list(itertools.islice(remaining, _BATCH)):
            file.write(_write_batch, batch, write)


def _write_batch(tx: Tx, rows: Iterable[T], write: Callable[[Tx, T], None]) -> None:
    for row in rows:
        write(tx, row)


def note(tx: Tx, service: ServiceRow, person: Person, slot: Slot, status: str = "SCHEDULED") -> None:
    """One booking as it stands in the end: what is over has given its time back."""
    place = place_at(service, slot)
    columns = new_columns(tx, NewBooking(service.id), service, person, 1)
    taken = placed(place, f"Resource {slot[1]}", person.full_name, service.name)
    row = bookings.insert(tx, {**columns, **taken, "status": status})
    allocations.take_for_booking(tx, row.id, place, row.party_size)
    if status not in BLOCKING:
        allocations.release(tx, row.id)


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


def people_of(file: Direct, count: int) -> list[Person]:
    """So many customers."""
    people: list[Person] = []

    def add(tx: Tx, number: int) -> None:
        new = NewCustomer("Bench", f"Customer {number}", f"bench-{number}@example.com")
        people.append(matching_or_new(tx, new, business_zone(tx)))

    write_all(file, range(count), add)
    return people


@contextmanager
def _room(file: Direct) -> Iterator[None]:
    """A larger cache for as long as it lasts, and a log that is folded into the file on the way."""
    connection = file._connection
    ((before,),) = connection.execute("PRAGMA cache_size").fetchall()
    for pragma in ("cache_size = -131072", "synchronous = OFF", "wal_autocheckpoint = 8000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    yield
    for pragma in ("wal_checkpoint(TRUNCATE)", f"cache_size = {before}", "synchronous = FULL", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
