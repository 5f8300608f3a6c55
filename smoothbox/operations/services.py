"""Reading the catalogue of services."""

from msgspec import Raw

from smoothbox.contract.listing import ListQuery, Page
from smoothbox.contract.services import Service
from smoothbox.errors import Problem
from smoothbox.operations.lists import page
from smoothbox.operations.times import zone_named
from smoothbox.store import business, services
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceRow


def find(tx: Tx, service_id: int) -> Service:
    """One service. Raises Problem 'not_found'."""
    row = services.get(tx, service_id)
    if row is None:
        raise Problem("not_found", f"There is no service {service_id}.")
    return wire(row, business.get(tx))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of services."""
    own = business.get(tx)
    return page(tx, services.SOURCE, query, zone_named(own.timezone), lambda row: wire(ServiceRow(*row), own))


def wire(row: ServiceRow, own: BusinessRow) -> Service:
    """A service as the API shows it: what it leaves open is the business's."""
    return Service(
        row.id,
        row.name,
        row.description,
        row.category,
        row.duration,
        row.price,
        own.currency,
        bool(row.variable_pricing),
        row.deposit_amount,
        row.buffer_before,
        row.buffer_after,
        own.slot_interval if row.slot_interval is None else row.slot_interval,
        own.min_notice if row.min_notice is None else row.min_notice,
        own.max_advance_days if row.max_advance_days is None else row.max_advance_days,
        row.capacity,
        bool(row.requires_manual_scheduling),
        bool(row.requires_confirmation),
        Raw(row.resource_ids),
        row.display_order,
        bool(row.is_active),
        Raw(row.metadata),
        row.created_at,
        row.updated_at,
    )
