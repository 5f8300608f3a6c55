"""Services: found, added, changed and removed."""

from msgspec import Raw, structs

from smoothbox.contract.listing import ListQuery, Page
from smoothbox.contract.services import NewService, Service, ServiceChange
from smoothbox.errors import Problem
from smoothbox.operations.columns import deactivated
from smoothbox.operations.events import tell
from smoothbox.operations.holds import expire
from smoothbox.operations.lists import pictured
from smoothbox.operations.service_entries import changed_entry, new_entry
from smoothbox.operations.times import zone_named
from smoothbox.store import business, services
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceEntry, ServiceRow


def find(tx: Tx, service_id: int) -> Service:
    """One service. Raises Problem 'not_found'."""
    return wire(_row(tx, service_id), business.get(tx))


def inherited(tx: Tx, service_id: int) -> frozenset[str]:
    """Which of its terms a service leaves to the business. Raises Problem 'not_found'."""
    row = _row(tx, service_id)
    return frozenset(name for name in ("slot_interval", "min_notice", "max_advance_days") if getattr(row, name) is None)


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of services."""
    own = business.get(tx)
    return pictured(tx, services.SOURCE, query, zone_named(own.timezone), lambda row: wire(ServiceRow(*row), own))


def create(tx: Tx, new: NewService) -> Service:
    """Add a service. Raises Problem 'validation_error'."""
    return find(tx, add(tx, new_entry(tx, new)))


def change(tx: Tx, service_id: int, change: ServiceChange) -> Service:
    """Change some fields. Raises Problem 'not_found' or 'validation_error'."""
    before = services.entry(_row(tx, service_id))
    edit(tx, service_id, changed_entry(tx, before, change))
    return find(tx, service_id)


def remove(tx: Tx, service_id: int) -> None:
    """Remove a service, or deactivate it where bookings or live holds refer to it. Raises Problem 'not_found'."""
    row = _row(tx, service_id)
    expire(tx)
    if services.is_referred_to(tx, service_id):
        edit(tx, service_id, deactivated(services.entry(row)))
    else:
        services.delete(tx, service_id)
        shown = wire(row, business.get(tx))
        tell(tx, "service.deleted", structs.replace(shown, version=row.version + 1))


def add(tx: Tx, entry: ServiceEntry, key: str | None = None) -> int:
    """Write a new service, under the key of a catalogue file where one names it; its id."""
    service_id = services.insert(tx, entry, key)
    tell(tx, "service.created", find(tx, service_id))
    return service_id


def edit(tx: Tx, service_id: int, entry: ServiceEntry) -> None:
    """Write a service anew; one that is the same already is not touched. Raises Problem 'not_found'."""
    row = _row(tx, service_id)
    if services.entry(row) != entry:
        services.update(tx, service_id, entry)
        tell(tx, "service.updated", find(tx, service_id), wire(row, business.get(tx)))


def wire(row: ServiceRow, own: BusinessRow) -> Service:
    """A service as the API shows it: what it leaves open is the business's."""
    return Service(
        row.id,
        row.version,
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
        Raw(row.resource_groups),
        row.display_order,
        bool(row.is_active),
        Raw(row.metadata),
        row.created_at,
        row.updated_at,
    )


def _row(tx: Tx, service_id: int) -> ServiceRow:
    row = services.get(tx, service_id)
    if row is None:
        raise Problem("not_found", f"There is no service {service_id}.")
    return row
