"""A refusal tells the next free times, and looks no further for them than it must."""

from pathlib import Path

import pytest

from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.customers import NewCustomer
from smoothbox.errors import Problem
from smoothbox.located_toml import load_toml
from smoothbox.operations.bookings import book
from smoothbox.operations.catalogue import apply
from smoothbox.operations.catalogue_file import parse
from smoothbox.store.direct import Direct
from tests.box import CATALOGUE

WISH = NewBooking(1, "2027-01-05T10:00:00-05:00", 1, customer=NewCustomer("Jane", email="jane@example.com"))
OWNER = 1
LOOK = "JOIN allocation INDEXED BY allocation_busy"


@pytest.fixture
def shop(file: Direct, tmp_path: Path) -> Direct:
    """A file with a catalogue and one booking."""
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE, "utf-8")
    file.write(apply, parse(*load_toml(path), path))
    file.write(book, WISH, OWNER)
    return file


def refused(shop: Direct, wish: NewBooking) -> tuple[Problem, int]:
    """The refusal, and how many times diaries were looked into for it."""
    heard: list[str] = []
    shop._connection.set_trace_callback(heard.append)
    with pytest.raises(Problem) as refusal:
        shop.write(book, wish, OWNER)
    shop._connection.set_trace_callback(None)
    return refusal.value, sum(LOOK in sql for sql in heard)


def test_three_times_nearby_are_found_at_the_first_look(shop: Direct) -> None:
    problem, looks = refused(shop, WISH)
    assert problem.code == "slot_unavailable"
    assert problem.details["next_available"] == [f"2027-01-05T{time}:00-05:00" for time in ("10:30", "11:00", "11:30")]
    assert looks == 2  # one to judge, one for the alternatives


def test_times_far_away_are_found_in_ever_wider_looks(shop: Direct) -> None:
    for hour, minute in [(9, 0), (9, 30), (10, 30), (11, 0), (11, 30), *((h, m) for h in range(13, 17) for m in (0, 30))]:
        shop.write(book, NewBooking(1, f"2027-01-05T{hour:02}:{minute:02}", 1, customer_id=1), OWNER)
    problem, looks = refused(shop, WISH)
    assert problem.details["next_available"][0] == "2027-01-07T09:00:00-05:00"  # the 6th is closed
    assert looks <= 6
