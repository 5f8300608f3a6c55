"""Whichever way a list is read, it shows what an obvious model shows: the same rows, in the same order, and how many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import contains, eq, ge, gt, le, lt
from pathlib import Path
from random import Random
from typing import Any

import pytest

from smoothbox.contract import bookings as booking_contract
from smoothbox.contract import customers as customer_contract
from smoothbox.contract import events as event_contract
from smoothbox.contract import webhooks as webhook_contract
from smoothbox.contract.listing import Condition, Filter, Listing, ListQuery, Order, Position
from smoothbox.store import bookings, choices, customers, deliveries, events
from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source, page
from tests.box import StillClock

from .busy_shop import ANN, BLUE, BOB, CLASS, CUT, RED, TREATMENT, VISIT, Day, shop

Row = dict[str, Any]
Matches = Callable[[Row, Any], bool]

COMPARE = {"": eq, "__lt": lt, "__lte": le, "__gt": gt, "__gte": ge}


def same(column: str) -> Matches:
    return lambda row, value: row[column] == value


def one_of(column: str) -> Matches:
    return lambda row, values: row[column] in values


def begins(compare: Callable[[int, int], bool]) -> Matches:
    return lambda row, second: row["start_at"] is not None and compare(row["start_at"], second)


def holds(column: str) -> Matches:
    return lambda row, value: contains(row[column], value)


def stamp(column: str, compare: Callable[[str, str], bool]) -> Matches:
    return lambda row, instant: compare(row[column], instant)


STAMPS = {f"{name}{suffix}": stamp(name, each) for name in ("created_at", "updated_at") for suffix, each in COMPARE.items()}
COMMON = {"status": one_of("status"), "id__in": one_of("id"), "search": holds("search_key"), **STAMPS}
BOOKINGS: Mapping[str, Matches] = {
    **COMMON,
    **{name: same(name) for name in ("service_id", "customer_id", "external_id", "series_id")},
    "resource_id": holds("occupied"),
    "start_date": begins(ge),
    "start_datetime": begins(ge),
    "end_date": begins(lt),
    "end_datetime": begins(lt),
}
CUSTOMERS: Mapping[str, Matches] = COMMON | {"email": same("email_key"), "last_name": same("last_name_key")}
FEED: Mapping[str, Matches] = {"type": one_of("type"), "after_sequence": lambda row, value: row["sequence"] > value}
LOG: Mapping[str, Matches] = {**FEED, **STAMPS, "status": one_of("status"), "endpoint_id": same("endpoint_id")}


@dataclass(frozen=True)
class Case:
    """A list, what its filters mean, and all its rows; `always` is asked in each request."""

    listing: Listing
    source: Source
    known: Mapping[str, Matches]
    rows: Sequence[Row]
    always: tuple[Condition, ...] = ()


@pytest.fixture(scope="module")
def tx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tx]:
    """A shop in which much has happened, of which two endpoints were told."""
    clock = StillClock()
    with shop(Path(tmp_path_factory.mktemp("walks")), clock) as file:
        Day(file, clock, seed=5).passes(600)
        file.write(tell_endpoints, Random(5))
        yield Tx(file._connection, clock.now())


def tell_endpoints(tx: Tx, chance: Random) -> None:
    statuses = webhook_contract.DELIVERY_STATUSES
    tx.many(
        "INSERT INTO delivery (endpoint_id, sequence, event_id, type, status, trigger, created_at, updated_at)"
        " SELECT ?1, sequence, id, type, ?2, 'auto', created_at, ?3 || created_at FROM event WHERE sequence = ?4",
        [
            (endpoint_id, chance.choice(statuses), chance.randrange(10), sequence)
            for endpoint_id in (1, 2)
            for (sequence,) in tx.all("SELECT sequence FROM event ORDER BY random() LIMIT 80")
        ],
    )


@pytest.fixture(params=["bookings", "customers", "events", "deliveries"])
def case(tx: Tx, request: pytest.FixtureRequest) -> Case:
    """One list after the other."""
    if request.param == "bookings":
        return Case(booking_contract.LIST, bookings.SOURCE, BOOKINGS, booking_rows(tx))
    if request.param == "customers":
        return Case(customer_contract.LIST, customers.SOURCE, CUSTOMERS, rows_of(tx, "customer"))
    if request.param == "events":
        return Case(event_contract.LIST, events.SOURCE, FEED, [{**row, "id": row["sequence"]} for row in rows_of(tx, "event")])
    own = Condition(Filter("endpoint_id", "integer", ""), "exact", 1)
    return Case(webhook_contract.DELIVERIES, deliveries.SOURCE, LOG, rows_of(tx, "delivery"), (own,))


def booking_rows(tx: Tx) -> list[Row]:
    occupied = tx.all("SELECT booking_id, resource_id FROM allocation WHERE booking_id IS NOT NULL")
    return [
        {**row, "occupied": [resource_id for booking_id, resource_id in occupied if booking_id == row["id"]]}
        for row in rows_of(tx, "booking")
    ]


def rows_of(tx: Tx, table: str) -> list[Row]:
    found = tx.connection.execute(f"SELECT * FROM {table}")
    names = [each[0] for each in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def some_value(chance: Random, parameter: str, rows: Sequence[Row]) -> Any:
    """A value to compare with, mostly one that a row has."""
    row = chance.choice(rows)
    choices_ = {"resource_id": (ANN, BOB, BLUE, RED, 99), "service_id": (CUT, CLASS, TREATMENT, VISIT, 99)}
    texts = {"search": ("cut", "doe 1", "zzz", "o"), "external_id": ("A-1", "A-2", "A-3")}
    keys = {"email": "email_key", "last_name": "last_name_key", "after_sequence": "sequence"}
    if found := (choices_ | texts).get(parameter):
        return chance.choice(found)
    if parameter in {"status", "type", "id__in"}:
        name = parameter.removesuffix("__in")
        return tuple(each[name] for each in chance.choices(rows, k=chance.choice((1, 1, 2, 3))))
    if parameter.startswith(("start_", "end_")):
        return (row["start_at"] or 0) + chance.choice((0, 0, 1))
    return row[keys.get(parameter, parameter.partition("__")[0])] or 1


def some_query(chance: Random, case: Case) -> ListQuery:
    parameters = sorted(case.known.keys() & case.listing.parameters.keys())
    names = chance.sample(parameters, k=min(len(parameters), chance.choice((0, 1, 1, 2, 2, 3))))
    conditions = tuple(Condition(*case.listing.parameters[each], some_value(chance, each, case.rows)) for each in names)
    fields = chance.sample((*case.listing.orderings, "id"), k=chance.choice((1, 1, 2)))
    ordering = [Order(each, chance.random() < 0.5) for each in fields]
    if "id" not in fields:
        ordering.append(Order("id", ordering[-1].descending))
    return ListQuery((*case.always, *conditions), tuple(ordering), chance.choice((1, 3, 7, 50)))


def expected(case: Case, query: ListQuery) -> list[Row]:
    found = [row for row in case.rows if all(case.known[each.parameter](row, each.value) for each in query.conditions)]
    for each in reversed(query.ordering):
        found.sort(key=lambda row: row[case.source.columns[each.field]], reverse=each.descending)
    return found


def place_of(case: Case, query: ListQuery, row: Row) -> tuple[Any, ...]:
    return tuple(row[case.source.columns[each.field]] for each in query.ordering)


def shown(tx: Tx, case: Case, query: ListQuery, start: Position | None, count: int) -> list[Row]:
    """Every page from a place on, in the order of the list, each with the right count: the rows by what they begin with."""
    backwards = start is not None and start.backwards
    rows: list[Any] = []
    while True:
        found = page(tx, case.source, ListQuery(query.conditions, query.ordering, query.page_size, start))
        assert found.count == count
        here = [row[0] for row in found.rows]
        rows = here + rows if backwards else rows + here
        start = found.previous if backwards else found.next
        if start is None:
            return rows
        assert len(here) == query.page_size


@pytest.mark.parametrize("many", [0, 3, 30, 10_000])
def test_every_way_shows_the_same(tx: Tx, monkeypatch: pytest.MonkeyPatch, case: Case, many: int) -> None:
    monkeypatch.setattr(choices, "MANY", many)
    chance = Random(many)
    for _ in range(150):
        query = some_query(chance, case)
        rows = expected(case, query)
        firsts = [row[case.source.select[0]] for row in rows]
        assert shown(tx, case, query, None, len(rows)) == firsts, query
        if rows:
            last = Position(place_of(case, query, rows[-1]), backwards=True)
            assert shown(tx, case, query, last, len(rows)) == firsts[:-1], query


def test_the_shop_is_of_every_kind(tx: Tx) -> None:
    rows = booking_rows(tx)
    assert {row["status"] for row in rows} == {*booking_contract.STATUSES}
    assert max(len(row["occupied"]) for row in rows) == 2
    assert any(row["start_at"] is None and row["resource_id"] for row in rows)
    assert any(row["buffer_before"] for row in rows)
    assert len(rows) > 100
