"""The filters of the lists in words, as their declarations have them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from smoothbox.contract.listing import Filter, Kind, Listing, Operator

OPERATORS: Final[Mapping[Operator, str]] = {
    "exact": "equal",
    "lt": "less, or earlier",
    "lte": "at most, or no later",
    "gt": "more, or later",
    "gte": "at least, or no earlier",
    "in": "one of several, with commas between them",
}

_KINDS: Final[Mapping[Kind, str]] = {
    "text": "text",
    "folded": "text, in any case",
    "phone": "phone number",
    "integer": "integer",
    "boolean": "true or false",
    "choice": "one or several of",
    "instant": "time",
    "start_time": "time",
    "first_date": "date",
    "last_date": "date",
}


class Row(NamedTuple):
    """A filter: its parameters, one for each comparison, and what they take."""

    parameters: tuple[str, ...]
    takes: str
    choices: tuple[str, ...]
    help: str


def rows(listing: Listing) -> tuple[Row, ...]:
    """The filters of a list, its own before those that it shares with others."""
    return tuple(_row(each) for each in (*listing.filters, *listing.shared))


def _row(declared: Filter) -> Row:
    parameters = tuple(declared.parameter(operator) for operator in declared.operators)
    takes = "integers" if declared.operators == ("in",) else _KINDS[declared.kind]
    return Row(parameters, takes, declared.choices, declared.help)
