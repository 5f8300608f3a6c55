"""A tenant as a whole: its place in the registry together with its data files.

Each step is ordered so that a kill in between leaves nothing that shows and nothing that running it again does not repair.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from smoothbox.clock import Clock
from smoothbox.contract.catalogue import Catalogue
from smoothbox.ids import MODES, Mode
from smoothbox.operations import business, catalogue, tenants
from smoothbox.operations.catalogue import Change
from smoothbox.store import box, due
from smoothbox.store.census import counts
from smoothbox.store.connection import Tx
from smoothbox.store.folder import DataFolder, create_tenant_file, open_box, open_tenant

T = TypeVar("T")
Args = TypeVarTuple("Args")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What a tenant is made of."""

    slug: str
    name: str
    timezone: str
    currency: str


def settle(folder: DataFolder, clock: Clock, new: NewTenant, furnish: Callable[[Tx, Mode], None] | None = None) -> box.Tenant:
    """Register a tenant and make both its data files; `furnish` may fill each in a transaction of its own.

    Raises Problem 'validation_error' or 'conflict' as `tenants.create` and `business.open_books` do.
    The registry is committed last and held locked meanwhile: a tenant is known only once its files are there, and files
    that an interrupted run left behind are taken over by the next.
    """

    def register(tx: Tx) -> box.Tenant:
        tenant = tenants.create(tx, new.slug, new.name)
        if folder.arriving(tenant.folder):  # and whoever brought them was killed
            folder.remove_tenant(tenant.folder)
        for mode in MODES:
            create_tenant_file(folder, tenant.folder, mode, clock)
            with open_tenant(folder, tenant.folder, mode, clock) as data:
                data.write(business.open_books, new.name, new.timezone, new.currency)
                if furnish is not None:
                    data.write(furnish, mode)
        return tenant

    business.check_books(new.name, new.timezone, new.currency)
    with open_box(folder, clock) as registry:
        return registry.write(register)


def write_beside(
    folder: DataFolder, clock: Clock, tenant: box.Tenant, mode: Mode, verb: Callable[[Tx, *Args], T], *args: *Args
) -> T:
    """Run a verb on a tenant's file beside a server that may be running, and let that server hear of what is to be done.

    The registry is told before the verb is committed: nothing can be queued that the server never looks at, and one that
    looks at once waits for the commit. Whoever calls this has no transaction of the registry open.
    Raises what the verb raises, or Problem 'unavailable' when one of the files cannot take it.
    """
    with open_box(folder, clock) as registry, open_tenant(folder, tenant.folder, mode, clock) as data:

        def told(tx: Tx, *args: *Args) -> T:
            value = verb(tx, *args)
            if tx.has_queued:
                registry.write(due.note_change, tenant.id, mode)
            return value

        return data.write(told, *args)


def preview_catalogue(
    folder: DataFolder, clock: Clock, tenant: box.Tenant, modes: Sequence[Mode], wanted: Catalogue
) -> list[tuple[Mode, Change]]:
    """What `apply_catalogue` would change; only reads."""
    changes: list[tuple[Mode, Change]] = []
    for mode in modes:
        with open_tenant(folder, tenant.folder, mode, clock) as data:
            changes += [(mode, change) for change in data.read(catalogue.preview, wanted)]
    return changes


def apply_catalogue(
    folder: DataFolder, clock: Clock, tenant: box.Tenant, modes: Sequence[Mode], wanted: Catalogue
) -> list[tuple[Mode, Change]]:
    """Apply a catalogue in each of the modes, each in one transaction; returns the changes with their modes.

    The registry takes over the live name. Interrupted in between, it is whole again when applied again.
    """
    changes: list[tuple[Mode, Change]] = []
    for mode in modes:
        applied = write_beside(folder, clock, tenant, mode, catalogue.apply, wanted)
        changes += [(mode, change) for change in applied]
    if "live" in modes and tenant.name != wanted.business.name:
        with open_box(folder, clock) as registry:
            registry.write(box.set_tenant_name, tenant.id, wanted.business.name)
    return changes


def census(folder: DataFolder, clock: Clock, tenant: box.Tenant) -> dict[str, dict[str, int]]:
    """How much the tenant's files hold: mode → thing → count."""
    held: dict[str, dict[str, int]] = {}
    for mode in MODES:
        with open_tenant(folder, tenant.folder, mode, clock) as data:
            held[mode] = data.read(counts)
    return held


def remove(folder: DataFolder, clock: Clock, slug: str) -> box.Tenant:
    """Take a tenant off the box, then remove its data files, and those of removals that were interrupted.

    Raises Problem 'not_found'.
    """
    with open_box(folder, clock) as registry:
        tenant = registry.write(tenants.delete, slug)
        for name in registry.read(box.deleted_folders):
            folder.remove_tenant(name)
    return tenant
