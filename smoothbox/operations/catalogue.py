"""`tenant apply`: a data file is made to say what a catalogue says.

What the file is to become is worked out whole before anything is written, so that a dry run is simply the first half.
Services and resources are matched by their keys; those no longer named are deactivated, never deleted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from msgspec import structs

from smoothbox.contract.catalogue import Catalogue
from smoothbox.operations.catalogue_entries import business_entry, resource_entry, service_entry
from smoothbox.store import catalogue as store
from smoothbox.store.catalogue import BusinessEntry, Entry, ResourceEntry, ServiceEntry
from smoothbox.store.connection import Tx

What = Literal["business", "resource", "service"]
Action = Literal["created", "updated", "deactivated", "reactivated"]
Offered = TypeVar("Offered", ResourceEntry, ServiceEntry)

_SILENT: Final = frozenset({"catalogue_key", "name_key", "is_active"})  # follow from the key, the name and the action


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
    for change in changes:
        store.save(tx, change.entry)
    return changes


def preview(tx: Tx, catalogue: Catalogue) -> list[Change]:
    """What `apply` would change, in its order; only reads."""
    resources = {entry.key: resource_entry(entry, catalogue.business.timezone) for entry in catalogue.resource}
    services = {entry.key: service_entry(entry) for entry in catalogue.service}
    return [
        *_of_business(store.business_entry(tx), business_entry(catalogue)),
        *_of_offer("resource", store.resource_entries(tx), resources),
        *_of_offer("service", store.service_entries(tx), services),
    ]


def _of_business(before: BusinessEntry, after: BusinessEntry) -> Iterator[Change]:
    if before != after:
        yield Change("business", "", "updated", _differences(before, after), after)


def _of_offer(what: What, before: Mapping[str, Offered], after: Mapping[str, Offered]) -> Iterator[Change]:
    for key, entry in after.items():
        if key not in before:
            yield Change(what, key, "created", (), entry)
        elif before[key] != entry:
            action: Action = "updated" if before[key].row.is_active else "reactivated"
            yield Change(what, key, action, _differences(before[key], entry), entry)
    for key, entry in before.items():
        if key not in after and entry.row.is_active:
            yield Change(what, key, "deactivated", (), _deactivated(entry))


def _deactivated(entry: Offered) -> Offered:
    return structs.replace(entry, row=structs.replace(entry.row, is_active=0))


def _differences(before: Entry, after: Entry) -> tuple[str, ...]:
    old = _fields(before)
    return tuple(name for name, value in _fields(after).items() if value != old[name] and name not in _SILENT)


def _fields(entry: Entry) -> dict[str, Any]:
    parts = structs.asdict(entry)
    return structs.asdict(parts.pop("row")) | parts
