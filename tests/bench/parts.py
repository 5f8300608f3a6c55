"""The kinds of requests that are compared with bare Tornado, and how one of them is put on a box."""

from dataclasses import dataclass

from tests.bench.box import SEEDED, SERVICES, Box
from tests.bench.load import CONNECTIONS, Sample, put_load
from tests.bench.months import DIARIES
from tests.bench.processes import Cores
from tests.bench.rows import Goal

READ, WRITE = Goal("<=", 2), Goal("<=", 3)  # p99 : p50
HEAD_BYTES = 1000
"""No answer without a body is larger."""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of request: what its rate and its p99 : p50 are to reach, and how many clients wait for it at once.

    One that is not `kept` is asked of a server that keeps no answers, so that each is made anew.
    """

    name: str
    title: str
    goal: Goal | None
    tail: Goal | None = None
    clients: int = CONNECTIONS
    kept: bool = True

    @property
    def script(self) -> str:
        """The Lua script that asks; parts that differ in what is asked for share it."""
        return f"{self.name.partition('-')[0]}.lua"


def _month(name: str, cpu_us: float) -> Part:
    diary = DIARIES[name]
    title = f"GET free times of a month, {diary.resources} staff, {diary.bookings:,} bookings"
    return Part(name, title, Goal("<=", cpu_us, "cpu_us"), clients=2)  # so that little is left to do for one who hung up


PARTS = (
    Part("list", f"GET {SERVICES} services, each query new", Goal(">=", 0.5), READ),
    Part("unchanged", f"GET {SERVICES} services, unchanged", Goal(">=", 1.2), READ),
    Part("unchanged-304", f"GET {SERVICES} services, 304", Goal(">=", 1.2), READ),
    Part("one", f"GET one booking of {SEEDED:,}, none kept", Goal(">=", 0.8), READ, kept=False),
    Part("book", "POST a booking, fsync", Goal(">=", 0.65), WRITE),
    _month("month", 8_000),
    _month("month-50", 60_000),
)


def ask(box: Box, part: Part, seconds: int, cores: Cores) -> Sample:
    """Put a part's load on a box for that long; what was wrong with the answers is the sample's complaint."""
    arguments = box.arguments(part.name)
    sample = put_load(box.server, part.script, arguments, clients=part.clients, seconds=seconds, cores=cores)
    if sample.complaint:
        return sample
    if part.name == "unchanged-304" and sample.bytes_each > HEAD_BYTES:
        return sample.complaining(f"{sample.bytes_each:.0f} bytes came each time, it should be a 304")
    return _counted(box, sample) if part.name == "book" else sample


def _counted(box: Box, sample: Sample) -> Sample:
    """Whatever was answered 201 is stored; of the rest only what was in flight when wrk hung up, maybe a little later."""
    box.next_slot += sample.sent
    box.fewest += sample.requests
    box.most += min(sample.sent, sample.requests + CONNECTIONS)
    stored = box.bookings()
    if box.fewest <= stored <= box.most:
        return sample
    return sample.complaining(f"{stored} bookings are stored, it should be {box.fewest} to {box.most}")
