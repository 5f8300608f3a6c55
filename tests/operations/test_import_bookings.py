"""An old diary moves in: past and future, as it stands there, and never two in one place."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import CustomerChange, NewCustomer
from smoothbox.contract.holds import NewHold
from smoothbox.contract.services import NewService
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, bookings, business, customers, holds, services
from smoothbox.operations.importing.whole import NotWrittenError
from smoothbox.store import transfers
from smoothbox.store.bookings import BookingRow
from smoothbox.store.direct import Direct
from smoothbox.store.transfers import Visit
from tests.box import StillClock
from tests.operations.old_diary import ANN, BOB, CLASS, CUT, MASSAGE, ROOM, furnish, import_bookings, refused, write

EVERYTHING = (-(10**12), 10**12)


@pytest.fixture
def salon(file: Direct) -> Direct:
    furnish(file)
    return file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "appointments.csv"


def visits(file: Direct) -> list[Visit]:
    return file.read(transfers.bookings_after, 0, *EVERYTHING, 1000)


def rows(file: Direct) -> list[BookingRow]:
    return [each.booking for each in visits(file)]


def outcome(file: Direct, path: Path, **how: Any) -> tuple[int, int, int, int]:
    report = import_bookings(file, path, **how)
    return report.added, report.unchanged, report.refused_rows, report.customers_added


def lone(file: Direct, path: Path, header: str, row: str) -> BookingRow:
    """The booking that a row alone becomes."""
    import_bookings(file, write(path, header, row))
    (found,) = rows(file)
    return found


def open_all_day(file: Direct) -> None:
    week = [{"day_of_week": day, "intervals": [{"start": "00:00", "end": "24:00"}]} for day in range(7)]
    file.write(business.change, msgspec.convert({"business_hours": week}, BusinessChange), "acme", "live", ())


def test_a_row_becomes_a_booking_with_all_that_it_says(salon: Direct, path: Path) -> None:
    header = "Booking ID;Date;Start Time;End Time;Service Name;Staff;Status;Price;Client Name;Client Email;Client Phone"
    header += ";Notes;Staff Notes;Metadata"
    row = 'x1;04.05.2027;9:30 AM;10:15 AM;haircut;ANN;Confirmed;"1.025,50 €";Ava Martinez;ava@example.com;212 555 0101'
    row += ';tea;late;"{""n"": 1}"'
    found = lone(salon, path, header, row)
    shown = salon.read(bookings.find, found.id)
    assert (shown.external_id, shown.status, shown.service_name, shown.resource_name) == ("x1", "CONFIRMED", "Haircut", "Ann")
    assert (shown.start_time, shown.end_time) == ("2027-05-04T09:30:00-04:00", "2027-05-04T10:15:00-04:00")
    assert (shown.duration, shown.price, shown.source, shown.customer_name) == (45, 102550, "import", "Ava Martinez")
    assert (shown.notes, shown.internal_notes, bytes(shown.metadata)) == ("tea", "late", b'{"n":1}')
    person = salon.read(customers.find, found.customer_id)
    assert (person.first_name, person.last_name, person.email, person.phone) == (
        *("Ava", "Martinez", "ava@example.com", "212 555 0101"),
    )


def test_what_takes_time_is_not_booked_again_through_the_api(salon: Direct, path: Path) -> None:
    lone(salon, path, "Start,Service,Staff,Email", "2027-01-04T14:00:00Z,Haircut,Ann,ava@example.com")
    open_all_day(salon)
    new = NewBooking(CUT, "2027-01-04T14:00:00Z", ANN, customer=NewCustomer(email="ben@example.com"))
    with pytest.raises(Problem) as caught:
        salon.write(bookings.book, new, 0)
    assert caught.value.code == "slot_unavailable"


def test_hours_notice_and_slots_do_not_judge_what_was_agreed(salon: Direct, path: Path) -> None:
    found = lone(salon, path, "Start,Service,Staff,Email", "2027-01-04T12:00:07Z,Haircut,Ann,ava@example.com")  # now; closed
    assert found.status == "SCHEDULED"


@pytest.mark.parametrize(
    ("start", "said", "status", "active"),
    [
        ("2026-12-01T10:00", "", "COMPLETED", 0),
        ("2027-12-01T10:00", "", "SCHEDULED", 1),
        ("2026-12-01T10:00", "booked", "SCHEDULED", 1),
        ("2027-12-01T10:00", "pending", "SCHEDULED", 1),
        ("2027-12-01T10:00", "Confirmed", "CONFIRMED", 1),
        ("2027-12-01T10:00", "canceled", "CANCELLED", 0),
        ("2026-12-01T10:00", "No-Show", "NO_SHOW", 0),
        ("2026-12-01T10:00", "done", "COMPLETED", 0),
    ],
)
def test_what_is_over_is_history_and_takes_no_time(
    salon: Direct, path: Path, start: str, said: str, status: str, active: int
) -> None:
    found = lone(salon, path, "Start,Service,Staff,Email,Status", f"{start},Haircut,Ann,ava@example.com,{said}")
    assert (found.status, found.resource_ids) == (status, "[1]")
    taken = salon.read(lambda tx: tx.all("SELECT resource_id, active FROM allocation"))
    assert taken == [(ANN, active)]
    assert (found.cancelled_at is not None) is (status == "CANCELLED")


def test_somebody_who_did_not_come_may_be_expected_again(salon: Direct, path: Path) -> None:
    found = lone(salon, path, "Start,Service,Staff,Email,Status", "2027-12-01T10:00,Haircut,Ann,ava@example.com,no show")
    salon.write(booking_changes.change, found.id, BookingChange(status="CONFIRMED"))
    assert salon.read(lambda tx: tx.all("SELECT resource_id, active FROM allocation")) == [(ANN, 1)]


def test_times_that_the_clocks_skip_or_show_twice_are_refused_with_their_row(salon: Direct, path: Path) -> None:
    header = "Start,Service,Staff,Email"
    write(
        path,
        header,
        "2027-03-14T02:30,Haircut,Ann,ava@example.com",
        "2027-11-07T01:30,Haircut,Ann,ava@example.com",
        "2027-11-07T01:30-05:00,Haircut,Ann,ava@example.com",
    )
    assert refused(import_bookings, salon, path) == [
        (2, "Start", "nonexistent_local_time"),
        (3, "Start", "ambiguous_local_time"),
    ]
    assert rows(salon) == []
    assert outcome(salon, path, skip_refused=True) == (1, 0, 2, 1)


def test_a_double_booking_is_refused_and_leaves_nothing_of_its_row(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Email",
        "2027-05-04T09:00,Haircut,Ann,ava@example.com",
        "2027-05-04T09:29,Haircut,Ann,ben@example.com",
        "2027-05-04T09:30,Haircut,Ann,cy@example.com",
    )
    assert refused(import_bookings, salon, path) == [(3, "Start", "slot_unavailable")]
    assert (rows(salon), salon.read(transfers.last_customer)) == ([], 0)
    assert outcome(salon, path, skip_refused=True) == (2, 0, 1, 2)
    assert [each.email for each in visits(salon)] == ["ava@example.com", "cy@example.com"]


def test_the_trigger_refuses_what_nobody_looked_for(salon: Direct, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoothbox.store.allocations.busy", lambda *_: [])
    write(path, "Start,Service,Staff,Email", *["2027-05-04T09:00,Haircut,Ann,ava@example.com"] * 2)
    assert refused(import_bookings, salon, path) == [(3, "", "slot_unavailable")]
    assert rows(salon) == []


def test_buffers_count_unless_the_row_says_otherwise(salon: Direct, path: Path) -> None:
    salon.write(services.create, NewService("Colour", 60, price=8000, buffer_after=30, resource_ids=(ANN,)))
    lines = ["2027-05-04T09:00,Colour,Ann,ava@example.com", "2027-05-04T10:00,Haircut,Ann,ben@example.com"]
    assert refused(import_bookings, salon, write(path, "Start,Service,Staff,Email", *lines)) == [
        (3, "Start", "slot_unavailable")
    ]
    write(path, "Start,Service,Staff,Email,buffer_after", f"{lines[0]},0", f"{lines[1]},")
    assert outcome(salon, path) == (2, 0, 0, 2)


def test_a_hold_keeps_its_place_until_it_is_over(salon: Direct, path: Path, clock: StillClock) -> None:
    open_all_day(salon)
    salon.write(holds.create, NewHold(CUT, "2027-01-05T09:00", ANN), 1)
    write(path, "Start,Service,Staff,Email", "2027-01-05T09:00,Haircut,Ann,ava@example.com")
    assert refused(import_bookings, salon, path) == [(2, "Start", "slot_unavailable")]
    clock.advance(86400)
    assert outcome(salon, path) == (1, 0, 0, 1)


@pytest.mark.parametrize("header", ["Booking ID,Start,Service,Staff,Email,Status", "Nothing,Start,Service,Staff,Email,Status"])
def test_the_same_file_again_changes_nothing(salon: Direct, path: Path, header: str) -> None:
    write(
        path,
        header,
        "1,2027-05-04T09:00,Haircut,Ann,ava@example.com,",
        "2,2026-05-04T09:00,Haircut,Ann,ava@example.com,done",
        "3,2027-06-04T09:00,Haircut,Ann,ava@example.com,cancelled",
        "4,2027-06-04T09:00,Haircut,Ann,ava@example.com,cancelled",
        "5,2027-06-04T09:00,Haircut,Ann,ava@example.com,booked",
    )
    assert outcome(salon, path) == (5, 0, 0, 1)
    before = rows(salon)
    assert outcome(salon, path) == (0, 5, 0, 0)
    assert rows(salon) == before


def test_what_was_changed_here_since_stays_so(salon: Direct, path: Path) -> None:
    found = lone(salon, path, "ID,Start,Service,Staff,Email", "1,2027-05-04T09:00,Haircut,Ann,ava@example.com")
    salon.write(booking_changes.change, found.id, BookingChange(status="CONFIRMED", notes="tea"))
    assert outcome(salon, path) == (0, 1, 0, 0)
    assert (rows(salon)[0].status, rows(salon)[0].notes) == ("CONFIRMED", "tea")


def test_one_external_id_is_one_booking_or_a_series(salon: Direct, path: Path) -> None:
    header = "ID,Start,Service,Staff,Email"
    once, later = "1,2026-05-04T09:00,Haircut,Ann,ava@example.com", "1,2026-05-11T09:00,Haircut,Ann,ava@example.com"
    assert refused(import_bookings, salon, write(path, header, once, later, once)) == [(4, "ID", "validation_error")]
    assert outcome(salon, write(path, header, once, later)) == (2, 0, 0, 1)
    assert refused(import_bookings, salon, write(path, header, once, later, once)) == [(4, "ID", "validation_error")]


def test_a_customer_is_known_by_external_id_address_or_phone_and_made_anew_else(salon: Direct, path: Path) -> None:
    for new in (
        NewCustomer("Ava", "Martinez", "ava@example.com", external_id="k1"),
        NewCustomer("Ella", "Nguyen", phone="+1 212 555 0105"),
        NewCustomer("Noah", "Nguyen", phone="+1 212 555 0105"),
    ):
        salon.write(customers.create, new)
    write(
        path,
        "Start,Service,Staff,Customer ID,Email,Phone,Customer",
        "2026-05-04T09:00,Haircut,Ann,k1,other@example.com,,",
        "2026-05-04T10:00,Haircut,Ann,,AVA@example.com,,Somebody Else",
        "2026-05-04T11:00,Haircut,Ann,,,212-555-0105,Noah Nguyen",
        "2026-05-04T12:00,Haircut,Ann,,,212-555-0105,",
        '2026-05-04T13:00,Haircut,Ann,k9,,212-555-0109,"Carter, Ben"',
        "2026-05-04T14:00,Haircut,Ann,k9,,,",
    )
    assert outcome(salon, path) == (6, 0, 0, 1)
    assert [each.customer_id for each in rows(salon)] == [1, 1, 3, 2, 4, 4]
    assert [each.customer_name for each in rows(salon)] == [
        *("Ava Martinez", "Somebody Else", "Noah Nguyen", "Ella Nguyen", "Carter, Ben", "Ben Carter")
    ]


def test_a_customer_who_is_not_known_and_cannot_be_reached_is_refused(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Customer ID,Email,Customer",
        "2026-05-04T09:00,Haircut,Ann,k1,,Ava",
        "2026-05-04T09:00,Haircut,Ann,,no address,Ava",
    )
    assert refused(import_bookings, salon, path) == [(2, "Email", "validation_error"), (3, "Email", "validation_error")]


def test_a_blocked_customer_has_a_past_too(salon: Direct, path: Path) -> None:
    salon.write(customers.create, NewCustomer("Ava", email="ava@example.com"))
    salon.write(customers.change, 1, CustomerChange(status="BLOCKED"))
    assert lone(salon, path, "Start,Service,Staff,Email", "2026-05-04T09:00,Haircut,Ann,ava@example.com").customer_id == 1


def test_services_and_resources_are_named_or_numbered_and_the_nearest_name_is_told(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Email",
        "2026-05-04T09:00,1,2,ava@example.com",
        "2026-05-04T10:00,Hair cut,Ann,ava@example.com",
        "2026-05-04T11:00,Haircut,Anna,ava@example.com",
        "2026-05-04T12:00,99,Ann,ava@example.com",
    )
    with pytest.raises(NotWrittenError) as caught:
        import_bookings(salon, path)
    assert [each.message for each in caught.value.report.refused] == [
        "There is no service 'Hair cut'; is it 'Haircut'?",
        "There is no resource 'Anna'; is it 'Ann'?",
        "There is no service '99'; add it first, or write the name it has here.",
    ]
    import_bookings(salon, path, skip_refused=True)
    assert [(each.service_id, each.resource_ids) for each in rows(salon)] == [(CUT, "[2]")]


def test_of_services_with_one_name_the_length_tells_which(salon: Direct, path: Path) -> None:
    longer = salon.write(services.create, NewService("Haircut", 60, price=4000, resource_ids=(ANN,))).id
    write(
        path,
        "Start,Service,Staff,Email,Duration",
        "2026-05-04T09:00,Haircut,Ann,ava@example.com,60",
        "2026-05-04T10:00,Haircut,Ann,ava@example.com,",
    )
    assert refused(import_bookings, salon, path) == [(3, "Service", "validation_error")]
    import_bookings(salon, path, skip_refused=True)
    assert [(each.service_id, each.price) for each in rows(salon)] == [(longer, 4000)]


def test_without_a_resource_somebody_who_is_free_takes_it_once_all_others_have_their_places(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Email",
        "2027-05-04T09:00,Haircut,,ava@example.com",
        "2027-05-04T09:00,Haircut,Ann,ben@example.com",
        "2027-05-04T09:15,Haircut,,cy@example.com",
    )
    assert refused(import_bookings, salon, path) == [(4, "Start", "slot_unavailable")]
    import_bookings(salon, path, skip_refused=True)
    assert {each.email: each.booking.resource_ids for each in visits(salon)} == {
        "ben@example.com": "[1]",
        "ava@example.com": "[2]",
    }


def test_a_service_that_takes_two_gets_whom_the_row_does_not_name(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Room,Email",
        "2027-05-04T09:00,Massage,Bob,,ava@example.com",
        "2027-05-04T10:00,Massage,Ann,Blue Room,ava@example.com",
        "2027-05-04T11:00,Massage,,Blue Room,ava@example.com",
        "2027-05-04T11:00,Massage,Bob,,ben@example.com",
    )
    assert refused(import_bookings, salon, path) == [(5, "Start", "slot_unavailable")]
    import_bookings(salon, path, skip_refused=True)
    assert [(each.service_id, each.resource_ids) for each in rows(salon)] == [
        (MASSAGE, f"[{who},{ROOM}]") for who in (BOB, ANN, ANN)
    ]


def test_a_session_fills_up_to_its_capacity(salon: Direct, path: Path) -> None:
    lines = [
        f"2027-05-04T09:00,Yoga class,{who},{name}@example.com,{party}"
        for who, name, party in (("", "a", ""), ("Bob", "b", "1"), ("", "c", "2"), ("", "d", "1"), ("", "e", "4"))
    ]
    write(path, "Start,Service,Staff,Email,Guests", *lines, "2027-05-04T09:30,Yoga class,Bob,f@example.com,1")
    found = refused(import_bookings, salon, path)
    assert [(row, code) for row, _, code in found] == [
        (4, "slot_unavailable"),
        (6, "validation_error"),
        (7, "slot_unavailable"),
    ]
    import_bookings(salon, path, skip_refused=True)
    assert salon.read(lambda tx: tx.all("SELECT resource_id, sum(seats), max(capacity) FROM allocation GROUP BY 1")) == [
        (BOB, 3, 3)
    ]
    assert {each.service_id for each in rows(salon)} == {CLASS}


def test_a_request_has_no_time(salon: Direct, path: Path) -> None:
    write(
        path,
        "Start,Service,Staff,Email,Status",
        ",Wedding,Ann,ava@example.com,",
        ",Haircut,,ava@example.com,pending",
        ",Haircut,,ben@example.com,",
    )
    assert refused(import_bookings, salon, path) == [(4, "Start", "validation_error")]
    import_bookings(salon, path, skip_refused=True)
    assert [(each.status, each.start_at, each.resource_id) for each in rows(salon)] == [
        ("PENDING", None, ANN),
        ("PENDING", None, None),
    ]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("2027-05-04T09:00,2027-05-04T09:00,,1", "End"),
        ("2027-05-04T09:00,2027-05-04T08:00,,1", "End"),
        ("2027-05-04T09:00,2027-05-04T09:30:30,,1", "End"),
        ("2027-05-04T09:00,2027-05-04T09:30,45,1", "Duration"),
        ("2027-05-04T09:00,,0,1", "Duration"),
        ("2027-05-04T09:00,,100000,1", "Duration"),
        ("2027-05-04T09:00,,,0", "Guests"),
        ("2027-05-04T09:00,,,2", "Guests"),
        ("1027-05-04T09:00,,,1", "Start"),
        ("2027-02-30T09:00,,,1", "Start"),
        ("2027-05-04T25:00,,,1", "Start"),
        ("soon,,,1", "Start"),
    ],
)
def test_what_cannot_be_is_refused_under_its_column(salon: Direct, path: Path, cells: str, column: str) -> None:
    write(path, "Start,End,Duration,Guests,Service,Staff,Email", f"{cells},Haircut,Ann,ava@example.com")
    assert refused(import_bookings, salon, path) == [(2, column, "validation_error")]
    assert rows(salon) == []


def test_an_end_by_the_clock_is_on_the_day_of_the_start(salon: Direct, path: Path) -> None:
    found = lone(salon, path, "Start,End,Service,Staff,Email", "2027-05-04 09:00,9:50 AM,Haircut,Ann,ava@example.com")
    assert found.duration == 50


def test_a_dry_run_says_what_a_real_one_would_and_changes_nothing(salon: Direct, path: Path) -> None:
    write(path, "Start,Service,Email", "2027-05-04 09:00,Haircut,ava@example.com")
    with pytest.raises(NotWrittenError) as caught:
        import_bookings(salon, path, dry_run=True)
    assert (rows(salon), salon.read(transfers.last_customer)) == ([], 0)
    assert caught.value.report == import_bookings(salon, path)
