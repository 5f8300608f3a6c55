"""A business as it was pulled from another box: its things as bodies, each with the id that it has there.

The ids inside of the bodies are those of the source too.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from smoothbox.contract.bounds import MOST_GROUPS, Cents
from smoothbox.contract.business import BusinessChange
from smoothbox.contract.customers import NewCustomer
from smoothbox.contract.fields import ExternalId, Id, LocalTime, Metadata, PartySize, ShortText, Text
from smoothbox.contract.resources import NewResource
from smoothbox.contract.services import NewService

T = TypeVar("T")

Thing = Literal["business", "resource", "service", "customer", "booking"]
THINGS: Final[Mapping[Thing, str]] = {
    "business": "business",
    "resource": "resources",
    "service": "services",
    "customer": "customers",
    "booking": "bookings",
}
"""All that is pulled, in the order in which it is written, each with the word for several of it."""

FrozenName = Annotated[str, Meta(max_length=300)]
Occupied = Annotated[tuple[Id, ...], Meta(max_length=MOST_GROUPS)]


class PulledBooking(Struct, frozen=True):
    """A booking as another box shows it: whatever its state, with the names and the price of when it was made."""

    status: Literal["PENDING", "SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW"]
    service_id: Id
    customer_id: Id
    start_time: LocalTime | None = None
    end_time: LocalTime | None = None
    resource_id: Id | None = None
    resource_ids: Occupied = ()
    service_name: FrozenName = ""
    customer_name: FrozenName = ""
    resource_name: FrozenName = ""
    price: Cents | None = None
    party_size: PartySize = 1
    notes: Text = ""
    internal_notes: Text = ""
    external_id: ExternalId | None = None
    metadata: Metadata = {}
    series_id: Id | None = None
    previous_start_time: LocalTime | None = None
    cancelled_at: LocalTime | None = None
    cancellation_reason: ShortText = ""
    cancelled_by: ShortText | None = None
    late_cancellation: bool = False


class Sourced(Struct, Generic[T], frozen=True):
    """A body, and the id of what it describes at the source."""

    id: int
    body: T


class Refused(Struct, frozen=True):
    """Something that cannot be taken over: what it is, its id at the source, and why in a sentence."""

    what: Thing
    id: int
    reason: str


class Pulled(Struct, frozen=True):
    """One business. `name` tells it from others that were pulled into the same file; `refused` is what has no right shape.

    `tells_absences` says that the resources carry their exceptions and their time off.
    """

    name: str
    business: BusinessChange
    resources: Sequence[Sourced[NewResource]]
    services: Sequence[Sourced[NewService]]
    customers: Sequence[Sourced[NewCustomer]]
    bookings: Sequence[Sourced[PulledBooking]]
    refused: Sequence[Refused]
    tells_absences: bool
