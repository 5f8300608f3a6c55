"""Closures, exceptions and absences come from the catalogue file or by the API: who may replace which of them.

Each is a tuple whose last part, `from_file`, tells the two apart.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

R = TypeVar("R", bound=tuple[Any, ...])


def content(row: tuple[Any, ...]) -> Hashable:
    """All of a row but where it came from."""
    return row[:-1]


def date(row: tuple[Any, ...]) -> Hashable:
    """The date of a closure or an exception."""
    day: str = row[0]
    return day


def sent(new: Iterable[R], before: Iterable[R]) -> tuple[R, ...]:
    """The rows of a list that a body sent: those that were there already go on being whose they were."""
    known = {content(row): row for row in before}
    return tuple(sorted({known.get(content(row), row) for row in new}))


def applied(named: Iterable[R], before: Iterable[R], same: Callable[[R], Hashable]) -> tuple[R, ...]:
    """The rows after a file that names these is applied: the API's stay, but for those that the file names too."""
    rows = list(named)
    taken = {same(row) for row in rows}
    return tuple(sorted([*rows, *(row for row in before if not row[-1] and same(row) not in taken)]))
