"""A box whose 10,000 tenants have files of the schema before the newest: `TENANTS=500 ONLY=migrate` for a quick look.

Its start does not wait for them; `smoothbox tenant migrate --all` brings all of them up to date beside the server.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.box import copied
from tests.bench.generator import hand_out, house_old, lacking_space, name_of, slugs
from tests.bench.in_turn import Turns
from tests.bench.load import Used
from tests.bench.processes import BenchError, Cores, Server, on_core
from tests.bench.rows import Figures, Row
from tests.bench.serving import serving
from tests.bench.starts import start_rows, starts
from tests.bench.tenants import command

TENANTS = 10_000
ASKED = 300
LIMIT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: what it answered, and what a file took."""

    answer: dict[str, Any]
    files: int
    seconds: float
    used: Used

    @property
    def cpu_us(self) -> float:
        """µs of CPU for each file."""
        return self.used.load * 1e6 / self.files

    def row(self, name: str, title: str, first: "Run", complaint: str) -> Row:
        """Files a second; the ratio is that of CPU to the first run's."""
        others = max(0.0, self.used.others / self.seconds)
        figures = Figures(self.files / self.seconds, self.cpu_us / first.cpu_us, None, None, self.cpu_us, others)
        return Row(name, title, None, [figures], complaint)


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """The start beside that of a box with one such tenant, then one run of the command, and one more."""
    names = slugs("old", int(os.environ.get("TENANTS", TENANTS)))
    what = f"{len(names):,} tenants of an older schema"
    if gap := lacking_space(folder, 2 * len(names)):
        return [Row("migrate", what, gap=gap)], []
    one, many, secret = _boxes(folder, names)
    rows = start_rows("migrate", what, starts(one, many, secret, rounds, cores))
    with serving(many, cores.server) as server:
        first, again = (_run(many, 2 * len(names), server, cores) for _ in range(2))
        wrong = _wrong(many, names, server, cores)
    complaint = wrong or _complaint(first, {"up_to_date": 1, "migrated": first.files - 1, "failed": []})
    rows.append(first.row("migrate", f"tenant migrate --all, {first.files:,} files, a file", first, complaint))
    complaint = _complaint(again, {"up_to_date": again.files, "migrated": 0, "failed": []})
    rows.append(again.row("migrate-again", "  once more, all up to date : before, CPU", first, complaint))
    return rows, [f"migrate: {first.files:,} files in {first.seconds:.1f} s, then in {again.seconds:.1f} s"]


def _boxes(folder: Path, names: list[str]) -> tuple[Path, Path, str]:
    one, many = folder / "one", folder / "many"
    command(one, "init")
    house_old(one, names[:1])
    (secret,) = hand_out(one, names[:1], ["services:read"])
    copied(one, many)
    house_old(many, names[1:])
    os.sync()
    return one, many, secret


def _run(data: Path, files: int, server: Server, cores: Cores) -> Run:
    line = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "--json", "tenant", "migrate", "--all"]
    before, began = Used.by(server, None, cores), time.monotonic()
    with on_core(cores.load):
        run = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    seconds = time.monotonic() - began
    if not run.stdout:
        raise BenchError(f"tenant migrate ended with {run.returncode}:\n{run.stderr[-600:]}")
    return Run(json.loads(run.stdout), files, seconds, Used.by(server, None, cores).since(before))


def _complaint(run: Run, expected: dict[str, Any]) -> str:
    return "" if run.answer == expected else f"it answered {str(run.answer)[:400]}, it should be {expected}"


def _wrong(data: Path, names: list[str], server: Server, cores: Cores) -> str:
    """What is wrong with the businesses of some of them, '' where nothing is."""
    some = names[:: max(1, len(names) // ASKED)]
    secrets = hand_out(data, some, ["business:read"])
    turns = Turns("/business/", list(zip(secrets, map(name_of, some), strict=True)))
    return turns.ask(server, len(some), cores).complaint
