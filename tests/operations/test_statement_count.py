"""The file is asked as often for fifty diaries as for one: what grows with a business is the rows, not the statements."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, timedelta
from typing import Any

import pytest

from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.errors import Problem
from smoothbox.located_toml import load_toml
from smoothbox.operations.availability import Question, free_times
from smoothbox.operations.bookings import book
from smoothbox.operations.business import open_books
from smoothbox.operations.catalogue import apply
from smoothbox.operations.catalogue_file import parse
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from tests.box import StillClock

CUT, CLASS, PAIR = 1, 2, 3  # one of the staff; the same with twenty seats; one of the staff and one of the rooms
TUESDAY = date(2027, 1, 5)

BUSINESS = """
[business]
name = "Acme"
timezone = "America/New_York"
currency = "USD"
[business.hours]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
"""
Shops = Callable[[int], Direct]


def catalogue(staff: int) -> str:
    """As many rooms as staff, and the three services."""
    people, rooms = ([f"{kind}{number}" for number in range(staff)] for kind in ("staff", "room"))
    resources = [f'[[resource]]\nkey = "{key}"\nname = "{key}"\ntype = "STAFF"\n' for key in (*people, *rooms)]
    who = (f"resources = {people}", f"resources = {people}\ncapacity = 20", f"needs = [{people}, {rooms}]")
    services = [f'[[service]]\nkey = "s{n}"\nname = "S"\nduration = 30\nprice = 0\n{each}\n' for n, each in enumerate(who)]
    return "\n".join([BUSINESS, *resources, *services])


@pytest.fixture
def shop_of(folder: DataFolder, clock: StillClock) -> Iterator[Shops]:
    """Opens businesses of so many staff."""
    with ExitStack() as stack:
        yield lambda staff: stack.enter_context(shop(folder, clock, staff))


@contextmanager
def shop(folder: DataFolder, clock: StillClock, staff: int) -> Iterator[Direct]:
    """A business in which each of the staff has a haircut at nine and a class with a seat taken at ten."""
    path = folder.root / "catalogue.toml"
    path.write_text(catalogue(staff), "utf-8")
    create_tenant_file(folder, f"staff-{staff}", "live", clock)
    with open_tenant(folder, f"staff-{staff}", "live", clock) as file:
        file.write(open_books, "Acme", "America/New_York", "USD")
        file.write(apply, parse(*load_toml(path), path))
        for resource_id in range(1, staff + 1):
            file.write(book, wish(CUT, "09:00", resource_id), 0)
            file.write(book, wish(CLASS, "10:00", resource_id), 0)
        yield file


def wish(service_id: int, time: str, resource_id: int | None = None) -> NewBooking:
    """A body for Tuesday; the customer is known from the second time on."""
    jane = NewCustomer("Jane", email="jane@example.com")
    return NewBooking(service_id, f"{TUESDAY}T{time}", resource_id, customer=jane)


def statements(file: Direct, act: Callable[..., Any], *args: Any) -> list[str]:
    """The SQL that is run for something, only how each statement begins: parameters differ."""
    heard: list[str] = []
    file._connection.set_trace_callback(heard.append)
    with suppress(Problem):
        act(*args)
    file._connection.set_trace_callback(None)
    return [sql[:40] for sql in heard]


def asked(file: Direct, service_id: int, days: int) -> list[str]:
    """What is run for the free times of so many days."""
    return statements(file, file.read, free_times, Question(service_id, TUESDAY, TUESDAY + timedelta(days=days - 1)))


def booked(file: Direct, service_id: int, time: str) -> list[str]:
    """What is run for a booking of whoever is free."""
    return statements(file, file.write, book, wish(service_id, time), 0)


def test_a_catalogue_is_written_without_reading_anew_what_is_in_the_file(folder: DataFolder, clock: StillClock) -> None:
    path = folder.root / "catalogue.toml"
    path.write_text(catalogue(20), "utf-8")
    create_tenant_file(folder, "acme", "live", clock)
    with open_tenant(folder, "acme", "live", clock) as file:
        file.write(open_books, "Acme", "America/New_York", "USD")
        run = statements(file, file.write, apply, parse(*load_toml(path), path))
    assert len([sql for sql in run if sql.startswith("SELECT catalogue_key")]) == 2  # resources and services, once each


@pytest.mark.parametrize("service_id", [CUT, CLASS, PAIR])
def test_a_month_of_fifty_people_takes_as_many_statements_as_a_day_of_one(shop_of: Shops, service_id: int) -> None:
    few = asked(shop_of(1), service_id, 1)
    assert asked(shop_of(50), service_id, 31) == few
    assert 5 < len(few) < 15


@pytest.mark.parametrize(
    ("service_id", "time"),
    [
        pytest.param(CUT, "12:00", id="somebody is free"),
        pytest.param(CLASS, "10:00", id="a session has begun to fill"),
        pytest.param(CLASS, "12:00", id="a session is opened"),
        pytest.param(PAIR, "12:00", id="two resources at once"),
        pytest.param(PAIR, "09:00", id="everybody is taken"),
    ],
)
def test_a_booking_takes_as_many_statements_with_fifty_people_as_with_two(shop_of: Shops, service_id: int, time: str) -> None:
    few = booked(shop_of(2), service_id, time)
    assert booked(shop_of(50), service_id, time) == few
    assert 5 < len(few) < 40
