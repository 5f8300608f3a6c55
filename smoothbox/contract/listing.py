"""How a list is declared, and what a request for one says once it is parsed. Tables of data, no functions in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, Literal

from msgspec import Struct

Operator = Literal["exact", "in", "lt", "lte", "gt", "gte"]
Kind = Literal["text", "folded", "phone", "integer", "boolean", "choice", "instant", "start_time", "first_date", "last_date"]

COMPARED: Final[tuple[Operator, ...]] = ("exact", "lt", "lte", "gt", "gte")
DEFAULT_PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200
PAGING: Final[Mapping[str, str]] = {
    "ordering": "Field to sort by, '-' before it for descending; several with commas.",
    "page_size": f"Results a page, 1 to {MAX_PAGE_SIZE}; {DEFAULT_PAGE_SIZE} if absent.",
    "cursor": "Opaque place in the list, as `next` and `previous` carry it.",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One field to filter by. Every operator but `exact` is a suffix of the parameter: `price__lte`."""

    name: str
    kind: Kind
    help: str
    operators: tuple[Operator, ...] = ("exact",)
    choices: tuple[str, ...] = ()

    def parameter(self, operator: Operator) -> str:
        """The name of the query parameter."""
        return self.name if operator == "exact" else f"{self.name}__{operator}"


ON_EVERY_LIST: Final[tuple[Filter, ...]] = (
    Filter("id", "integer", "Only these ids, with commas between them.", ("in",)),
    Filter("created_at", "instant", "When it was created.", COMPARED),
    Filter("updated_at", "instant", "When it last changed.", COMPARED),
)


@dataclass(frozen=True)
class Listing:
    """One list: by what it may be filtered and sorted. `id` always sorts too, and breaks ties.

    `shared` are the filters that it has in common with others.
    """

    name: str
    filters: tuple[Filter, ...]
    orderings: tuple[str, ...]
    default_ordering: str
    shared: tuple[Filter, ...] = ON_EVERY_LIST

    @cached_property
    def parameters(self) -> dict[str, tuple[Filter, Operator]]:
        """Every filter parameter by its name."""
        return {
            each.parameter(operator): (each, operator) for each in (*self.filters, *self.shared) for operator in each.operators
        }


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """A wall-clock time or a date that still waits for the zone of the business."""

    wall: datetime | date


Value = str | int | bool | tuple[int, ...] | tuple[str, ...] | LocalMoment


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a request. An instant is bound as its text form, a start time as UTC seconds."""

    filter: Filter
    operator: Operator
    value: Value

    @property
    def parameter(self) -> str:
        """The name it had in the query."""
        return self.filter.parameter(self.operator)


@dataclass(frozen=True, slots=True)
class Order:
    """One field to sort by."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two rows: the sort values of the row beside it, and the side to read towards."""

    values: tuple[str | int, ...]
    backwards: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A parsed request for a page. `ordering` ends with the id."""

    conditions: tuple[Condition, ...]
    ordering: tuple[Order, ...]
    page_size: int
    position: Position | None = None


class Page(Struct, frozen=True):
    """One page: the rendered results, how many there are in all, and the places before and after."""

    count: int
    results: list[object]
    next: Position | None
    previous: Position | None
