"""The SQL of a resource with all that belongs to it: its exceptions and its time off."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct, structs

from smoothbox.store import versioned
from smoothbox.store.connection import Tx
from smoothbox.store.resources import ResourceColumns, ResourceRow


class HoursException(NamedTuple):
    """Other hours (JSON) on a local date; whether the catalogue file says so, else it came by the API."""

    date: str
    intervals: str
    from_file: int = 0


class TimeOff(NamedTuple):
    """An absence in UTC seconds, the end exclusive; `from_file` as above."""

    start_at: int
    end_at: int
    reason: str
    from_file: int = 0


class ResourceEntry(Struct, frozen=True):
    """A resource as it is written, its exceptions and its time off sorted."""

    columns: ResourceColumns
    exceptions: tuple[HoursException, ...] = ()
    time_off: tuple[TimeOff, ...] = ()


def entry(tx: Tx, row: ResourceRow) -> ResourceEntry:
    """A resource as a writer sees it."""
    columns = {name: getattr(row, name) for name in ResourceColumns.__struct_fields__}
    exceptions = tx.all("SELECT date, intervals, from_file FROM hours_exception WHERE resource_id = ? ORDER BY date", row.id)
    time_off = tx.all(
        "SELECT start_at, end_at, reason, from_file FROM time_off WHERE resource_id = ? ORDER BY start_at, end_at, reason",
        row.id,
    )
    return ResourceEntry(
        ResourceColumns(**columns),
        tuple(HoursException(*each) for each in exceptions),
        tuple(TimeOff(*each) for each in time_off),
    )


def unknown(tx: Tx, ids: Sequence[int]) -> list[int]:
    """Those of the ids that no resource has, in order, each once."""
    known = {row[0] for row in tx.all("SELECT id FROM resource WHERE id IN (SELECT value FROM json_each(?))", f"{list(ids)}")}
    return sorted(set(ids) - known)


def insert(tx: Tx, new: ResourceEntry, key: str | None) -> int:
    """Add a resource, under the key of a catalogue file where one named it; its id."""
    tx.forget()
    resource_id = versioned.insert(tx, "resource", structs.asdict(new.columns) | {"catalogue_key": key})
    _add_parts(tx, resource_id, new)
    return resource_id


def update(tx: Tx, resource_id: int, new: ResourceEntry) -> None:
    """Make this what a resource is; its version grows by one."""
    tx.forget()
    versioned.update(tx, "resource", resource_id, structs.asdict(new.columns))
    tx.run("DELETE FROM hours_exception WHERE resource_id = ?", resource_id)
    tx.run("DELETE FROM time_off WHERE resource_id = ?", resource_id)
    _add_parts(tx, resource_id, new)


def delete(tx: Tx, resource_id: int) -> None:
    """Remove a resource that nothing refers to, with all that belongs to it; the versions of its services grow by one."""
    tx.forget()
    services = tx.all("SELECT DISTINCT service_id FROM service_resource WHERE resource_id = ?", resource_id)
    tx.run("DELETE FROM resource WHERE id = ?", resource_id)
    versioned.touch(tx, "service", (each for (each,) in services))


def is_referred_to(tx: Tx, resource_id: int) -> bool:
    """Whether a booking or a hold names or occupies a resource."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM allocation WHERE resource_id = ?1)"
            " OR EXISTS (SELECT 1 FROM booking WHERE resource_id = ?1)",
            resource_id,
        )
    )


def is_indispensable(tx: Tx, resource_id: int) -> bool:
    """Whether a service that takes several resources would take one less without this one."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM service_resource AS own WHERE resource_id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM service_resource AS other WHERE other.service_id = own.service_id"
            " AND other.group_number = own.group_number AND other.resource_id <> ?1)"
            " AND EXISTS (SELECT 1 FROM service_resource AS other WHERE other.service_id = own.service_id"
            " AND other.group_number <> own.group_number))",
            resource_id,
        )
    )


def _add_parts(tx: Tx, resource_id: int, new: ResourceEntry) -> None:
    tx.many(
        "INSERT INTO hours_exception (resource_id, date, intervals, from_file) VALUES (?, ?, ?, ?)",
        [(resource_id, *each) for each in new.exceptions],
    )
    tx.many(
        "INSERT INTO time_off (resource_id, start_at, end_at, reason, from_file) VALUES (?, ?, ?, ?, ?)",
        [(resource_id, *each) for each in new.time_off],
    )
