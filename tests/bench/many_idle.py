"""What a box of many tenants does while nothing is due.

Ten of the tenants have deliveries that are due when it starts, and half of those again a little later.
"""

import time
from pathlib import Path

from smoothbox.clock import Clock
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.webhooks import NewEndpoint
from smoothbox.keyring import Vault
from smoothbox.keyring_file import load_keyring
from smoothbox.operations import customers, webhooks
from smoothbox.store import box as registry
from smoothbox.store import due
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, open_box
from tests.bench.arrivals import receiving, wait_for
from tests.bench.box import copied
from tests.bench.processes import Cores, Server, cpu_seconds
from tests.bench.rows import Figures, Goal, Row
from tests.bench.serving import serving
from tests.bench.tenants import live_file

DUE = 10
IDLE_SECONDS = 20
RETRIES_SECONDS = 20  # the second attempt follows after about five
GOAL = Goal("<=", 10_000, "cpu_us")  # 1 % of a core


def measure(one: Path, many: Path, what: str, cores: Cores) -> Row:
    """What a second costs each of both boxes, at the same time, once everything that was due has been sent."""
    with receiving(many.parent, cores.load) as receiver:
        paths = _owe(many, receiver)
        with serving(one, cores.server) as calm, serving(many, cores.server) as full:
            for path, attempts in paths.items():
                wait_for(receiver, path, attempts, RETRIES_SECONDS)
            time.sleep(1)
            alone, beside = used_a_second(calm, full)
    figures = Figures(None, beside / max(alone, 1.0), None, None, beside)
    return Row("tenants-idle", f"a second without anything due, {what} : 1", GOAL, [figures])


def used_a_second(*servers: Server) -> list[float]:
    """µs of CPU that each of them uses in a second, at the same time."""
    before = [cpu_seconds(server.pid) or 0.0 for server in servers]
    time.sleep(IDLE_SECONDS)
    after = [cpu_seconds(server.pid) or 0.0 for server in servers]
    return [(late - early) * 1e6 / IDLE_SECONDS for early, late in zip(before, after, strict=True)]


def _owe(data: Path, receiver: Server) -> dict[str, int]:
    """Ten more tenants, each with a delivery that is due; where to, and after how many attempts nothing is due for minutes."""
    folder, paths = DataFolder(data), {}
    for number in range(DUE):
        slug, fails = f"due-{number}", number % 2 == 1
        with open_box(folder, Clock()) as box:
            tenant_id = box.write(registry.insert_tenant, slug, slug.title(), slug)
            copied(folder.tenant("acme"), folder.tenant(slug))
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
