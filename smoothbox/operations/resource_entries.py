"""What a body makes of a resource: the one shape in which resources are written, and the rules that it has to keep."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from smoothbox.contract import resources as contract
from smoothbox.contract.resources import NewResource, ResourceChange
from smoothbox.operations import origins
from smoothbox.operations.columns import columns, given
from smoothbox.operations.hours import check_day, check_week, stored_day, stored_week
from smoothbox.operations.refusals import Refusals
from smoothbox.operations.times import parse_start
from smoothbox.store.resource_entries import HoursException, ResourceEntry, TimeOff
from smoothbox.store.resources import ResourceColumns


def new_entry(new: NewResource, zone: ZoneInfo) -> ResourceEntry:
    """The resource that a body describes; a naive time is one of this zone.

    Raises Problem 'validation_error', or 'nonexistent_local_time' / 'ambiguous_local_time' where that is all.
    """
    fields = given(new)
    time_off = _checked(fields, zone, has_own_hours=False)
    exceptions = origins.sent(_exceptions(fields), ())
    own = {"hours": "[]", "uses_business_hours": 1, **_columns(fields)}
    return ResourceEntry(ResourceColumns(**own), exceptions, origins.sent(time_off, ()))


def changed_entry(before: ResourceEntry, change: ResourceChange, zone: ZoneInfo) -> ResourceEntry:
    """The resource with some fields changed. Raises as `new_entry` does."""
    fields = given(change)
    time_off = _checked(fields, zone, has_own_hours=not before.columns.uses_business_hours)
    return ResourceEntry(
        structs.replace(before.columns, **_columns(fields)),
        origins.sent(_exceptions(fields), before.exceptions) if "exceptions" in fields else before.exceptions,
        origins.sent(time_off, before.time_off) if "time_off" in fields else before.time_off,
    )


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    found = columns(fields, ResourceColumns)
    if "working_hours" in fields:
        return found | {"hours": stored_week(fields["working_hours"]), "uses_business_hours": 0}
    return found | {"hours": "[]"} if fields.get("uses_business_hours") else found


def _exceptions(fields: Mapping[str, Any]) -> Iterator[HoursException]:
    return (HoursException(each.date, stored_day(each.intervals)) for each in fields["exceptions"])


def _checked(fields: Mapping[str, Any], zone: ZoneInfo, *, has_own_hours: bool) -> list[TimeOff]:
    """The absences of a body, after all of it was looked at."""
    refusals = Refusals()
    if fields.get("uses_business_hours") is False and "working_hours" not in fields and not has_own_hours:
        refusals.note("working_hours", "Send the hours as well: without the business's it has to have its own.")
    if fields.get("uses_business_hours") and "working_hours" in fields:
        refusals.note("uses_business_hours", "Hours of its own and the business's exclude each other; send one of them.")
    check_week(fields.get("working_hours", ()), "working_hours", refusals)
    exceptions = fields.get("exceptions", ())
    refusals.note_twins("exceptions", "date", [each.date for each in exceptions])
    for index, each in enumerate(exceptions):
        check_day(each.intervals, f"exceptions[{index}].intervals", refusals)
    found = [_absence(each, zone, f"time_off[{i}].", refusals) for i, each in enumerate(fields.get("time_off", ()))]
    refusals.raise_if_any()
    return [each for each in found if each]


def _absence(sent: contract.TimeOff, zone: ZoneInfo, place: str, refusals: Refusals) -> TimeOff | None:
    start = refusals.check(parse_start, sent.start_time, zone, f"{place}start_time")
    end = refusals.check(parse_start, sent.end_time, zone, f"{place}end_time")
    if start is None or end is None:
        return None
    if end <= start:
        refusals.note(f"{place}end_time", "It must lie after the start.")
    return TimeOff(start, end, sent.reason.strip())
