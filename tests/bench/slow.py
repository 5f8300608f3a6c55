"""Bookings over HTTP on slower disks: smoothbox, and beside it the writer as it is usually made, on the same requests."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smoothbox.contract.customers import NewCustomer
from smoothbox.operations import customers
from smoothbox.store.connection import Tx
from tests.bench.box import CUSTOMERS, Box, catalogue, copied, looked_around
from tests.bench.load import Sample, find_wrk
from tests.bench.parts import Part, ask
from tests.bench.processes import BenchError, Cores, running
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving
from tests.bench.several_hops import RESOURCES, SERVICE
from tests.bench.shim import NoShimError, build, require_preloaded, slower
from tests.bench.tenants import command, live_file, settle, token

ROUND_SECONDS = 2
WARM_SECONDS = 1
BOOK = Part("book", "POST a booking", None)


@dataclass(frozen=True, slots=True)
class Disk:
    """How much longer an fsync takes, and what smoothbox is to reach there beside the several hops."""

    name: str
    title: str
    slower_us: int
    goal: Goal | None = None


DISKS = (
    Disk("slow-0", "this disk", 0),
    Disk("slow-1", "+1 ms fsync", 1000, Goal(">=", 4)),
    Disk("slow-4", "+4 ms fsync", 4000),
)


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Two rows for each disk: the several hops, and smoothbox beside them."""
    find_wrk()
    secret = _make(folder / "box")
    return [row for disk in DISKS for row in _measured(folder, disk, secret, rounds, cores)], []


def _make(data: Path) -> str:
    """A box that knows the customers of book.lua; its token."""
    command(data, "init")
    settle(data, "acme", catalogue())
    with live_file(data, "acme") as file:
        file.write(_welcome)
    return token(data, "acme")


def _welcome(tx: Tx) -> None:
    for number in range(CUSTOMERS):
        customers.create(tx, NewCustomer("Bench", f"Customer {number}", f"bench-{number}@example.com"))


def _measured(folder: Path, disk: Disk, secret: str, rounds: int, cores: Cores) -> list[Row]:
    try:
        slowed = slower(build(folder), disk.slower_us) if disk.slower_us else {}
        with _several_hops(folder, disk, slowed, cores) as hops, _smoothbox(folder, disk, secret, slowed, cores) as box:
            for each in (hops, box):
                _require_good(ask(each, BOOK, WARM_SECONDS, cores))
            seen = [tuple(ask(each, BOOK, ROUND_SECONDS, cores) for each in (hops, box)) for _ in range(rounds)]
    except NoShimError as error:
        return [Row(disk.name, f"{BOOK.title}, {disk.title}", disk.goal, gap=str(error))]
    return [_hops_row(disk, [hops for hops, _ in seen]), _row(disk, seen)]


@contextmanager
def _several_hops(folder: Path, disk: Disk, slowed: Mapping[str, str], cores: Cores) -> Iterator[Box]:
    """The other server, which looks like a box to who books."""
    command = [sys.executable, "-m", "tests.bench.several_hops", str(folder / f"{disk.name}.db"), str(CUSTOMERS)]
    name = f"{disk.name}-hops"
    with running(name, command, core=cores.server, folder=folder, environment=slowed) as server:
        if slowed:
            require_preloaded(server)
        yield Box(server, "none", service=SERVICE, resources=list(RESOURCES))


@contextmanager
def _smoothbox(folder: Path, disk: Disk, secret: str, slowed: Mapping[str, str], cores: Cores) -> Iterator[Box]:
    with serving(copied(folder / "box", folder / disk.name), cores.server, slowed) as server:
        if slowed:
            require_preloaded(server)
        yield looked_around(Box(server, secret))


def _require_good(sample: Sample) -> None:
    if sample.complaint:
        raise BenchError(sample.complaint)


def _hops_row(disk: Disk, seen: Sequence[Sample]) -> Row:
    figures = [Figures(here.rate, 1.0, here.p50_ms, here.p99_ms, here.cpu_us, here.others) for here in seen]
    return Row(f"{disk.name}-hops", f"{BOOK.title}, {disk.title}: several hops", None, figures, _complaint(seen))


def _row(disk: Disk, seen: Sequence[Sequence[Sample]]) -> Row:
    figures = [
        Figures(here.rate, here.rate / hops.rate, here.p50_ms, here.p99_ms, here.cpu_us, max(hops.others, here.others))
        for hops, here in seen
    ]
    title = f"{BOOK.title}, {disk.title}: smoothbox : several hops"
    return Row(disk.name, title, disk.goal, figures, _complaint([here for _, here in seen]))


def _complaint(samples: Sequence[Sample]) -> str:
    return "; ".join({each.complaint: None for each in samples if each.complaint})
