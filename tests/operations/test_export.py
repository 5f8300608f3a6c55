"""Exports: what comes out goes in again elsewhere, and comes out the same."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from smoothbox.contract.bookings import BookingChange, Cancellation, NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.operations import booking_changes, bookings, business, customers, resources, services
from smoothbox.operations.business import open_books
from smoothbox.operations.exporting.contents import CONTENTS, Item
from smoothbox.operations.exporting.formats import csv_text, json_text
from smoothbox.operations.exporting.window import EVERYTHING, Window, of_dates
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from tests.box import StillClock
from tests.operations.old_diary import ANN, CLASS, CUT, MASSAGE, WEDDING, furnish, import_bookings, import_customers

TEA = 'Bring; a, "photo"\nplease\r\nthanks'


@pytest.fixture
def salon(file: Direct) -> Direct:
    """A salon with customers of every kind and bookings in every state."""
    furnish(file)
    week = [{"day_of_week": day, "intervals": [{"start": "00:00", "end": "24:00"}]} for day in range(7)]
    file.write(business.change, msgspec.convert({"business_hours": week}, BusinessChange), "acme", "live", ())
    for new in (
        NewCustomer("Ava", "Martinez", "ava@example.com", "+1 212 555 0101", TEA, ["vip", "new"], external_id="k1"),
        NewCustomer(
            "=HYPERLINK(1)", "'-x", "", "+49 30 1234", "@tea", ["a, b", "c;d"], "BLOCKED", None, "1 Main St", {"n": [1][0]}
        ),
        NewCustomer("Ella", "Nguyen", "", "212 555 0105", tags=["[x]"]),
        NewCustomer("Noah", "Nguyen", "", "212 555 0105"),
    ):
        file.write(customers.create, new)
    new_bookings = (
        NewBooking(CUT, "2027-01-05T09:00", ANN, 1, notes=TEA, external_id="b1", metadata={"n": "ü"}),
        NewBooking(CUT, "2027-01-05T10:00", ANN, 1),
        NewBooking(CUT, "2027-01-05T11:00", ANN, 3),
        NewBooking(MASSAGE, "2027-01-06T09:00", ANN, 4, internal_notes="=1+1"),
        NewBooking(CLASS, "2027-11-07T01:30:00-05:00", None, 1, party_size=2),
        NewBooking(CLASS, "2027-11-07T01:30:00-05:00", None, 3),
        NewBooking(WEDDING, None, ANN, 1),
        NewBooking(WEDDING, None, None, 3),
        NewBooking(CUT, "2027-01-05T12:00", ANN, 1),
    )
    for each in new_bookings:
        file.write(bookings.book, each, 0)
    file.write(booking_changes.change, 1, BookingChange(status="CONFIRMED"))
    file.write(booking_changes.change, 2, BookingChange(status="COMPLETED"))
    file.write(booking_changes.change, 3, BookingChange(status="NO_SHOW"))
    file.write(booking_changes.cancel, 8, Cancellation("rain"))
    file.write(booking_changes.cancel, 9, Cancellation("-sick"))
    file.write(bookings.book, NewBooking(CUT, "2027-01-05T12:00", ANN, 1), 0)
    return file


@pytest.fixture
def elsewhere(folder: DataFolder, clock: StillClock) -> Iterator[Direct]:
    """Another salon that does the same, and has no customers."""
    create_tenant_file(folder, "rival", "live", clock)
    with open_tenant(folder, "rival", "live", clock) as opened:
        opened.write(open_books, "Rival", "America/New_York", "USD")
        furnish(opened)
        yield opened


def items(file: Direct, what: str, window: Window = EVERYTHING) -> list[Item]:
    found: list[Item] = []
    while page := file.read(CONTENTS[what].page, found[-1].id if found else 0, window):
        found += page
    return found


def exported(file: Direct, what: str) -> bytes:
    return b"".join(csv_text(CONTENTS[what].columns, items(file, what)))


def table(file: Direct, what: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(file, what).decode(), newline="")))


def test_what_was_exported_is_imported_elsewhere_and_exported_as_it_was(
    salon: Direct, elsewhere: Direct, tmp_path: Path
) -> None:
    for what, take in (("customers", import_customers), ("bookings", import_bookings)):
        path = tmp_path / f"{what}.csv"
        path.write_bytes(exported(salon, what))
        assert take(elsewhere, path).added == len(items(salon, what))
    for what in ("customers", "bookings"):
        assert table(elsewhere, what) == table(salon, what)
        again = (import_customers if what == "customers" else import_bookings)(elsewhere, tmp_path / f"{what}.csv")
        assert (again.added, again.updated, again.unchanged) == (0, 0, len(items(salon, what)))
    occupied = "SELECT resource_id, start_at, end_at, busy_start, busy_end, seats, active FROM allocation ORDER BY 1, 2, 7"
    assert elsewhere.read(lambda tx: tx.all(occupied)) == salon.read(lambda tx: tx.all(occupied))


def test_an_export_of_bookings_alone_brings_their_customers(salon: Direct, elsewhere: Direct, tmp_path: Path) -> None:
    path = tmp_path / "bookings.csv"
    path.write_bytes(exported(salon, "bookings"))
    assert import_bookings(elsewhere, path).customers_added == 3
    assert [(each["first_name"], each["phone"]) for each in table(elsewhere, "customers")] == [
        *(("Ava", "+1 212 555 0101"), ("Ella", "212 555 0105"), ("Noah", "212 555 0105"))
    ]


def test_json_is_what_the_api_shows_one_object_a_line(salon: Direct) -> None:
    readers = {"customers": customers.find, "bookings": bookings.find, "services": services.find, "resources": resources.find}
    for what, find in readers.items():
        text = b"".join(json_text(items(salon, what)))
        found = msgspec.json.decode(text)
        assert found == [msgspec.json.decode(msgspec.json.encode(salon.read(find, each["id"]))) for each in found]
        assert len(text.splitlines()) == len(found) + 2
        if what in {"services", "resources"}:
            found = [{name: value for name, value in each.items() if name not in {"exceptions", "time_off"}} for each in found]
    assert len(found) == 3


def test_nothing_is_an_empty_array_and_a_header(file: Direct) -> None:
    assert b"".join(json_text(items(file, "bookings"))) == b"[]\n"
    assert exported(file, "customers").startswith(b"external_id,first_name,")
    assert len(exported(file, "customers").splitlines()) == 1


def test_no_cell_is_a_formula(salon: Direct) -> None:
    cells = [cell for what in CONTENTS for row in table(salon, what) for cell in row.values()]
    assert {"'=HYPERLINK(1)", "''-x", "'@tea", "'=1+1", "'-sick", "+49 30 1234"} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "@", "\t", "\r"}]


def test_services_and_resources_are_tables_too(salon: Direct) -> None:
    assert [(each["name"], each["price"], each["resource_groups"]) for each in table(salon, "services")] == [
        ("Haircut", "2500", "[[1,2]]"),
        ("Massage", "6000", "[[1,2],[3]]"),
        ("Yoga class", "1000", "[[2]]"),
        ("Wedding", "50000", "[[1]]"),
    ]
    assert [each["name"] for each in table(salon, "resources")] == ["Ann", "Bob", "Blue Room"]


def test_dates_are_those_of_the_business_and_both_are_included(salon: Direct) -> None:
    zone = ZoneInfo("America/New_York")
    one_day = of_dates(date(2027, 1, 6), date(2027, 1, 6), zone)
    assert [each.id for each in items(salon, "bookings", one_day)] == [4]
    assert [each.id for each in items(salon, "bookings", of_dates(date(2027, 1, 6), None, zone))] == [4, 5, 6]
    assert [each.id for each in items(salon, "bookings", of_dates(None, date(2027, 1, 5), zone))] == [1, 2, 3, 9, 10]
    assert len(items(salon, "bookings", of_dates(None, None, zone))) == 10


def test_many_pages_are_all_of_it(file: Direct, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(1201)), "utf-8")
    import_customers(file, path)
    assert [each.id for each in items(file, "customers")] == list(range(1, 1202))
