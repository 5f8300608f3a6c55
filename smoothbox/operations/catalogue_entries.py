"""The tables of a catalogue file as the rows that a data file keeps of them."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from smoothbox.contract.catalogue import Catalogue, Resource, Service, TimeOff, WallSpan, Week
from smoothbox.contract.hours import DayHours, Span
from smoothbox.operations.wall_texts import moment, span
from smoothbox.scheduling.hours import instant
from smoothbox.store.business import BusinessRow
from smoothbox.store.catalogue import BusinessEntry, KeyedResource, KeyedService, ResourceEntry, ServiceEntry


def business_entry(catalogue: Catalogue) -> BusinessEntry:
    """The business and its closures."""
    own = catalogue.business
    plain = structs.asdict(own) | {"timezone": own.timezone.key, "hours": _week(own.hours)}
    closures = sorted((closure.date.isoformat(), closure.name) for closure in catalogue.closure)
    return BusinessEntry(BusinessRow(**plain), tuple(closures))


def resource_entry(resource: Resource, business_zone: ZoneInfo) -> ResourceEntry:
    """A resource, active, with its exceptions and its time off."""
    zone = resource.timezone or business_zone
    row = KeyedResource(
        catalogue_key=resource.key,
        name=resource.name,
        name_key=resource.name.casefold(),
        type=resource.type,
        description=resource.description,
        timezone=resource.timezone.key if resource.timezone else None,
        uses_business_hours=int(resource.hours is None),
        hours=_week(resource.hours or Week()),
        display_order=resource.display_order,
        is_active=1,
    )
    exceptions = sorted((entry.date.isoformat(), _json(_spans(entry.hours))) for entry in resource.exception)
    time_off = sorted(_absence(entry, zone) for entry in resource.time_off)
    return ResourceEntry(row, tuple(exceptions), tuple(time_off))


def service_entry(service: Service) -> ServiceEntry:
    """A service, active, with the keys of the resources that offer it."""
    row = KeyedService(
        catalogue_key=service.key,
        name=service.name,
        name_key=service.name.casefold(),
        description=service.description,
        category=service.category,
        duration=service.duration,
        price=None if service.variable_pricing else service.price,
        variable_pricing=int(service.variable_pricing),
        deposit_amount=service.deposit_amount,
        buffer_before=service.buffer_before,
        buffer_after=service.buffer_after,
        slot_interval=service.slot_interval,
        min_notice=service.min_notice,
        max_advance_days=service.max_advance_days,
        capacity=service.capacity,
        requires_manual_scheduling=int(service.requires_manual_scheduling),
        requires_confirmation=int(service.requires_confirmation),
        display_order=service.display_order,
        is_active=1,
    )
    return ServiceEntry(row, tuple(sorted(set(service.offered_by))))


def _absence(absence: TimeOff, zone: ZoneInfo) -> tuple[int, int, str]:
    return instant(moment(absence.start), zone), instant(moment(absence.end), zone), absence.reason


def _week(week: Week) -> str:
    days = enumerate(structs.astuple(week))  # declared from Monday on, which is day 0
    return _json([DayHours(weekday, _spans(texts)) for weekday, texts in days if texts])


def _spans(texts: Iterable[WallSpan]) -> tuple[Span, ...]:
    return tuple(sorted((span(text) for text in texts), key=lambda each: each.start))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
