"""The rows over HTTP: bare Tornado and a real box, in turn, round after round."""

import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.box import SEEDED, SERVICES, Box, open_box
from tests.bench.load import CONNECTIONS, Sample, find_wrk, put_load
from tests.bench.months import DIARIES
from tests.bench.processes import BenchError, Cores, Server, resident_mb, running
from tests.bench.rows import Figures, Goal, Row

ROUND_SECONDS = 3
WARM_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of request, and how many clients wait for it at once."""

    name: str
    title: str
    goal: Goal | None
    clients: int = CONNECTIONS

    @property
    def script(self) -> str:
        """The Lua script that asks; parts that differ in what is asked for share it."""
        return f"{self.name.partition('-')[0]}.lua"


def _month(name: str, cpu_us: float) -> Part:
    diary = DIARIES[name]
    title = f"GET free times of a month, {diary.resources} staff, {diary.bookings:,} bookings"
    return Part(name, title, Goal("<=", cpu_us, "cpu_us"), clients=2)  # so that little is left to do for one who hung up


BARE = Part("bare", "bare Tornado, 195 bytes", None)
PARTS = (
    Part("list", f"GET {SERVICES} services, each query new", Goal(">=", 0.45)),
    Part("one", f"GET one booking of {SEEDED:,}", Goal(">=", 0.7)),
    Part("book", "POST a booking, fsync", Goal(">=", 0.55)),
    _month("month", 8_000),
    _month("month-50", 60_000),
)


def measure(folder: Path, names: Sequence[str], rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Bare Tornado and the named parts; the rows, and remarks for people."""
    find_wrk()
    parts = [BARE, *(part for part in PARTS if part.name in names)]
    with ExitStack() as stack:
        command = [sys.executable, "-m", "tests.bench.bare"]
        bare = stack.enter_context(running("bare", command, core=cores.server, folder=folder))
        box = stack.enter_context(open_box(folder, cores.server, names)) if len(parts) > 1 else None
        rest = resident_mb(box.server.pid) if box else None
        runs = _Runs(bare, box, cores)
        for part in parts:
            if complaint := runs.once(part, WARM_SECONDS).complaint:
                raise BenchError(f"{part.name}: {complaint}")
        seen = [{part.name: runs.once(part, ROUND_SECONDS) for part in parts} for _ in range(rounds)]
        load = resident_mb(box.server.pid) if box else None
    remarks = [] if rest is None or load is None else [f"smoothbox memory: {rest:.0f} MB seeded, {load:.0f} MB after load"]
    return [_row(part, seen) for part in parts], remarks


class _Runs:
    """Puts load on one server after the other and checks what became of it."""

    def __init__(self, bare: Server, box: Box | None, cores: Cores) -> None:
        self._bare, self._box, self._cores = bare, box, cores
        self._fewest = self._most = SEEDED  # bookings that must and that may be there

    def once(self, part: Part, seconds: int) -> Sample:
        if part is BARE or self._box is None:
            sample = self._load(self._bare, part, [], seconds)
            if sample.complaint:
                raise BenchError(f"bare Tornado itself: {sample.complaint}; this machine is too busy to measure on")
            return sample
        box = self._box
        sample = self._load(box.server, part, box.arguments(part.name), seconds)
        return self._counted(box, sample) if part.name == "book" else sample

    def _load(self, server: Server, part: Part, arguments: Sequence[str], seconds: int) -> Sample:
        return put_load(server, part.script, arguments, clients=part.clients, seconds=seconds, cores=self._cores)

    def _counted(self, box: Box, sample: Sample) -> Sample:
        """Whatever was answered 201 is stored; of the rest only what was in flight when wrk hung up, maybe a little later."""
        box.next_slot += sample.sent
        self._fewest += sample.requests
        self._most += min(sample.sent, sample.requests + CONNECTIONS)
        stored = box.bookings()
        if sample.complaint or self._fewest <= stored <= self._most:
            return sample
        return sample.complaining(f"{stored} bookings are stored, it should be {self._fewest} to {self._most}")


def _row(part: Part, seen: Sequence[dict[str, Sample]]) -> Row:
    rounds = [_figures(samples[part.name], samples[BARE.name]) for samples in seen]
    complaints = {sample.complaint: None for samples in seen if (sample := samples[part.name]).complaint}
    size = statistics.median(samples[part.name].bytes_each for samples in seen)
    return Row(part.name, f"{part.title} ({size / 1000:.1f} kB)", part.goal, rounds, "; ".join(complaints))


def _figures(here: Sample, bare: Sample) -> Figures:
    others = max(here.others, bare.others)
    return Figures(here.rate, here.rate / max(bare.rate, 1.0), here.p50_ms, here.p99_ms, here.cpu_us, others)
