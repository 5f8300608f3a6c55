"""What a catalogue may not say although each of its words is right: names twice, names of nothing, times that clash."""

from collections.abc import Hashable, Iterable, Iterator
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from smoothbox.contract.catalogue import Business, Catalogue, Resource, Service, WallSpan, Week
from smoothbox.contract.hours import DayHours
from smoothbox.errors import Problem
from smoothbox.located_toml import Place
from smoothbox.operations.contact import checked_email
from smoothbox.operations.hours import clashes, clashes_of_week
from smoothbox.operations.service_entries import TOO_FEW, lacks_price, too_few
from smoothbox.operations.wall_texts import moment, span
from smoothbox.scheduling.hours import instant


class Mistake(NamedTuple):
    """One thing that is wrong, and where."""

    place: Place
    message: str


def contradictions(catalogue: Catalogue) -> Iterator[Mistake]:
    """Every contradiction of a catalogue, in no order."""
    yield from _twice((entry.date for entry in catalogue.closure), ("closure",), "date")
    yield from _twice((entry.key for entry in catalogue.resource), ("resource",), "key")
    yield from _twice((entry.key for entry in catalogue.service), ("service",), "key")
    yield from _of_business(catalogue.business, ("business",))
    for index, resource in enumerate(catalogue.resource):
        zone = resource.timezone or catalogue.business.timezone
        yield from _of_resource(resource, zone, ("resource", index))
    known = [entry.key for entry in catalogue.resource]
    for index, service in enumerate(catalogue.service):
        yield from _of_service(service, known, ("service", index))


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the known one that was probably meant."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _of_business(business: Business, place: Place) -> Iterator[Mistake]:
    yield from _clashes_of_week(business.hours, (*place, "hours"))
    try:
        checked_email(business.email.strip())
    except Problem as problem:
        yield Mistake((*place, "email"), problem.details["email"][0])


def _of_resource(resource: Resource, zone: ZoneInfo, place: Place) -> Iterator[Mistake]:
    if resource.hours is not None:
        yield from _clashes_of_week(resource.hours, (*place, "hours"))
    yield from _twice((entry.date for entry in resource.exception), (*place, "exception"), "date")
    for index, exception in enumerate(resource.exception):
        yield from _clashes(exception.hours, (*place, "exception", index, "hours"))
    for index, absence in enumerate(resource.time_off):
        if instant(moment(absence.end), zone) <= instant(moment(absence.start), zone):
            yield Mistake((*place, "time_off", index, "end"), f"it must lie after the start, {absence.start}")


def _of_service(service: Service, known: list[str], place: Place) -> Iterator[Mistake]:
    if lacks_price(service.price, variable_pricing=service.variable_pricing):
        yield Mistake((*place, "price"), "is missing; give whole cents, or say variable_pricing = true")
    if service.needs and service.resources:
        yield Mistake((*place, "needs"), "give either resources or needs, not both")
    if too_few(service.needs):
        yield Mistake((*place, "needs"), TOO_FEW)
    named = "needs" if service.needs else "resources"
    for key in dict.fromkeys(chain.from_iterable(service.groups)):
        if key not in known:
            yield Mistake((*place, named), f"there is no resource with the key '{key}'" + nearest(key, known))


def _twice(values: Iterable[Hashable], place: Place, field: str) -> Iterator[Mistake]:
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Mistake((*place, index, field), f"'{value}' is there twice")
        seen.add(value)


def _clashes_of_week(week: Week, place: Place) -> Iterator[Mistake]:
    names = week.__struct_fields__  # declared from Monday on, which is day 0
    days = [DayHours(weekday, tuple(map(span, texts))) for weekday, texts in enumerate(structs.astuple(week))]
    for weekday, words in clashes_of_week(days):
        yield Mistake((*place, names[weekday]), words)


def _clashes(texts: Iterable[WallSpan], place: Place) -> Iterator[Mistake]:
    return (Mistake(place, words) for words in clashes(map(span, texts)))
