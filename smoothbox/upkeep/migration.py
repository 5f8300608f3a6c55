"""Data files brought up to the schema of this program before anybody opens them, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.operations import tenants
from smoothbox.store.box import Tenant
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.upgrade import upgrade


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: how many migrations it lacked (0: it was up to date), or why it lacks them still."""

    tenant: Tenant
    mode: Mode
    path: Path
    applied: int = 0
    failure: str = ""


def migrate_all(folder: DataFolder, clock: Clock, chosen: Sequence[Tenant]) -> Iterator[Outcome]:
    """Bring both files of each tenant up to date, beside a server that may be running; what became of each, as it goes.

    One file is open at a time, and the registry is not. A file that fails keeps no other from its turn.
    """
    for tenant in chosen:
        for mode in MODES:
            yield _migrate(folder.tenant_file(tenant.folder, mode), clock, tenant, mode)


def failures(folder: DataFolder, clock: Clock, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that failed, but for files of tenants that were deleted meanwhile."""
    failed = [each for each in outcomes if each.failure]
    if not failed:
        return []
    with open_box(folder, clock) as registry:
        there = {tenant.id for tenant in registry.read(tenants.list_all)}
    return [each for each in failed if each.tenant.id in there]


def _migrate(path: Path, clock: Clock, tenant: Tenant, mode: Mode) -> Outcome:
    try:
        return Outcome(tenant, mode, path, upgrade(path, clock))
    except Problem as problem:
        return Outcome(tenant, mode, path, failure=problem.message)
