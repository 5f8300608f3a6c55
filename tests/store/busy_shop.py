"""A shop in which much has happened: of everything that moves a booking or a customer something, by chance."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from msgspec import UNSET

from smoothbox.clock import instant_text
from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.customers import CustomerChange, NewCustomer
from smoothbox.contract.holds import NewHold
from smoothbox.errors import Problem
from smoothbox.located_toml import load_toml
from smoothbox.operations import booking_changes, bookings, customers, holds, series
from smoothbox.operations.business import open_books
from smoothbox.operations.catalogue import apply
from smoothbox.operations.catalogue_file import parse
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from tests.box import StillClock

ANN, BOB, CYD, BLUE, RED = range(1, 6)
CUT, CLASS, TREATMENT, VISIT = range(1, 5)
OWNER = 1
HALF_HOUR, DAY = 1800, 86400
STATUSES = ("SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW")

CATALOGUE = """
[business]
name = "Shop"
timezone = "America/New_York"
currency = "USD"
slot_interval = 30
[business.hours]
""" + "".join(f'{day}day = ["00:00-24:00"]\n' for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))
RESOURCES = "".join(
    f'[[resource]]\nkey = "{key}"\nname = "{key}"\ntype = "STAFF"\n' for key in ("ann", "bob", "cyd", "blue", "red")
)
SERVICES = """
[[service]]
key = "cut"
name = "Cut"
duration = 30
price = 2500
buffer_before = 30
resources = ["ann", "bob", "cyd"]
[[service]]
key = "class"
name = "Class"
duration = 60
price = 1000
capacity = 3
buffer_after = 30
resources = ["bob", "cyd"]
[[service]]
key = "treatment"
name = "Treatment"
duration = 30
price = 9000
needs = [["ann", "bob"], ["blue", "red"]]
[[service]]
key = "visit"
name = "Visit"
duration = 60
price = 5000
requires_manual_scheduling = true
resources = ["ann", "cyd"]
"""


@contextmanager
def shop(root: Path, clock: StillClock) -> Iterator[Direct]:
    """The file of a shop that has just opened its books."""
    folder, path = DataFolder(root), root / "catalogue.toml"
    path.write_text(CATALOGUE + RESOURCES + SERVICES, "utf-8")
    create_tenant_file(folder, "shop", "live", clock)
    with open_tenant(folder, "shop", "live", clock) as file:
        file._connection.execute("PRAGMA synchronous = OFF")
        file.write(open_books, "Shop", "America/New_York", "USD")
        file.write(apply, parse(*load_toml(path), path))
        yield file


class Day:
    """What people do there, step by step; what is refused changes nothing."""

    def __init__(self, file: Direct, clock: StillClock, seed: int) -> None:
        self._file = file
        self._clock = clock
        self._chance = Random(seed)
        self._began = clock.now()

    def passes(self, steps: int) -> None:
        """So much happens."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """One thing."""
        acts = (self._book, self._move, self._change_status, self._request, self._book_a_hold, self._book_a_series)
        act = self._chance.choices((*acts, self._block, self._remove), (10, 4, 8, 2, 2, 1, 2, 1))[0]
        with suppress(Problem):
            act()
        self._clock.advance(self._chance.choice((0, 0, 30, 600)))

    def _write(self, verb: Callable[..., Any], *args: Any) -> Any:
        return self._file.write(verb, *args)

    def _some(self, table: str) -> int:
        ids = [row[0] for row in self._file.read(lambda tx: tx.all(f"SELECT id FROM {table}"))]
        return self._chance.choice(ids or [1])

    def _time(self) -> str:
        return instant_text(self._began + DAY + self._chance.randrange(96) * HALF_HOUR)

    def _customer(self) -> NewCustomer:
        who = self._chance.randrange(9)
        return NewCustomer("Jo", f"Doe {who % 4}", f"jo-{who}@example.com")

    def _wish(self, service_id: int, start: str | None) -> NewBooking:
        named = self._chance.choice((None, None, ANN, BOB, CYD))
        external = self._chance.choice((None, "A-1", "A-2"))
        return NewBooking(service_id, start, named, customer=self._customer(), external_id=external)

    def _book(self) -> None:
        self._write(bookings.book, self._wish(self._chance.choice((CUT, CUT, CLASS, TREATMENT)), self._time()), OWNER)

    def _request(self) -> None:
        self._write(bookings.book, self._wish(VISIT, None), OWNER)

    def _book_a_hold(self) -> None:
        held = self._write(holds.create, NewHold(self._chance.choice((CUT, TREATMENT)), self._time()), OWNER)
        if self._chance.random() < 0.7:
            taken = NewBooking(held.service_id, held.start_time, customer=self._customer(), hold_id=held.id)
            self._write(bookings.book, taken, OWNER)

    def _book_a_series(self) -> None:
        self._write(series.book, self._wish(CUT, self._time()), "FREQ=DAILY;COUNT=2")

    def _move(self) -> None:
        to = self._chance.choice((UNSET, ANN, BOB, CYD, RED))
        change = BookingChange(start_time=self._time(), resource_id=to)
        self._write(booking_changes.change, self._some("booking"), change)

    def _change_status(self) -> None:
        status = self._chance.choice(STATUSES)
        self._write(booking_changes.change, self._some("booking"), BookingChange(status=status))

    def _block(self) -> None:
        status = self._chance.choice(("ACTIVE", "ACTIVE", "BLOCKED"))
        self._write(customers.change, self._some("customer"), CustomerChange(status=status))

    def _remove(self) -> None:
        """No verb does; but whoever does it leaves the tallies right."""
        booking_id = self._some("booking")

        def remove(tx: Tx) -> None:
            tx.run("DELETE FROM booking WHERE id = ?", booking_id)

        self._write(remove)
