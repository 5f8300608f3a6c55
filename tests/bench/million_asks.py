"""What is asked of a salon, each time for something else where there is a choice, and what the answer has to tell."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from smoothbox.contract.bookings import LIST
from smoothbox.contract.listing import Position
from smoothbox.parsing.cursor import query_of
from tests.bench.salon import AHEAD, CHAIRS, DAY, HALF_HOUR, LEAD, OPENING, SERVICES, SLOTS, Salon, Visit

LATELY = 10  # days on each side of today, of which both salons know
MONTH = 31


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, and the number that has to stand in a field of the answer, or the length of a list there.

    A body makes it a POST, and `visit` is what it books.
    """

    path: str
    expected: int
    field: str = "count"
    body: Mapping[str, object] | None = None
    visit: Visit | None = None


Kind = Callable[[Salon, Random], Ask]


def _same(query: str, *key: object) -> Kind:
    """A list of which as many are known as were seen with this value."""
    return lambda salon, _: Ask(f"/bookings/?{query}", salon.seen[key])


def _one_of(parameter: str, most: int, more: str = "", *rest: object) -> Kind:
    """A list of one service, or of one chair."""

    def ask(salon: Salon, chance: Random) -> Ask:
        value = chance.randint(1, most)
        return Ask(f"/bookings/?{parameter}_id={value}{more}", salon.seen[parameter, value, *rest])

    return ask


def _days(span: int, more: str = "", *key: object) -> Kind:
    """A list of so many days in a row, of a thing where one is named."""

    def ask(salon: Salon, chance: Random) -> Ask:
        first = chance.randint(-LATELY, LATELY - span)
        query = f"/bookings/?start_date={_date(salon, first)}&end_date={_date(salon, first + span - 1)}{more}"
        return Ask(query, _since(salon, first, *key) - _since(salon, first + span, *key))

    return ask


def _customer(salon: Salon, chance: Random) -> Ask:
    who = chance.randint(1, salon.customers)
    return Ask(f"/bookings/?customer_id={who}", salon.seen["customer", who])


def _search(salon: Salon, _chance: Random) -> Ask:
    """Of all whose names have it in them; they are numbered from 0 and known from 1 on."""
    found = (number for number in range(salon.customers) if str(number).startswith("77"))
    return Ask("/bookings/?search=customer+77", sum(salon.seen["customer", number + 1] for number in found))


def _two_statuses(salon: Salon, _chance: Random) -> Ask:
    return Ask("/bookings/?status=SCHEDULED,CONFIRMED", salon.seen["status", "SCHEDULED"] + salon.seen["status", "CONFIRMED"])


def _to_come(salon: Salon, _chance: Random) -> Ask:
    return Ask(f"/bookings/?start_date={_date(salon, 1)}", _since(salon, 1))


def _past(salon: Salon, _chance: Random) -> Ask:
    found = salon.seen[()] - salon.seen["status", "PENDING"] - _since(salon, 1)
    return Ask(f"/bookings/?end_date={_date(salon, 0)}&ordering=-start_time", found)


def _made_lately(ordering: str) -> Kind:
    """As somebody asks who keeps a copy up to date; whatever waits for a time is new."""
    return lambda salon, _: Ask(
        f"/bookings/?updated_at__gte={_date(salon, -4)}T00:00:00Z{ordering}",
        _since(salon, LEAD - 4) + salon.seen["status", "PENDING"],
    )


def _deep(salon: Salon, chance: Random) -> Ask:
    """A page somewhere in the middle."""
    position = Position((salon.today - chance.randrange(LATELY * DAY), 0), backwards=False)
    return Ask(f"/bookings/?{query_of(LIST, '', position)}", salon.seen[()])


def _one_booking(salon: Salon, chance: Random) -> Ask:
    number = chance.randint(1, salon.seen[()])
    return Ask(f"/bookings/{number}/", number, "id")


def _one_customer(salon: Salon, chance: Random) -> Ask:
    number = chance.randint(1, salon.customers)
    return Ask(f"/customers/{number}/", number, "id")


def _month(salon: Salon, chance: Random) -> Ask:
    query = f"service_id={chance.randint(1, SERVICES)}&start_date={_date(salon, 1)}&end_date={_date(salon, MONTH)}"
    return Ask(f"/availability/?{query}", MONTH, "days")


def _book(salon: Salon, chance: Random) -> Ask:
    """The next place on days that are still empty, for somebody who is known."""
    turn, chair = divmod(salon.booked, CHAIRS)
    day, slot = divmod(turn, SLOTS)
    salon.booked += 1
    who, what, day = chance.randint(1, salon.customers), chance.randint(1, SERVICES), AHEAD + 1 + day
    start = salon.today + day * DAY + OPENING + slot * HALF_HOUR
    customer = {"email": f"bench-{who - 1}@example.com", "first_name": "Bench", "last_name": f"Customer {who - 1}"}
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start))
    body = {"service_id": what, "start_time": when, "resource_id": chair + 1, "customer": customer}
    return Ask("/bookings/", what, "service_id", body, Visit(0, start, day, chair + 1, what, who, "SCHEDULED"))


def _since(salon: Salon, day: int, *key: object) -> int:
    """How many begin on this day or later."""
    return sum(salon.seen[*key, "day", each] for each in range(day, MONTH * 3))


def _date(salon: Salon, day: int) -> str:
    """A local date, by its distance from today."""
    return time.strftime("%Y-%m-%d", time.gmtime(salon.today + day * DAY + OPENING))


FLAT: dict[str, Kind] = {
    "GET bookings": _same(""),
    "  ordering=-start_time": _same("ordering=-start_time"),
    "  ordering=end_time": _same("ordering=end_time"),
    "  ordering=-created_at": _same("ordering=-created_at"),
    "  ordering=-updated_at": _same("ordering=-updated_at"),
    "  a page in the middle": _deep,
    "  status=SCHEDULED": _same("status=SCHEDULED", "status", "SCHEDULED"),
    "  status=SCHEDULED,CONFIRMED": _two_statuses,
    "  status=COMPLETED, latest first": _same("status=COMPLETED&ordering=-start_time", "status", "COMPLETED"),
    "  status=PENDING": _same("status=PENDING", "status", "PENDING"),
    "  of a service": _one_of("service", SERVICES),
    "  of a resource": _one_of("resource", CHAIRS),
    "  of a resource, SCHEDULED": _one_of("resource", CHAIRS, "&status=SCHEDULED", "status", "SCHEDULED"),
    "  of a customer": _customer,
    "  of a day": _days(1),
    "  of a week": _days(7),
    "  of three weeks": _days(2 * LATELY),
    "  of a resource, a week": _days(7, "&resource_id=7", "resource", 7),
    "  of a status, a week": _days(7, "&status=NO_SHOW", "status", "NO_SHOW"),
    "  to come": _to_come,
    "  past, latest first": _past,
    "  changed lately": _made_lately(""),
    "  changed lately, in that order": _made_lately("&ordering=updated_at"),
    "GET one booking": _one_booking,
    "GET customers": lambda salon, _: Ask("/customers/", salon.customers),
    "GET one customer": _one_customer,
    "GET free times of a month": _month,
    "POST a booking": _book,
}
"""What is to cost the same in both."""

GROWING: dict[str, Kind] = {
    "  of a resource, NO_SHOW": _one_of("resource", CHAIRS, "&status=NO_SHOW", "status", "NO_SHOW"),
    "  SCHEDULED, by creation": _same("status=SCHEDULED&ordering=created_at", "status", "SCHEDULED"),
    "  search=customer 77": _search,
}
"""What is known to cost more."""
