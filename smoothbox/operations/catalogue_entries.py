"""The tables of a catalogue file in the shapes in which business, resources and services are written.

What a file does not say, such as the metadata of a service, stays as it is; so do the dates that came by the API.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from smoothbox.contract.catalogue import Catalogue, Resource, Service, WallSpan, Week
from smoothbox.contract.hours import DayHours, Span
from smoothbox.operations import origins
from smoothbox.operations.columns import columns
from smoothbox.operations.hours import stored_day, stored_week
from smoothbox.operations.wall_texts import moment, span
from smoothbox.scheduling.hours import instant
from smoothbox.store import resource_entries
from smoothbox.store.business import BusinessColumns, BusinessEntry, Closure
from smoothbox.store.resource_entries import HoursException, ResourceEntry
from smoothbox.store.resources import ResourceColumns
from smoothbox.store.services import ServiceColumns


class NamedService(Struct, frozen=True):
    """A service with the groups of its resources by their sorted keys; '#' and its id stand for one without a key."""

    columns: ServiceColumns
    resources: tuple[tuple[str, ...], ...]


def business_entry(catalogue: Catalogue, before: BusinessEntry) -> BusinessEntry:
    """The business and its closures."""
    fields = structs.asdict(catalogue.business)
    own = fields | {"timezone": catalogue.business.timezone.key, "hours": _week(catalogue.business.hours)}
    closures = [Closure(each.date.isoformat(), each.name.strip(), 1) for each in catalogue.closure]
    return BusinessEntry(
        BusinessColumns(**columns(own, BusinessColumns)), origins.applied(closures, before.closures, origins.date)
    )


def resource_entry(resource: Resource, business_zone: ZoneInfo, before: ResourceEntry | None) -> ResourceEntry:
    """A resource, active, with its exceptions and its time off."""
    fields = structs.asdict(resource) | {
        "timezone": resource.timezone.key if resource.timezone else None,
        "uses_business_hours": resource.hours is None,
        "hours": _week(resource.hours or Week()),
        "is_active": True,
    }
    zone = resource.timezone or business_zone
    exceptions = [HoursException(each.date.isoformat(), stored_day(_spans(each.hours)), 1) for each in resource.exception]
    time_off = {
        resource_entries.TimeOff(instant(moment(each.start), zone), instant(moment(each.end), zone), each.reason.strip(), 1)
        for each in resource.time_off
    }
    return ResourceEntry(
        ResourceColumns(**columns(fields, ResourceColumns)),
        origins.applied(exceptions, before.exceptions if before else (), origins.date),
        origins.applied(time_off, before.time_off if before else (), origins.content),
    )


def service_entry(service: Service, before: NamedService | None) -> NamedService:
    """A service, active, with the keys of the resources that do it."""
    fields = structs.asdict(service) | {
        "price": None if service.variable_pricing else service.price,
        "is_active": True,
        "metadata": before.columns.metadata if before else "{}",
    }
    groups = tuple(tuple(sorted(set(group))) for group in service.groups)
    return NamedService(ServiceColumns(**columns(fields, ServiceColumns)), groups)


def _week(week: Week) -> str:
    days = enumerate(structs.astuple(week))  # declared from Monday on, which is day 0
    return stored_week(DayHours(weekday, _spans(texts)) for weekday, texts in days)


def _spans(texts: Iterable[WallSpan]) -> tuple[Span, ...]:
    return tuple(map(span, texts))
