"""What an endpoint that never answers costs the others, while 500 events wait for it.

The others are another endpoint of its tenant, one of another tenant, and those who book. Two servers take turns: the same
box twice, and only one has that endpoint.
"""

import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.arrivals import arrivals, receiving, wait_for
from tests.bench.box import CUSTOMERS, Box, Caller, catalogue, looked_around
from tests.bench.load import CONNECTIONS, Sample, put_load
from tests.bench.processes import BenchError, Cores, Server
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving
from tests.bench.tenants import command, settle, token

SLUGS = ("acme", "other")
PROBES = 10  # events whose arrival is timed, in each round, of each tenant
PROMPT_SECONDS = 2.0
ROUND_SECONDS = 2
ARRIVES = Goal("<=", PROMPT_SECONDS * 1000, "p99_ms")
BOOKS = Goal("<=", 1.15)
BESIDE = f"{CUSTOMERS} wait for one that hangs : none"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two boxes, with a connection of each of its tenants, and where it delivers to."""

    name: str
    box: Box
    callers: Sequence[Caller]
    receiver: Server

    def path(self, slug: str) -> str:
        """Where the events of a tenant go that are received."""
        return f"/ok/{self.name}/{slug}"

    def arrival_ms(self, slug: str, person: str) -> float:
        """How long after the answer to a POST its event arrives."""
        path = self.path(slug)
        before = arrivals(self.receiver).at(path)
        self.callers[SLUGS.index(slug)].send("POST", "/customers/", _customer(person))
        answered = time.monotonic()
        return max(0.0, wait_for(self.receiver, path, before + 1, 5 * PROMPT_SECONDS) - answered) * 1000

    def book(self, cores: Cores) -> Sample:
        """POST bookings of the first tenant."""
        sample = put_load(
            *(self.box.server, "book.lua", self.box.arguments("book")),
            clients=CONNECTIONS,
            seconds=ROUND_SECONDS,
            cores=cores,
            receiver=self.receiver,
        )
        self.box.next_slot += sample.sent
        return sample


@dataclass(frozen=True, slots=True)
class Seen:
    """One box in one round: arrivals in ms by tenant, and bookings."""

    arrivals: dict[str, list[float]]
    bookings: Sample


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """How soon the others hear of their events, and how long bookings take; and the latter in ms, for people."""
    secrets = _two_boxes(folder)
    with receiving(folder, cores.load) as receiver, ExitStack() as stack:
        calm = stack.enter_context(_side(folder / "calm", secrets, receiver, cores, hangs=False))
        hung = stack.enter_context(_side(folder / "hung", secrets, receiver, cores, hangs=True))
        for side in (calm, hung):
            side.book(cores)
        seen = [_round(calm, hung, number, cores) for number in range(rounds)]
        _refuse_idle(hung)
    p95 = [statistics.median(side.bookings.p95_ms for side in sides) for sides in zip(*seen, strict=True)]
    said = f"POST a booking, p95: {p95[0]:.1f} ms, and {p95[1]:.1f} ms while {CUSTOMERS} events wait for one that hangs"
    rows = [_arrivals(slug, seen) for slug in SLUGS]
    return [*rows, _bookings(seen)], [said]


def _two_boxes(folder: Path) -> list[str]:
    """Make two boxes that do not differ; the tokens of their tenants."""
    command(folder / "calm", "init")
    for slug in SLUGS:
        settle(folder / "calm", slug, catalogue())
    secrets = [token(folder / "calm", slug) for slug in SLUGS]
    subprocess.run(["cp", "-r", str(folder / "calm"), str(folder / "hung")], check=True, timeout=60)
    return secrets


@contextmanager
def _side(data: Path, secrets: Sequence[str], receiver: Server, cores: Cores, *, hangs: bool) -> Iterator[Side]:
    with serving(data, cores.server) as server, ExitStack() as stack:
        callers = [stack.enter_context(closing(Caller(server, secret))) for secret in secrets]
        side = Side(data.name, looked_around(Box(server, secrets[0])), callers, receiver)
        for slug, caller in zip(SLUGS, callers, strict=True):
            _subscribe(caller, receiver.url + side.path(slug))
        if hangs:
            _subscribe(callers[0], f"{receiver.url}/hang")
        for number in range(CUSTOMERS):  # those of book.lua, so that its bookings make none
            callers[0].send("POST", "/customers/", _customer(str(number)))
        wait_for(receiver, side.path(SLUGS[0]), CUSTOMERS, 30)
        yield side


def _subscribe(caller: Caller, url: str) -> None:
    caller.send("POST", "/webhooks/", {"url": url, "events": ["customer.*"]})


def _customer(person: str) -> dict[str, object]:
    return {"first_name": "Bench", "last_name": f"Customer {person}", "email": f"bench-{person}@example.com"}


def _round(calm: Side, hung: Side, number: int, cores: Cores) -> tuple[Seen, Seen]:
    """The two take turns at going first."""
    sides = (calm, hung) if number % 2 else (hung, calm)
    seen = {side.name: _seen(side, f"round-{number}", cores) for side in sides}
    return seen[calm.name], seen[hung.name]


def _seen(side: Side, person: str, cores: Cores) -> Seen:
    times = {slug: [side.arrival_ms(slug, f"{person}-{n}") for n in range(PROBES)] for slug in SLUGS}
    return Seen(times, side.book(cores))


def _refuse_idle(hung: Side) -> None:
    """The backlog that was measured beside has to be there to the end."""
    came = arrivals(hung.receiver).at("/hang")
    if not 0 < came < CUSTOMERS / 2:
        raise BenchError(f"{came} of {CUSTOMERS} deliveries were tried on the endpoint that hangs")


def _arrivals(slug: str, seen: Sequence[tuple[Seen, Seen]]) -> Row:
    whose = "another endpoint" if slug == SLUGS[0] else "another tenant"
    pairs = ((calm.arrivals[slug], hung.arrivals[slug]) for calm, hung in seen)
    medians = ((statistics.median(calm), statistics.median(hung), max(hung)) for calm, hung in pairs)
    figures = [Figures(None, here / max(usual, 0.1), here, last) for usual, here, last in medians]
    return Row(f"webhooks-arrival-{slug}", f"an event reaches {whose}, {BESIDE}", ARRIVES, figures)


def _bookings(seen: Sequence[tuple[Seen, Seen]]) -> Row:
    pairs = [(calm.bookings, hung.bookings) for calm, hung in seen]
    complaint = "; ".join({one.complaint: None for pair in pairs for one in pair if one.complaint})
    figures = [
        Figures(hung.rate, hung.p95_ms / calm.p95_ms, hung.p50_ms, hung.p99_ms, hung.cpu_us, max(calm.others, hung.others))
        for calm, hung in pairs
    ]
    return Row("webhooks-book", f"POST a booking, its p95, {BESIDE}", BOOKS, figures, complaint)
