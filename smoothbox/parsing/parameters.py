"""Query parameters: taken apart, and what is wrong with them collected so that all of it is told at once."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl

from smoothbox.errors import Problem
from smoothbox.operations.times import EARLIEST, LATEST

LONGEST_TEXT: Final = 200
LARGEST: Final = 2**53
_MOST_PARAMETERS: Final = 100
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_pairs(query: str) -> dict[str, list[str]]:
    """Every parameter with its values. Raises Problem 'invalid_parameter' for broken encoding or far too many."""
    try:
        query.encode("ascii")
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeError:
        raise Problem("invalid_parameter", "The query is not percent-encoded UTF-8.") from None
    except ValueError:
        raise Problem("invalid_parameter", f"A query has at most {_MOST_PARAMETERS} parameters.") from None
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return found


class Problems:
    """Collects what is wrong with parameters, so that all of it is told at once."""

    def __init__(self) -> None:
        self._found: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, message: str) -> None:
        """Note one problem."""
        self._found[name[:LONGEST_TEXT]].append(message)

    def check(self, name: str, parse: Callable[..., Any], *values: Any) -> Any:
        """What `parse` makes of the values, or None after noting the ValueError that it raised."""
        try:
            return parse(*values)
        except ValueError as error:
            self.add(name, str(error))
            return None

    def raise_if_any(self) -> None:
        """Raises Problem 'invalid_parameter' when there is one."""
        if self._found:
            raise Problem("invalid_parameter", None, self._found)


def only_one(values: list[str]) -> str:
    """The value of a parameter that may be sent once. Raises ValueError."""
    if len(values) > 1:
        raise ValueError("Send this parameter once.")
    if "\x00" in values[0] or len(values[0]) > LONGEST_TEXT * 10:
        raise ValueError("This text is too long or holds a NUL.")
    return values[0]


def parse_integer(text: str) -> int:
    """A whole number. Raises ValueError."""
    if not _INTEGER.fullmatch(text) or abs(int(text)) > LARGEST:
        raise ValueError("Send a whole number.")
    return int(text)


def parse_date(text: str) -> date:
    """A date that reckoning with zones can bear. Raises ValueError."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("Send a date as 2027-05-04.")
    if not EARLIEST <= day.year <= LATEST:
        raise ValueError(f"The year must lie between {EARLIEST} and {LATEST}.")
    return day
