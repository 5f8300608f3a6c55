"""A tenant that comes to the box with its files: out of a backup, or from another box.

Its files are made ready in a folder that no tenant has, which gets its name in the transaction that registers the tenant: it
is on the box with everything, or not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from smoothbox.clock import Clock
from smoothbox.durable import sync, workshop
from smoothbox.errors import Problem
from smoothbox.ids import MODES, Mode
from smoothbox.keyring import Keyring, Vault
from smoothbox.operations import tenants
from smoothbox.store import belongings, box, due, fence
from smoothbox.store.belongings import PersonRow, Text, TokenRow
from smoothbox.store.box import Tenant
from smoothbox.store.connection import Tx
from smoothbox.store.copies import bring
from smoothbox.store.direct import open_direct
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.store.migrate import TENANT
from smoothbox.upkeep.resealing import Resealed, reown, reseal


class Belongings(Struct, frozen=True):
    """A tenant as the registry of its old box knew it."""

    slug: str
    name: Text
    folder: str
    is_disabled: bool
    tokens: list[TokenRow]
    people: list[PersonRow]


class Luggage(Struct, frozen=True):
    """What comes with a tenant: copies of its files, and what opened their secrets."""

    belongings: Belongings
    copies: Mapping[Mode, Path]
    vaults: Mapping[Mode, Vault]


class Arrival(Struct, frozen=True):
    """A tenant that has come, and what could not come with it: tokens and people that the box has already."""

    tenant: Tenant
    tokens: int
    people: int
    tokens_left: Sequence[str]
    people_left: Sequence[str]
    secrets: Resealed


def belongings_of(tx: Tx, slug: str) -> Belongings:
    """All that this registry holds of a tenant. Raises Problem 'not_found'."""
    tenant = tenants.find(tx, slug)
    own_tokens, own_people = belongings.tokens_of(tx, tenant.id), belongings.people_of(tx, tenant.id)
    return Belongings(tenant.slug, tenant.name, tenant.folder, tenant.status == "DISABLED", own_tokens, own_people)


def settle(folder: DataFolder, clock: Clock, keyring: Keyring, slug: str, luggage: Luggage) -> Arrival:
    """Take a tenant in under this slug.

    Raises Problem 'conflict' for a slug that is taken or while the keys are replaced, 'validation_error' for one that is none,
    or 'unavailable' where a file is of a newer program or not what it should be. Then the box is as it was.
    """
    with folder.keys_kept():
        keyring.refresh()
        return _settle(folder, clock, keyring, slug, luggage)


def _settle(folder: DataFolder, clock: Clock, keyring: Keyring, slug: str, luggage: Luggage) -> Arrival:
    with open_box(folder, clock) as registry:
        place = registry.read(_free_place, slug)
    with unpacked(folder, clock, luggage, {mode: keyring.vault(place, mode) for mode in MODES}) as (ready, resealed):

        def register(tx: Tx) -> Arrival:
            is_free = _free_place(tx, slug) == place
            if is_free and folder.arriving(place):  # and whoever brought them was killed
                folder.remove_tenant(place)
            if not is_free or folder.tenant(place).exists():
                raise Problem("conflict", f"{folder.tenant(place)} has files that no tenant has; move it away first.")
            tenant = tenants.create(tx, slug, luggage.belongings.name)
            owners, left = _bring_tokens(tx, tenant, luggage.belongings.tokens)
            people_left = [each.name for each in luggage.belongings.people if not belongings.insert_person(tx, tenant.id, each)]
            for mode in MODES:
                with open_direct(ready / f"{mode}.db", TENANT, clock) as data:
                    data.write(reown, owners, keyring.vault(place, mode))
                due.mark(tx, tenant.id, mode)
            if luggage.belongings.is_disabled:
                box.set_tenant_status(tx, tenant.id, "DISABLED")
            folder.mark_arriving(ready)
            sync(ready)
            ready.rename(folder.tenant(place))
            sync(folder.tenant(place).parent)
            counts = len(luggage.belongings.tokens) - len(left), len(luggage.belongings.people) - len(people_left)
            return Arrival(tenants.find(tx, slug), *counts, left, people_left, resealed)

        with open_box(folder, clock) as registry:
            try:
                arrival = registry.write(register)
            except Problem:
                if folder.arriving(place) == ready.name and registry.read(box.tenant_by_folder, place) is None:
                    folder.remove_tenant(place)
                raise
        folder.arrived(place)
        return arrival


def _free_place(tx: Tx, slug: str) -> str:
    """The folder that a tenant of this slug would get. Raises Problem as `tenants.create`."""
    tenants.check_new(tx, slug)
    return tenants.unused_folder(tx, slug)


@contextmanager
def unpacked(
    folder: DataFolder, clock: Clock, luggage: Luggage, vaults: Mapping[Mode, Vault]
) -> Iterator[tuple[Path, Resealed]]:
    """The tenant's files made ready, in a folder that is gone in the end unless it was renamed."""
    with workshop(folder.tenants) as ready:
        resealed = [_unpack(ready / f"{mode}.db", clock, luggage, mode, vaults[mode]) for mode in MODES]
        yield ready, sum(resealed, Resealed())


def _unpack(path: Path, clock: Clock, luggage: Luggage, mode: Mode, vault: Vault) -> Resealed:
    """Put a file in place, as this program and this box have theirs."""
    bring(luggage.copies[mode], path)
    with open_direct(path, TENANT, clock) as data:
        data.write(fence.take_down)
        resealed = data.write(reseal, luggage.vaults[mode], vault)
    for snapshot in path.parent.glob("*.sqlite"):  # of before it was brought up to date; the copy is one
        snapshot.unlink()
    return resealed


def _bring_tokens(tx: Tx, tenant: Tenant, rows: Sequence[TokenRow]) -> tuple[dict[int, int], list[str]]:
    """Add the tokens; their lineages here by those of the old box, and the names of those that the box has already."""
    owners: dict[int, int] = {}
    left: list[str] = []
    for row in rows:
        token_id = belongings.insert_token(tx, tenant.id, row, owners.get(row.lineage))
        if token_id is None:
            left.append(row.name)
        else:
            owners.setdefault(row.lineage, token_id)
    return owners, left
