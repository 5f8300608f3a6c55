"""Availability: the free times of a service."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from smoothbox.contract.fields import Moment
from smoothbox.contract.listing import Kind

MAX_DAYS: Final = 31

Emptiness = Literal["closed", "fully_booked", "manual_scheduling", "no_eligible_resource", "inactive"]
EMPTY: Final[Mapping[Emptiness, str]] = {
    "closed": "Nobody who could do it is there, or the dates are past, too soon or too far ahead.",
    "fully_booked": "There would be time, and all of it is taken.",
    "manual_scheduling": "The business gives each request its time by hand.",
    "no_eligible_resource": "Nobody offers the service, or not enough of those whom it takes.",
    "inactive": "The service cannot be booked at present.",
}
"""Why there are no free times, each with its sentence."""

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

KINDS: Final[Mapping[str, Kind]] = {
    "service_id": "integer",
    "date": "first_date",
    "start_date": "first_date",
    "end_date": "last_date",
    "resource_id": "integer",
    "timezone": "text",
    "party_size": "integer",
    "hold_id": "integer",
    "exclude_booking_id": "integer",
}
"""What each parameter is, in the words of the filters of lists."""


class Slot(Struct, frozen=True, gc=False):
    """A free time, the resources that can be asked for, and how many people still fit in all, be it in several sessions."""

    start_time: Moment
    end_time: Moment
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
    next_available: Moment | None
