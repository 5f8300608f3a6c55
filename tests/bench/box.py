"""A real box to measure: made with the command line, seeded over the API; only the full diaries of months.py are not."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench import months
from tests.bench.caller import Caller
from tests.bench.processes import BenchError, Server, resident_mb
from tests.bench.serving import serving
from tests.bench.tenants import ZONE, command, settle, token

SERVICES = 50
RESOURCES = 4
CUSTOMERS = 500
SEEDED = 5000
STEP = 300  # seconds from one slot to the next; ten years of them are a million for each resource
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(slots=True)
class Box:
    """A box. `next_slot` is the first slot that nobody has asked for; of `months` each is a tenant of its own.

    Of bookings at least `fewest` and at most `most` have to be there; `tag` is that of its list of services, `rest_mb` the
    memory of its first server before it was seeded.
    """

    server: Server
    token: str
    months: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origin: int = field(default_factory=lambda: (int(time.time()) // 86400 + 2) * 86400)  # the day after tomorrow
    service: int = 0
    resources: list[int] = field(default_factory=list)
    next_slot: int = 0
    lowest_booking: int = 0
    highest_booking: int = 0
    fewest: int = 0
    most: int = 0
    tag: str = ""
    rest_mb: float | None = None

    def arguments(self, part: str) -> Sequence[str]:
        """What the Lua script of a part wants to know."""
        if part in self.months:
            return self.months[part]
        if part == "one":
            return [self.token, str(self.lowest_booking), str(self.highest_booking)]
        if part == "book":
            where = [str(self.service), ",".join(map(str, self.resources))]
            return [self.token, *where, *map(str, (self.origin, STEP, self.next_slot, CUSTOMERS))]
        return [self.token, self.tag] if part == "unchanged-304" else [self.token]

    def caller(self) -> Caller:
        """A connection of its tenant."""
        return Caller(self.server, self.token)

    def bookings(self) -> int:
        """How many bookings the API counts."""
        with closing(self.caller()) as caller:
            return int(caller.send("GET", "/bookings/?page_size=1")["count"])


@contextmanager
def open_box(folder: Path, core: int | None, names: Sequence[str]) -> Iterator[Box]:
    """Make a box in the folder with what the named parts need, seed it and start it."""
    data = folder / "box"
    with started(make_box(data, core, names), data, core) as box:
        yield box


def make_box(data: Path, core: int | None, names: Sequence[str]) -> Box:
    """Make a box with what the named parts need, and seed it; its server has ended."""
    command(data, "init")
    settle(data, "acme", catalogue())
    secret = token(data, "acme")
    with serving(data, core) as server:
        box = looked_around(Box(server, secret))
        box.rest_mb = resident_mb(server.pid)
        _seed(box)
    return replace(box, months={name: months.prepare(data, name) for name in months.DIARIES if name in names})


@contextmanager
def started(box: Box, data: Path, core: int | None, environment: Mapping[str, str] | None = None) -> Iterator[Box]:
    """The same box, served from this folder."""
    with serving(data, core, environment) as server:
        again = replace(box, server=server)
        with closing(again.caller()) as caller:
            again.tag = caller.tag("/services/")
        yield again


def copied(data: Path, target: Path) -> Path:
    """A copy of a folder that nobody serves, made by another process: what closes a database file drops SQLite's locks."""
    subprocess.run(["cp", "-r", str(data), str(target)], check=True, timeout=60)
    return target


def catalogue() -> str:
    """50 services; the first can be booked every five minutes of every day with any of four resources."""
    hours = "".join(f'{day} = ["00:00-24:00"]\n' for day in DAYS)
    business = f'[business]\nname = "Acme"\ntimezone = "{ZONE}"\ncurrency = "USD"\nslot_interval = 5\n'
    parts = [f"{business}min_notice = 0\nmax_advance_days = 3650\n[business.hours]\n{hours}"]
    parts += [f'[[resource]]\nkey = "r{n}"\nname = "Resource {n}"\ntype = "STAFF"\n' for n in range(RESOURCES)]
    every = ", ".join(f'"r{n}"' for n in range(RESOURCES))
    parts += [
        f'[[service]]\nkey = "s{n}"\nname = "Service {n:02}"\nduration = {5 if n == 0 else 30}\nprice = {1000 + n * 50}\n'
        f"slot_interval = 5\nmax_advance_days = 3650\ndisplay_order = {n}\nresources = [{every}]\n"
        for n in range(SERVICES)
    ]
    return "\n".join(parts)


def looked_around(box: Box) -> Box:
    """The box, once it knows its services and resources."""
    with closing(box.caller()) as caller:
        services = caller.send("GET", "/services/?page_size=200")["results"]
        resources = caller.send("GET", "/resources/?page_size=200")["results"]
    if (len(services), len(resources)) != (SERVICES, RESOURCES):
        raise BenchError(f"the box shows {len(services)} services and {len(resources)} resources")
    box.service = next(service["id"] for service in services if service["duration"] == 5)
    box.resources = sorted(resource["id"] for resource in resources)
    return box


def _seed(box: Box) -> None:
    def book(slots: range) -> list[int]:
        with closing(box.caller()) as caller:
            return [caller.send("POST", "/bookings/", _body(box, slot))["id"] for slot in slots]

    with ThreadPoolExecutor(8) as pool:
        ids = [one for some in pool.map(book, [range(n, SEEDED, 8) for n in range(8)]) for one in some]
    box.next_slot = box.fewest = box.most = SEEDED
    box.lowest_booking, box.highest_booking = min(ids), max(ids)
    if box.bookings() != SEEDED or box.highest_booking - box.lowest_booking != SEEDED - 1:
        raise BenchError(f"{SEEDED} bookings were answered 201 and {box.bookings()} are in the list")


def _body(box: Box, slot: int) -> dict[str, object]:
    """The same body as book.lua sends."""
    turn, resource = divmod(slot, RESOURCES)
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(box.origin + STEP * turn))
    who = slot % CUSTOMERS
    customer = {"first_name": "Bench", "last_name": f"Customer {who}", "email": f"bench-{who}@example.com"}
    return {
        "service_id": box.service,
        "start_time": start,
        "resource_id": box.resources[resource],
        "customer": customer,
    }
