"""What uvloop brings: the same box once more, driven by it, beside asyncio's loop and the same bare Tornado."""

import importlib.util
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

from tests.bench.box import Box, copied, make_box, started
from tests.bench.http_rows import KEEPS_NONE
from tests.bench.lanes import Lane, bare_tornado, compared
from tests.bench.load import find_wrk
from tests.bench.parts import PARTS, Part
from tests.bench.processes import Cores
from tests.bench.rows import Row

LOOPS = ("asyncio", "uvloop")
NAMES = ("list", "unchanged", "one", "book")
LOOP = "SMOOTHBOX_SERVER_EVENT_LOOP"


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Bare Tornado, then each part with either loop."""
    if importlib.util.find_spec("uvloop") is None:
        gap = "uvloop is not installed here; install it with: pip install 'smoothbox[uvloop]'"
        return [Row("uvloop", "the same requests with uvloop", gap=gap)], []
    find_wrk()
    made = make_box(folder / "box", cores.server, [])
    with ExitStack() as stack:
        bare = stack.enter_context(bare_tornado(folder, cores))
        boxes = {
            (loop, kept): stack.enter_context(_box(folder, made, loop, {} if kept else KEEPS_NONE, cores))
            for loop in LOOPS
            for kept in (True, False)
        }
        pairs = [(replace(part, goal=None, tail=None), loop) for part in PARTS if part.name in NAMES for loop in LOOPS]
        first, *rows = compared(bare, [Lane(part, boxes[loop, part.kept]) for part, loop in pairs], rounds, cores)
    return [replace(first, name="uvloop-bare"), *(_named(row, *pair) for row, pair in zip(rows, pairs, strict=True))], []


def _box(folder: Path, made: Box, loop: str, more: Mapping[str, str], cores: Cores) -> AbstractContextManager[Box]:
    data = copied(folder / "box", folder / f"{loop}-{len(more)}")
    return started(made, data, cores.server, {LOOP: loop, **more})


def _named(row: Row, part: Part, loop: str) -> Row:
    return replace(row, name=f"{loop}-{part.name}", title=f"{row.title}, {loop}")
