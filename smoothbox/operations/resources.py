"""Reading staff, rooms and equipment."""

from msgspec import Raw

from smoothbox.contract.listing import ListQuery, Page
from smoothbox.contract.resources import Resource
from smoothbox.errors import Problem
from smoothbox.operations.lists import page
from smoothbox.operations.times import zone_named
from smoothbox.store import business, resources
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.resources import ResourceRow


def find(tx: Tx, resource_id: int) -> Resource:
    """One resource. Raises Problem 'not_found'."""
    row = resources.get(tx, resource_id)
    if row is None:
        raise Problem("not_found", f"There is no resource {resource_id}.")
    return wire(row, business.get(tx))


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of resources."""
    own = business.get(tx)
    return page(tx, resources.SOURCE, query, zone_named(own.timezone), lambda row: wire(ResourceRow(*row), own))


def wire(row: ResourceRow, own: BusinessRow) -> Resource:
    """A resource as the API shows it: with the hours and the zone that hold for it."""
    return Resource(
        row.id,
        row.name,
        row.type,
        row.description,
        row.timezone or own.timezone,
        Raw(row.service_ids),
        Raw(own.hours if row.uses_business_hours else row.hours),
        bool(row.uses_business_hours),
        row.display_order,
        bool(row.is_active),
        row.created_at,
        row.updated_at,
    )
