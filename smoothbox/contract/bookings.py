"""Bookings: appointments and their lifecycle."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.fields import ExternalId, Facts, Id, Ids, LocalTime, Metadata, Moment, PartySize, ShortText, Text
from smoothbox.contract.listing import Filter, Listing

STATUSES: Final = ("PENDING", "SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW")
Recurrence = Annotated[
    str, Meta(min_length=1, max_length=200, description="RFC 5545, such as FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10.")
]


class Booking(Struct, frozen=True, gc=False):
    """An appointment. Names, price (cents), duration (minutes) and buffers are those of the moment it was made.

    A request for a service that is scheduled by hand has no times until it is given one.
    """

    id: int
    version: int
    status: Annotated[str, Meta(extra_json_schema={"enum": STATUSES})]
    service_id: int
    service_name: str
    resource_id: int | None
    resource_ids: Ids
    resource_name: str
    customer_id: int
    customer_name: str
    start_time: Moment | None
    end_time: Moment | None
    timezone: str
    duration: int
    price: int | None
    party_size: int
    notes: str
    internal_notes: str
    source: str
    external_id: str | None
    metadata: Facts
    series_id: int | None
    previous_start_time: Moment | None
    cancelled_at: Moment | None
    cancellation_reason: str
    cancelled_by: str | None
    late_cancellation: bool
    created_at: Moment
    updated_at: Moment


class ManagedBooking(Booking, frozen=True, gc=False):
    """A booking as it is shown by itself: with the customer's own link to it.

    `manage_url` is null for a token without bookings:write, and for a booking that is over. Whoever has it may see, move and
    cancel the booking, until it is given another time or resource.
    """

    manage_url: str | None


class Series(Struct, frozen=True):
    """Bookings that were made together, in order of time."""

    series_id: int
    count: int
    results: list[Booking]


class ManagedSeries(Struct, frozen=True):
    """As a new series is shown: each of its bookings with its own link."""

    series_id: int
    count: int
    results: list[ManagedBooking]


class NewBooking(Struct, frozen=True, forbid_unknown_fields=True):
    """A booking to be. Without a resource the box chooses one; a customer is named by id or given inline.

    A request for a service that is scheduled by hand has no start_time, all others have one. A hold brings its own time
    and party. With a recurrence it is the first of a series.
    """

    service_id: Id
    start_time: LocalTime | None = None
    resource_id: Id | None = None
    customer_id: Id | None = None
    customer: NewCustomer | None = None
    party_size: PartySize | None = None
    notes: Text = ""
    internal_notes: Text = ""
    external_id: ExternalId | None = None
    metadata: Metadata = {}
    hold_id: Id | None = None
    recurrence: Recurrence | None = None


class BookingChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a booking: another time or resource, a move of its status, or its notes; absent fields stay."""

    start_time: LocalTime | UnsetType = UNSET
    resource_id: Id | UnsetType = UNSET
    status: Literal["SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW"] | UnsetType = UNSET
    notes: Text | UnsetType = UNSET
    internal_notes: Text | UnsetType = UNSET
    external_id: ExternalId | UnsetType | None = UNSET
    metadata: Metadata | UnsetType = UNSET


class Cancellation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a booking is cancelled, and whether those of its series that follow are cancelled with it."""

    reason: ShortText = ""
    following: bool = False


LIST = Listing(
    "bookings",
    (
        Filter("start_date", "first_date", "Starts on this local date or later."),
        Filter("end_date", "last_date", "Starts on this local date or earlier."),
        Filter("start_datetime", "start_time", "Starts at this time or later."),
        Filter("end_datetime", "start_time", "Starts before this time."),
        Filter("status", "choice", "One status, or several with commas.", choices=STATUSES),
        Filter("service_id", "integer", "Of this service."),
        Filter("customer_id", "integer", "Of this customer."),
        Filter("resource_id", "integer", "Occupies this resource, or did; the wish of a request does not count."),
        Filter("external_id", "text", "Your own id of the booking."),
        Filter("series_id", "integer", "Of this series."),
        Filter("search", "folded", "Part of the customer's, service's or resource's name, in any case."),
    ),
    ("start_time", "end_time", "created_at", "updated_at"),
    "start_time",
)
