"""The numbers that triggers keep are those of the rows, whatever happens to these."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.operations import booking_changes, bookings
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from smoothbox.store.sandbox import catalogue_rows, replace_all
from tests.box import StillClock

from .busy_shop import TREATMENT, Day, shop

COUNTED = {
    "booking_tally": "SELECT service_id, status, count(*) FROM booking GROUP BY 1, 2",
    "customer_tally": "SELECT status, count(*) FROM customer GROUP BY 1",
    "released_tally": (
        "SELECT allocation.resource_id, booking.service_id, status, count(*) FROM allocation"
        " JOIN booking ON booking.id = booking_id WHERE active = 0 GROUP BY 1, 2, 3"
    ),
}
OCCUPIED = NewBooking(TREATMENT, "2027-01-05T10:00", customer=NewCustomer("Jo", email="jo@example.com"))


@pytest.fixture
def file(tmp_path: Path, clock: StillClock) -> Iterator[Direct]:
    with shop(tmp_path, clock) as opened:
        yield opened


def differences(tx: Tx) -> list[str]:
    """The tallies that do not tell what there is."""
    return [
        table
        for table, counted in COUNTED.items()
        if sorted(tx.all(f"SELECT * FROM {table} WHERE number <> 0")) != sorted(tx.all(counted))
    ]


def statuses(tx: Tx) -> set[str]:
    return {status for (status,) in tx.all("SELECT DISTINCT status FROM booking")}


@pytest.mark.parametrize("seed", range(3))
def test_after_every_step_they_tell_what_there_is(file: Direct, clock: StillClock, seed: int) -> None:
    day, seen = Day(file, clock, seed), set()
    for number in range(300):
        day.step()
        assert file.read(differences) == [], number
        seen |= file.read(statuses)
    assert seen == {"PENDING", "SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW"}


def test_what_is_undone_counts_for_nothing(file: Direct, clock: StillClock) -> None:
    def book_in_vain(tx: Tx) -> None:
        bookings.book(tx, OCCUPIED, 1)
        raise ValueError("in vain")

    with pytest.raises(ValueError, match="in vain"):
        file.write(book_in_vain)
    assert [file.read(lambda tx, table=table: tx.all(f"SELECT * FROM {table}")) for table in COUNTED] == [[], [], []]


def test_one_that_comes_back_from_no_show_is_not_released_any_more(file: Direct) -> None:
    booking_id = file.write(bookings.book, OCCUPIED, 1).id
    for status, released in (("NO_SHOW", 2), ("CONFIRMED", 0), ("COMPLETED", 2)):
        file.write(booking_changes.change, booking_id, BookingChange(status=status))
        assert file.read(lambda tx: tx.value("SELECT coalesce(sum(number), 0) FROM released_tally")) == released
        assert file.read(differences) == []


@pytest.mark.parametrize("steps", [(0, 1), (1, 0)])
def test_the_order_in_which_a_booking_ends_does_not_matter(file: Direct, steps: tuple[int, int]) -> None:
    """Its status, and the time that it gives back."""
    booking_id = file.write(bookings.book, OCCUPIED, 1).id
    ends = ("UPDATE booking SET status = 'COMPLETED' WHERE id = ?", "UPDATE allocation SET active = 0 WHERE booking_id = ?")
    begins = ("UPDATE booking SET status = 'CONFIRMED' WHERE id = ?", "UPDATE allocation SET active = 1 WHERE booking_id = ?")
    for statements in (ends, begins, ends):
        for step in steps:
            file.write(lambda tx, sql=statements[step]: tx.run(sql, booking_id))
        assert file.read(differences) == []


def test_a_fresh_sandbox_begins_at_nothing_and_goes_on_counting(file: Direct, clock: StillClock) -> None:
    Day(file, clock, 1).passes(100)
    file.write(lambda tx: replace_all(tx, catalogue_rows(tx)))
    assert [file.read(lambda tx, table=table: tx.all(f"SELECT * FROM {table}")) for table in COUNTED] == [[], [], []]
    Day(file, clock, 2).passes(100)
    assert file.read(differences) == []


@pytest.mark.parametrize("order", ["booking", "allocation"])
def test_rows_may_go_in_either_order(file: Direct, clock: StillClock, order: str) -> None:
    """Allocations before their bookings, or with them."""
    Day(file, clock, 3).passes(100)

    def remove(tx: Tx) -> None:
        tx.run(f"DELETE FROM {order} WHERE id % 2 = 0")

    file.write(remove)
    assert file.read(differences) == []


def test_a_tally_costs_a_new_booking_one_row(file: Direct) -> None:
    """What occupies a resource now is counted along its index."""
    connection: sqlite3.Connection = file._connection
    file.write(bookings.book, OCCUPIED, 1)
    assert connection.execute("SELECT number FROM booking_tally").fetchall() == [(1,)]
    assert connection.execute("SELECT * FROM released_tally").fetchall() == []
