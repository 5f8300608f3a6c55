"""Every advertised ordering of every list walks an index: SQLite itself is asked how it would run the statement."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from smoothbox.clock import Clock
from smoothbox.contract import bookings as booking_contract
from smoothbox.contract import customers as customer_contract
from smoothbox.contract import events as event_contract
from smoothbox.contract import resources as resource_contract
from smoothbox.contract import services as service_contract
from smoothbox.contract import webhooks as webhook_contract
from smoothbox.contract.listing import Condition, Filter, Listing, ListQuery, Order, Position
from smoothbox.store import bookings, customers, deliveries, due, endpoints, events, resources, services
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, create_tenant_file, open_tenant
from smoothbox.store.listing import Source, page

LISTS: tuple[tuple[Listing, Source], ...] = (
    (service_contract.LIST, services.SOURCE),
    (resource_contract.LIST, resources.SOURCE),
    (booking_contract.LIST, bookings.SOURCE),
    (customer_contract.LIST, customers.SOURCE),
    (webhook_contract.LIST, endpoints.SOURCE),
    (event_contract.LIST, events.SOURCE),
)
ORDERINGS = [
    pytest.param(source, Order(field, descending), backwards, id=f"{listing.name}-{'-' * descending}{field}-{backwards}")
    for listing, source in LISTS
    for field in (*listing.orderings, "id")
    for descending in (False, True)
    for backwards in (None, False, True)
]


@pytest.fixture(scope="module")
def tx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tx]:
    """An empty tenant's file: its plans are those of a young business, without statistics."""
    folder = DataFolder(tmp_path_factory.mktemp("plans"))
    create_tenant_file(folder, "acme", "live", Clock())
    with open_tenant(folder, "acme", "live", Clock()) as file:
        yield Tx(file._connection, 0.0)


def statements(tx: Tx, source: Source, query: ListQuery) -> list[str]:
    """What the store really runs for a page, its parameters filled in."""
    heard: list[str] = []
    tx.connection.set_trace_callback(heard.append)
    try:
        page(tx, source, query)
    finally:
        tx.connection.set_trace_callback(None)
    return [sql[sql.index("(SELECT ") + 1 : sql.rindex(")")] for sql in heard if " ORDER BY " in sql]


def plan(tx: Tx, sql: str) -> list[str]:
    """The steps of a statement at its own level, without those of its subqueries."""
    return [detail for _, parent, _, detail in tx.all(f"EXPLAIN QUERY PLAN {sql}") if parent == 0]


def query_for(order: Order, backwards: bool | None) -> ListQuery:
    """A first page, or one after or before a position in the middle of the list."""
    ordering = (order,) if order.field == "id" else (order, Order("id", order.descending))
    position = None if backwards is None else Position(tuple([5] * len(ordering)), backwards)
    return ListQuery((), ordering, 50, position)


def is_row_id(source: Source, order: Order) -> bool:
    """Whether rows lie in this order by themselves."""
    return source.columns[order.field] == source.columns["id"]


@pytest.mark.parametrize(("source", "order", "backwards"), ORDERINGS)
def test_an_ordering_walks_an_index_and_sorts_nothing(tx: Tx, source: Source, order: Order, backwards: bool | None) -> None:
    (sql,) = statements(tx, source, query_for(order, backwards))
    first, *rest = plan(tx, sql)
    verb = "SCAN" if backwards is None else "SEARCH"
    assert first.startswith(f"{verb} {source.table}"), first
    assert " USING INDEX " in first or " INTEGER PRIMARY KEY" in first or is_row_id(source, order), first
    assert not any("TEMP B-TREE" in step for step in rest), rest


def test_a_page_in_the_middle_seeks_its_place_and_does_not_count_up_to_it(tx: Tx) -> None:
    (sql,) = statements(tx, bookings.SOURCE, query_for(Order("start_time", descending=False), backwards=False))
    assert plan(tx, sql)[0].endswith("USING INDEX booking_start (start_key>?)")
    assert "OFFSET" not in sql


def test_what_a_customer_has_booked_is_counted_from_an_index_alone(tx: Tx) -> None:
    (sql,) = statements(tx, customers.SOURCE, query_for(Order("id", descending=False), backwards=None))
    searches = [detail for *_, detail in tx.all(f"EXPLAIN QUERY PLAN {sql}") if detail.startswith("SEARCH booking")]
    assert len([each for each in searches if each.endswith(" INDEX booking_customer (customer_id=?)")]) == 3, searches
    steps = [row[1:4] for row in tx.all(f"EXPLAIN {sql}")]  # the plan calls no index covering that has a generated column
    table = tx.value("SELECT rootpage FROM sqlite_schema WHERE name = 'booking'")
    cursors = {cursor for step, cursor, root in steps if step == "OpenRead" and root == table}
    assert not [step for step in steps if step[0] == "Column" and step[1] in cursors]
    assert [step for step in steps if step[0] == "Prev"]  # the last visit is looked for from the newest on


def asked(*values: tuple[str, Any], order: str = "start_time", listing: Listing = booking_contract.LIST) -> ListQuery:
    """A first page, of what has these values, the latest first."""
    conditions = tuple(Condition(*listing.parameters[name], value) for name, value in values)
    return ListQuery(conditions, (Order(order, descending=True), Order("id", descending=True)), 50)


def every_step(tx: Tx, sql: str) -> list[str]:
    """The steps of a statement at all levels that look something up or sort."""
    return [detail for *_, detail in tx.all(f"EXPLAIN QUERY PLAN {sql}") if re.match("SEARCH|SCAN [a-z]|USE TEMP", detail)]


@pytest.fixture
def much(tx: Tx) -> Iterator[Tx]:
    """The numbers of a business that has been there for years; its rows are not needed."""
    tx.run("BEGIN")
    statuses = {"COMPLETED": 900_000, "CANCELLED": 90_000, "SCHEDULED": 9_000}
    tx.many("INSERT INTO booking_tally (service_id, status, number) VALUES (1, ?, ?)", [*statuses.items()])
    tx.many("INSERT INTO booking_tally (service_id, status, number) VALUES (2, ?, 10)", [(each,) for each in statuses])
    tx.run("INSERT INTO released_tally (resource_id, service_id, status, number) VALUES (1, 1, 'COMPLETED', 20000)")
    yield tx
    tx.run("ROLLBACK")


@pytest.mark.parametrize(
    ("values", "index"),
    [
        ([("status", ("COMPLETED",))], "booking_status (status=?)"),
        ([("service_id", 1)], "booking_service (service_id=?)"),
        ([("customer_id", 1)], "booking_customer (customer_id=?)"),
        ([("series_id", 1)], "booking_series (series_id=?)"),
        ([("status", ("COMPLETED",)), ("service_id", 2)], "booking_service (service_id=?)"),  # the rarer of two
        ([("status", ("SCHEDULED",)), ("service_id", 1)], "booking_status (status=?)"),
        (
            [("status", ("SCHEDULED",)), ("start_datetime", 5), ("end_datetime", 9)],
            "booking_status (status=? AND start_key>? AND start_key<?)",
        ),
        ([("start_datetime", 5)], "booking_start (start_key>?)"),
    ],
)
def test_what_is_filtered_walks_in_order_along_the_rarest(much: Tx, values: list[tuple[str, Any]], index: str) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(*values))
    first, *rest = every_step(much, sql)
    assert first == f"SEARCH booking USING INDEX {index}"
    assert rest in ([], ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"])  # those of one customer at the same time


def test_several_statuses_are_walked_in_order_each(much: Tx) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(("status", ("COMPLETED", "CANCELLED"))))
    first, second, *rest = every_step(much, sql)
    assert first == second == "SEARCH booking USING INDEX booking_status (status=?)"
    assert rest == ["SEARCH booking USING INTEGER PRIMARY KEY (rowid=?)", "USE TEMP B-TREE FOR ORDER BY"]


def test_a_page_of_one_resource_walks_in_order_and_does_not_gather_its_whole_past(much: Tx) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(("resource_id", 1)))
    now, _, past, _, *rest = every_step(much, sql)
    assert now == "SEARCH allocation USING COVERING INDEX allocation_busy (resource_id=? AND active=?)"
    assert past == "SEARCH allocation USING COVERING INDEX allocation_released (resource_id=? AND active=?)"
    assert rest == ["SEARCH booking USING INTEGER PRIMARY KEY (rowid=?)", "USE TEMP B-TREE FOR ORDER BY"]  # of two pages


def test_what_is_to_come_for_one_resource_is_looked_for_in_what_it_is_occupied_with(much: Tx) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(("resource_id", 1), ("status", ("SCHEDULED", "CONFIRMED"))))
    assert [step for step in every_step(much, sql) if "allocation" in step] == [
        "SEARCH allocation USING COVERING INDEX allocation_busy (resource_id=? AND active=?)"
    ]


def test_few_rows_are_gathered_where_the_order_has_another_index(much: Tx) -> None:
    for order in ("created_at", "updated_at", "end_time"):
        (sql,) = statements(much, bookings.SOURCE, asked(("status", ("SCHEDULED",)), order=order))
        assert every_step(much, sql)[:2] == [
            "SEARCH booking USING INDEX booking_status (status=?)",
            "USE TEMP B-TREE FOR ORDER BY",
        ]


def test_many_rows_are_met_soon_in_any_order(much: Tx) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(("status", ("COMPLETED",)), order="created_at"))
    assert every_step(much, sql) == ["SCAN booking USING INDEX booking_created"]


def test_what_changed_lately_is_found_along_its_own_index(much: Tx) -> None:
    (sql,) = statements(much, bookings.SOURCE, asked(("updated_at__gte", "2027-01-04"), ("status", ("COMPLETED",))))
    assert every_step(much, sql)[0] == "SEARCH booking USING INDEX booking_updated (updated_at>?)"


@pytest.mark.parametrize(
    "values",
    [[], [("status", ("COMPLETED",))], [("service_id", 1), ("status", ("COMPLETED", "NO_SHOW"))]],
)
def test_what_a_tally_tells_is_not_counted(much: Tx, values: list[tuple[str, Any]]) -> None:
    heard: list[str] = []
    much.connection.set_trace_callback(heard.append)
    query = asked(*values)
    page(much, bookings.SOURCE, ListQuery(query.conditions, query.ordering, 50, Position((5, 5), backwards=False)))
    much.connection.set_trace_callback(None)
    assert not [sql for sql in heard if "count(*)" in sql]


@pytest.mark.parametrize(("listing", "source"), LISTS, ids=[listing.name for listing, _ in LISTS])
def test_a_sortable_field_is_never_null(tx: Tx, listing: Listing, source: Source) -> None:
    rows = tx.all(f"PRAGMA table_xinfo({source.table})")
    required = {name for _, name, _, not_null, _, primary_key, _ in rows if not_null or primary_key}
    assert {source.columns[field] for field in (*listing.orderings, "id")} <= required


@pytest.mark.parametrize("backwards", [None, False, True])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", webhook_contract.DELIVERIES.orderings)
def test_the_log_of_one_endpoint_walks_an_index_of_its_own(
    tx: Tx, field: str, descending: bool, backwards: bool | None
) -> None:
    query = query_for(Order(field, descending), backwards)
    own = ListQuery((Condition(Filter("endpoint_id", "integer", ""), "exact", 1),), query.ordering, 50, query.position)
    (sql,) = statements(tx, deliveries.SOURCE, own)
    first, *rest = plan(tx, sql)
    assert first.startswith("SEARCH delivery USING INDEX delivery_endpoint"), first
    assert not any("TEMP B-TREE" in step for step in rest), rest


def test_the_next_due_delivery_is_one_step_down_an_index(tx: Tx) -> None:
    heard: list[str] = []
    tx.connection.set_trace_callback(heard.append)
    due.next_due(tx)
    endpoints.lanes(tx)
    deliveries.due(tx, 1, 2)
    tx.connection.set_trace_callback(None)
    for sql in heard:
        steps = [detail for *_, detail in tx.all(f"EXPLAIN QUERY PLAN {sql}") if " delivery" in detail]
        assert steps, sql
        assert all(
            re.search("(SEARCH|SCAN) delivery USING( COVERING)? INDEX delivery_(due|sending)", each) for each in steps
        ), steps
