"""A chain of salons with fifty chairs: one that is a few weeks old, and the same after years. Both are as busy on each day."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from smoothbox.contract.bookings import NewBooking
from smoothbox.operations.booking_shapes import new_columns
from smoothbox.store import bookings
from smoothbox.store.connection import Tx
from smoothbox.store.customers import Person
from smoothbox.store.direct import Direct
from smoothbox.store.services import ServiceRow
from tests.bench.seeding import note, people_of, service_named, write_all
from tests.bench.tenants import ZONE, live_file, settle, token

CHAIRS, SERVICES, REQUESTS = 50, 10, 20
SLOTS, EACH_DAY = 16, 8  # half hours from nine to five, and how many of them are booked of a chair
AHEAD = 12  # days that are booked already
LEAD = 14  # days from when a booking is made to when it begins
DAY, HALF_HOUR, OPENING = 86400, 1800, 14 * 3600  # UTC seconds; nine in New York's winter, ten in its summer
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Visit(NamedTuple):
    """A booking: when it was made and for when, in UTC seconds; `day` counts from today."""

    made: int
    start: int
    day: int
    chair: int
    service: int
    customer: int
    status: str


_REQUESTED = dict.fromkeys(((), ("status", "PENDING"), ("service", 1)), REQUESTS) | {
    ("customer", who): 1 for who in range(1, REQUESTS + 1)
}


@dataclass(slots=True)
class Salon:
    """So many days of it, and of its customers; `seen` is how many bookings have a value that is asked for, () for all.

    `booked` is how many have been made over the API.
    """

    slug: str
    days: int
    customers: int
    token: str = ""
    booked: int = 0
    today: int = field(default_factory=lambda: int(time.time()) // DAY * DAY)
    seen: Counter[tuple[object, ...]] = field(default_factory=lambda: Counter(_REQUESTED))

    def sees(self, visit: Visit) -> None:
        """One booking more."""
        day, resource, status = ("day", visit.day), ("resource", visit.chair), ("status", visit.status)
        things: list[tuple[object, ...]] = [(), resource, status]
        self.seen.update([*things, *(each + day for each in things), resource + status])
        self.seen.update([("service", visit.service), ("customer", visit.customer)])


SMALL, LARGE = ("weeks", 25, 500), ("years", 2500, 50_000)
"""10,000 and a million bookings; each customer has twenty."""


def opened(data: Path, slug: str, days: int, customers: int) -> Salon:
    """A salon as a tenant of the box, with all its bookings."""
    salon = Salon(slug, days, customers)
    settle(data, slug, _catalogue())
    with live_file(data, slug) as file:
        _write_down(file, salon)
    salon.token = token(data, slug)
    return salon


def _write_down(file: Direct, salon: Salon) -> None:
    offered = [file.read(service_named, number) for number in range(1, SERVICES + 1)]
    people = people_of(file, salon.customers)

    def write(tx: Tx, visit: Visit) -> None:
        service, person = offered[visit.service - 1], people[visit.customer - 1]
        note(Tx(tx.connection, visit.made), service, person, (visit.start, visit.chair), visit.status)
        salon.sees(visit)

    write_all(file, _visits(salon), write)
    write_all(file, people[:REQUESTS], lambda tx, each: _request(tx, offered[0], each))


def _request(tx: Tx, service: ServiceRow, person: Person) -> None:
    """What waits for a time."""
    bookings.insert(tx, new_columns(tx, NewBooking(service.id), service, person, 1))


def _visits(salon: Salon) -> Iterator[Visit]:
    """In the order in which they were made."""
    chance = Random(1)
    for day in range(AHEAD - salon.days + 1, AHEAD + 1):
        yield from sorted(_visit(salon, chance, day, chair, slot) for chair, slot in _taken(chance))


def _taken(chance: Random) -> Iterator[tuple[int, int]]:
    for chair in range(1, CHAIRS + 1):
        yield from ((chair, slot) for slot in chance.sample(range(SLOTS), EACH_DAY))


def _visit(salon: Salon, chance: Random, day: int, chair: int, slot: int) -> Visit:
    begins = salon.today + day * DAY
    statuses = (("COMPLETED", 85), ("CANCELLED", 10), ("NO_SHOW", 5)) if day < 1 else (("SCHEDULED", 85), ("CONFIRMED", 15))
    (status,) = chance.choices([each for each, _ in statuses], [share for _, share in statuses])
    who, what = chance.randint(1, salon.customers), chance.randint(1, SERVICES)
    made = begins - LEAD * DAY + chance.randrange(DAY)
    return Visit(made, begins + OPENING + slot * HALF_HOUR, day, chair, what, who, status)


def _catalogue() -> str:
    hours = "".join(f'{day} = ["09:00-18:00"]\n' for day in DAYS)
    business = f'[business]\nname = "Salon"\ntimezone = "{ZONE}"\ncurrency = "USD"\nslot_interval = 30\nmin_notice = 0\n'
    chairs = [f'[[resource]]\nkey = "r{n}"\nname = "Resource {n}"\ntype = "STAFF"\n' for n in range(1, CHAIRS + 1)]
    every = ", ".join(f'"r{n}"' for n in range(1, CHAIRS + 1))
    services = [
        f'[[service]]\nkey = "s{n}"\nname = "Service {n}"\nduration = 30\nprice = {1000 * n}\nresources = [{every}]\n'
        for n in range(1, SERVICES + 1)
    ]
    return "\n".join([f"{business}[business.hours]\n{hours}", *chairs, *services])
