"""How many deliveries a second leave for a local receiver, alone and beside GET one booking, and what that keeps of its rate.

Each time more is queued than can leave: for one endpoint, and for so many that as much is under way as ever is.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from smoothbox.contract.customers import CustomerChange, NewCustomer
from smoothbox.operations import customers
from smoothbox.store.connection import Tx
from tests.bench.arrivals import Arrivals, arrivals, receiving, wait_for
from tests.bench.box import Box, Caller, catalogue, open_box
from tests.bench.load import CONNECTIONS, Sample, put_load
from tests.bench.processes import BenchError, Cores, Server, cpu_seconds
from tests.bench.rows import Figures, Goal, Row
from tests.bench.tenants import live_file, settle, token

BACKLOG = 12_000  # deliveries; more than leave while they are measured
ROUND_SECONDS = 2
ALONE_SECONDS = 1.0
START_SECONDS = 10.0
KEPT = Goal(">=", 0.6)
SENT = Goal(">=", 300, "rate")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is told: so many tenants with so many endpoints each; and how many deliveries are to leave beside GETs.

    One endpoint has no such goal: it has two attempts at a time, and each goes around a busy loop several times.
    """

    name: str
    title: str
    tenants: int
    endpoints: int
    sent: Goal | None


CROWDS = (
    Crowd("webhooks-one", "1 endpoint", 1, 1, None),
    Crowd("webhooks-many", "16 endpoints of 4 tenants", 4, 4, SENT),
)


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant of the box that has something to tell."""

    data: Path
    slug: str
    caller: Caller

    def subscribe(self, receiver: Server, endpoints: int) -> list[int]:
        """Add so many endpoints; their ids."""
        bodies = ({"url": f"{receiver.url}/ok/{self.slug}/{n}", "events": ["customer.*"]} for n in range(endpoints))
        return [self.caller.send("POST", "/webhooks/", body)["id"] for body in bodies]

    def happen(self, events: int) -> None:
        """So many events, written beside the server, which hears of them when an endpoint is pinged."""
        with live_file(self.data, self.slug) as file:
            file.write(_change_often, events)


@dataclass(frozen=True, slots=True)
class Seen:
    """One crowd in one round: GETs alone, then deliveries a second alone (and µs of CPU for each), then both at once."""

    gets_alone: Sample
    alone: float
    alone_us: float | None
    beside: float
    gets: Sample


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Three rows for each crowd: the GETs beside its deliveries, the deliveries beside them, and the deliveries alone."""
    with receiving(folder, cores.load) as receiver, open_box(folder, cores.server, []) as box, ExitStack() as stack:
        tenants = range(max(crowd.tenants for crowd in CROWDS))
        businesses = [stack.enter_context(_business(folder / "box", box, number)) for number in tenants]
        bench = _Bench(box, receiver, businesses, cores)
        bench.gets(1)
        seen = [[bench.once(crowd) for crowd in CROWDS] for _ in range(rounds)]
    return [row for crowd, each in zip(CROWDS, zip(*seen, strict=True), strict=True) for row in _rows(crowd, each)], []


class _Bench:
    """A box, its tenants, and where they deliver to."""

    def __init__(self, box: Box, receiver: Server, businesses: Sequence[Business], cores: Cores) -> None:
        self._box, self._receiver, self._businesses, self._cores = box, receiver, businesses, cores

    def gets(self, seconds: int) -> Sample:
        """GET one booking, for so long."""
        server, arguments = self._box.server, self._box.arguments("one")
        return put_load(
            *(server, "one.lua", arguments),
            clients=CONNECTIONS,
            seconds=seconds,
            cores=self._cores,
            receiver=self._receiver,
        )

    def once(self, crowd: Crowd) -> Seen:
        """GETs, deliveries to a crowd, and both, one right after the other: machines change their speed."""
        gets_alone = self.gets(ROUND_SECONDS)
        with self._backlog(crowd):
            before, cpu = arrivals(self._receiver), cpu_seconds(self._box.server.pid)
            time.sleep(ALONE_SECONDS)
            between, used = arrivals(self._receiver), cpu_seconds(self._box.server.pid)
            gets = self.gets(ROUND_SECONDS)
            after = arrivals(self._receiver)
        each = None if used is None or cpu is None else (used - cpu) * 1e6 / max(between.total - before.total, 1)
        return Seen(gets_alone, between.rate_since(before), each, after.rate_since(between), gets)

    @contextmanager
    def _backlog(self, crowd: Crowd) -> Iterator[None]:
        """Deliveries are under way, and more are queued until the end of the block; then none is."""
        here, before = self._businesses[: crowd.tenants], arrivals(self._receiver)
        endpoints = [(each, each.subscribe(self._receiver, crowd.endpoints)) for each in here]
        for business in here:
            business.happen(BACKLOG // crowd.tenants // crowd.endpoints)
        for business, ids in endpoints:
            business.caller.send("POST", f"/webhooks/{ids[0]}/ping/", {})
        for business in here:
            path = f"/ok/{business.slug}/0"
            wait_for(self._receiver, path, before.at(path) + 1, START_SECONDS)
        yield
        _refuse_dry(before, arrivals(self._receiver))
        for business, ids in endpoints:
            for endpoint_id in ids:
                business.caller.send("DELETE", f"/webhooks/{endpoint_id}/")


def _refuse_dry(before: Arrivals, after: Arrivals) -> None:
    if after.total - before.total >= BACKLOG:
        raise BenchError(f"all {BACKLOG:,} deliveries had left before they were measured; queue more")


@contextmanager
def _business(data: Path, box: Box, number: int) -> Iterator[Business]:
    """The box's first tenant, or a new one."""
    slug, secret = "acme", box.token
    if number:
        slug = f"tenant-{number}"
        settle(data, slug, catalogue())
        secret = token(data, slug)
        with live_file(data, slug) as file:
            file.write(customers.create, NewCustomer("Bench", "Customer", "bench@example.com"))
    with closing(Caller(box.server, secret)) as caller:
        yield Business(data, slug, caller)


def _change_often(tx: Tx, events: int) -> None:
    (customer_id,) = tx.all("SELECT min(id) FROM customer")[0]
    for number in range(events):
        customers.change(tx, customer_id, CustomerChange(notes=f"{number} at {tx.stamp}"))


def _rows(crowd: Crowd, seen: Sequence[Seen]) -> list[Row]:
    complaint = "; ".join({one.complaint: None for each in seen for one in (each.gets_alone, each.gets) if one.complaint})
    return [
        Row(f"{crowd.name}-gets", f"GET one booking beside deliveries to {crowd.title} : alone", KEPT, _kept(seen), complaint),
        Row(f"{crowd.name}-beside", f"deliveries to {crowd.title} beside GET one booking : alone", crowd.sent, _beside(seen)),
        Row(f"{crowd.name}-alone", f"deliveries to {crowd.title} alone", None, _alone(seen)),
    ]


def _kept(seen: Sequence[Seen]) -> list[Figures]:
    pairs = ((each.gets_alone, each.gets) for each in seen)
    return [
        Figures(now.rate, now.rate / alone.rate, now.p50_ms, now.p99_ms, now.cpu_us, max(alone.others, now.others))
        for alone, now in pairs
    ]


def _beside(seen: Sequence[Seen]) -> list[Figures]:
    return [Figures(each.beside, each.beside / each.alone, None, None, None, each.gets.others) for each in seen]


def _alone(seen: Sequence[Seen]) -> list[Figures]:
    return [Figures(each.alone, 1.0, None, None, each.alone_us) for each in seen]
