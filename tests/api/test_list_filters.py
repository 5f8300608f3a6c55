"""Every declared filter of every list finds what it should and leaves out the rest."""

import operator
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from smoothbox.contract.listing import ON_EVERY_LIST
from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import NOBODY, assert_refused, book
from .stock import LISTS, everything, fill

pytestmark = pytest.mark.gen_test

Row = dict[str, Any]
Matches = Callable[[Row, str], bool]

NEW_YORK = ZoneInfo("America/New_York")
COMPARE = {"": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}


def moment(text: str) -> datetime:
    """A time as the API reads it: without an offset it is New York's."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=NEW_YORK)


def number(field: str, suffix: str) -> Matches:
    return lambda row, value: row[field] is not None and COMPARE[suffix](row[field], int(value))


def instant(field: str, suffix: str) -> Matches:
    return lambda row, value: COMPARE[suffix](moment(row[field]), moment(value))


def same(field: str) -> Matches:
    return lambda row, value: str(row[field]) == value


def folded(*fields: str) -> Matches:
    return lambda row, value: any(value.casefold() == row[field].casefold() for field in fields)


def part_of(*fields: str) -> Matches:
    return lambda row, value: any(value.casefold() in row[field].casefold() for field in fields)


def truth(field: str) -> Matches:
    return lambda row, value: row[field] is (value == "true")


def one_of(field: str) -> Matches:
    return lambda row, value: str(row[field]) in value.split(",")


def holds(field: str) -> Matches:
    return lambda row, value: value in [str(each) for each in row[field]]


def digits(row: Row, value: str) -> bool:
    return bool(row["phone"]) and "".join(filter(str.isdigit, row["phone"])).endswith("".join(filter(str.isdigit, value))[-9:])


def is_told(row: Row, value: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in value.split(",") for pattern in row["events"])


Filters = dict[str, tuple[Matches, tuple[str, ...]]]

TIMES = (
    "2027-01-04T12:01:00Z",
    "2027-01-04T12:00:59.999999Z",
    "2027-01-04T07:03",
    "2027-01-04T14:12:00+02:00",
    "2027-01-04T12:09Z",
    "1999-01-01T00:00Z",
)


def with_suffixes(field: str, kind: Callable[[str, str], Matches], values: tuple[str, ...]) -> Filters:
    return {f"{field}__{suffix}".removesuffix("__"): (kind(field, suffix), values) for suffix in COMPARE}


COMMON: Filters = {
    "id__in": (one_of("id"), ("1,3,99", "2", "99")),
    **with_suffixes("created_at", instant, TIMES),
    **with_suffixes("updated_at", instant, TIMES),
}
FILTERS: dict[str, Filters] = {
    "services": COMMON
    | {
        "search": (part_of("name"), ("AIR", "strasse", " & ", "%", "zzz", "")),
        "name": (same("name"), ("Colour", "colour", "Straße & Co")),
        "variable_pricing": (truth("variable_pricing"), ("true", "false")),
        "requires_manual_scheduling": (truth("requires_manual_scheduling"), ("true", "false")),
        "is_active": (truth("is_active"), ("true", "false")),
        "resource_id": (holds("resource_ids"), ("1", "2", "99", "-1")),
    }
    | with_suffixes("price", number, ("2500", "8000", "0", "-1", "50001"))
    | with_suffixes("duration", number, ("30", "31", "45", "240", "0")),
    "resources": COMMON
    | {
        "search": (part_of("name"), ("å", "CHAIR", "zzz")),
        "name": (same("name"), ("Bob", "bob")),
        "type": (one_of("type"), ("STAFF", "ROOM,EQUIPMENT", "EQUIPMENT")),
        "is_active": (truth("is_active"), ("true", "false")),
        "service_id": (holds("service_ids"), ("1", "5", "99")),
    },
    "bookings": COMMON
    | {
        "start_date": (lambda row, value: row["start_time"][:10] >= value, ("2027-01-05", "2027-01-08", "2027-02-01")),
        "end_date": (lambda row, value: row["start_time"][:10] <= value, ("2027-01-05", "2027-01-08", "2026-12-31")),
        "start_datetime": (
            lambda row, value: moment(row["start_time"]) >= moment(value),
            ("2027-01-05T10:00", "2027-01-05T15:00:00.5Z", "2027-01-05T10:00:01-05:00", "2028-01-01T00:00Z"),
        ),
        "end_datetime": (
            lambda row, value: moment(row["start_time"]) < moment(value),
            ("2027-01-05T10:00", "2027-01-05T15:00:00.5Z", "2027-01-05T10:00:01-05:00", "2026-01-01T00:00Z"),
        ),
        "status": (one_of("status"), ("SCHEDULED", "COMPLETED,CANCELLED", "NO_SHOW", "CONFIRMED", "PENDING")),
        "service_id": (same("service_id"), ("1", "2", "99")),
        "customer_id": (same("customer_id"), ("1", "2", "99")),
        "resource_id": (holds("resource_ids"), ("1", "2", "99")),
        "external_id": (same("external_id"), ("B-1", "b-1", "none")),
        "series_id": (same("series_id"), ("1", "99")),
        "search": (part_of("customer_name", "service_name", "resource_name"), ("ØYSTEIN", "colour", "bob", "zzz")),
    },
    "customers": COMMON
    | {
        "search": (part_of("name", "email", "phone"), ("ÅBERG", "STRASSE", "jane d", "EXAMPLE", "555-01", "y_e", "zzz")),
        "email": (folded("email"), ("OYSTEIN@example.com", "u+1@example.com", "oystein", "")),
        "phone": (digits, ("212 555 0100", "+1-212-555-0100", "+33123456789", "999")),
        "first_name": (folded("first_name"), ("JANE", "øystein", "jan")),
        "last_name": (folded("last_name"), ("DOE", "strasse", "do")),
        "status": (one_of("status"), ("ACTIVE", "BLOCKED", "ACTIVE,BLOCKED")),
        "tag": (holds("tags"), ("vip", "Vip", "50% off", "none")),
        "external_id": (same("external_id"), ("A-1", "a-1", "none")),
    },
    "webhooks": COMMON
    | {
        "url": (same("url"), (NOBODY, NOBODY.upper(), "")),
        "is_active": (truth("is_active"), ("true", "false")),
        "event": (is_told, ("hold.expired", "booking.created", "webhook.ping,booking.cancelled", "customer.created")),
    },
}


@pytest.mark.parametrize("name", LISTS)
async def test_every_filter_finds_what_it_should(box: RunningBox, api: Client, clock: StillClock, name: str) -> None:
    assert set(FILTERS[name]) == set(LISTS[name].parameters), "a declared filter is not exercised, or one that is not declared"
    await fill(box, api, clock)
    rows = await everything(api, name)
    for parameter, (matches, values) in FILTERS[name].items():
        seen = set()
        for value in values:
            answer = await api.get(f"{name}/", ordering="id", **{parameter: value})
            assert answer.status == 200, (parameter, value, answer)
            expected = [row["id"] for row in rows if matches(row, value)]
            assert [row["id"] for row in answer.body["results"]] == expected, (parameter, value)
            assert answer.body["count"] == len(expected)
            seen.add(len(expected))
        assert any(0 < found < len(rows) for found in seen), f"{parameter} is not tried with a value that matches some"


@pytest.mark.parametrize("name", LISTS)
async def test_filters_add_up(box: RunningBox, api: Client, clock: StillClock, name: str) -> None:
    await fill(box, api, clock)
    for first, second in (("1,2,3", "2,3,4"), ("1", "2")):
        answer = await api.get(f"{name}/", id__in=first, created_at__gte="1999-01-01T00:00Z", page_size=2)
        assert answer.body["count"] == len(first.split(","))
        answer = await api.get(f"{name}/?id__in={first}&id__in={second}")
        assert_refused(answer, 400, "invalid_parameter", "id__in")


async def test_a_day_runs_from_midnight_to_midnight_as_long_as_the_clocks_make_it(box: RunningBox, api: Client) -> None:
    around_the_clock = CATALOGUE.replace("[[closure]]", 'saturday = ["23:30-24:00"]\nsunday = ["00:00-24:00"]\n[[closure]]', 1)
    box.apply("acme", around_the_clock.replace('monday = ["', 'monday = ["00:00-00:30", "'))
    nights = (
        ("2027-03-13T23:30:00-05:00", "2027-03-14T00:00:00-05:00", "2027-03-14T23:30:00-04:00", "2027-03-15T00:00:00-04:00"),
        ("2027-11-06T23:30:00-04:00", "2027-11-07T00:00:00-04:00", "2027-11-07T23:30:00-05:00", "2027-11-08T00:00:00-05:00"),
    )
    for times in nights:
        for time in times:
            await book(api, start_time=time)
        answer = await api.get("bookings/", start_date=times[1][:10], end_date=times[1][:10])
        assert [row["start_time"] for row in answer.body["results"]] == [*times[1:3]]


def test_the_filters_of_every_list_are_tried_here() -> None:
    assert {name.partition("__")[0] for name in COMMON} == {each.name for each in ON_EVERY_LIST}
    assert set(FILTERS) == set(LISTS)
