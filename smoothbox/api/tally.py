"""What was answered so far: counted in the course of each request, in well under a microsecond, for whoever asks one day."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: answers are counted by the first of these that they did not exceed."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
_OTHER: Final = "other"

Kind = tuple[str, str, int]
"""Method, pattern of the address, status."""


class Cell:
    """Answers of one kind: how many took how long, and how long they took together (seconds)."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.counts)


class Tally:
    """Answers by kind. There are only so many kinds: clients choose neither patterns nor statuses, and odd methods are one."""

    def __init__(self) -> None:
        self._cells: dict[Kind, Cell] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        cell = self._cells.get((method, route, status)) or self._cell(method, route, status)
        cell.counts[bisect_left(BOUNDS, seconds)] += 1
        cell.seconds += seconds

    def kinds(self) -> Iterator[tuple[Kind, Cell]]:
        """All kinds of which there was an answer."""
        yield from self._cells.items()

    def by_route(self) -> Mapping[tuple[str, str], Cell]:
        """Answers by method and pattern, whatever their status."""
        found: dict[tuple[str, str], Cell] = {}
        for (method, route, _), cell in self._cells.items():
            sum_of = found.setdefault((method, route), Cell())
            sum_of.counts = [*map(sum, zip(sum_of.counts, cell.counts, strict=True))]
            sum_of.seconds += cell.seconds
        return found

    def _cell(self, method: str, route: str, status: int) -> Cell:
        return self._cells.setdefault((method if method in _METHODS else _OTHER, route, status), Cell())
