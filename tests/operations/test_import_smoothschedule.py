"""What was pulled from another box is written whole or not at all, once, and without two at one time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec import structs

from smoothbox.contract.bookings import LIST, BookingChange, Cancellation, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import LIST as CUSTOMERS
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.holds import NewHold
from smoothbox.contract.hours import DayHours, Span
from smoothbox.contract.pulled import Pulled, PulledBooking, Refused, Sourced
from smoothbox.contract.resources import NewResource, TimeOff
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.located_toml import load_toml
from smoothbox.operations import (
    booking_changes,
    bookings,
    business,
    catalogue,
    customers,
    holds,
    resources,
    services,
    tenancy,
    tenants,
)
from smoothbox.operations.catalogue_file import parse
from smoothbox.operations.importing import smoothschedule
from smoothbox.operations.importing.ledger import Report
from smoothbox.operations.tenancy import NewTenant
from smoothbox.parsing.lists import parse_list
from smoothbox.store.box import Tenant
from smoothbox.store.census import counts
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_tenant
from tests.box import StillClock

ALL_DAY = tuple(DayHours(day, (Span("00:00", "24:00"),)) for day in range(7))


def booking(id_: int, **said: Any) -> Sourced[PulledBooking]:
    """A booking of the only service on a Monday morning two years ago, unless something else is said."""
    usual = {
        "status": "SCHEDULED",
        "service_id": 10,
        "customer_id": 30,
        "resource_id": 20,
        "resource_ids": (20,),
        "start_time": "2025-01-06T09:00:00-05:00",
        "end_time": "2025-01-06T09:30:00-05:00",
        "service_name": "Trim",
        "customer_name": "Eve Adams",
        "resource_name": "Annie",
        "price": 1900,
    }
    return Sourced(id_, PulledBooking(**{**usual, **said}))


def at(clock: str, end: str, day: str = "2027-02-01") -> dict[str, str]:
    """Both times of a booking."""
    return {"start_time": f"{day}T{clock}:00-05:00", "end_time": f"{day}T{end}:00-05:00"}


def pulled(*found: Sourced[PulledBooking], **other: Any) -> Pulled:
    """A business with one service of two resources, two customers, and these bookings."""
    usual = Pulled(
        "smoothschedule:acme",
        BusinessChange(name="Acme Two", currency="EUR", business_hours=ALL_DAY),
        (Sourced(20, NewResource("Ann", "STAFF")), Sourced(21, NewResource("Bob", "STAFF"))),
        (Sourced(10, NewService("Cut", 30, price=2500, resource_groups=((20, 21),))),),
        (
            Sourced(30, NewCustomer("Eve", "Adams", "eve@example.com", notes="Likes tea.", external_id=None)),
            Sourced(31, NewCustomer("Bo", "Lee", phone="+1 212 555 0100")),
        ),
        found,
        (),
        tells_absences=True,
    )
    return structs.replace(usual, **other)


class Hands:
    """A tenant, and who imports into it."""

    def __init__(self, folder: DataFolder, clock: StillClock, tenant: Tenant, file: Direct) -> None:
        self.folder, self.clock, self.tenant, self.file = folder, clock, tenant, file

    def take_in(self, what: Pulled, *, dry_run: bool = False, skip_refused: bool = False) -> Report:
        """Import."""
        self.clock.advance(60)
        return smoothschedule.take_in(
            *(self.folder, self.clock, self.tenant, "live", what, lambda _, __: None),
            dry_run=dry_run,
            skip_refused=skip_refused,
        )

    def bookings(self) -> list[Any]:
        """All bookings, by id."""
        return self._all(bookings.list_page, LIST)

    def customers(self) -> list[Any]:
        """All customers, by id."""
        return self._all(customers.list_page, CUSTOMERS)

    def counts(self) -> dict[str, int]:
        """How much there is."""
        return dict(self.file.read(counts))

    def _all(self, verb: Any, listing: Any) -> list[Any]:
        page = self.file.read(verb, parse_list(listing, "ordering=id&page_size=200"))
        return [SimpleNamespace(**each) for each in msgspec.json.decode(msgspec.json.encode(page.results))]


@pytest.fixture
def hands(folder: DataFolder, registry: Direct, clock: StillClock) -> Iterator[Hands]:
    """A new tenant, empty."""
    del registry  # it makes the box
    tenant = tenancy.settle(folder, clock, NewTenant("acme", "Acme", "America/New_York", "USD"))
    with open_tenant(folder, tenant.folder, "live", clock) as file:
        yield Hands(folder, clock, tenant, file)


def tally(report: Report, what: str) -> tuple[int, ...]:
    """Created, updated, unchanged, refused."""
    return tuple(report.counts[what].values())


def reasons(report: Report) -> Sequence[tuple[str, int]]:
    """What was refused."""
    return [(each.what, each.id) for each in report.refused]


def test_a_business_moves_in_with_its_past(hands: Hands) -> None:
    states = ("SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW")
    timed = [booking(n, status=state, **at(f"0{n}:00", f"0{n}:30", "2025-01-06")) for n, state in enumerate(states, 1)]
    gone = booking(
        5,
        status="CANCELLED",
        cancelled_at="2025-01-05T10:00:00Z",
        cancelled_by="customer",
        cancellation_reason="Ill.",
        late_cancellation=True,
        previous_start_time="2025-01-04T10:00:00-05:00",
    )
    wish = booking(6, status="PENDING", start_time=None, end_time=None, resource_ids=(), notes="Please.")
    report = hands.take_in(pulled(*timed, gone, wish))
    assert report.is_written
    assert tally(report, "bookings") == (6, 0, 0, 0)
    found = hands.bookings()
    assert [each.status for each in found] == [*states, "CANCELLED", "PENDING"]
    first, cancelled, request = found[0], found[4], found[5]
    assert (first.start_time, first.end_time) == ("2025-01-06T01:00:00-05:00", "2025-01-06T01:30:00-05:00")
    assert (first.price, first.service_name, first.customer_name, first.resource_name) == (1900, "Trim", "Eve Adams", "Annie")
    assert (first.external_id, first.source) == ("smoothschedule:acme:1", "import")
    assert (cancelled.cancelled_at, cancelled.cancelled_by) == ("2025-01-05T10:00:00.000000Z", "customer")
    assert (cancelled.cancellation_reason, cancelled.late_cancellation) == ("Ill.", True)
    assert cancelled.previous_start_time == "2025-01-04T10:00:00-05:00"
    assert (request.start_time, request.notes, request.resource_id) == (None, "Please.", first.resource_id)
    (eve, _) = hands.customers()
    assert (eve.booking_count, eve.total_spend, eve.last_visit) == (5, 1900, "2025-01-06T03:00:00-05:00")
    own = hands.file.read(business.facts)
    assert (own.name, own.currency) == ("Acme Two", "EUR")


def test_the_second_time_nothing_is_written(hands: Hands) -> None:
    what = pulled(booking(1), booking(2, status="COMPLETED", **at("10:00", "10:30")), booking(3, status="CANCELLED"))
    hands.take_in(what)
    before = [(each.id, each.version) for each in (*hands.bookings(), *hands.customers())]
    again = hands.take_in(what)
    assert [tally(again, many) for many in again.counts] == [(0, 0, n, 0) for n in (1, 2, 1, 2, 3)]
    assert [(each.id, each.version) for each in (*hands.bookings(), *hands.customers())] == before


def test_what_changed_there_is_changed_here(hands: Hands) -> None:
    hands.take_in(pulled(booking(1, **at("09:00", "09:30"))))
    moved = booking(1, **at("11:00", "11:30"), status="CONFIRMED", price=2000)
    eve = Sourced(30, NewCustomer("Eva", "Adams", "eva@example.com"))
    report = hands.take_in(structs.replace(pulled(moved), customers=(eve, pulled().customers[1])))
    assert tally(report, "bookings") == (0, 1, 0, 0)
    assert tally(report, "customers") == (0, 1, 1, 0)
    (shown,) = hands.bookings()
    assert (shown.start_time, shown.status, shown.price) == ("2027-02-01T11:00:00-05:00", "CONFIRMED", 2000)
    changed = hands.customers()[0]
    assert (changed.first_name, changed.email, changed.notes) == ("Eva", "eva@example.com", "Likes tea.")
    hands.take_in(pulled(moved, booking(2, **at("09:00", "09:30"))))  # the time that it left is free


def test_two_bookings_may_have_changed_places(hands: Hands) -> None:
    hands.take_in(pulled(booking(1, **at("09:00", "09:30")), booking(2, **at("10:00", "10:30"))))
    report = hands.take_in(pulled(booking(1, **at("10:00", "10:30")), booking(2, **at("09:00", "09:30"))))
    assert tally(report, "bookings") == (0, 2, 0, 0)
    assert [each.start_time[11:16] for each in hands.bookings()] == ["10:00", "09:00"]


def test_a_dry_run_says_what_would_be_and_writes_nothing(hands: Hands) -> None:
    before = hands.counts()
    report = hands.take_in(pulled(booking(1)), dry_run=True)
    assert not report.is_written
    assert [tally(report, many) for many in report.counts] == [
        (0, 1, 0, 0),
        (2, 0, 0, 0),
        (1, 0, 0, 0),
        (2, 0, 0, 0),
        (1, 0, 0, 0),
    ]
    assert hands.counts() == before
    assert hands.file.read(business.facts).name == "Acme"


def test_two_at_one_time_are_refused_and_nothing_is_written(hands: Hands) -> None:
    twins = pulled(booking(1, **at("09:00", "09:30")), booking(2, **at("09:15", "09:45")))
    report = hands.take_in(twins)
    assert not report.is_written
    assert reasons(report) == [("booking", 2)]
    assert "2027-02-01T14:15Z" in report.refused[0].reason
    assert hands.counts() == {"services": 0, "resources": 0, "customers": 0, "bookings": 0}


def test_what_is_refused_can_be_left_out(hands: Hands) -> None:
    twins = pulled(booking(1, **at("09:00", "09:30")), booking(2, **at("09:15", "09:45")), booking(3, **at("10:00", "10:30")))
    report = hands.take_in(twins, skip_refused=True)
    assert report.is_written
    assert tally(report, "bookings") == (2, 0, 0, 1)
    assert [each.external_id[-2:] for each in hands.bookings()] == [":1", ":3"]


def test_cancelled_ones_are_in_nobodys_way(hands: Hands) -> None:
    same = at("09:00", "09:30")
    report = hands.take_in(
        pulled(booking(1, status="CANCELLED", **same), booking(2, **same), booking(3, status="NO_SHOW", **same))
    )
    assert tally(report, "bookings") == (3, 0, 0, 0)


def test_a_time_that_was_booked_or_held_here_meanwhile_is_refused(hands: Hands) -> None:
    hands.take_in(pulled())
    service, ann = 1, 1
    day = "2027-01-05"
    hands.file.write(
        bookings.book, NewBooking(service, f"{day}T09:00", ann, customer=NewCustomer("X", email="x@example.com")), 0
    )
    hands.file.write(holds.create, NewHold(service, f"{day}T10:00", resource_id=ann), 0)
    report = hands.take_in(pulled(booking(1, **at("09:00", "09:30", day)), booking(2, **at("10:00", "10:30", day))))
    assert reasons(report) == [("booking", 1), ("booking", 2)]
    hands.clock.advance(3600)
    assert reasons(hands.take_in(pulled(booking(2, **at("10:00", "10:30", day))))) == []


def test_one_that_was_moved_there_and_collides_here_keeps_its_former_time(hands: Hands) -> None:
    first, second = booking(1, **at("09:00", "09:30")), booking(2, **at("10:00", "10:30"))
    hands.take_in(pulled(first, second))
    report = hands.take_in(pulled(booking(1, **at("10:00", "10:30")), second), skip_refused=True)
    assert reasons(report) == [("booking", 1)]
    assert [each.start_time[11:16] for each in hands.bookings()] == ["09:00", "10:00"]
    again = hands.take_in(pulled(first, second, booking(3, **at("09:00", "09:30"))), skip_refused=True)
    assert reasons(again) == [("booking", 3)]  # and it has it indeed


def test_one_that_can_have_neither_time_stops_it_all(hands: Hands) -> None:
    hands.take_in(pulled(booking(1, **at("09:00", "09:30")), booking(2, **at("10:00", "10:30"))))
    chain = pulled(booking(2, **at("09:00", "09:30")), booking(3, **at("11:00", "11:30")), booking(1, **at("11:00", "11:30")))
    with pytest.raises(Problem) as refused:
        hands.take_in(chain, skip_refused=True)
    assert refused.value.code == "conflict"
    assert [each.start_time[11:16] for each in hands.bookings()] == ["09:00", "10:00"]


def test_buffers_of_today_do_not_part_bookings_of_yesterday(hands: Hands) -> None:
    wide = (Sourced(10, NewService("Cut", 30, price=2500, buffer_after=30, resource_groups=((20, 21),))),)
    tight = [booking(1, **at("09:00", "09:30")), booking(2, **at("09:30", "10:00")), booking(3, **at("11:00", "11:30"))]
    what = pulled(*tight, services=wide)
    assert tally(hands.take_in(what), "bookings") == (3, 0, 0, 0)
    assert tally(hands.take_in(what), "bookings") == (0, 0, 3, 0)
    with pytest.raises(Problem) as refused:  # where there is room the buffer is kept
        hands.file.write(bookings.book, NewBooking(1, "2027-02-01T11:30-05:00", 1, customer_id=1), 0)
    assert refused.value.code == "slot_unavailable"


def test_a_session_is_filled_and_not_overfilled(hands: Hands) -> None:
    class_ = (Sourced(10, NewService("Yoga", 30, price=2500, capacity=3, resource_groups=((20,), (21,)))),)
    both = {"resource_ids": (20, 21), **at("09:00", "09:30")}
    guests = [booking(1, party_size=2, **both), booking(2, **both), booking(3, **both)]
    assert reasons(hands.take_in(pulled(*guests, services=class_))) == [("booking", 3)]
    assert tally(hands.take_in(pulled(*guests[:2], services=class_)), "bookings") == (2, 0, 0, 0)
    half = {"resource_ids": (20,), **at("09:00", "09:30")}
    assert reasons(hands.take_in(pulled(*guests[:2], booking(4, **half), services=class_))) == [("booking", 4)]


def test_a_series_stays_one(hands: Hands) -> None:
    weekly = [booking(n, series_id=77, **at("09:00", "09:30", f"2027-02-0{n}")) for n in (1, 2)]
    alone = booking(9, series_id=78, **at("09:00", "09:30", "2027-02-09"))
    hands.take_in(pulled(*weekly, alone))
    hands.take_in(pulled(*weekly, alone, booking(3, series_id=77, **at("09:00", "09:30", "2027-02-03"))))
    assert [each.series_id for each in hands.bookings()] == [1, 1, 2, 1]
    hands.file.write(booking_changes.cancel, 1, Cancellation(following=True))
    assert [each.status for each in hands.bookings()] == ["CANCELLED", "CANCELLED", "SCHEDULED", "CANCELLED"]


def test_a_customer_who_is_here_already_is_the_same_one(hands: Hands) -> None:
    known = NewCustomer("Evelyn", "Adams", "EVE@example.com", "+1 212 555 0199", "Allergic.", external_id="crm-7")
    hands.file.write(customers.create, known)
    report = hands.take_in(pulled(booking(1)))
    assert tally(report, "customers") == (1, 1, 0, 0)
    eve = hands.customers()[0]
    assert (eve.first_name, eve.phone, eve.notes, eve.external_id) == ("Eve", "+1 212 555 0199", "Likes tea.", "crm-7")
    assert tally(hands.take_in(pulled(booking(1))), "customers") == (0, 0, 2, 0)
    assert hands.bookings()[0].customer_id == eve.id


def test_a_customer_whom_nobody_can_reach_comes_along(hands: Hands) -> None:
    walk_in = (*pulled().customers, Sourced(32, NewCustomer("Walk-in")))
    report = hands.take_in(pulled(booking(1, customer_id=32), customers=walk_in))
    assert tally(report, "customers") == (3, 0, 0, 0)
    assert tally(hands.take_in(pulled(booking(1, customer_id=32), customers=walk_in)), "customers") == (0, 0, 3, 0)


def test_two_with_one_address_there_are_one_here(hands: Hands) -> None:
    twins = tuple(Sourced(id_, NewCustomer(name, email="eve@example.com")) for id_, name in ((30, "Eve"), (31, "Evi")))
    what = pulled(booking(1, customer_id=31), customers=twins)
    assert tally(hands.take_in(what), "customers") == (1, 0, 1, 0)
    assert tally(hands.take_in(what), "customers") == (0, 0, 2, 0)
    assert [each.first_name for each in hands.customers()] == ["Eve"]


def test_what_refers_to_something_that_is_not_there_is_refused(hands: Hands) -> None:
    lost = [booking(1, service_id=99), booking(2, customer_id=99), booking(3, resource_id=99, resource_ids=(99,))]
    homeless = (*pulled().services, Sourced(11, NewService("Dye", 30, price=1, resource_ids=(98,))))
    report = hands.take_in(pulled(*lost, services=homeless, refused=(Refused("customer", 99, "It has no shape."),)))
    assert reasons(report) == [("customer", 99), ("service", 11), ("booking", 1), ("booking", 2), ("booking", 3)]
    assert not report.is_written


@pytest.mark.parametrize(
    "said",
    [
        {"start_time": None, "end_time": None},
        {"end_time": None},
        {"end_time": "2025-01-06T09:00:00-05:00"},
        {"start_time": "2025-03-09T02:30", "end_time": "2025-03-09T03:30:00-04:00"},
        {"resource_id": None, "resource_ids": ()},
    ],
)
def test_a_booking_that_makes_no_sense_is_refused(said: dict[str, Any], hands: Hands) -> None:
    assert reasons(hands.take_in(pulled(booking(1, **said)))) == [("booking", 1)]


def test_absences_come_along_where_they_are_told_and_stay_where_not(hands: Hands) -> None:
    away = TimeOff("2027-02-01T00:00:00-05:00", "2027-02-02T00:00:00-05:00", "Holiday")
    told = pulled(resources=(Sourced(20, NewResource("Ann", "STAFF", time_off=(away,))), pulled().resources[1]))
    hands.take_in(told)
    untold = structs.replace(pulled(), tells_absences=False)
    assert tally(hands.take_in(untold), "resources") == (0, 0, 2, 0)
    assert [each.reason for each in hands.file.read(resources.find_in_full, 1).time_off] == ["Holiday"]
    hands.take_in(pulled())
    assert hands.file.read(resources.find_in_full, 1).time_off == []


def test_nobody_is_told_of_what_happened_elsewhere(hands: Hands) -> None:
    hands.take_in(pulled(booking(1)))
    hands.take_in(pulled(booking(1, status="CANCELLED")))
    assert hands.file.read(lambda tx: tx.value("SELECT count(*) FROM event")) == 0
    hands.file.write(booking_changes.change, 1, BookingChange(notes="Hello."))
    assert hands.file.read(lambda tx: tx.value("SELECT count(*) FROM event")) == 1


def test_a_catalogue_file_leaves_alone_what_was_imported(hands: Hands, tmp_path: Path) -> None:
    hands.take_in(pulled(booking(1)))
    path = tmp_path / "acme.toml"
    path.write_text('[business]\nname = "Acme"\ntimezone = "America/New_York"\ncurrency = "USD"\n', "utf-8")
    hands.file.write(catalogue.apply, parse(*load_toml(path), path))
    assert hands.file.read(services.find, 1).is_active
    assert hands.file.read(resources.find, 1).is_active


def test_another_business_is_told_from_the_first_by_its_name(hands: Hands) -> None:
    hands.take_in(pulled(booking(1, **at("09:00", "09:30"))))
    other = structs.replace(pulled(booking(1, **at("10:00", "10:30"))), name="smoothschedule:acme/test")
    assert tally(hands.take_in(other), "bookings") == (1, 0, 0, 0)
    assert len(hands.bookings()) == 2


def test_the_registry_takes_over_the_name(hands: Hands, registry: Direct) -> None:
    hands.take_in(pulled())
    assert registry.read(tenants.find, "acme").name == "Acme Two"
