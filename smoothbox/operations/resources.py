"""Staff, rooms and equipment: found, added, changed and removed."""

from msgspec import Raw, structs

from smoothbox.contract.listing import ListQuery, Page
from smoothbox.contract.resources import DateHours, NewResource, Resource, ResourceChange, ResourceInFull, TimeOff
from smoothbox.errors import Problem
from smoothbox.operations.columns import deactivated
from smoothbox.operations.events import tell
from smoothbox.operations.holds import expire
from smoothbox.operations.hours import spans
from smoothbox.operations.lists import pictured
from smoothbox.operations.resource_entries import changed_entry, new_entry
from smoothbox.operations.times import business_zone, wall_text, zone_named
from smoothbox.store import business, resource_entries, resources
from smoothbox.store.business import BusinessRow
from smoothbox.store.connection import Tx
from smoothbox.store.resource_entries import ResourceEntry
from smoothbox.store.resources import ResourceRow


def find(tx: Tx, resource_id: int) -> Resource:
    """One resource. Raises Problem 'not_found'."""
    return wire(_row(tx, resource_id), business.get(tx))


def find_in_full(tx: Tx, resource_id: int) -> ResourceInFull:
    """One resource with its exceptions and its absences, for those who may change it. Raises Problem 'not_found'."""
    row, own = _row(tx, resource_id), business.get(tx)
    entry, zone = resource_entries.entry(tx, row), zone_named(own.timezone)
    exceptions = [DateHours(each.date, spans(each.intervals)) for each in entry.exceptions]
    time_off = [TimeOff(wall_text(start, zone), wall_text(end, zone), reason) for start, end, reason, _ in entry.time_off]
    return ResourceInFull(**structs.asdict(wire(row, own)), exceptions=exceptions, time_off=time_off)


def own_zone(tx: Tx, resource_id: int) -> str | None:
    """The zone that a resource has of its own; None where it has the business's. Raises Problem 'not_found'."""
    return _row(tx, resource_id).timezone


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of resources."""
    own = business.get(tx)
    return pictured(tx, resources.SOURCE, query, zone_named(own.timezone), lambda row: wire(ResourceRow(*row), own))


def create(tx: Tx, new: NewResource) -> ResourceInFull:
    """Add a resource. Raises Problem 'validation_error', 'nonexistent_local_time' or 'ambiguous_local_time'."""
    return find_in_full(tx, add(tx, new_entry(new, business_zone(tx))))


def change(tx: Tx, resource_id: int, change: ResourceChange) -> ResourceInFull:
    """Change some fields. Raises Problem 'not_found', or as `create` does."""
    before = resource_entries.entry(tx, _row(tx, resource_id))
    edit(tx, resource_id, changed_entry(before, change, business_zone(tx)))
    return find_in_full(tx, resource_id)


def remove(tx: Tx, resource_id: int) -> None:
    """Remove a resource, or deactivate it where bookings or live holds refer to it. Raises Problem 'not_found'.

    It also stays where a service would forget without it that it takes another resource: then nobody can book that service.
    """
    row = _row(tx, resource_id)
    expire(tx)
    if resource_entries.is_referred_to(tx, resource_id) or resource_entries.is_indispensable(tx, resource_id):
        edit(tx, resource_id, deactivated(resource_entries.entry(tx, row)))
    else:
        resource_entries.delete(tx, resource_id)
        shown = wire(row, business.get(tx))
        tell(tx, "resource.updated", structs.replace(shown, version=row.version + 1, is_active=False), shown)


def add(tx: Tx, entry: ResourceEntry, key: str | None = None) -> int:
    """Write a new resource, under the key of a catalogue file where one names it; its id."""
    resource_id = resource_entries.insert(tx, entry, key)
    tell(tx, "resource.updated", find(tx, resource_id))
    return resource_id


def edit(tx: Tx, resource_id: int, entry: ResourceEntry) -> None:
    """Write a resource anew; one that is the same already is not touched. Raises Problem 'not_found'."""
    row = _row(tx, resource_id)
    if resource_entries.entry(tx, row) != entry:
        resource_entries.update(tx, resource_id, entry)
        tell(tx, "resource.updated", find(tx, resource_id), wire(row, business.get(tx)))


def wire(row: ResourceRow, own: BusinessRow) -> Resource:
    """A resource as the API shows it: with the hours and the zone that hold for it."""
    return Resource(
        row.id,
        row.version,
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


def _row(tx: Tx, resource_id: int) -> ResourceRow:
    row = resources.get(tx, resource_id)
    if row is None:
        raise Problem("not_found", f"There is no resource {resource_id}.")
    return row
