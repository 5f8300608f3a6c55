"""A customer's own link: good for the booking that was agreed to, and for nothing else."""

from datetime import datetime

import msgspec
import pytest

from smoothbox.contract.bookings import Booking, BookingChange, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, Secrets
from smoothbox.operations import booking_changes, booking_links, bookings, business, resources, services
from smoothbox.operations.booking_links import Link
from smoothbox.store.direct import Direct
from tests.box import StillClock

KEYRING = Keyring({b"test": Secrets(b"k" * 32, b"e" * 32)})
WEEK = [{"day_of_week": day, "intervals": [{"start": "09:00", "end": "17:00"}]} for day in range(7)]


@pytest.fixture
def booking(file: Direct) -> Booking:
    """An appointment tomorrow at ten, at a business that is open every day."""
    file.write(business.change, msgspec.convert({"business_hours": WEEK}, BusinessChange), "acme", "live", ())
    for name in ("Ann", "Bob"):
        file.write(resources.create, NewResource(name, "STAFF"))
    file.write(services.create, NewService("Haircut", 30, price=2500, resource_ids=(1, 2)))
    file.write(services.create, NewService("Wedding", 60, price=2500, resource_ids=(1,), requires_manual_scheduling=True))
    return file.write(bookings.book, wish("2027-01-05T10:00"), 0)


def wish(start: str | None, service: int = 1) -> NewBooking:
    return NewBooking(service, start, customer=NewCustomer(first_name="Jane", email="jane@example.com"))


def link(booking: Booking, now: float) -> Link:
    signed = booking_links.link_to(KEYRING, "acme", "live", booking)
    assert signed is not None
    return booking_links.opened(KEYRING, signed, now)


def refusal(file: Direct, verb: object, *args: object) -> Problem:
    with pytest.raises(Problem) as refused:
        file.write(verb, *args)  # type: ignore[arg-type]
    return refused.value


def test_a_link_names_one_booking_of_one_file(file: Direct, clock: StillClock, booking: Booking) -> None:
    mine = link(booking, clock.now())
    assert (mine.folder, mine.mode, mine.booking_id) == ("acme", "live", 1)
    assert file.read(booking_links.show, mine) == booking


def test_it_moves_the_booking_and_ends_with_that(file: Direct, clock: StillClock, booking: Booking) -> None:
    mine = link(booking, clock.now())
    moved = file.write(booking_links.reschedule, mine, "2027-01-06T11:00")
    assert moved.start_time == "2027-01-06T11:00:00-05:00"
    assert refusal(file, booking_links.reschedule, mine, "2027-01-06T12:00").code == "link_expired"
    assert refusal(file, booking_links.cancel, mine, "").code == "link_expired"
    assert file.read(booking_links.show, link(moved, clock.now())).id == 1


def test_it_cancels_the_booking_and_ends_with_that(file: Direct, clock: StillClock, booking: Booking) -> None:
    mine = link(booking, clock.now())
    cancelled = file.write(booking_links.cancel, mine, " Ill ")
    assert (cancelled.status, cancelled.cancellation_reason) == ("CANCELLED", "Ill")
    assert booking_links.link_to(KEYRING, "acme", "live", cancelled) is None
    assert refusal(file, booking_links.show, mine).code == "link_expired"


@pytest.mark.parametrize(
    "change",
    [
        BookingChange(start_time="2027-01-05T10:30"),
        BookingChange(resource_id=2),
        BookingChange(status="CANCELLED"),
        BookingChange(status="COMPLETED"),
        BookingChange(status="NO_SHOW"),
    ],
    ids=repr,
)
def test_what_the_business_changes_of_the_agreement_ends_it(
    file: Direct, clock: StillClock, booking: Booking, change: BookingChange
) -> None:
    mine = link(booking, clock.now())
    file.write(booking_changes.change, 1, change)
    assert refusal(file, booking_links.show, mine).code == "link_expired"


@pytest.mark.parametrize("change", [BookingChange(status="CONFIRMED"), BookingChange(notes="x", internal_notes="y")], ids=repr)
def test_a_confirmation_or_a_note_does_not(file: Direct, clock: StillClock, booking: Booking, change: BookingChange) -> None:
    mine = link(booking, clock.now())
    file.write(booking_changes.change, 1, change)
    assert file.read(booking_links.show, mine).id == 1


def test_a_booking_that_is_moved_there_and_back_has_its_old_link_again(
    file: Direct, clock: StillClock, booking: Booking
) -> None:
    mine = link(booking, clock.now())
    for start in ("2027-01-05T10:30", "2027-01-05T10:00"):
        file.write(booking_changes.change, 1, BookingChange(start_time=start, resource_id=1))
    assert file.read(booking_links.show, mine).id == 1  # it is what was agreed to


def test_it_ends_a_day_after_the_visit(clock: StillClock, booking: Booking) -> None:
    signed = booking_links.link_to(KEYRING, "acme", "live", booking)
    assert signed is not None
    end = datetime.fromisoformat("2027-01-06T10:30:00-05:00").timestamp()
    assert booking_links.opened(KEYRING, signed, end - 1).booking_id == 1
    with pytest.raises(Problem) as refused:
        booking_links.opened(KEYRING, signed, end)
    assert refused.value.code == "link_expired"


def test_a_request_has_a_link_that_cancels_but_gives_no_time(file: Direct, clock: StillClock, booking: Booking) -> None:
    request = file.write(bookings.book, wish(None, 2), 0)
    mine = link(request, clock.now())
    assert refusal(file, booking_links.reschedule, mine, "2027-01-06T11:00").code == "invalid_status_transition"
    assert file.write(booking_links.cancel, mine, "").status == "CANCELLED"


def test_a_request_that_was_given_its_time_has_another_link(file: Direct, clock: StillClock, booking: Booking) -> None:
    mine = link(file.write(bookings.book, wish(None, 2), 0), clock.now())
    file.write(booking_changes.change, 2, BookingChange(start_time="2027-01-06T11:00"))
    assert refusal(file, booking_links.show, mine).code == "link_expired"


def test_where_late_cancellations_are_forbidden_nobody_moves_out_of_one(
    file: Direct, clock: StillClock, booking: Booking
) -> None:
    rules = BusinessChange(cancellation_window_hours=48, late_cancellation_allowed=False)
    file.write(business.change, rules, "acme", "live", ())
    mine = link(booking, clock.now())
    assert refusal(file, booking_links.cancel, mine, "").code == "cancellation_window_passed"
    assert refusal(file, booking_links.reschedule, mine, "2027-01-08T11:00").code == "cancellation_window_passed"


def test_what_another_box_signed_or_was_signed_for_another_purpose_is_nothing(clock: StillClock, booking: Booking) -> None:
    other = Keyring({b"test": Secrets(b"k" * 32, b"o" * 32)})
    forged = booking_links.link_to(other, "acme", "live", booking)
    feed = KEYRING.sign("feed", {"sub": "acme/live/1", "at": 1, "by": "[1]", "exp": 2e9})
    odd = KEYRING.sign("booking", {"sub": "acme/elsewhere/1", "at": 1, "by": "[1]", "exp": 2e9})
    for signed in (forged, feed, odd, "", "a.b.c"):
        with pytest.raises(Problem) as refused:
            booking_links.opened(KEYRING, str(signed), clock.now())
        assert refused.value.code == "not_found"
