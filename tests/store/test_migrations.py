"""A file of schema 1, full of everything, becomes one of the newest: nothing is lost, and what was written goes on working."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smoothbox.contract.bookings import BookingChange, NewBooking
from smoothbox.contract.holds import NewHold
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, bookings, holds
from smoothbox.store.connection import connect
from smoothbox.store.direct import Direct
from smoothbox.store.migrate import TENANT, migrate, migrations
from tests.box import StillClock

from .test_tallies import COUNTED

STAMP = "2026-12-01T09:00:00.000000Z"
MONDAY_NINE = 1799676000  # 2027-01-11T09:00 in New York
NEW_TABLES = {
    *("series", "hold", "idempotency", "event", "endpoint", "endpoint_removed", "delivery", "attempt", "feed_link"),
    *("booking_tally", "released_tally", "customer_tally"),
}
ALWAYS_OPEN = '{"day_of_week": %d, "intervals": [{"start": "00:00", "end": "24:00"}]}'
HOURS = f"[{', '.join(ALWAYS_OPEN % day for day in range(7))}]"

STATUSES = ("SCHEDULED", "CONFIRMED", "PENDING", "COMPLETED", "CANCELLED", "NO_SHOW")
BLOCKING = ("SCHEDULED", "CONFIRMED")
PARTY = 38  # a booking for three, of the service for five
LAST = {"booking": 70, "allocation": 130, "customer": 9, "service": 5, "resource": 6, "time_off": 4}
"""The largest id that each table ever had; the rows that had it are gone."""


def add(file: sqlite3.Connection, table: str, **columns: Any) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    file.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))


def start_as_schema_1(file: sqlite3.Connection) -> None:
    for statement in migrations(TENANT)[0].statements:
        file.execute(statement)
    add(file, "schema_migration", number=1, name="0001_foundation.sql", applied_at=STAMP)
    file.execute("PRAGMA user_version = 1")
    file.execute(f"PRAGMA application_id = {TENANT.application_id}")


def fill_catalogue(file: sqlite3.Connection) -> None:
    made = {"created_at": STAMP, "updated_at": STAMP}
    add(file, "business", id=1, name="Acme", timezone="America/New_York", currency="USD", hours=HOURS, phone="1", **made)
    for day in ("2027-01-06", "2027-12-25"):
        add(file, "closure", date=day, name="Closed")
    for number, kind in ((1, "STAFF"), (2, "STAFF"), (4, "ROOM")):
        own = {"uses_business_hours": 1, "hours": "[]", "type": kind, "catalogue_key": f"r{number}", "is_active": number != 4}
        add(file, "resource", id=number, name=f"R{number}", name_key=f"r{number}", **own, **made)
    add(file, "hours_exception", resource_id=1, date="2027-01-05", intervals="[]")
    add(file, "hours_exception", resource_id=2, date="2027-01-05", intervals='[{"start": "10:00", "end": "11:00"}]')
    add(file, "time_off", id=3, resource_id=2, start_at=5000, end_at=6000, reason="away")
    for number, capacity in ((1, 1), (2, 5), (3, 1)):
        own = {"duration": 30, "price": 2500, "variable_pricing": 0, "buffer_after": 15, "slot_interval": 15}
        named = {"catalogue_key": f"s{number}", "name": f"S{number}", "name_key": f"s{number}"}
        add(file, "service", id=number, capacity=capacity, **named, **own, **made)
    for service_id, resource_id in ((1, 1), (1, 2), (2, 4), (2, 1), (2, 2)):
        add(file, "service_resource", service_id=service_id, resource_id=resource_id)
    texts = dict.fromkeys(("phone", "phone_key", "search_key", "notes", "address"), "x")
    for number in (1, 7):
        names = {"first_name": "Jo", "first_name_key": "jo", "last_name": "Doe", "last_name_key": "doe"}
        mail = {"email": f"J{number}@example.com", "email_key": f"j{number}@example.com"}
        own = {"tags": '["vip"]', "status": "ACTIVE", "metadata": '{"a": 1}', "version": 3}
        add(file, "customer", id=number, **names, **mail, **texts, **own, **made)


def fill_bookings(file: sqlite3.Connection) -> None:
    """Of each status two, an hour apart, with gaps between their ids; what blocks is active."""
    for place, status in enumerate(STATUSES * 2):
        booking_id, start = 3 + 5 * place, MONDAY_NINE + 3600 * place
        add_booking(file, booking_id, status, start, service_id=1 + place % 2, resource_id=1 + place // 6)
        if status != "PENDING":
            times = {"busy_start": start - 600, "busy_end": start + 1800 + 900}
            own = {"id": 2 * booking_id, "resource_id": 1 + place // 6, "active": int(status in BLOCKING)}
            add(file, "allocation", booking_id=booking_id, **own, **times)


def add_booking(file: sqlite3.Connection, booking_id: int, status: str, start: int, service_id: int, resource_id: int) -> None:
    names = {"service_name": "Cut", "resource_name": "Ann", "customer_name": "Jo", "search_key": "jo\ncut\nann"}
    span = {"start_at": start, "end_at": start + 1800, "duration": 30, "buffer_before": 10, "buffer_after": 15}
    texts = {"notes": "n", "internal_notes": "i", "source": "api", "external_id": f"e{booking_id}", "metadata": '{"b": true}'}
    moved = {"previous_start_at": start - 86400, "version": 4, "price": 2500, "party_size": 3 if booking_id == PARTY else 1}
    ended = {"cancelled_at": STAMP, "cancellation_reason": "ill", "cancelled_by": "api", "late_cancellation": 1}
    add(
        file,
        "booking",
        id=booking_id,
        status=status,
        service_id=service_id,
        resource_id=resource_id,
        resource_ids=f"[{resource_id}]",
        customer_id=7,
        created_at=STAMP,
        updated_at=STAMP,
        **(names | span | texts | moved | (ended if status == "CANCELLED" else {})),
    )


def use_up_ids(file: sqlite3.Connection) -> None:
    for table, last in LAST.items():
        file.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last, table))


def rows_of(file: sqlite3.Connection, table: str) -> dict[Any, dict[str, Any]]:
    """The rows by their position, each with its columns by name."""
    found = file.execute(f"SELECT * FROM {table}")  # in the order of the primary key where there is no rowid
    names = [each[0] for each in found.description]
    return {number: dict(zip(names, row, strict=True)) for number, row in enumerate(found.fetchall())}


def all_rows(file: sqlite3.Connection) -> dict[str, dict[Any, dict[str, Any]]]:
    names = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {name: rows_of(file, name) for (name,) in names}


@pytest.fixture
def old(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A file of schema 1."""
    connection = connect(tmp_path / "live.db", "create", journal=TENANT.journal)
    start_as_schema_1(connection)
    fill_catalogue(connection)
    fill_bookings(connection)
    use_up_ids(connection)
    yield connection
    connection.close()


@pytest.fixture
def file(old: sqlite3.Connection) -> sqlite3.Connection:
    """The same file, migrated."""
    assert migrate(old, TENANT, 0.0) == len(migrations(TENANT)) - 1
    return old


@pytest.fixture
def direct(file: sqlite3.Connection, clock: StillClock) -> Direct:
    """The migrated file in the hands of the program."""
    return Direct(file, clock)


def test_every_row_is_there_with_all_that_it_said(old: sqlite3.Connection) -> None:
    before = all_rows(old)
    migrate(old, TENANT, 0.0)
    after = all_rows(old)
    assert set(after) - set(before) == NEW_TABLES
    for table in set(before) - {"schema_migration", "sqlite_sequence"}:
        assert len(before[table]) == len(after[table]) > 0, table
        for number, row in before[table].items():
            assert row.items() <= after[table][number].items(), table


def test_the_file_is_sound(file: sqlite3.Connection) -> None:
    assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert file.execute("PRAGMA foreign_key_check").fetchall() == []
    assert file.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_it_is_like_one_that_was_made_today(file: sqlite3.Connection, tmp_path: Path) -> None:
    new = connect(tmp_path / "new.db", "create", journal=TENANT.journal)
    migrate(new, TENANT, 0.0)
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2"
    assert file.execute(schema).fetchall() == new.execute(schema).fetchall()
    new.close()


def test_what_is_migrated_once_is_not_migrated_again(file: sqlite3.Connection) -> None:
    before = all_rows(file)
    assert migrate(file, TENANT, 0.0) == 0
    assert all_rows(file) == before


def test_allocations_know_their_appointment_and_leave_no_seat(file: sqlite3.Connection) -> None:
    wrong = file.execute(
        "SELECT count(*) FROM allocation JOIN booking ON booking.id = booking_id WHERE allocation.hold_id IS NOT NULL"
        " OR (allocation.service_id, allocation.start_at, allocation.end_at, seats, allocation.capacity, booking.capacity)"
        " IS NOT (booking.service_id, booking.start_at, booking.end_at, party_size, party_size, party_size)"
    )
    assert wrong.fetchone() == (0,)
    active = file.execute("SELECT booking_id FROM allocation WHERE active = 1 ORDER BY 1").fetchall()
    assert active == [(3,), (8,), (33,), (38,)]


@pytest.mark.parametrize("table", COUNTED)
def test_what_was_there_is_counted(file: sqlite3.Connection, table: str) -> None:
    assert file.execute(f"SELECT * FROM {table}").fetchall() == file.execute(COUNTED[table]).fetchall() != []


def test_each_service_has_one_group(file: sqlite3.Connection) -> None:
    found = file.execute("SELECT id, resource_ids, resource_groups FROM service ORDER BY id").fetchall()
    assert found == [(1, "[1,2]", "[[1,2]]"), (2, "[1,2,4]", "[[1,2,4]]"), (3, "[]", "[]")]
    links = file.execute("SELECT service_id, group_number, resource_id FROM service_resource ORDER BY 1, 2, 3").fetchall()
    assert links == [(1, 0, 1), (1, 0, 2), (2, 0, 1), (2, 0, 2), (2, 0, 4)]


def test_links_go_on_keeping_both_lists(file: sqlite3.Connection) -> None:
    add(file, "service_resource", service_id=1, group_number=1, resource_id=4)
    file.execute("DELETE FROM service_resource WHERE service_id = 2 AND resource_id = 4")
    groups = file.execute("SELECT resource_ids, resource_groups FROM service WHERE id < 3 ORDER BY id").fetchall()
    assert groups == [("[1,2,4]", "[[1,2],[4]]"), ("[1,2]", "[[1,2]]")]
    assert file.execute("SELECT service_ids FROM resource WHERE id = 4").fetchone() == ("[1]",)


def test_what_came_from_a_file_still_does(file: sqlite3.Connection) -> None:
    for table in ("closure", "hours_exception", "time_off"):
        assert file.execute(f"SELECT min(from_file) FROM {table}").fetchone() == (1,)


def test_ids_go_on_where_they_were(file: sqlite3.Connection) -> None:
    sequence = dict(file.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    assert sequence == LAST


def test_ids_of_a_business_without_bookings_begin_at_one(tmp_path: Path) -> None:
    young = connect(tmp_path / "young.db", "create", journal=TENANT.journal)
    start_as_schema_1(young)
    fill_catalogue(young)
    migrate(young, TENANT, 0.0)
    assert Direct(young, StillClock()).write(bookings.book, wish(MONDAY_NINE), 1).id == 1
    young.close()


def wish(start: int, **fields: Any) -> NewBooking:
    return NewBooking(1, iso(start), customer_id=7, **fields)


def iso(second: int) -> str:
    return f"2027-01-11T{14 + (second - MONDAY_NINE) // 3600:02}:{(second - MONDAY_NINE) % 3600 // 60:02}:00Z"


def test_the_next_booking_and_the_next_hold_are_made(direct: Direct) -> None:
    made = direct.write(bookings.book, wish(MONDAY_NINE + 2 * 3600), 1)
    assert (made.id, made.version) == (LAST["booking"] + 1, 1)
    held = direct.write(holds.create, NewHold(1, iso(MONDAY_NINE + 4 * 3600)), 1)
    assert direct._connection.execute("SELECT max(id) FROM allocation").fetchone() == (LAST["allocation"] + 2,)
    assert held.id == 1


@pytest.mark.parametrize(("place", "is_free"), [(0, False), (1, False), (2, True), (3, True), (4, True), (5, True)])
def test_only_what_blocked_before_blocks_now(direct: Direct, place: int, is_free: bool) -> None:
    attempt = wish(MONDAY_NINE + 3600 * place, resource_id=1)
    if is_free:
        assert direct.write(bookings.book, attempt, 1).resource_id == 1
        return
    with pytest.raises(Problem, match="The time is taken") as refusal:
        direct.write(bookings.book, attempt, 1)
    assert refusal.value.details["conflict"] == "booking"


def test_an_old_booking_is_read_moved_and_ended(direct: Direct) -> None:
    shown = direct.read(bookings.find, 3)
    assert (shown.status, shown.version, shown.series_id, bytes(shown.resource_ids)) == ("SCHEDULED", 4, None, b"[1]")
    moved = direct.write(booking_changes.change, 3, BookingChange(start_time=iso(MONDAY_NINE + 7200)))
    assert (moved.version, moved.duration, moved.resource_id) == (5, 30, 1)
    assert direct.write(booking_changes.change, 3, BookingChange(status="NO_SHOW")).status == "NO_SHOW"
    assert direct.write(booking_changes.change, 3, BookingChange(status="CONFIRMED")).status == "CONFIRMED"


def test_an_old_booking_of_a_class_can_be_moved(direct: Direct) -> None:
    moved = direct.write(booking_changes.change, 8, BookingChange(start_time=iso(MONDAY_NINE + 7200)))
    assert moved.previous_start_time == "2027-01-11T10:00:00-05:00"


def test_an_old_booking_for_three_can_be_moved(direct: Direct) -> None:
    moved = direct.write(booking_changes.change, PARTY, BookingChange(start_time=iso(MONDAY_NINE - 7200)))
    assert moved.party_size == 3


def test_nobody_joins_an_old_booking_of_a_class(direct: Direct) -> None:
    """It had its resource for itself then, and keeps it so."""
    for booking_id, place in ((8, 1), (PARTY, 7)):
        shown = direct.read(bookings.find, booking_id)
        attempt = NewBooking(2, iso(MONDAY_NINE + 3600 * place), resource_id=shown.resource_id, customer_id=1)
        with pytest.raises(Problem) as refusal:
            direct.write(bookings.book, attempt, 1)
        assert refusal.value.code == "slot_unavailable"


def test_old_bookings_are_listed_in_order_of_time(direct: Direct) -> None:
    ids = [row[0] for row in direct._connection.execute("SELECT id FROM booking ORDER BY start_key")]
    assert ids == [3 + 5 * place for place in range(12)]


def test_the_triggers_refuse_what_overlaps(file: sqlite3.Connection) -> None:
    copy = (
        "INSERT INTO allocation (booking_id, resource_id, service_id, start_at, end_at, busy_start, busy_end, seats, capacity,"
        " active) SELECT booking_id, resource_id, service_id, start_at, end_at, busy_start, busy_end, 1, 1, 1 FROM allocation"
        " WHERE booking_id = ?"
    )
    with pytest.raises(sqlite3.IntegrityError, match="slot_unavailable"):
        file.execute(copy, (3,))
    file.execute(copy, (23,))  # a cancelled one
    with pytest.raises(sqlite3.IntegrityError, match="slot_unavailable"):
        file.execute("UPDATE allocation SET active = 1 WHERE booking_id = 23")


def test_an_old_customer_who_booked_is_not_removed(file: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        file.execute("DELETE FROM customer WHERE id = 7")
