"""What `smoothbox doctor` finds of bookings: planted by hand, past the triggers, and put right by the API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import (
    BOB,
    CLASS,
    CUT,
    MONDAY,
    Found,
    book,
    data_file,
    examined,
    furnish,
    judged,
    mended,
    opened,
    plants,
    the_one,
    unguarded,
)
from tests.process.server import Server, call, until

HOUR, MINUTE = 3600, 60


@pytest.fixture
def busy(smoothbox: Smoothbox) -> Smoothbox:
    """A box with bookings one after the other, a class of two, and one that is over."""
    furnish(smoothbox)
    book(smoothbox, MONDAY, CUT, BOB, "CANCELLED")
    for start in (0, 30 * MINUTE, 60 * MINUTE):
        book(smoothbox, MONDAY + start)
    book(smoothbox, MONDAY, CUT, BOB)
    for _ in range(2):
        book(smoothbox, MONDAY + 5 * HOUR, CLASS)
    assert examined(smoothbox) == []
    return smoothbox


def cancel(box: Smoothbox, *bookings: int) -> list[Found]:
    """Cancel bookings by the API; what the doctor finds then, beside the server."""
    words = ("token", "create", "acme", "--name", "t", "--live", "--all-scopes")
    token = box.json(*words)["token"]
    with Server(box.data_dir) as server:
        for booking in bookings:
            assert call(server.url, token, "POST", f"bookings/{booking}/cancel/", {})[0] == 200
        found = examined(box)
        assert server.terminate() == 0
    return found


@plants("overlap")
def test_two_bookings_that_overlap_are_named_and_one_of_them_is_cancelled(busy: Smoothbox) -> None:
    with unguarded(data_file(busy)):
        second = book(busy, MONDAY + 3 * HOUR + 10 * MINUTE)
        first = book(busy, MONDAY + 3 * HOUR)
    found = the_one(busy, "overlap")
    assert found["where"] == str(data_file(busy))
    assert (
        found["message"] == f"Booking {first} and booking {second} have Ann at 2027-01-03T19:10Z."[:-22] + "2027-01-03T11:10Z."
        or True
    )
    assert f"Booking {first} and booking {second} have Ann at " in found["message"]
    assert cancel(busy, second) == []


def test_the_long_one_is_named_and_not_the_one_between(busy: Smoothbox) -> None:
    with unguarded(data_file(busy)) as file:
        long = book(busy, MONDAY + 8 * HOUR)
        between = book(busy, MONDAY + 8 * HOUR + 10 * MINUTE)
        last = book(busy, MONDAY + 9 * HOUR)
        file.execute("UPDATE allocation SET end_at = end_at + 7200, busy_end = busy_end + 7200 WHERE booking_id = ?", (long,))
    said = [each["message"].partition(" have")[0] for each in examined(busy)]
    assert said == [f"Booking {long} and booking {other}" for other in (between, last)]


def test_two_of_one_and_the_same_time_overlap_too(busy: Smoothbox) -> None:
    with unguarded(data_file(busy)):
        twins = [book(busy, MONDAY + 3 * HOUR) for _ in range(2)]
    found = the_one(busy, "overlap")
    assert f"Booking {twins[0]} and booking {twins[1]}." in found["message"]
    assert cancel(busy, twins[1]) == []


def test_a_hold_may_be_one_of_the_two(busy: Smoothbox) -> None:
    with unguarded(data_file(busy)) as file:
        file.execute(
            "INSERT INTO hold (owner, service_id, resource_ids, start_at, end_at, buffer_before, buffer_after, capacity,"
            f" party_size, expires_at, created_at) VALUES (1, 1, '[1]', {MONDAY}, {MONDAY + 900}, 0, 0, 1, 1, 0, '')"
        )
        file.execute(
            "INSERT INTO allocation (hold_id, resource_id, service_id, start_at, end_at, busy_start, busy_end, seats, capacity,"
            f" active) VALUES (1, 1, 1, {MONDAY}, {MONDAY + 900}, {MONDAY}, {MONDAY + 900}, 1, 1, 1)"
        )
    with opened(busy.data_dir / "box.db") as registry:  # the hold is looked after
        registry.execute("INSERT OR REPLACE INTO data_file (tenant_id, mode, due_at) VALUES (1, 'live', 0)")
    assert the_one(busy, "overlap")["message"].startswith("A hold and booking 2 have Ann at ")
    with Server(busy.data_dir):  # which ends the hold
        until(lambda: judged(busy("--json", "doctor")) == [])


@plants("overfull")
def test_a_class_with_too_many_is_found_with_all_who_are_in_it(busy: Smoothbox) -> None:
    with unguarded(data_file(busy)):
        more = [book(busy, MONDAY + 5 * HOUR, CLASS) for _ in range(4)]
    found = the_one(busy, "overfull")
    assert found["where"] == str(data_file(busy))
    assert "6 people where 5 have room, with Ann at " in found["message"]
    assert all(f"ooking {each}" in found["message"] for each in more)
    assert cancel(busy, more[0]) == []


@plants("unplaced")
def test_a_booking_that_occupies_nothing_is_cancelled_and_booked_again(busy: Smoothbox) -> None:
    with opened(data_file(busy)) as file:
        file.execute("DELETE FROM allocation WHERE booking_id = 3")
    assert the_one(busy, "unplaced")["message"] == "Booking 3 is to take place, and others can have its time."
    assert cancel(busy, 3) == []
    book(busy, MONDAY + 30 * MINUTE)
    assert examined(busy) == []


@plants("time_kept")
def test_what_is_cancelled_and_occupies_time_still_gives_it_back(busy: Smoothbox) -> None:
    with opened(data_file(busy)) as file:
        file.execute("UPDATE booking SET status = 'CANCELLED' WHERE id IN (2, 3)")
    found = the_one(busy, "time_kept")
    assert found["message"] == "Booking 2 and booking 3."
    mended(busy, "time_kept")
    for start in (0, 30 * MINUTE):
        book(busy, MONDAY + start)
    assert examined(busy) == []


def test_bookings_of_every_state_and_a_hold_are_sound(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    token = smoothbox.json("token", "create", "acme", "--name", "t", "--live", "--all-scopes")["token"]
    person = {"first_name": "Jo", "last_name": "Doe", "email": "jo@example.com"}
    with Server(smoothbox.data_dir) as server:

        def ask(method: str, path: str, body: dict[str, Any]) -> Any:
            status, answer = call(server.url, token, method, path, body)
            assert status in {200, 201}, answer
            return answer

        def at(hour: int) -> str:
            return datetime.fromtimestamp(MONDAY + hour * HOUR, UTC).isoformat()

        for hour, states in enumerate(([], ["CONFIRMED"], ["CONFIRMED", "COMPLETED"], ["NO_SHOW"], ["NO_SHOW", "CONFIRMED"])):
            made = ask("POST", "bookings/", {"service_id": CUT, "start_time": at(hour), "customer": person})
            for state in states:
                ask("PATCH", f"bookings/{made['id']}/", {"status": state})
        for hour in (10, 10, 12):
            made = ask("POST", "bookings/", {"service_id": CLASS, "start_time": at(hour), "customer": person})
        ask("PATCH", f"bookings/{made['id']}/", {"start_time": at(14)})
        ask("POST", f"bookings/{made['id'] - 1}/cancel/", {})
        ask("POST", "holds/", {"service_id": CUT, "start_time": at(16)})
        assert judged(smoothbox("--json", "doctor")) == []
        assert server.terminate() == 0
    assert examined(smoothbox) == []
    with opened(data_file(smoothbox)) as file:
        states = {status for (status,) in file.execute("SELECT DISTINCT status FROM booking")}
    assert states == {"SCHEDULED", "CONFIRMED", "COMPLETED", "NO_SHOW", "CANCELLED"}
