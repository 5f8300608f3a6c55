"""Events: what the box tells of, and the envelope in which it does. A closed list, each with its sentence."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from msgspec import Raw, Struct

from smoothbox.contract.listing import COMPARED, Filter, Listing

EventType = Literal[
    "booking.created",
    "booking.confirmed",
    "booking.rescheduled",
    "booking.updated",
    "booking.cancelled",
    "booking.completed",
    "booking.no_show",
    "hold.expired",
    "customer.created",
    "customer.updated",
    "service.created",
    "service.updated",
    "service.deleted",
    "resource.updated",
    "business.updated",
    "webhook.disabled",
    "webhook.ping",
]
EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)

SENTENCES: Final[Mapping[EventType, str]] = {
    "booking.created": "A booking was made, or a request without a time; of a series each booking by itself.",
    "booking.confirmed": "A booking was confirmed, also again after a no-show.",
    "booking.rescheduled": "A booking was given another time or resource, or a request its first time.",
    "booking.updated": "Notes, external id or metadata of a booking changed, and nothing else did.",
    "booking.cancelled": "A booking was cancelled.",
    "booking.completed": "A booking was completed.",
    "booking.no_show": "The customer of a booking did not come.",
    "hold.expired": "The time of a hold was over before it became a booking; its place is free again.",
    "customer.created": "A customer was added, also by a booking that described a new one.",
    "customer.updated": "A customer's details changed.",
    "service.created": "A service was added.",
    "service.updated": "A service changed, was deactivated or brought back; the resources that it gained or lost list it so.",
    "service.deleted": "A service that was never booked was removed; the object is as it was, with a new version.",
    "resource.updated": "A resource was added, changed, deactivated or brought back; one removed shows is_active false.",
    "business.updated": "The business's own details, hours or closures changed; what its services inherit changed with it.",
    "webhook.disabled": "Another endpoint was disabled, because it is gone or has failed for days.",
    "webhook.ping": "A test of one endpoint, sent to it alone when somebody asks for it.",
}

KINDS: Final = tuple(sorted({f"{each.split('.')[0]}.*" for each in EVENT_TYPES}))
SUBSCRIBABLE: Final = (*EVENT_TYPES, *KINDS, "*")
"""By what an endpoint says of which events it is to be told: a name, all of a kind, or everything."""

LARGEST_BODY: Final = 64 * 1024
"""Bytes of an envelope; a larger object is thinned to its id and version."""


class Cause(Struct, frozen=True, gc=False):
    """The request that caused an event; both null where a command or the clock did."""

    id: str | None
    idempotency_key: str | None


class Data(Struct, frozen=True, gc=False):
    """The object as it is now, and of the fields that changed the values before."""

    object: Any
    previous: Mapping[str, Any]


class Thin(Struct, frozen=True, gc=False):
    """What stands for an object that is too large for an envelope: read it under its id."""

    id: int | None
    version: int | None
    truncated: bool = True


class Envelope(Struct, frozen=True, gc=False):
    """An event as it is stored, listed and delivered. `sequence` grows by one with each event of a tenant and mode."""

    id: str
    type: EventType
    timestamp: str
    sequence: int
    livemode: bool
    api_version: Literal["v1"]
    request: Cause
    data: Data


class Described(Struct, frozen=True):
    """One type of event: its sentence, and an envelope such as it comes in."""

    type: EventType
    description: str
    example: Raw


class Types(Struct, frozen=True):
    """Every type of event, on one page."""

    count: int
    next: None
    previous: None
    results: tuple[Described, ...]


LIST: Final = Listing(
    "events",
    (
        Filter("type", "choice", "One type of event, or several with commas.", choices=EVENT_TYPES),
        Filter("after_sequence", "integer", "Later than the event of this sequence: what came since the last you have seen."),
    ),
    ("sequence", "created_at"),
    "sequence",
    (Filter("created_at", "instant", "When it happened.", COMPARED),),
)
