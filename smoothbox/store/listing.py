"""One page of any list: a declared source and a parsed query become SQL.

Pages are found by key, not by offset: a position holds the sort values of the row beside it, so rows that others insert
neither repeat nor hide one. Names come from declarations only; whatever a client sent is a bound parameter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from smoothbox.contract.listing import Condition, ListQuery, Operator, Order, Position
from smoothbox.store.connection import Row, Tx

_DECODER: Final = msgspec.json.Decoder(list[tuple[Any, ...]])
_COMPARISONS: Final[Mapping[Operator, str]] = {"exact": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a list's rows come from.

    `columns` maps the fields that are compared and sorted to their column, `conditions` the other filters to SQL with a `?`
    for the value, or `{marks}` for several. `select` is what a row consists of; texts that hold JSON arrive as texts.
    """

    table: str
    select: tuple[str, ...]
    columns: Mapping[str, str]
    conditions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one page, the exact number of all that match, and the places before and after."""

    count: int
    rows: Sequence[Row]
    next: Position | None
    previous: Position | None


def page(tx: Tx, source: Source, query: ListQuery) -> Rows:
    """Read one page."""
    where, values = _where(source, query.conditions)
    backwards = query.position is not None and query.position.backwards
    ordering = [Order(each.field, each.descending != backwards) for each in query.ordering]
    keyset, key_values = _after(source, ordering, query.position)
    select = (*source.select, *(source.columns[each.field] for each in ordering))
    rows = (
        f"SELECT json_array({', '.join(select)}) AS row FROM {source.table}{_joined([*where, *keyset])}"
        f" ORDER BY {_order_by(source, ordering)} LIMIT {query.page_size + 1}"
    )
    found = _in_one_piece(tx, rows, [*values, *key_values])
    return _rows(found, query, lambda: _count(tx, source, where, values))


def _in_one_piece(tx: Tx, rows: str, values: Sequence[Any]) -> list[Row]:
    """The rows of a statement that yields each as a JSON array, fetched as one text.

    Fifty rows of twenty columns would be a thousand conversions, each under SQLite's mutex: twice as slow.
    """
    text = tx.value(f"SELECT '[' || coalesce(group_concat(row), '') || ']' FROM ({rows})", *values)
    return _DECODER.decode(text)


def _count(tx: Tx, source: Source, where: list[str], values: list[Any]) -> int:
    count: int = tx.value(f"SELECT count(*) FROM {source.table}{_joined(where)}", *values)
    return count


def _rows(found: list[Row], query: ListQuery, count: Any) -> Rows:
    """Cut the one row too many, put a backward page in order, and note the places at both ends."""
    more = len(found) > query.page_size
    kept = found[: query.page_size]
    backwards = query.position is not None and query.position.backwards
    if backwards:
        kept.reverse()
    total = len(kept) if query.position is None and not more else count()
    width = len(query.ordering)
    has_previous, has_next = (more, True) if backwards else (query.position is not None, more)
    return Rows(
        total,
        [row[:-width] for row in kept],
        Position(kept[-1][-width:], backwards=False) if kept and has_next else None,
        Position(kept[0][-width:], backwards=True) if kept and has_previous else None,
    )


def _where(source: Source, conditions: Sequence[Condition]) -> tuple[list[str], list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    for each in conditions:
        bound = list(each.value) if isinstance(each.value, tuple) else [each.value]
        clauses.append(_clause(source, each, len(bound)))
        values.extend(bound)
    return clauses, values


def _clause(source: Source, condition: Condition, width: int) -> str:
    marks = ", ".join("?" * width)
    if template := source.conditions.get(condition.parameter):
        return template.replace("{marks}", marks)
    column = source.columns[condition.filter.name]
    if isinstance(condition.value, tuple):
        return f"{column} IN ({marks})"
    return f"{column} {_COMPARISONS[condition.operator]} ?"


def _after(source: Source, ordering: Sequence[Order], position: Position | None) -> tuple[list[str], list[Any]]:
    """Rows beyond the position: `a ≥ x AND (a > x OR (a = x AND (b > y OR …)))`; the first part lets the index seek."""
    if position is None:
        return [], []
    first = ordering[0]
    bound = f"{source.columns[first.field]} {'<=' if first.descending else '>='} ?"
    clause = ""
    for each in reversed(ordering):
        column, beyond = source.columns[each.field], "<" if each.descending else ">"
        clause = f"({column} {beyond} ? OR ({column} = ? AND {clause}))" if clause else f"{column} {beyond} ?"
    return [bound, clause], [position.values[0], *_keyset_values(position.values)]


def _keyset_values(values: Sequence[str | int]) -> Iterator[str | int]:
    for value in values[:-1]:
        yield value
        yield value
    yield values[-1]


def _order_by(source: Source, ordering: Sequence[Order]) -> str:
    return ", ".join(f"{source.columns[each.field]}{' DESC' if each.descending else ''}" for each in ordering)


def _joined(clauses: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(clauses)}" if clauses else ""
