"""The SQL of resources, and of all that fills their diaries."""

from itertools import groupby
from operator import itemgetter
from typing import Final

from msgspec import Struct

from smoothbox.store.connection import Row, Tx
from smoothbox.store.listing import Source


class ResourceColumns(Struct, frozen=True, gc=False):
    """What a writer decides: hours are JSON, booleans 0 or 1, a zone of None is the business's."""

    name: str
    name_key: str
    type: str
    description: str
    timezone: str | None
    uses_business_hours: int
    hours: str
    display_order: int
    is_active: int


class ResourceRow(ResourceColumns, frozen=True, gc=False):
    """As stored; `service_ids` is kept by triggers."""

    id: int
    version: int
    service_ids: str
    created_at: str
    updated_at: str


class Bookable(Struct, frozen=True, gc=False):
    """The part of a resource that availability needs."""

    id: int
    name: str
    timezone: str | None
    uses_business_hours: int
    hours: str


_SELECT: Final = ", ".join(ResourceRow.__struct_fields__)
_BOOKABLE: Final = "resource.id, resource.name, resource.timezone, resource.uses_business_hours, resource.hours"
_OF_SERVICE: Final = "SELECT resource_id FROM service_resource WHERE service_id = ?"

SOURCE: Final = Source(
    "resource",
    ResourceRow.__struct_fields__,
    {
        "id": "id",
        "name": "name_key",
        "type": "type",
        "display_order": "display_order",
        "is_active": "is_active",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    {
        "search": "instr(name_key, ?)",
        "name": "name = ?",
        "service_id": "id IN (SELECT resource_id FROM service_resource WHERE service_id = ?)",
    },
)


def get(tx: Tx, resource_id: int) -> ResourceRow | None:
    """One resource."""
    row = tx.one(f"SELECT {_SELECT} FROM resource WHERE id = ?", resource_id)
    return ResourceRow(*row) if row else None


def active_names(tx: Tx) -> list[tuple[str, int]]:
    """The name and id of each that can be booked, as lists have them in order."""
    rows = tx.all("SELECT name, id FROM resource WHERE is_active = 1 ORDER BY display_order, id")
    return [(name, resource_id) for name, resource_id in rows]


def name(tx: Tx, resource_id: int) -> str:
    """The name of a resource that exists."""
    found: str = tx.value("SELECT name FROM resource WHERE id = ?", resource_id)
    return found


def groups_of(tx: Tx, service_id: int) -> list[list[Bookable]]:
    """The groups of a service, in order, each with its active resources by id; a booking takes one of each."""
    return tx.remembered(("groups", service_id), lambda: _read_groups(tx, service_id))


def _read_groups(tx: Tx, service_id: int) -> list[list[Bookable]]:
    rows = tx.all(
        f"SELECT group_number, is_active, {_BOOKABLE} FROM service_resource JOIN resource ON resource.id = resource_id"
        " WHERE service_id = ? ORDER BY group_number, resource.id",
        service_id,
    )
    return [[Bookable(*row[2:]) for row in group if row[1]] for _, group in groupby(rows, key=itemgetter(0))]


def hours_exceptions(tx: Tx, service_id: int, first: str, last: str) -> list[Row]:
    """(resource, date, intervals) of the dates from first to last, for the resources of a service."""
    return tx.all(
        f"SELECT resource_id, date, intervals FROM hours_exception WHERE resource_id IN ({_OF_SERVICE})"
        " AND date BETWEEN ? AND ?",
        *(service_id, first, last),
    )


def time_off(tx: Tx, service_id: int, start: int, end: int) -> list[Row]:
    """(resource, start, end) of absences that share time with [start, end), for the resources of a service."""
    return tx.all(
        f"SELECT resource_id, start_at, end_at FROM time_off WHERE resource_id IN ({_OF_SERVICE})"
        " AND end_at > ? AND start_at < ?",
        *(service_id, start, end),
    )
