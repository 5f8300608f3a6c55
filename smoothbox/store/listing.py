"""One page of any list: a declared source and a parsed query become SQL.

Pages are found by key, not by offset: a position holds the sort values of the row beside it, so rows that others insert
neither repeat nor hide one. Names come from declarations only; whatever a client sent is a bound parameter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from smoothbox.contract.listing import Condition, ListQuery, Operator, Order, Position
from smoothbox.store.choices import Choice, choose, count
from smoothbox.store.connection import Row, Tx
from smoothbox.store.walks import Asked, Branch, Part, Walk, end, pieces

_DECODER: Final = msgspec.json.Decoder(list[tuple[Any, ...]])
_COMPARISONS: Final[Mapping[Operator, str]] = {"exact": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a list's rows come from.

    `columns` maps the fields that are compared and sorted to their column, `conditions` the other filters to SQL with a `?`
    for the value, or `{marks}` for several. `select` is what a row consists of; texts that hold JSON arrive as texts.
    A table that grows has `walks`: one in each ordering, and some by a filter; `bounds` says to which field a filter puts an
    end where its name does not. The way through a table without walks is left to SQLite.
    """

    table: str
    select: tuple[str, ...]
    columns: Mapping[str, str]
    conditions: Mapping[str, str]
    walks: tuple[Walk, ...] = ()
    bounds: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one page, the exact number of all that match, and the places before and after."""

    count: int
    rows: Sequence[Row]
    next: Position | None
    previous: Position | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for, with the ordering as it is walked; a page backwards is the next one the other way round."""

    source: Source
    asked: Sequence[Asked]
    ordering: Sequence[Order]
    position: Position | None
    limit: int


def page(tx: Tx, source: Source, query: ListQuery) -> Rows:
    """Read one page."""
    backwards = query.position is not None and query.position.backwards
    ordering = [Order(each.field, each.descending != backwards) for each in query.ordering]
    asked = [_asked(source, each) for each in query.conditions]
    choice = _choice(tx, source, asked, ordering[0].field)
    wanted = _Wanted(source, asked, ordering, query.position, query.page_size + 1)
    found = _in_one_piece(tx, _statement(wanted, choice)) if choice.walk.branches else []
    return _rows(found, query, lambda: count(tx, choice.narrow, asked))


def _choice(tx: Tx, source: Source, asked: Sequence[Asked], order: str) -> Choice:
    if source.walks:
        return choose(tx, source.walks, asked, order)
    any_way = Walk(order, (Branch(source.table),))
    return Choice(any_way, in_order=True, narrow=any_way)


def _statement(wanted: _Wanted, choice: Choice) -> Part:
    """The rows, each as a JSON array of what is selected and of what it is sorted by."""
    source = wanted.source
    row = f"json_array({', '.join([*source.select, *(source.columns[each.field] for each in wanted.ordering)])}) AS row"
    found = _found(wanted, choice)
    if choice.in_order and len(found) == 1 and found[0][0].detour is None:
        rows, values = found[0][1].text, found[0][1].values
    else:
        first = " UNION ALL ".join(_first(wanted, choice, branch, piece) for branch, piece in found)
        rows = f"({first}) CROSS JOIN {source.table} ON {source.table}.{source.columns['id']} = found"
        values = tuple(value for _, piece in found for value in piece.values)
    return Part(f"SELECT {row} FROM {rows}{_tail(wanted, source.columns)}", values)


def _found(wanted: _Wanted, choice: Choice) -> list[tuple[Branch, Part]]:
    """Where the rows stand, branch by branch."""
    return [
        (branch, piece)
        for branch in choice.walk.branches
        for piece in pieces(choice.walk, branch, wanted.asked, _after(wanted, choice, branch))
    ]


def _first(wanted: _Wanted, choice: Choice, branch: Branch, piece: Part) -> str:
    """The first rows of one branch: those of the whole page are among them."""
    columns = wanted.source.columns
    if choice.in_order and branch.detour is not None:
        columns = {**columns, choice.walk.order: branch.detour.key, "id": branch.detour.id}
    return f"SELECT * FROM (SELECT {columns['id']} AS found FROM {piece.text}{_tail(wanted, columns)})"


def _tail(wanted: _Wanted, columns: Mapping[str, str]) -> str:
    order = ", ".join(f"{columns[each.field]}{' DESC' if each.descending else ''}" for each in wanted.ordering)
    return f" ORDER BY {order} LIMIT {wanted.limit}"


def rows(tx: Tx, source: Source, ids: Sequence[int]) -> list[Row]:
    """The rows with these ids, in any order; each begins with its id."""
    key = source.columns["id"]
    select = f"json_array({', '.join([key, *source.select])}) AS row"
    found = f"SELECT {select} FROM {source.table} WHERE {key} IN (SELECT value FROM json_each(?))"
    return _in_one_piece(tx, Part(found, (f"{list(ids)}",)))


def _in_one_piece(tx: Tx, rows: Part) -> list[Row]:
    """The rows of a statement that yields each as a JSON array, fetched as one text.

    Fifty rows of twenty columns would be a thousand conversions, each under SQLite's mutex: twice as slow.
    """
    text = tx.value(f"SELECT '[' || coalesce(group_concat(row), '') || ']' FROM ({rows.text})", *rows.values)
    return _DECODER.decode(text)


def _rows(found: list[Row], query: ListQuery, count_all: Callable[[], int]) -> Rows:
    """Cut the one row too many, put a backward page in order, and note the places at both ends."""
    more = len(found) > query.page_size
    kept = found[: query.page_size]
    backwards = query.position is not None and query.position.backwards
    if backwards:
        kept.reverse()
    total = len(kept) if query.position is None and not more else count_all()
    width = len(query.ordering)
    has_previous, has_next = (more, True) if backwards else (query.position is not None, more)
    return Rows(
        total,
        [row[:-width] for row in kept],
        Position(kept[-1][-width:], backwards=False) if kept and has_next else None,
        Position(kept[0][-width:], backwards=True) if kept and has_previous else None,
    )


def _asked(source: Source, condition: Condition) -> Asked:
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    clause = Part(_clause(source, condition, ", ".join("?" * len(values))), values)
    if isinstance(condition.value, tuple):
        return Asked(condition.parameter, clause)
    named = (condition.filter.name, _COMPARISONS.get(condition.operator, ""))
    field_, sign = source.bounds.get(condition.parameter) or named
    return Asked(condition.parameter, clause, field_, sign)


def _clause(source: Source, condition: Condition, marks: str) -> str:
    if template := source.conditions.get(condition.parameter):
        return template.replace("{marks}", marks)
    column = source.columns[condition.filter.name]
    if isinstance(condition.value, tuple):
        return f"{column} IN ({marks})"
    return f"{column} {_COMPARISONS[condition.operator]} ?"


def _after(wanted: _Wanted, choice: Choice, branch: Branch) -> list[Part]:
    """Rows beyond the position: `a ≥ x AND (a > x OR (a = x AND (b > y OR …)))`; the first part lets the index seek."""
    if wanted.position is None:
        return []
    columns, values, clause = wanted.source.columns, wanted.position.values, ""
    for each in reversed(wanted.ordering):
        column, beyond = columns[each.field], _from(each)[0]
        clause = f"({column} {beyond} ? OR ({column} = ? AND {clause}))" if clause else f"{column} {beyond} ?"
    first = wanted.ordering[0]
    bound = Part(f"{columns[first.field]} {_from(first)} ?", values[:1])
    start = [end(branch, _from(first), values[0])] if choice.in_order else []
    return [*start, bound, Part(clause, tuple(_keyset_values(values)))]


def _from(order: Order) -> str:
    return "<=" if order.descending else ">="


def _keyset_values(values: Sequence[str | int]) -> Iterator[str | int]:
    for value in values[:-1]:
        yield value
        yield value
    yield values[-1]
