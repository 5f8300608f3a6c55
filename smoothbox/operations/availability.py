"""When a service is free: the question that the list, a booking, a reschedule and a refusal all ask."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smoothbox.contract.availability import Availability, Day, Emptiness, Slot
from smoothbox.errors import Problem
from smoothbox.operations.diaries import Candidate, Offer, candidates, terms_of
from smoothbox.operations.times import wall_text, zone_named
from smoothbox.scheduling.availability import Diary, Terms, bookable, free_starts
from smoothbox.scheduling.hours import days_window, local_date
from smoothbox.scheduling.intervals import Interval, meet
from smoothbox.store import business, resources, services
from smoothbox.store.connection import Tx
from smoothbox.store.resources import Bookable
from smoothbox.store.services import ServiceRow

_FIRST_LOOK: Final = 6 * 3600  # doubled until something is found: mostly it is near, and a refusal must not cost a week
_LOOK_AHEAD: Final = 63 * 86400


@dataclass(frozen=True, slots=True)
class Question:
    """Which free times are asked for. Dates are local ones of `timezone`, or of the business when that is None."""

    service_id: int
    first: date
    last: date
    resource_ids: tuple[int, ...] = ()
    timezone: str | None = None
    without_booking: int = 0


def free_times(tx: Tx, question: Question) -> Availability:
    """Every free start of the days asked for, with the resources that can take it.

    Raises Problem 'not_found' for an unknown service, 'resource_not_eligible' for a resource that does not offer it.
    """
    own, service = business.get(tx), _service(tx, question.service_id)
    found = _eligible(tx, service, question.resource_ids)
    offer = Offer(own, service, found, terms_of(service, own), question.without_booking)
    zone = offer.zone if question.timezone is None else zone_named(question.timezone)
    window = meet(days_window(question.first, question.last, zone), bookable(offer.terms, tx.now, offer.zone))
    around = candidates(tx, offer, window) if _is_open_to_all(service) else []
    starts = _starts(around, offer.terms, window)
    return Availability(
        service.id,
        zone.key,
        service.duration,
        list(_days(question, starts, zone, offer.terms)),
        None if starts else _why_empty(offer, around, window),
        None if starts else _text(next_free(tx, offer, window.start, 1), zone),
    )


def next_free(tx: Tx, offer: Offer, after: int, count: int) -> list[int]:
    """The next free starts at or after a second, at most `count`, looking a good two months ahead."""
    allowed = bookable(offer.terms, tx.now, offer.zone)
    start, span = max(after, allowed.start), _FIRST_LOOK
    end = min(start + _LOOK_AHEAD, allowed.end)
    found: list[int] = []
    while _is_open_to_all(offer.service) and start < end and len(found) < count:
        window = Interval(start, min(start + span, end))
        found += sorted(_starts(candidates(tx, offer, window), offer.terms, window))
        start, span = window.end, span * 2
    return found[:count]


def _service(tx: Tx, service_id: int) -> ServiceRow:
    service = services.get(tx, service_id)
    if service is None:
        raise Problem("not_found", f"There is no service {service_id}.")
    return service


def _eligible(tx: Tx, service: ServiceRow, only: tuple[int, ...]) -> list[Bookable]:
    found = resources.bookable_for(tx, service.id)
    known = {each.id for each in found}
    if strangers := [f"Resource {each} does not offer service {service.id}." for each in only if each not in known]:
        raise Problem("resource_not_eligible", None, {"resource_id": strangers})
    return [each for each in found if not only or each.id in only]


def _is_open_to_all(service: ServiceRow) -> bool:
    return bool(service.is_active) and not service.requires_manual_scheduling


def _starts(around: Sequence[Candidate], terms: Terms, window: Interval) -> dict[int, list[int]]:
    """Free starts, each with the ids of the resources that can take it."""
    starts: defaultdict[int, list[int]] = defaultdict(list)
    for each in around:
        for start in free_starts(each.diary, terms, window):
            starts[start].append(each.id)
    return starts


def _days(question: Question, starts: dict[int, list[int]], zone: ZoneInfo, terms: Terms) -> Iterator[Day]:
    slots: defaultdict[date, list[Slot]] = defaultdict(list)
    for start in sorted(starts):
        end = wall_text(start + terms.duration, zone)
        slots[local_date(start, zone)].append(Slot(wall_text(start, zone), end, starts[start], len(starts[start])))
    for offset in range((question.last - question.first).days + 1):
        day = question.first + timedelta(days=offset)
        yield Day(day.isoformat(), slots[day])


def _why_empty(offer: Offer, around: Sequence[Candidate], window: Interval) -> Emptiness:
    if not offer.service.is_active:
        return "inactive"
    if offer.service.requires_manual_scheduling:
        return "manual_scheduling"
    if not offer.found:
        return "no_eligible_resource"
    undisturbed = (Diary(each.diary.hours, each.diary.closed, each.diary.time_off) for each in around)
    return "fully_booked" if any(free_starts(diary, offer.terms, window) for diary in undisturbed) else "closed"


def _text(found: list[int], zone: ZoneInfo) -> str | None:
    return wall_text(found[0], zone) if found else None
