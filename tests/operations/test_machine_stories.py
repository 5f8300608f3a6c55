"""Stories that the machine tells too seldom, each told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.services import ServiceChange
from smoothbox.operations import services
from tests.operations.machine_model import (
    ANN,
    CYD,
    DAY,
    MINUTE,
    Terms,
)
from tests.operations.machine_world import (
    BLUE,
    BOB,
    CLASS,
    CUT,
    JO,
    RED,
    TREATMENT,
    WORKSHOP,
    furnished,
    list_all,
)
from tests.operations.test_machine import Business


@pytest.fixture
def business(tmp_path: Path) -> Iterator[Business]:
    """A business for the stories that chance tells seldom."""
    opened = Business(furnished(tmp_path / "template"))
    yield opened
    opened.bookings_are_as_they_were_acknowledged()
    opened.exactly_what_blocks_occupies_exactly_its_resources()
    opened.nobody_is_at_two_places()
    opened.teardown()


def statuses(business: Business) -> list[str]:
    return [each.status for each in business.model.bookings.values()]


def test_who_comes_back_is_not_at_two_places(business: Business) -> None:
    """A workshop that was left is not joined again when its teacher now gives another one, in another room."""
    business.book_at(business.start(1, 0), WORKSHOP, BLUE, 1)
    business.expect_status(1, BookingChange(status="NO_SHOW"), "NO_SHOW")
    business.book_at(business.start(1, 0), WORKSHOP, RED, 1)
    business.come_back(1)
    assert statuses(business) == ["NO_SHOW", "SCHEDULED"]


def test_who_comes_back_finds_the_place_of_a_hold_that_is_over(business: Business) -> None:
    business.book_at(business.start(1, 0), CUT, ANN, 1)
    business.expect_status(1, BookingChange(status="NO_SHOW"), "NO_SHOW")
    business.hold_at(business.start(1, 0), CUT, ANN, 1)
    business.come_back(1)
    assert statuses(business) == ["NO_SHOW"]
    business.clock.advance(300)
    business.model.now = business.clock.now()
    business.come_back(1)
    assert statuses(business) == ["CONFIRMED"]


def test_a_session_runs_as_it_was_opened_though_its_service_is_for_one_now(business: Business) -> None:
    business.book_at(business.start(1, 0), CLASS, BOB, 1)
    business.edit(CLASS, Terms(30))
    business.book_at(business.start(1, 0), CLASS, BOB, 1)
    first, second = business.model.bookings.values()
    assert first.place == second.place


def test_nobody_joins_a_session_whose_room_is_closed_meanwhile(business: Business) -> None:
    start = business.start(1, 0)
    business.book_at(start, WORKSHOP, BLUE, 1)
    business.be_away(BLUE, start, start + 900)
    business.book_at(start, WORKSHOP, None, 1)
    business.book_at(start, WORKSHOP, BLUE, 1)
    assert statuses(business) == ["SCHEDULED"]  # the other teacher begins at another time


def test_who_books_less_than_he_held_gives_the_rest_back(business: Business) -> None:
    business.hold_at(business.start(1, 0), CLASS, BOB, 3)
    business.book_held(NewBooking(CLASS, customer_id=JO, party_size=1, hold_id=1), 1, 1)
    business.book_at(business.start(1, 0), CLASS, BOB, 2)
    assert statuses(business) == ["SCHEDULED", "SCHEDULED"]


def test_who_is_listed_can_be_asked_for_in_whichever_group(business: Business) -> None:
    """Bob could be the second of the two, when Cyd is away; the list says so, and the booking must do so."""
    groups = (ANN, BOB), (BOB, CYD)
    start = business.start(1, 0)
    business.file.write(services.change, TREATMENT, ServiceChange(resource_groups=groups))
    business.model.services[TREATMENT] = business.model.services[TREATMENT]._replace(groups=groups)
    business.be_away(CYD, start, start + DAY)
    listed = business.file.read(list_all, business.wish(TREATMENT, 1, None), business.model.now, 1)
    assert BOB in listed[start, start + 45 * MINUTE][0]
    business.book_at(start, TREATMENT, BOB, 1)
    assert statuses(business) == ["SCHEDULED"]
