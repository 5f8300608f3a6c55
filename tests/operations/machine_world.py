"""The business that the machine runs, and how its file is asked: furnished, looked at, and tried without a trace."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from smoothbox.contract.bookings import NewBooking
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.hours import DayHours, Span, Week
from smoothbox.contract.resources import NewResource, ResourceChange, TimeOff
from smoothbox.contract.services import NewService, ServiceChange
from smoothbox.operations import bookings, business, customers, resources, services
from smoothbox.operations.availability import Question, free_times
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from tests.box import StillClock
from tests.operations.machine_model import (
    ADVANCE,
    ANN,
    BLUE,
    BOB,
    CLOSING,
    COMES_LATE,
    CYD,
    LATE,
    OPENING,
    RED,
    STAFF_AND_ROOMS,
    Booked,
    Place,
    Service,
    Terms,
    Wish,
    local_day,
)

CUT, CLASS, TREATMENT, PAIR, WORKSHOP, VISIT = range(1, 7)
SERVICES: Final = {
    CUT: Service(Terms(30, after=15), ((ANN, BOB),)),
    CLASS: Service(Terms(60, before=15, capacity=3), ((BOB, CYD),)),
    TREATMENT: Service(Terms(45, 5, 10), ((ANN, BOB), (BLUE, RED))),
    PAIR: Service(Terms(60), ((ANN, BOB, CYD), (ANN, BOB, CYD))),
    WORKSHOP: Service(Terms(60, capacity=2), ((BOB, CYD), (BLUE, RED))),
    VISIT: Service(Terms(60, capacity=2), ((ANN, CYD),), is_manual=True),
}
JO = 1
TABLES: Final = (
    *(
        "business",
        "closure",
        "hours_exception",
        "resource",
        "service",
        "service_resource",
        "time_off",
        "customer",
        "booking",
        "allocation",
    ),
    *("hold", "series", "idempotency", "event", "sqlite_sequence"),
)

PLACE: Final = ("service_id", "start_at", "end_at", "busy_start", "busy_end", "capacity")


def times(place: Place) -> tuple[int, ...]:
    return (place.service_id, *place[2:])


def as_row(booked: Booked) -> dict[str, Any]:
    """What its row says of it."""
    place, terms = booked.place, booked.terms
    return {
        "status": booked.status,
        "service_id": booked.service_id,
        "party_size": booked.party,
        "resource_ids": json.dumps(place.resources if place else (), separators=(",", ":")),
        "resource_id": place.resources[0] if place else booked.wish,
        "start_at": place.start if place else None,
        "end_at": place.end if place else None,
        "duration": terms.duration,
        "buffer_before": terms.before,
        "buffer_after": terms.after,
        "capacity": terms.capacity,
        "series_id": booked.series,
        "previous_start_at": booked.previous,
    }


def list_all(tx: Tx, wish: Wish, now: float, owner: int) -> dict[tuple[int, int], tuple[set[int], int]]:
    """What availability lists from today on: who can be asked for, and how many fit, by start and end."""
    today = date(1970, 1, 1) + timedelta(days=local_day(now))
    asked = () if wish.resource is None else (wish.resource,)
    question = Question(
        *(wish.service_id, today, today + timedelta(days=6), asked),
        without_booking=wish.own_booking,
        party=wish.party,
        hold_id=wish.own_hold,
        owner=owner,
    )
    slots = [slot for day in free_times(tx, question).days for slot in day.slots]
    return {(second(slot.start_time), second(slot.end_time)): (set(slot.resource_ids), slot.remaining) for slot in slots}


def differences(listed: dict[Any, Any], expected: dict[Any, Any]) -> list[tuple[str, Any, Any]]:
    """(start, what is listed, what was expected) where they are not the same."""
    wrong = [each for each in sorted({**listed, **expected}) if listed.get(each) != expected.get(each)]
    return [(iso(each[0]), listed.get(each), expected.get(each)) for each in wrong]


def is_shown(place: Place, answer: Any) -> bool:
    """Whether a booking or a hold is at this place."""
    ids = answer.resource_ids
    shown = tuple(ids) if isinstance(ids, tuple) else tuple(json.loads(bytes(ids)))
    return (shown, second(answer.start_time), second(answer.end_time)) == (place.resources, place.start, place.end)


def new_booking(wish: Wish, start: int) -> NewBooking:
    hold_id = wish.own_hold or None
    return NewBooking(wish.service_id, iso(start), wish.resource, JO, party_size=wish.party, hold_id=hold_id)


class Undone(Exception):  # noqa: N818 -- nothing went wrong
    """Raised at the end of a trial so that it leaves no trace."""


def week(opening: int) -> Week:
    """The same hours on every day."""
    return tuple(DayHours(day, (Span(wall(opening), wall(opening + CLOSING - OPENING)),)) for day in range(7))


def wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def furnish(tx: Tx) -> None:
    """The business of the model; ids are given in order, so that they are those of the model."""
    business.open_books(tx, "Acme", "America/New_York", "USD")
    hours = BusinessChange(business_hours=week(OPENING), max_advance_days=ADVANCE, cancellation_window_hours=24)
    business.change(tx, hours, "acme", "live", ())
    for number in STAFF_AND_ROOMS:
        own = week(OPENING + LATE) if number == COMES_LATE else UNSET
        resources.create(tx, NewResource(f"Resource {number}", "STAFF", working_hours=own))
    for number, service in SERVICES.items():
        own = {"resource_groups": service.groups, "requires_manual_scheduling": service.is_manual}
        services.create(tx, NewService(f"Service {number}", price=1000, **as_fields(service.terms), **own))
    customers.create(tx, NewCustomer("Jo", phone="1"))


def as_fields(terms: Terms) -> dict[str, int]:
    return dict(zip(("duration", "buffer_before", "buffer_after", "capacity"), terms, strict=True))


def edit(tx: Tx, service_id: int, terms: Terms) -> None:
    services.change(tx, service_id, ServiceChange(**as_fields(terms)))


def set_time_off(tx: Tx, resource_id: int, absences: Iterable[tuple[int, int]]) -> None:
    spans = tuple(TimeOff(iso(start), iso(end)) for start, end in absences)
    resources.change(tx, resource_id, ResourceChange(time_off=spans))


def dump(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the file holds."""
    return {table: tx.all(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


def named_rows(tx: Tx, sql: str) -> list[dict[str, Any]]:
    found = tx.connection.execute(sql)
    names = [each[0] for each in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def trial(tx: Tx, verb: Callable[..., Any], *args: Any) -> None:
    """Do it, and undo it."""
    verb(tx, *args)
    raise Undone


def book_many(tx: Tx, new: NewBooking, count: int) -> None:
    for _ in range(count):
        bookings.book(tx, new, 1)


def iso(start: int) -> str:
    return datetime.fromtimestamp(start, UTC).isoformat()


def second(shown: str) -> int:
    return int(datetime.fromisoformat(shown).timestamp())


def furnished(root: Path) -> Path:
    """A folder with the file that every business begins with."""
    folder, clock = DataFolder(root), StillClock()
    create_tenant_file(folder, "acme", "live", clock)
    with open_tenant(folder, "acme", "live", clock) as file:
        file.write(furnish)
    return root
