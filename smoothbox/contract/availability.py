"""Availability: the free times of a service."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

MAX_DAYS: Final = 31

Emptiness = Literal["closed", "fully_booked", "manual_scheduling", "no_eligible_resource", "inactive"]

PARAMETERS: Final[Mapping[str, str]] = {
    "service_id": "The service to book; required.",
    "date": "One local date, as 2027-05-04; or else start_date and end_date.",
    "start_date": "First local date.",
    "end_date": f"Last local date; at most {MAX_DAYS} days in all.",
    "resource_id": "Only this resource; may be repeated.",
    "timezone": "Zone of the dates and of the times in the answer, such as Europe/Paris; the business's if absent.",
    "party_size": "How many people come together; 1 if absent, or those of the booking to be moved.",
    "hold_id": "A hold of this token: the place that it keeps counts as free.",
    "exclude_booking_id": "A booking to be moved: its own time counts as free, and its own terms hold; needs bookings:read.",
}


class Slot(Struct, frozen=True, gc=False):
    """A free time, the resources that can be asked for, and how many people still fit in all, be it in several sessions."""

    start_time: str
    end_time: str
    resource_ids: list[int]
    remaining: int


class Day(Struct, frozen=True):
    """A local date and its free times, none where it has none."""

    date: str
    slots: list[Slot]


class Availability(Struct, frozen=True):
    """The free times of a service. Where there are none, `reason` says why and `next_available` when there will be.

    `closed` is also the reason of dates that are past, too soon or too far ahead.
    """

    service_id: int
    timezone: str
    duration: int
    days: list[Day]
    reason: Emptiness | None
    next_available: str | None
