"""The SQL of the catalogue as a whole: what `tenant apply` compares and writes, by the keys of its file.

Rows without a catalogue_key were made elsewhere and are none of its business.
"""

from typing import Any

from msgspec import Struct, structs

from smoothbox.store import business
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Row, Tx


class BusinessEntry(Struct, frozen=True):
    """The business with its closures as (date, name), by date."""

    row: BusinessRow
    closures: tuple[Row, ...]


class KeyedResource(Struct, frozen=True):
    """The columns of a resource that a file decides; hours are JSON, booleans 0 or 1."""

    catalogue_key: str
    name: str
    name_key: str
    type: str
    description: str
    timezone: str | None
    uses_business_hours: int
    hours: str
    display_order: int
    is_active: int


class ResourceEntry(Struct, frozen=True):
    """A resource with its exceptions as (date, intervals) and its time off as (start_at, end_at, reason), each sorted."""

    row: KeyedResource
    exceptions: tuple[Row, ...]
    time_off: tuple[Row, ...]


class KeyedService(Struct, frozen=True):
    """The columns of a service that a file decides; spans are minutes, booleans 0 or 1."""

    catalogue_key: str
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


class ServiceEntry(Struct, frozen=True):
    """A service with the sorted keys of the resources that offer it; '' stands for one that has no key."""

    row: KeyedService
    resources: tuple[str, ...]


Entry = BusinessEntry | ResourceEntry | ServiceEntry


def business_entry(tx: Tx) -> BusinessEntry:
    """The business as it is."""
    return BusinessEntry(business.get(tx), tuple(business.closures(tx)))


def resource_entries(tx: Tx) -> dict[str, ResourceEntry]:
    """Every resource that a file once named, by its key."""
    exceptions = _parts(tx, "date, intervals", "hours_exception")
    time_off = _parts(tx, "start_at, end_at, reason", "time_off")
    return {
        row.catalogue_key: ResourceEntry(row, exceptions.get(id_, ()), time_off.get(id_, ()))
        for id_, row in _keyed(tx, "resource", KeyedResource)
    }


def service_entries(tx: Tx) -> dict[str, ServiceEntry]:
    """Every service that a file once named, by its key."""
    links: dict[int, list[str]] = {}
    for service_id, key in tx.all(
        "SELECT service_id, coalesce(catalogue_key, '') FROM service_resource"
        " JOIN resource ON resource.id = resource_id ORDER BY 2"
    ):
        links.setdefault(service_id, []).append(key)
    return {row.catalogue_key: ServiceEntry(row, tuple(links.get(id_, ()))) for id_, row in _keyed(tx, "service", KeyedService)}


def service_ids(tx: Tx) -> dict[str, int]:
    """The ids of the services that a file once named, by their keys."""
    return dict(tx.all("SELECT catalogue_key, id FROM service WHERE catalogue_key IS NOT NULL"))


def insert_business(tx: Tx, name: str, timezone: str, currency: str) -> None:
    """Give a file its one business; over one that is there already, only these three change."""
    tx.forget()
    tx.run(
        "INSERT INTO business (id, name, timezone, currency, created_at, updated_at) VALUES (1, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone, currency = excluded.currency",
        *(name, timezone, currency, tx.stamp, tx.stamp),
    )


def save(tx: Tx, entry: Entry) -> None:
    """Make an entry what the file has; resources must be saved before the services that they offer."""
    tx.forget()
    if isinstance(entry, BusinessEntry):
        _save_business(tx, entry)
    elif isinstance(entry, ResourceEntry):
        _save_resource(tx, entry)
    else:
        _save_service(tx, entry)


def _save_business(tx: Tx, entry: BusinessEntry) -> None:
    columns = entry.row.__struct_fields__
    assignments = ", ".join(f"{column} = ?" for column in (*columns, "updated_at"))
    tx.run(f"UPDATE business SET {assignments}", *structs.astuple(entry.row), tx.stamp)
    tx.run("DELETE FROM closure")
    tx.many("INSERT INTO closure (date, name) VALUES (?, ?)", entry.closures)


def _save_resource(tx: Tx, entry: ResourceEntry) -> None:
    id_ = _upsert(tx, "resource", entry.row)
    tx.run("DELETE FROM hours_exception WHERE resource_id = ?", id_)
    tx.many(
        "INSERT INTO hours_exception (resource_id, date, intervals) VALUES (?, ?, ?)",
        [(id_, *exception) for exception in entry.exceptions],
    )
    tx.run("DELETE FROM time_off WHERE resource_id = ?", id_)
    tx.many(
        "INSERT INTO time_off (resource_id, start_at, end_at, reason) VALUES (?, ?, ?, ?)",
        [(id_, *absence) for absence in entry.time_off],
    )


def _save_service(tx: Tx, entry: ServiceEntry) -> None:
    id_ = _upsert(tx, "service", entry.row)
    tx.run("DELETE FROM service_resource WHERE service_id = ?", id_)
    tx.many(
        "INSERT INTO service_resource (service_id, resource_id) SELECT ?, id FROM resource WHERE catalogue_key = ?",
        [(id_, key) for key in entry.resources],
    )


def _upsert(tx: Tx, table: str, row: KeyedResource | KeyedService) -> int:
    columns = (*row.__struct_fields__, "updated_at")
    assignments = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    tx.run(
        f"INSERT INTO {table} ({', '.join(columns)}, created_at) VALUES ({', '.join('?' * (len(columns) + 1))})"
        f" ON CONFLICT (catalogue_key) DO UPDATE SET {assignments}",
        *(*structs.astuple(row), tx.stamp, tx.stamp),
    )
    id_: int = tx.value(f"SELECT id FROM {table} WHERE catalogue_key = ?", row.catalogue_key)
    return id_


def _keyed(tx: Tx, table: str, kind: Any) -> list[tuple[int, Any]]:
    columns = ", ".join(kind.__struct_fields__)
    rows = tx.all(f"SELECT id, {columns} FROM {table} WHERE catalogue_key IS NOT NULL ORDER BY display_order, id")
    return [(id_, kind(*values)) for id_, *values in rows]


def _parts(tx: Tx, columns: str, table: str) -> dict[int, tuple[Row, ...]]:
    parts: dict[int, tuple[Row, ...]] = {}
    for resource_id, *values in tx.all(f"SELECT resource_id, {columns} FROM {table} ORDER BY {columns}"):
        parts[resource_id] = (*parts.get(resource_id, ()), tuple(values))
    return parts
