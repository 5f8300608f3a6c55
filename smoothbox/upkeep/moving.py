"""A tenant on its way from one box to another: paused, packed, and taken in.

Paused means: the registry says so, and nobody can write to its files. So what is packed then is all that was ever
acknowledged, and the box that it comes to goes on from there.
"""

from contextlib import suppress
from pathlib import Path
from typing import IO

from smoothbox.clock import Clock, instant_text
from smoothbox.durable import workshop
from smoothbox.errors import Problem
from smoothbox.ids import MODES
from smoothbox.keyring import Keyring
from smoothbox.operations import tenants
from smoothbox.store import fence
from smoothbox.store.box import Tenant
from smoothbox.store.copies import Copied, copy
from smoothbox.store.direct import open_direct
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from smoothbox.store.migrate import TENANT
from smoothbox.store.shape import drop_foreign
from smoothbox.upkeep import archives, arrivals
from smoothbox.upkeep.arrivals import Arrival
from smoothbox.upkeep.resealing import Resealed, reseal


def pause(folder: DataFolder, clock: Clock, slug: str) -> Tenant:
    """Answer the tenant's tokens 503 with Retry-After, and let nobody write to its files, until it is resumed.

    When it returns, every write that was acknowledged is in the files, and no other will be. Raises Problem 'not_found', or
    'unavailable' for a file that cannot be opened: then the tenant goes on, if it did before.
    """
    with open_box(folder, clock) as registry:
        before = registry.read(tenants.find, slug)
        tenant = registry.write(tenants.pause, slug)
    try:
        for mode in MODES:
            with open_tenant(folder, tenant.folder, mode, clock) as data:
                data.write(fence.put_up)
    except Problem:
        if before.status != "PAUSED":
            _go_on(folder, clock, tenant)
        raise
    return tenant


def _go_on(folder: DataFolder, clock: Clock, tenant: Tenant) -> None:
    """Undo a pause as far as the files can be opened."""
    for mode in MODES:
        with suppress(Problem), open_tenant(folder, tenant.folder, mode, clock) as data:
            data.write(fence.take_down)
    with open_box(folder, clock) as registry:
        registry.write(tenants.resume, tenant.slug)


def resume(folder: DataFolder, clock: Clock, slug: str) -> Tenant:
    """Undo `pause`. Raises Problem as it does."""
    with open_box(folder, clock) as registry:
        tenant = registry.read(tenants.find, slug)
    for mode in MODES:
        with open_tenant(folder, tenant.folder, mode, clock) as data:
            data.write(fence.take_down)
    with open_box(folder, clock) as registry:
        return registry.write(tenants.resume, slug)


def export(folder: DataFolder, clock: Clock, own: Keyring, slug: str, archive: Keyring, file: IO[bytes]) -> Resealed:
    """Pack a tenant with its tokens' hashes, people and webhooks; its secrets are sealed with the archive's key.

    It is one state of each file; of a tenant that is not paused the box may know more a moment later.
    Raises Problem 'not_found', 'unavailable' or 'storage_full'.
    """
    with open_box(folder, clock) as registry:
        belongings = registry.read(arrivals.belongings_of, slug)
    with workshop(folder.root) as room:
        resealed, copies = Resealed(), {}
        for mode in MODES:
            path = room / f"{mode}.copy"
            copy(folder.tenant_file(belongings.folder, mode), path, TENANT)
            with open_direct(path, TENANT, clock) as data:
                data.write(fence.take_down)
                data.write(drop_foreign)
                resealed += data.write(reseal, own.vault(belongings.folder, mode), archives.vault_of(archive, mode))
            copies[mode] = _packed(path, room / f"{mode}.sqlite")
        archives.write(file, instant_text(clock.now()), belongings, copies)
    return resealed


def take_in(folder: DataFolder, clock: Clock, own: Keyring, path: Path, archive: Keyring, slug: str | None) -> Arrival:
    """Bring the tenant of an archive to this box, under this slug or its own. Raises Problem as `archives` and `arrivals`."""
    with workshop(folder.root) as room:
        luggage = archives.unpack(path, room, archive)
        return arrivals.settle(folder, clock, own, slug or luggage.belongings.slug, luggage)


def _packed(path: Path, target: Path) -> tuple[Path, Copied]:
    """The copy once more, without what it held before its secrets were sealed anew."""
    return target, copy(path, target, TENANT)
