"""What it costs that the database itself refuses overlaps: one insert beside few rows of its resource, and beside many.

In this process, on real files; each insert is undone, so that the next finds the same. What is compared is CPU time and
takes turns, so that others on these cores do not disturb it.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from smoothbox.store import allocations
from smoothbox.store.allocations import Place
from smoothbox.store.connection import Tx
from smoothbox.store.direct import Direct
from tests.bench.processes import Cores
from tests.bench.rows import Figures, Goal, Row
from tests.bench.seeding import fill, place_at, service_named
from tests.bench.tenants import ZONE, command, live_file, settle

FEW, MANY, SEATS = 100, 100_000, 20
INSERTS = 2000
GOAL = Goal("<=", 2)
ALONE, CLASS = 1, 2  # the services, the second one with seats
RESOURCE = 1
HOUR = 3600
ORIGIN = 400_000 * HOUR  # in 2015; from there one booking begins with every hour and takes half of it

Cost = Callable[[int], int]
"""The CPU time, in ns, of an insert in the gap of that number."""


def measure(folder: Path, rounds: int, _cores: Cores) -> tuple[list[Row], list[str]]:
    """Beside few and beside many rows; and into a session that is half full, compared with a place of one's own."""
    data = folder / "trigger"
    command(data, "init")
    with ExitStack() as stack:
        few, many = (stack.enter_context(_file(data, rows)) for rows in (FEW, MANY))
        _half_fill(many)
        alone = [(_cost(few, ALONE), FEW), (_cost(many, ALONE), MANY)]
        joined = [alone[1], (_cost(many, CLASS), 1)]
        seen = [(_compared(alone), _compared(joined)) for _ in range(rounds)]
    rows = [
        Row("trigger", f"insert an allocation, {MANY:,} : {FEW} rows", GOAL, [each for each, _ in seen]),
        Row("trigger-session", f"join a session, {SEATS // 2} of {SEATS} seats : alone", GOAL, [each for _, each in seen]),
    ]
    return rows, []


@contextmanager
def _file(data: Path, rows: int) -> Iterator[Direct]:
    slug = f"rows-{rows}"
    settle(data, slug, _catalogue())
    with live_file(data, slug) as file:
        fill(file, ALONE, [(ORIGIN + number * HOUR, RESOURCE) for number in range(rows)])
        yield file


def _half_fill(file: Direct) -> None:
    fill(file, CLASS, [(_gap(0), RESOURCE)] * (SEATS // 2))


def _gap(number: int) -> int:
    return ORIGIN + number * HOUR + HOUR // 2


def _cost(file: Direct, service_id: int) -> Cost:
    service = file.read(service_named, service_id)
    return lambda gap: file.read(_insert, place_at(service, (_gap(gap), RESOURCE)))  # a read ends with ROLLBACK


def _insert(tx: Tx, place: Place) -> int:
    before = time.thread_time_ns()
    allocations.take_for_booking(tx, 1, place, 1)
    return time.thread_time_ns() - before


def _compared(ways: Sequence[tuple[Cost, int]]) -> Figures:
    """The second way, and its ratio to the first; each insert goes into any of its gaps."""
    chance = random.Random(1)
    took = [[cost(chance.randrange(gaps)) / 1000 for cost, gaps in ways] for _ in range(INSERTS)]
    first, second = zip(*took, strict=True)
    median, ratio = statistics.median(second), statistics.median(second) / statistics.median(first)
    return Figures(1e6 / median, ratio, median / 1000, statistics.quantiles(second, n=100)[98] / 1000, median)


def _catalogue() -> str:
    business = f'[business]\nname = "Acme"\ntimezone = "{ZONE}"\ncurrency = "USD"\n'
    resource = '[[resource]]\nkey = "r"\nname = "Resource"\ntype = "STAFF"\n'
    service = '[[service]]\nkey = "{0}"\nname = "{0}"\nduration = 30\nprice = 1000\ncapacity = {1}\nresources = ["r"]\n'
    return "\n".join([business, resource, service.format("alone", 1), service.format("class", SEATS)])
