"""How long a box takes from its start to its first answer, and how much memory it has then."""

import os
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.bench.caller import Caller
from tests.bench.processes import Cores, busy_seconds, cpu_seconds, resident_mb
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving

MOST = 3  # rounds; a start does not vary as a rate does
AT_ONCE = Goal("<=", 1000, "p50_ms")
ALIKE = Goal("<=", 1.2)


@dataclass(frozen=True, slots=True)
class Start:
    """One start: milliseconds to the first answer, MB of memory then, and what others used of one core meanwhile."""

    milliseconds: float
    memory: float
    others: float


Pair = tuple[Start, Start]  # of the box with one tenant, and right after it of the one with many


def starts(one: Path, many: Path, secret: str, rounds: int, cores: Cores) -> list[Pair]:
    """Both boxes in turn; the same token opens a tenant of each."""
    return [(_start(one, secret, cores), _start(many, secret, cores)) for _ in range(min(rounds, MOST))]


def start_rows(part: str, what: str, pairs: Sequence[Pair]) -> list[Row]:
    """The start, as a ratio and in milliseconds."""
    figures = [
        Figures(None, many.milliseconds / one.milliseconds, many.milliseconds, None, None, max(one.others, many.others))
        for one, many in pairs
    ]
    return [
        Row(f"{part}-start", f"start to first answer, {what} : 1", ALIKE, figures),
        Row(f"{part}-start-ms", f"start to first answer, {what}, ms", AT_ONCE, figures),
    ]


def memory_row(part: str, what: str, pairs: Sequence[Pair]) -> Row:
    """The memory at the first answer."""
    figures = [Figures(None, many.memory / one.memory, None, None, memory_mb=many.memory) for one, many in pairs]
    return Row(f"{part}-memory", f"memory at the first answer, {what} : 1", ALIKE, figures)


def _start(data: Path, secret: str, cores: Cores) -> Start:
    before, began = (busy_seconds(cores) or 0.0) - _own_seconds(), time.monotonic()
    with serving(data, cores.server) as server:
        with closing(Caller(server, secret)) as caller:
            caller.send("GET", "/services/?page_size=1")
        seconds = time.monotonic() - began
        used = (busy_seconds(cores) or 0.0) - _own_seconds() - before
        others = max(0.0, used - (cpu_seconds(server.pid) or 0.0)) / seconds
        return Start(seconds * 1000, resident_mb(server.pid) or 1.0, others)


def _own_seconds() -> float:
    """CPU seconds of this process."""
    times = os.times()
    return times.user + times.system
