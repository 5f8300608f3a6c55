"""The SQL of resources, and of all that fills their diaries."""

from typing import Final

from msgspec import Struct

from smoothbox.store.connection import Row, Tx
from smoothbox.store.listing import Source


class ResourceRow(Struct, frozen=True, gc=False):
    """As stored: hours are JSON, booleans 0 or 1, a zone of None is the business's."""

    id: int
    name: str
    type: str
    description: str
    timezone: str | None
    uses_business_hours: int
    hours: str
    display_order: int
    is_active: int
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


def bookable_for(tx: Tx, service_id: int) -> list[Bookable]:
    """The active resources that offer a service, by id."""
    return tx.remembered(("bookable", service_id), lambda: _read_bookable(tx, service_id))


def _read_bookable(tx: Tx, service_id: int) -> list[Bookable]:
    rows = tx.all(
        f"SELECT {_BOOKABLE} FROM service_resource JOIN resource ON resource.id = service_resource.resource_id"
        " WHERE service_resource.service_id = ? AND resource.is_active = 1 ORDER BY resource.id",
        service_id,
    )
    return [Bookable(*row) for row in rows]


def hours_exceptions(tx: Tx, service_id: int, first: str, last: str) -> list[Row]:
    """(resource, date, intervals) of the dates from first to last, for the resources that offer a service."""
    return tx.all(
        "SELECT resource_id, date, intervals FROM service_resource JOIN hours_exception USING (resource_id)"
        " WHERE service_id = ? AND date BETWEEN ? AND ?",
        *(service_id, first, last),
    )


def time_off(tx: Tx, service_id: int, start: int, end: int) -> list[Row]:
    """(resource, start, end) of absences that share time with [start, end), for the resources that offer a service."""
    return tx.all(
        "SELECT resource_id, start_at, end_at FROM service_resource JOIN time_off USING (resource_id)"
        " WHERE service_id = ? AND end_at > ? AND start_at < ?",
        *(service_id, start, end),
    )
