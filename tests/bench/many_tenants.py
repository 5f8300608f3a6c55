"""A box of 10,000 tenants beside a box of one: `TENANTS=500 ONLY=tenants python -m tests.bench` for a quick look.

Nobody opens the files of most of them: those are links to one copy. A fifth of them, 400 to 2,000, has live files of its own.
"""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import many_idle, many_open, many_tokens
from tests.bench.box import catalogue, copied
from tests.bench.generator import hand_out, house_closed, house_open, lacking_space, name_of, owe_tomorrow, slugs
from tests.bench.in_turn import Turns
from tests.bench.processes import Cores
from tests.bench.rows import Row
from tests.bench.starts import Pair, memory_row, start_rows, starts
from tests.bench.tenants import command, settle, token

TENANTS = 10_000
MOST_OPENED, FEWEST_OPENED = 2_000, 2 * many_open.OPEN
TOKENS = 20_000
"""More than the registry keeps in memory, however few tenants there are."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """A box with one tenant, and one with many beside it: who asks for its own business, and who for what it may not see."""

    one: Path
    many: Path
    secret: str
    owners: Turns
    strangers: Turns


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """The start, the memory, tokens, open files, files that are opened anew, and what is used while nothing is due."""
    count = int(os.environ.get("TENANTS", TENANTS))
    if gap := lacking_space(folder, _opened(count)):
        return [Row("tenants", f"{count:,} tenants", gap=gap)], []
    boxes = _boxes(folder, count)
    what = f"{count:,} tenants"
    pairs = starts(boxes.one, boxes.many, boxes.secret, rounds, cores)
    rows = [*start_rows("tenants", what, pairs), memory_row("tenants", what, pairs)]
    rows += many_tokens.measure(boxes.many, boxes.strangers, rounds, cores)
    opened, said = many_open.measure(boxes.many, boxes.owners, rounds, cores)
    rows += [*opened, many_idle.measure(boxes.one, boxes.many, what, cores)]
    return rows, [_said(what, pairs), *said]


def _opened(count: int) -> int:
    """How many of so many tenants have a live file of their own."""
    return max(FEWEST_OPENED, min(count // 5, MOST_OPENED))


def _boxes(folder: Path, count: int) -> Boxes:
    one, many = folder / "one", folder / "many"
    command(one, "init")
    settle(one, "acme", catalogue())
    secret = token(one, "acme")
    copied(one, many)
    opened = slugs("open", _opened(count))
    closed = slugs("closed", count - len(opened) - many_idle.DUE - 1)
    house_open(many, "acme", opened)
    house_closed(many, "acme", closed)
    owe_tomorrow(many)
    owners = zip(hand_out(many, opened, ["business:read", "customers:write"]), map(name_of, opened), strict=True)
    names = [*opened, *closed]
    strangers = hand_out(many, (names * (TOKENS // len(names) + 1))[:TOKENS], ["bookings:read"])
    os.sync()
    refused = [(each, '"required_scope":"business:read"') for each in strangers]
    return Boxes(one, many, secret, Turns("/business/", list(owners)), Turns("/business/", refused, 403))


def _said(what: str, pairs: Sequence[Pair]) -> str:
    """Both of both, for people."""
    one, many = ([pair[n] for pair in pairs] for n in (0, 1))
    seconds = [statistics.median(each.milliseconds for each in side) / 1000 for side in (one, many)]
    memory = [statistics.median(each.memory for each in side) for side in (one, many)]
    return (
        f"1 tenant: first answer after {seconds[0]:.2f} s, {memory[0]:.1f} MB; {what}: {seconds[1]:.2f} s, {memory[1]:.1f} MB"
    )
