"""The SQL of services."""

from typing import Final

from msgspec import Struct

from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source


class ServiceRow(Struct, frozen=True, gc=False):
    """As stored: what the business leaves to its own defaults is None, JSON is text, booleans are 0 or 1."""

    id: int
    name: str
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
    resource_ids: str
    created_at: str
    updated_at: str


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


def _read(tx: Tx, service_id: int) -> ServiceRow | None:
    row = tx.one(f"SELECT {_SELECT} FROM service WHERE id = ?", service_id)
    return ServiceRow(*row) if row else None
