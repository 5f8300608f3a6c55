"""The ways through a table that grows, as a list declares them, and the SQL of one way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tally:
    """A table in which triggers keep the `number` of rows there are; `columns` are what it tells apart, by filter."""

    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Detour:
    """From another table to the list's own: the join, and the columns there that stand for the walk's order and for the id.

    `key` may come before the field that it stands for, by up to `early`.
    """

    join: str
    key: str
    id: str
    early: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows as one index holds them.

    `rows` is what follows FROM, `where` the condition of the filter that the walk is by; in one of them stands a `?` for its
    value, or `{marks}` for all. `only` names a filter, and which of its values alone these rows have.
    """

    rows: str
    where: str = ""
    tally: Tally | None = None
    detour: Detour | None = None
    only: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A way through all rows, or through those of one value of the filter `by`, in the order of a field; '' is no order.

    Each of the rows is on one of its branches.
    """

    order: str
    branches: tuple[Branch, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of SQL with what is bound in it."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of a request as SQL; where it is an end of a range, the field and the comparison."""

    parameter: str
    clause: Part
    field: str = ""
    sign: str = ""


def parted(walk: Walk, asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """The condition that the walk is by, and the others."""
    return [each for each in asked if each.parameter == walk.by], [each for each in asked if each.parameter != walk.by]


def pieces(walk: Walk, branch: Branch, asked: Sequence[Asked], more: Sequence[Part] = ()) -> list[Part]:
    """What follows FROM, up to the order, for each value that the walk is by; `more` are conditions beside those asked for."""
    own, others = parted(walk, asked)
    rows = branch.rows if branch.detour is None else branch.rows + branch.detour.join
    return texts(rows, branch.where, own, [*(each.clause for each in others), *shortened(walk, branch, others), *more])


def shortened(walk: Walk, branch: Branch, asked: Sequence[Asked]) -> list[Part]:
    """How conditions shorten a branch with a detour; another is shortened by the conditions themselves."""
    return [end(branch, each.sign, each.clause.values[0]) for each in asked if each.field and each.field == walk.order]


def end(branch: Branch, sign: str, value: Any) -> Part:
    """How one end of the walk's field shortens a branch, the empty text where it does not."""
    if branch.detour is None or sign == "=":
        return Part("")
    return Part(f"{branch.detour.key} {sign} ?{f' - {branch.detour.early}' if sign[0] == '>' else ''}", (value,))


def texts(rows: str, where: str, own: Sequence[Asked], conditions: Sequence[Part]) -> list[Part]:
    """Rows on which conditions hold, once for each value of the filter; once for all where there are `{marks}` for them."""
    parts = [part for part in conditions if part.text]
    clauses = [text for text in (where, *(part.text for part in parts)) if text]
    text = f"{rows} WHERE {' AND '.join(clauses)}" if clauses else rows
    bound = tuple(value for part in parts for value in part.values)
    values = tuple(dict.fromkeys(value for each in own for value in each.clause.values))
    if not own:
        return [Part(text, bound)]
    if "{marks}" in where:
        return [Part(text.replace("{marks}", ", ".join("?" * len(values))), (*values, *bound))]
    return [Part(text, (value, *bound)) for value in values]
