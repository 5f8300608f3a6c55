"""A day as a grid: columns of blocks in rows of a quarter of an hour. Pure: a plan in, places out.

Rows count what has passed since the day's first hour, so that a day of 23 or 25 hours is as long as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from smoothbox.operations.days import Plan, Presence, Visit
from smoothbox.scheduling.intervals import Interval

ROW: Final = 900  # seconds
HOUR: Final = 3600
MOST_LANES: Final = 4
_FIRST, _LAST = 8, 18  # hours that are shown of a day on which nothing happens


class Block(Struct, frozen=True):
    """Something in a column: its first row and how many, its lane and how many share them; what it shows."""

    row: int
    rows: int
    lane: int
    lanes: int
    visits: Sequence[Visit]
    text: str
    kind: str


class Column(Struct, frozen=True):
    """One column: whose it is, what shades it, and the visits."""

    id: int
    name: str
    shades: Sequence[Block]
    blocks: Sequence[Block]


class Tick(Struct, frozen=True):
    """An hour on the edge: its row, and the time that clocks show."""

    row: int
    text: str


class Grid(Struct, frozen=True):
    """A day: its edge, its columns, and how many rows it has."""

    rows: int
    ticks: Sequence[Tick]
    columns: Sequence[Column]


def day_grid(plan: Plan, window: Interval, presences: Sequence[Presence]) -> Grid:
    """One local date of a plan, a column for each of the presences."""
    zone, shown = ZoneInfo(plan.zone), _hours_shown(plan, window, presences)
    ticks = [
        Tick((second - shown.start) // ROW + 1, datetime.fromtimestamp(second, zone).strftime("%H:%M"))
        for second in range(shown.start, shown.end, HOUR)
    ]
    columns = [_column(each, plan.visits, shown) for each in presences]
    return Grid((shown.end - shown.start) // ROW, ticks, columns)


def _hours_shown(plan: Plan, window: Interval, presences: Sequence[Presence]) -> Interval:
    """From the first hour in which anybody is there or comes, to the last."""
    ids = {each.id for each in presences}
    busy = [(each.start, each.end) for each in plan.visits if ids & set(each.resource_ids)]
    spans = [*busy, *((each.start, each.end) for one in presences for each in one.open)]
    clipped = [(max(start, window.start), min(end, window.end)) for start, end in spans]
    met = [(start, end) for start, end in clipped if start < end]
    if not met:
        return Interval(window.start + _FIRST * HOUR, window.start + _LAST * HOUR)
    first, last = min(start for start, _ in met), max(end for _, end in met)
    start = window.start + (first - window.start) // HOUR * HOUR
    return Interval(start, min(window.end, start + -(-(last - start) // HOUR) * HOUR))


def _column(presence: Presence, visits: Sequence[Visit], shown: Interval) -> Column:
    shut = [_shade(start, end, "", "shut", shown) for start, end in _gaps(presence.open, shown)]
    away = [_shade(each.start, each.end, each.reason, "away", shown) for each in presence.away]
    own = [each for each in visits if presence.id in each.resource_ids and each.start < shown.end and shown.start < each.end]
    return Column(presence.id, presence.name, [each for each in (*shut, *away) if each.rows > 0], list(_blocks(own, shown)))


def _gaps(open_times: Sequence[Interval], shown: Interval) -> Iterable[tuple[int, int]]:
    at = shown.start
    for start, end in sorted((each.start, each.end) for each in open_times):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < shown.end:
        yield at, shown.end


def _shade(start: int, end: int, text: str, kind: str, shown: Interval) -> Block:
    first, last = max(start, shown.start), min(end, shown.end)
    row = (first - shown.start) // ROW + 1
    return Block(row, -(-(last - shown.start) // ROW) + 1 - row if last > first else 0, 1, 1, (), text, kind)


def _blocks(visits: Sequence[Visit], shown: Interval) -> Iterable[Block]:
    """Those who share a session share a block; what shares rows otherwise stands side by side."""
    sessions: defaultdict[tuple[int, int, int], list[Visit]] = defaultdict(list)
    for each in visits:
        sessions[each.start, each.end, each.service_id if each.capacity > 1 else -each.id].append(each)
    placed = [(_shade(start, end, "", "visit", shown), together) for (start, end, _), together in sorted(sessions.items())]
    for cluster in _clusters(placed):
        yield from _side_by_side(cluster)


_Placed = tuple[Block, list[Visit]]


def _clusters(placed: Sequence[_Placed]) -> Iterable[list[_Placed]]:
    cluster: list[_Placed] = []
    end = 0
    for block, together in placed:
        if cluster and block.row >= end:
            yield cluster
            cluster = []
        cluster.append((block, together))
        end = max(end, block.row + block.rows)
    if cluster:
        yield cluster


def _side_by_side(cluster: Sequence[_Placed]) -> Iterable[Block]:
    ends: list[int] = []  # of each lane
    lanes: list[int] = []
    for block, _ in cluster:
        lane = next((number for number, end in enumerate(ends) if end <= block.row), len(ends))
        ends[lane : lane + 1] = [block.row + block.rows]
        lanes.append(lane)
    for (block, together), lane in zip(cluster, lanes, strict=True):
        count = min(len(ends), MOST_LANES)
        yield Block(block.row, block.rows, min(lane, MOST_LANES - 1) + 1, count, together, "", "visit")
