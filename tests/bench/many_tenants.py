"""A box of 10,000 tenants beside a box of one: its start, its memory, and what it does while nothing is due.

Ten of the tenants have deliveries that are due when it starts, and half of those again a little later.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from smoothbox.clock import Clock
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.webhooks import NewEndpoint
from smoothbox.keyring import Vault, load_keyring
from smoothbox.operations import customers, webhooks
from smoothbox.store import box as registry
from smoothbox.store import due
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, open_box
from tests.bench.arrivals import receiving, wait_for
from tests.bench.box import Caller, catalogue
from tests.bench.processes import Cores, Server, cpu_seconds, resident_mb
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving
from tests.bench.tenants import command, live_file, settle, token

TENANTS = 10_000
DUE = 10
STARTS = 3
IDLE_SECONDS = 20
RETRIES_SECONDS = 20  # the second attempt follows after about five
IDLE = Goal("<=", 10_000, "cpu_us")  # 1 % of a core
ALIKE = Goal("<=", 1.2)


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds to the first answer, and MB of memory then."""

    seconds: float
    memory: float


def measure(folder: Path, rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """Starts in turn, then one idle time of both boxes at once; and memory, for people."""
    one, many = folder / "one", folder / "many"
    secret = _two_boxes(one, many)
    starts = [(_start(one, secret, cores), _start(many, secret, cores)) for _ in range(min(rounds, STARTS))]
    idle = _idle(one, many, cores)
    what = f"{TENANTS:,} tenants : 1"
    seconds = [_compared(few.seconds, full.seconds, full.seconds * 1000) for few, full in starts]
    memory = [_compared(few.memory, full.memory) for few, full in starts]
    rows = [
        Row("webhooks-start", f"start to first answer, {what}", ALIKE, seconds),
        Row("webhooks-memory", f"memory at the first answer, {what}", ALIKE, memory),
        Row("webhooks-idle", f"a second without anything due, {what}", IDLE, [idle]),
    ]
    return rows, [_said(starts)]


def _two_boxes(one: Path, many: Path) -> str:
    """A box with one tenant, and a copy of it with ten thousand; the token of the tenant that both have."""
    command(one, "init")
    settle(one, "acme", catalogue())
    secret = token(one, "acme")
    _copy(one, many)
    _house(many, [f"idle-{number}" for number in range(TENANTS - DUE - 1)])
    return secret


def _house(data: Path, slugs: Sequence[str]) -> None:
    """Tenants whose files nobody is to open: one copy of the first one's, under as many names (six gigabytes otherwise)."""
    folder = DataFolder(data)
    with open_box(folder, Clock()) as box:
        box.write(_register, slugs)
    _copy(folder.tenant("acme"), folder.tenant(slugs[0]))
    for slug in slugs[1:]:
        folder.tenant(slug).mkdir(mode=0o700)
        for mode in ("live", "test"):
            os.link(folder.tenant_file(slugs[0], mode), folder.tenant_file(slug, mode))


def _register(tx: Tx, slugs: Sequence[str]) -> None:
    for slug in slugs:
        registry.insert_tenant(tx, slug, slug.title(), slug)


def _copy(source: Path, target: Path) -> None:
    """By another process: where this one closes a database file, SQLite's locks are lost."""
    subprocess.run(["cp", "-r", str(source), str(target)], check=True, timeout=60)


def _start(data: Path, secret: str, cores: Cores) -> Start:
    began = time.monotonic()
    with serving(data, cores.server) as server:
        _ask(server, secret)
        return Start(time.monotonic() - began, resident_mb(server.pid) or 0.0)


def _ask(server: Server, secret: str) -> None:
    with closing(Caller(server, secret)) as caller:
        caller.send("GET", "/services/?page_size=1")


def _idle(one: Path, many: Path, cores: Cores) -> Figures:
    """What a second costs each of them, once everything that was due has been sent."""
    with receiving(many.parent, cores.load) as receiver:
        paths = _owe(many, receiver)
        with serving(one, cores.server) as calm, serving(many, cores.server) as full:
            for path, attempts in paths.items():
                wait_for(receiver, path, attempts, RETRIES_SECONDS)
            time.sleep(1)
            before = [cpu_seconds(server.pid) or 0.0 for server in (calm, full)]
            time.sleep(IDLE_SECONDS)
            after = [cpu_seconds(server.pid) or 0.0 for server in (calm, full)]
    alone, beside = ((late - early) * 1e6 / IDLE_SECONDS for early, late in zip(before, after, strict=True))
    return Figures(None, beside / max(alone, 1.0), None, None, beside)


def _owe(data: Path, receiver: Server) -> dict[str, int]:
    """Ten more tenants, each with a delivery that is due; where to, and after how many attempts nothing is due for minutes."""
    folder, paths = DataFolder(data), {}
    for number in range(DUE):
        slug, fails = f"due-{number}", number % 2 == 1
        with open_box(folder, Clock()) as box:
            tenant_id = box.write(registry.insert_tenant, slug, slug.title(), slug)
            _copy(folder.tenant("acme"), folder.tenant(slug))
            box.write(_note_due, tenant_id, fails)
        path = f"/{'fail' if fails else 'ok'}/{slug}"
        with live_file(data, slug) as file:
            file.write(_owe_one, receiver.url + path, load_keyring(folder.keyring).vault(slug, "live"))
        paths[path] = 2 if fails else 1
    return paths


def _note_due(tx: Tx, tenant_id: int, at_once: bool) -> None:
    """In the registry: it has to be looked at, or it is due in three seconds."""
    due.note_change(tx, tenant_id, "live")
    if not at_once:
        due.attended(tx, tenant_id, "live", 1)
        due.settle(tx, tenant_id, "live", tx.now + 3)


def _owe_one(tx: Tx, url: str, vault: Vault) -> None:
    webhooks.create(tx, NewEndpoint(url, ("customer.*",)), vault)
    customers.create(tx, NewCustomer("Bench", "Customer", "bench@example.com"))


def _compared(one: float, many: float, milliseconds: float | None = None) -> Figures:
    return Figures(None, many / one, milliseconds, None)


def _said(starts: Sequence[tuple[Start, Start]]) -> str:
    """Both of both, for people."""
    one, many = ([pair[n] for pair in starts] for n in (0, 1))
    seconds = [statistics.median(each.seconds for each in side) for side in (one, many)]
    memory = [statistics.median(each.memory for each in side) for side in (one, many)]
    return (
        f"1 tenant: first answer after {seconds[0]:.2f} s, {memory[0]:.1f} MB;"
        f" {TENANTS:,} tenants: {seconds[1]:.2f} s, {memory[1]:.1f} MB"
    )
