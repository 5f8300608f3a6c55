"""Every advertised ordering of every list walks an index: SQLite itself is asked how it would run the statement."""

import re
from collections.abc import Iterator

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


def test_a_page_of_one_resource_walks_in_order_and_does_not_gather_its_whole_past(tx: Tx) -> None:
    declared, operator = booking_contract.LIST.parameters["resource_id"]
    ordering = (Order("start_time", descending=True), Order("id", descending=True))
    (sql,) = statements(tx, bookings.SOURCE, ListQuery((Condition(declared, operator, 1),), ordering, 50, None))
    first, *rest = plan(tx, sql)
    assert first == "SCAN booking USING INDEX booking_start"
    assert not any("TEMP B-TREE" in step for step in rest), rest
    probes = [detail for *_, detail in tx.all(f"EXPLAIN QUERY PLAN {sql}")]
    assert any(" USING COVERING INDEX allocation_booking (booking_id=? AND resource_id=?)" in detail for detail in probes)


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
