"""Many data files open at once, and more tenants that ask in turn than there may be open files: each opens one, closes one.

The server keeps at most 200 files open. 200 are asked for in turn, and all of them stay; ten times as many, and none does.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.bench.caller import Caller
from tests.bench.in_turn import Turns
from tests.bench.load import Sample
from tests.bench.many_idle import GOAL, used_a_second
from tests.bench.many_tokens import row
from tests.bench.processes import Cores, Server, resident_mb
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving
from tests.bench.starts import MOST

OPEN = 200
SLIM = Goal("<=", 150, "memory_mb")
ASKED = 5_000
TIMES = 4  # from the second time on the server looks whether a file has changed, from the third it may keep answers
CUSTOMER = {"first_name": "Bench", "last_name": "Customer", "email": "bench@example.com"}


@dataclass(frozen=True, slots=True)
class Round:
    """Files that are open and files that are opened anew: asked for by many clients at once, then by one alone."""

    kept: Sample
    anew: Sample
    kept_alone: Sample
    anew_alone: Sample


def measure(data: Path, owners: Turns, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Files that are open, files that are opened anew as a ratio to them, the memory of both, and what they use at rest."""
    few, count = owners.first(OPEN), len(owners.callers)
    with serving(data, cores.server) as server:
        few.first(1).ask(server, 1, cores)
        memory = [_held(server)]
        few.ask(server, TIMES * OPEN, cores)
        memory.append(_held(server))
        seen = [_round(server, owners, cores) for _ in range(min(rounds, MOST))]
        memory.append(_held(server))
        said = _said(server)
        few.ask(server, TIMES * OPEN, cores)
        rest = _at_rest(server, few)
    return [*_rows(seen, count), *_memory_rows(memory, count), rest], [said]


def _round(server: Server, owners: Turns, cores: Cores) -> Round:
    few, count = owners.first(OPEN), len(owners.callers)
    others_first = Turns(owners.path, [*owners.callers[OPEN:], *few.callers])  # else the first ones were open
    few.ask(server, TIMES * OPEN, cores)
    kept, kept_alone = few.ask(server, ASKED, cores), few.ask(server, ASKED, cores, 1)
    return Round(kept, others_first.ask(server, count, cores), kept_alone, others_first.ask(server, count, cores, 1))


def _rows(seen: Sequence[Round], count: int) -> list[Row]:
    """What is opened anew, its CPU as a ratio to that of what is open."""
    few, many = f"GET the business, {OPEN} tenants in turn, all files open", f"  {count:,} tenants in turn : {OPEN} open, CPU"
    return [
        row("tenants-open", few, [(each.kept, each.kept) for each in seen]),
        row("tenants-anew", many, [(each.kept, each.anew) for each in seen]),
        row("tenants-open-alone", f"{few}, 1 client", [(each.kept_alone, each.kept_alone) for each in seen]),
        row("tenants-anew-alone", f"{many}, 1 client", [(each.kept_alone, each.anew_alone) for each in seen]),
    ]


def _memory_rows(memory: Sequence[float], count: int) -> list[Row]:
    """With files open as a ratio to one, and after many more were open as a ratio to that."""
    first, opened, walked = memory
    return [
        _memory_row("tenants-open-memory", f"memory with {OPEN} files open : 1", opened, first),
        _memory_row("tenants-anew-memory", f"memory after {count:,} tenants in turn : {OPEN} open", walked, opened),
    ]


def _memory_row(name: str, title: str, megabytes: float, before: float) -> Row:
    figures = Figures(None, megabytes / before, None, None, memory_mb=megabytes)
    return Row(name, f"{title}, {megabytes:.1f} MB", SLIM, [figures])


def _at_rest(server: Server, few: Turns) -> Row:
    """Every one of the files was written to: the sweep looks at each as long as it is open."""
    for secret, _ in few.callers:
        with closing(Caller(server, secret)) as caller:
            caller.send("POST", "/customers/", CUSTOMER)
    time.sleep(1)
    (used,) = used_a_second(server)
    title = f"a second of rest, {OPEN} files open and written to"
    return Row("tenants-open-idle", title, GOAL, [Figures(None, 1.0, None, None, used)])


def _held(server: Server) -> float:
    return resident_mb(server.pid) or 1.0


def _said(server: Server) -> str:
    """For people, where the system tells."""
    own = Path(f"/proc/{server.pid}")
    if not own.exists():
        return ""
    threads, descriptors = (len(list((own / what).iterdir())) for what in ("task", "fd"))
    return f"{OPEN} files open: {threads} threads, {descriptors} descriptors"
