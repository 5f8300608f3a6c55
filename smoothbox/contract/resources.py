"""Resources: staff, rooms and equipment."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from smoothbox.contract.bounds import KINDS, MOST_DATES, Kind, Name, Order, Text
from smoothbox.contract.fields import Hours, Ids, LocalDate, LocalTime, Moment, ZoneName
from smoothbox.contract.hours import Span, Week
from smoothbox.contract.listing import Filter, Listing


class Resource(Struct, frozen=True, gc=False):
    """Who or what a booking occupies. Contact data of staff is never part of it."""

    id: int
    version: int
    name: str
    type: str
    description: str
    timezone: str
    service_ids: Ids
    working_hours: Hours
    uses_business_hours: bool
    display_order: int
    is_active: bool
    created_at: Moment
    updated_at: Moment


class DateHours(Struct, frozen=True, forbid_unknown_fields=True):
    """Other hours than the week's for what begins on a local date; no intervals close it."""

    date: LocalDate
    intervals: tuple[Span, ...]


class TimeOff(Struct, frozen=True, forbid_unknown_fields=True):
    """An absence, up to and without its end."""

    start_time: LocalTime
    end_time: LocalTime
    reason: Text = ""


class ResourceInFull(Resource, frozen=True, gc=False):
    """A resource as those see it who may change it: why somebody is away concerns nobody else."""

    exceptions: list[DateHours]
    time_off: list[TimeOff]


Exceptions = Annotated[tuple[DateHours, ...], Meta(max_length=MOST_DATES)]
Absences = Annotated[tuple[TimeOff, ...], Meta(max_length=MOST_DATES)]


class NewResource(Struct, frozen=True, forbid_unknown_fields=True):
    """A resource to be. A zone of null is the business's; so are the hours, unless it has working_hours."""

    name: Name
    type: Kind
    description: Text = ""
    timezone: ZoneName | None = None
    working_hours: Week | UnsetType = UNSET
    uses_business_hours: bool | UnsetType = UNSET
    exceptions: Exceptions = ()
    time_off: Absences = ()
    display_order: Order = 0
    is_active: bool = True


class ResourceChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a resource to change; absent ones stay, a list replaces the list."""

    name: Name | UnsetType = UNSET
    type: Kind | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    timezone: ZoneName | UnsetType | None = UNSET
    working_hours: Week | UnsetType = UNSET
    uses_business_hours: bool | UnsetType = UNSET
    exceptions: Exceptions | UnsetType = UNSET
    time_off: Absences | UnsetType = UNSET
    display_order: Order | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


LIST = Listing(
    "resources",
    (
        Filter("search", "folded", "Part of the name, in any case."),
        Filter("name", "text", "The exact name."),
        Filter("type", "choice", "STAFF, ROOM or EQUIPMENT; several with commas.", choices=KINDS),
        Filter("is_active", "boolean", "Whether it can be booked."),
        Filter("service_id", "integer", "Offers this service."),
    ),
    ("name", "type", "display_order"),
    "display_order",
)
