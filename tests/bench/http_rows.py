"""The rows over HTTP: bare Tornado and a real box, in turn, round after round; and the memory of that box."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.box import copied, make_box, started
from tests.bench.lanes import Lane, bare_tornado, compared
from tests.bench.load import find_wrk
from tests.bench.parts import PARTS
from tests.bench.processes import Cores, resident_mb
from tests.bench.rows import Figures, Goal, Row

AT_REST, AFTER_LOAD = Goal("<=", 45, "memory_mb"), Goal("<=", 60, "memory_mb")
KEEPS_NONE = {"SMOOTHBOX_SERVER_KEPT_ANSWERS_MB": "0"}


def measure(folder: Path, names: Sequence[str], rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Bare Tornado and the named parts; the rows, and remarks for people.

    Two servers take turns that serve copies of one box: only one keeps its answers.
    """
    find_wrk()
    parts = [part for part in PARTS if part.name in names]
    with ExitStack() as stack:
        bare = stack.enter_context(bare_tornado(folder, cores))
        if not parts:
            return compared(bare, [], rounds, cores), []
        made = make_box(folder / "box", cores.server, names)
        twin = copied(folder / "box", folder / "twin")
        box = stack.enter_context(started(made, folder / "box", cores.server))
        anew = stack.enter_context(started(made, twin, cores.server, KEEPS_NONE))
        rows = compared(bare, [Lane(part, box if part.kept else anew) for part in parts], rounds, cores)
        rest = _memory("rest", "at rest, one tenant", AT_REST, made.rest_mb)
        load = _memory("load", "after load", AFTER_LOAD, resident_mb(box.server.pid))
    return [*rows, rest, load], []


def _memory(name: str, when: str, goal: Goal, megabytes: float | None) -> Row:
    """Its ratio is that to the goal."""
    title = f"memory {when}"
    if megabytes is None:
        return Row(f"memory-{name}", title, goal, gap="this system does not tell the memory of a process")
    figures = Figures(None, megabytes / goal.bound, None, None, memory_mb=megabytes)
    return Row(f"memory-{name}", f"{title}: {megabytes:.1f} MB", goal, [figures])
