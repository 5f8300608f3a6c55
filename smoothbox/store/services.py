"""The SQL of services."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct, structs

from smoothbox.store import versioned
from smoothbox.store.connection import Row, Tx
from smoothbox.store.listing import Source


class ServiceColumns(Struct, frozen=True, gc=False):
    """What a writer decides. Spans are minutes, booleans 0 or 1, JSON is text; None leaves it to the business."""

    name: str
    name_key: str
    description: str
    category: str
    duration: int
    price: int | None
    variable_pricing: int
    deposit_amount: int
    buffer_before: int
    buffer_after: int
    slot_interval: int | None
    min_notice: int | None
    max_advance_days: int | None
    capacity: int
    requires_manual_scheduling: int
    requires_confirmation: int
    display_order: int
    is_active: int
    metadata: str


class ServiceRow(ServiceColumns, frozen=True, gc=False):
    """As stored; `resource_ids` and `resource_groups` are kept by triggers."""

    id: int
    version: int
    resource_ids: str
    resource_groups: str
    created_at: str
    updated_at: str


class ServiceEntry(Struct, frozen=True):
    """A service as it is written: each group has the sorted ids of the resources of which it takes one."""

    columns: ServiceColumns
    groups: tuple[tuple[int, ...], ...]


_SELECT: Final = ", ".join(ServiceRow.__struct_fields__)

SOURCE: Final = Source(
    "service",
    ServiceRow.__struct_fields__,
    {
        "id": "id",
        "name": "name_key",
        "price": "price_key",
        "duration": "duration",
        "display_order": "display_order",
        "variable_pricing": "variable_pricing",
        "requires_manual_scheduling": "requires_manual_scheduling",
        "is_active": "is_active",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    {
        "search": "instr(name_key, ?)",
        "name": "name = ?",
        "price": "price = ?",
        "price__lt": "price < ?",
        "price__lte": "price <= ?",
        "price__gt": "price > ?",
        "price__gte": "price >= ?",
        "resource_id": "id IN (SELECT service_id FROM service_resource WHERE resource_id = ?)",
    },
)


def get(tx: Tx, service_id: int) -> ServiceRow | None:
    """One service."""
    return tx.remembered(("service", service_id), lambda: _read(tx, service_id))


def entry(row: ServiceRow) -> ServiceEntry:
    """A service as a writer sees it."""
    columns = {name: getattr(row, name) for name in ServiceColumns.__struct_fields__}
    groups = msgspec.json.decode(row.resource_groups, type=tuple[tuple[int, ...], ...])
    return ServiceEntry(ServiceColumns(**columns), groups)


def insert(tx: Tx, new: ServiceEntry, key: str | None) -> int:
    """Add a service, under the key of a catalogue file where one named it; its id."""
    tx.forget()
    service_id = versioned.insert(tx, "service", structs.asdict(new.columns) | {"catalogue_key": key})
    _set_groups(tx, service_id, new)
    return service_id


def update(tx: Tx, service_id: int, new: ServiceEntry) -> None:
    """Make this what a service is; its version grows by one."""
    tx.forget()
    versioned.update(tx, "service", service_id, structs.asdict(new.columns))
    _set_groups(tx, service_id, new)


def delete(tx: Tx, service_id: int) -> None:
    """Remove a service that nothing refers to; the versions of its resources grow by one."""
    tx.forget()
    members = tx.all("SELECT DISTINCT resource_id FROM service_resource WHERE service_id = ?", service_id)
    tx.run("DELETE FROM service WHERE id = ?", service_id)
    versioned.touch(tx, "resource", (each for (each,) in members))


def is_referred_to(tx: Tx, service_id: int) -> bool:
    """Whether a booking or a hold names a service."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM booking WHERE service_id = ?1) OR EXISTS (SELECT 1 FROM hold WHERE service_id = ?1)",
            service_id,
        )
    )


def _set_groups(tx: Tx, service_id: int, new: ServiceEntry) -> None:
    """Only what differs is written: each row costs its triggers a walk over all members of the service.

    The versions of resources that come or go grow by one, for they list their services.
    """
    before = set(tx.all("SELECT service_id, group_number, resource_id FROM service_resource WHERE service_id = ?", service_id))
    after = {(service_id, number, each) for number, group in enumerate(new.groups) for each in group}
    tx.many(
        "DELETE FROM service_resource WHERE service_id = ? AND group_number = ? AND resource_id = ?", sorted(before - after)
    )
    tx.many("INSERT INTO service_resource (service_id, group_number, resource_id) VALUES (?, ?, ?)", sorted(after - before))
    versioned.touch(tx, "resource", _members(before) ^ _members(after))


def _members(rows: Iterable[Row]) -> set[int]:
    return {resource_id for _, _, resource_id in rows}


def _read(tx: Tx, service_id: int) -> ServiceRow | None:
    row = tx.one(f"SELECT {_SELECT} FROM service WHERE id = ?", service_id)
    return ServiceRow(*row) if row else None
