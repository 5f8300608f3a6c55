"""`tenant apply`: a data file is made to say what a catalogue says, written by the same verbs as the API's.

What the file is to become is worked out whole before anything is written, so that a dry run is simply the first half.
Services and resources are matched by their keys; those no longer named are deactivated, never deleted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from msgspec import structs

from smoothbox.contract.catalogue import Catalogue
from smoothbox.operations import business, resources, services
from smoothbox.operations.catalogue_entries import NamedService, business_entry, resource_entry, service_entry
from smoothbox.operations.columns import deactivated
from smoothbox.operations.service_entries import in_order
from smoothbox.store import business as business_rows
from smoothbox.store import catalogue as rows
from smoothbox.store.business import BusinessEntry
from smoothbox.store.connection import Tx
from smoothbox.store.resource_entries import ResourceEntry
from smoothbox.store.services import ServiceEntry

What = Literal["business", "resource", "service"]
Action = Literal["created", "updated", "deactivated", "reactivated"]
Entry = BusinessEntry | ResourceEntry | NamedService
Offered = TypeVar("Offered", ResourceEntry, NamedService)

_SILENT: Final = frozenset({"name_key", "is_active"})  # follow from the name and the action


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a catalogue changes: what it is, its key, which of its fields, and what it is to become."""

    what: What
    key: str
    action: Action
    fields: tuple[str, ...]
    entry: Entry


def apply(tx: Tx, catalogue: Catalogue) -> list[Change]:
    """Make the file say what the catalogue says; returns what that changed, which is nothing the second time."""
    changes = preview(tx, catalogue)
    resource_ids, service_ids = dict(rows.resource_ids(tx)), dict(rows.service_ids(tx))  # once: each write forgets them
    for change in changes:
        _write(tx, change, resource_ids, service_ids)
    return changes


def preview(tx: Tx, catalogue: Catalogue) -> list[Change]:
    """What `apply` would change, in its order; only reads."""
    own, zone = business_rows.entry(tx), catalogue.business.timezone
    old_resources, old_services = rows.resources(tx), _named(tx)
    new_resources = {each.key: resource_entry(each, zone, old_resources.get(each.key)) for each in catalogue.resource}
    new_services = {each.key: service_entry(each, old_services.get(each.key)) for each in catalogue.service}
    return [
        *_of_business(own, business_entry(catalogue, own)),
        *_of_offer("resource", old_resources, new_resources),
        *_of_offer("service", old_services, new_services),
    ]


def _of_business(before: BusinessEntry, after: BusinessEntry) -> Iterator[Change]:
    if before != after:
        yield Change("business", "", "updated", _differences(before, after), after)


def _of_offer(what: What, before: Mapping[str, Offered], after: Mapping[str, Offered]) -> Iterator[Change]:
    for key, entry in after.items():
        if key not in before:
            yield Change(what, key, "created", (), entry)
        elif before[key] != entry:
            action: Action = "updated" if before[key].columns.is_active else "reactivated"
            yield Change(what, key, action, _differences(before[key], entry), entry)
    for key, entry in before.items():
        if key not in after and entry.columns.is_active:
            yield Change(what, key, "deactivated", (), deactivated(entry))


def _differences(before: Entry, after: Entry) -> tuple[str, ...]:
    old = _fields(before)
    return tuple(name for name, value in _fields(after).items() if value != old[name] and name not in _SILENT)


def _fields(entry: Entry) -> dict[str, Any]:
    parts = structs.asdict(entry)
    return structs.asdict(parts.pop("columns")) | parts


def _named(tx: Tx) -> dict[str, NamedService]:
    """The services that a file once named, by their keys."""
    keys = {id_: key for key, id_ in rows.resource_ids(tx).items()}
    named = {}
    for key, entry in rows.services(tx).items():
        groups = (sorted(keys.get(each, f"#{each}") for each in group) for group in entry.groups)
        named[key] = NamedService(entry.columns, tuple(map(tuple, groups)))
    return named


def _write(tx: Tx, change: Change, resource_ids: dict[str, int], service_ids: dict[str, int]) -> None:
    """Write one change; what is new joins the ids."""
    if isinstance(change.entry, BusinessEntry):
        business.edit(tx, change.entry)
    elif isinstance(change.entry, ResourceEntry):
        _write_resource(tx, change.key, change.entry, resource_ids)
    else:
        _write_service(tx, change.key, _with_ids(change.entry, resource_ids), service_ids)


def _write_resource(tx: Tx, key: str, entry: ResourceEntry, ids: dict[str, int]) -> None:
    if key in ids:
        resources.edit(tx, ids[key], entry)
    else:
        ids[key] = resources.add(tx, entry, key)


def _write_service(tx: Tx, key: str, entry: ServiceEntry, ids: dict[str, int]) -> None:
    if key in ids:
        services.edit(tx, ids[key], entry)
    else:
        ids[key] = services.add(tx, entry, key)


def _with_ids(named: NamedService, ids: Mapping[str, int]) -> ServiceEntry:
    """Resources were written before, so every key has an id."""
    groups = ([int(name[1:]) if name.startswith("#") else ids[name] for name in group] for group in named.resources)
    return ServiceEntry(named.columns, in_order(groups))
