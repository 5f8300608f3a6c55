"""Feeds read back as a calendar program reads them: every booking, at its time, under one name for good."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.keyring import Keyring, Secrets
from smoothbox.operations import booking_changes, bookings, business, feeds, resources, services
from smoothbox.operations.calendars import calendar
from smoothbox.operations.feeds import Feed
from smoothbox.store.bookings import BookingRow
from smoothbox.store.direct import Direct
from tests.box import StillClock

KEYRING = Keyring({b"test": Secrets(b"k" * 32, b"e" * 32)})
WEEK = [{"day_of_week": day, "intervals": [{"start": "08:00", "end": "18:00"}]} for day in range(7)]
ALL = Feed("acme", "live", None, 1)
ANN, BOB, ROOM = (Feed("acme", "live", number, 1) for number in (1, 2, 3))


@pytest.fixture
def salon(file: Direct) -> Direct:
    """Two people and a room, one service by one of them, one that takes Ann and the room."""
    file.write(business.change, msgspec.convert({"business_hours": WEEK}, BusinessChange), "acme", "live", ())
    for name, kind in (("Ann", "STAFF"), ("Bob", "STAFF"), ("Blue Room", "ROOM")):
        file.write(resources.create, msgspec.convert({"name": name, "type": kind}, NewResource))
    file.write(services.create, NewService("Haircut", 30, price=2500, resource_ids=(1, 2)))
    file.write(services.create, NewService("Massage", 60, price=6000, resource_groups=((1,), (3,))))
    file.write(services.create, NewService("Wedding", 60, price=6000, resource_ids=(1,), requires_manual_scheduling=True))
    return file


def book(file: Direct, start: str | None, service: int = 1, resource: int | None = None, name: str = "Jane") -> int:
    customer = NewCustomer(first_name=name, email=f"{name.casefold()}@example.com", phone="+1 212 555 0100")
    new = NewBooking(service, start, resource, customer=customer, notes="Bring; a, photo\nplease")
    return file.write(bookings.book, new, 0).id


def events(file: Direct, feed: Feed = ALL) -> dict[str, Any]:
    parsed = Calendar.from_ical(drawn(file, feed))
    return {str(each["UID"]): each for each in parsed.walk("VEVENT")}


def drawn(file: Direct, feed: Feed = ALL) -> bytes:
    shown = file.read(feeds.read, feed)
    return b"".join(calendar(feed.folder, feed.mode, shown.name, shown.rows))


def uid(booking_id: int) -> str:
    return f"booking-{booking_id}.live@acme.smoothbox"


def test_every_booking_comes_back_at_its_time(salon: Direct) -> None:
    for start in ("2027-01-05T10:00", "2027-03-13T10:00", "2027-03-15T10:00", "2027-11-08T10:00"):  # the clocks change between
        book(salon, start)
    found = [each["DTSTART"].dt for each in events(salon).values()]
    assert found == [
        datetime(2027, 1, 5, 15, tzinfo=UTC),
        datetime(2027, 3, 13, 15, tzinfo=UTC),
        datetime(2027, 3, 15, 14, tzinfo=UTC),
        datetime(2027, 11, 8, 15, tzinfo=UTC),
    ]


def test_an_event_says_what_the_day_needs_and_no_contact_details(salon: Direct) -> None:
    book(salon, "2027-01-05T10:00", resource=2)
    (event,) = events(salon).values()
    assert event["SUMMARY"] == "Haircut – Jane"
    assert event["DESCRIPTION"] == "Bob\nBring; a, photo\nplease"
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CONFIRMED", "OPAQUE", 1)
    assert event["DTEND"].dt - event["DTSTART"].dt == event.duration
    text = drawn(salon)
    assert b"example.com" not in text
    assert b"555" not in text


def test_a_reschedule_keeps_the_name_and_raises_the_sequence(salon: Direct, clock: StillClock) -> None:
    number = book(salon, "2027-01-05T10:00")
    clock.advance(60)
    salon.write(booking_changes.change, number, BookingChange(start_time="2027-01-06T11:00"))
    event = events(salon)[uid(number)]
    assert event["DTSTART"].dt == datetime(2027, 1, 6, 16, tzinfo=UTC)
    assert event["SEQUENCE"] == 2
    assert event["DTSTAMP"].dt > event["CREATED"].dt


def test_a_cancelled_one_stays_as_cancelled_and_blocks_nothing(salon: Direct) -> None:
    number = book(salon, "2027-01-05T10:00")
    salon.write(booking_changes.change, number, BookingChange(status="CANCELLED"))
    for feed in (ALL, ANN):
        event = events(salon, feed)[uid(number)]
        assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_a_resource_shows_its_own_also_where_it_only_comes_along(salon: Direct) -> None:
    first, second = book(salon, "2027-01-05T10:00", resource=2), book(salon, "2027-01-05T12:00", service=2)
    assert set(events(salon)) == {uid(first), uid(second)}
    assert set(events(salon, BOB)) == {uid(first)}
    assert set(events(salon, ROOM)) == {uid(second)}
    assert set(events(salon, ANN)) == {uid(second)}


def test_a_request_without_a_time_and_what_is_long_over_are_left_out(salon: Direct, clock: StillClock) -> None:
    book(salon, None, service=3)
    old = book(salon, "2027-01-05T10:00")
    clock.advance(60 * 86_400)
    assert set(events(salon)) == {uid(old)}
    clock.advance(2 * 86_400)
    assert events(salon) == {}


def test_new_links_end_the_old_ones(salon: Direct) -> None:
    before = salon.read(feeds.addresses, KEYRING, "acme", "live")
    assert [each.name for each in before] == ["Acme", "Ann", "Bob", "Blue Room"]
    salon.write(feeds.new_links)
    for each in before:
        with pytest.raises(Problem) as refused:
            salon.read(feeds.read, feeds.opened(KEYRING, each.signed))
        assert refused.value.code == "link_expired"
    for each in salon.read(feeds.addresses, KEYRING, "acme", "live"):
        assert drawn(salon, feeds.opened(KEYRING, each.signed))


@pytest.mark.parametrize("purpose", ["booking", "client-token"])
def test_what_was_signed_for_something_else_opens_no_calendar(purpose: Any) -> None:
    signed = KEYRING.sign(purpose, {"sub": "acme/live", "of": None, "gen": 1})
    with pytest.raises(Problem) as refused:
        feeds.opened(KEYRING, signed)
    assert refused.value.code == "not_found"


def test_of_very_many_the_earliest_are_shown(salon: Direct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_MOST", 2)
    numbers = [book(salon, f"2027-01-0{day}T10:00") for day in (7, 5, 6)]
    assert set(events(salon)) == {uid(numbers[1]), uid(numbers[2])}


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;\\:"'), max_size=200)


@given(TEXTS, TEXTS)
def test_no_text_of_a_customer_becomes_a_line_of_the_calendar(name: str, notes: str) -> None:
    hostile = f"{name}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x"
    row = BookingRow(
        *(1, 1, "SCHEDULED", 1, "Haircut", 1, "[1]", "Ann", 1, hostile, 1_799_161_200, 1_799_163_000, 30, 0, 0, 1, 2500, 1),
        *(notes, hostile, "api", None, "{}", None, None, None, "", None, 0),
        *("2027-01-04T12:00:00.000000Z", "2027-01-04T12:00:00.000000Z"),
    )
    text = b"".join(calendar("acme", "live", name, [row]))
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event["UID"] == "booking-1.live@acme.smoothbox"
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")
