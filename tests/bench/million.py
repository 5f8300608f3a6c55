"""A million bookings in one tenant beside ten thousand in another: what a request costs the same server there and here.

`BOOKED_DAYS=250 ONLY=million` for a quick look, at a hundred thousand. To seed a million takes some minutes.
"""

import itertools
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.caller import Caller
from tests.bench.http_rows import KEEPS_NONE
from tests.bench.million_asks import FLAT, GROWING, Ask, Kind
from tests.bench.processes import BenchError, Cores, Server, busy_seconds, cpu_seconds, on_core
from tests.bench.rows import Figures, Goal, Row
from tests.bench.salon import LARGE, SMALL, Salon, opened
from tests.bench.serving import serving
from tests.bench.tenants import command

EACH, FEW = 40, 10  # requests of a kind to a salon in a round; of a kind that is slow
WARM = 5
GOAL = Goal("<=", 2)


@dataclass(slots=True)
class Turn:
    """So many requests to one salon: how long each took, in ms, what was wrong, and CPU seconds of the server."""

    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """A turn of each salon for each kind, and what others used of a core meanwhile."""

    turns: Mapping[str, tuple[Turn, Turn]]
    others: float

    def figures(self, name: str) -> Figures:
        """Those of the large salon, with the ratio of its CPU to that of the small one."""
        few, many = self.turns[name]
        parts, each = statistics.quantiles(many.took, n=100), many.cpu * 1e6 / len(many.took)
        return Figures(len(many.took) / many.seconds, many.cpu / few.cpu, parts[49], parts[98], each, self.others)


@dataclass(frozen=True, slots=True)
class Client:
    """One who asks a salon for one thing after the other, on a kept connection, while nobody else does."""

    salon: Salon
    server: Server
    chance: Random = field(default_factory=lambda: Random(1))

    def takes(self, kind: Kind, times: int) -> Turn:
        """Its turn."""
        turn, before, began = Turn(), _cpu(self.server.pid), time.monotonic()
        with closing(Caller(self.server, self.salon.token)) as caller:
            for _ in range(times):
                self._ask(caller, kind(self.salon, self.chance), turn)
        turn.seconds, turn.cpu = time.monotonic() - began, _cpu(self.server.pid) - before
        return turn

    def _ask(self, caller: Caller, ask: Ask, turn: Turn) -> None:
        began = time.perf_counter()
        answer = caller.send("GET" if ask.body is None else "POST", ask.path, ask.body)
        turn.took.append((time.perf_counter() - began) * 1000)
        if ask.visit is not None:
            self.salon.sees(ask.visit)
        found = answer[ask.field]
        if (len(found) if isinstance(found, list) else found) != ask.expected:
            turn.wrong.append(f"{ask.path} of {self.salon.slug} tells {found} as {ask.field}, it should be {ask.expected}")


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """A row for each kind; its ratio is that of the server's CPU."""
    data, began = folder / "box", time.monotonic()
    command(data, "init")
    days = int(os.environ.get("BOOKED_DAYS", LARGE[1]))
    few, many = opened(data, *SMALL), opened(data, LARGE[0], days, days * LARGE[2] // LARGE[1])
    seeded = time.monotonic() - began
    with serving(data, cores.server, KEEPS_NONE) as server, on_core(cores.load):
        rows = compared(Client(few, server), Client(many, server), rounds, cores)
    what = f"{many.seen[()]:,} bookings of {many.customers:,} customers : {few.seen[()]:,}"
    return rows, [f"million: {what}; seeded in {seeded:.0f} s"]


def compared(few: Client, many: Client, rounds: int, cores: Cores) -> list[Row]:
    """All kinds, those that are to cost the same and those that do not."""
    for kind, client in itertools.product((FLAT | GROWING).values(), (few, many)):
        client.takes(kind, WARM)
    seen = [_round(few, many, cores) for _ in range(rounds)]
    return [_row(name, GOAL if name in FLAT else None, seen) for name in FLAT | GROWING]


def _round(few: Client, many: Client, cores: Cores) -> Round:
    busy, own, began = busy_seconds(cores) or 0.0, time.process_time(), time.monotonic()
    times = dict.fromkeys(FLAT, EACH) | dict.fromkeys(GROWING, FEW)
    turns = {name: (few.takes(kind, times[name]), many.takes(kind, times[name])) for name, kind in (FLAT | GROWING).items()}
    used = sum(turn.cpu for pair in turns.values() for turn in pair) + time.process_time() - own
    return Round(turns, max(0.0, (busy_seconds(cores) or 0.0) - busy - used) / (time.monotonic() - began))


def _row(name: str, goal: Goal | None, seen: Sequence[Round]) -> Row:
    wrong = [each for one in seen for turn in one.turns[name] for each in turn.wrong]
    return Row(f"million {name.strip()}", name, goal, [one.figures(name) for one in seen], "; ".join(wrong[:3]))


def _cpu(pid: int) -> float:
    """CPU seconds of all threads of a process: to the nanosecond where the system tells so, for a turn takes few ticks."""
    if found := [task.read_text().split()[0] for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]:
        return sum(map(int, found)) / 1e9
    used = cpu_seconds(pid)
    if used is None:
        raise BenchError("this system does not tell the CPU time of a process")
    return used
