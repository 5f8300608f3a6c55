"""Resources: staff, rooms and equipment."""

from typing import Final

from msgspec import Raw, Struct

from smoothbox.contract.listing import Filter, Listing

TYPES: Final = ("STAFF", "ROOM", "EQUIPMENT")


class Resource(Struct, frozen=True, gc=False):
    """Who or what a booking occupies. Contact data of staff is never part of it."""

    id: int
    name: str
    type: str
    description: str
    timezone: str
    service_ids: Raw
    working_hours: Raw
    uses_business_hours: bool
    display_order: int
    is_active: bool
    created_at: str
    updated_at: str


LIST = Listing(
    "resources",
    (
        Filter("search", "folded", "Part of the name, in any case."),
        Filter("name", "text", "The exact name."),
        Filter("type", "choice", "STAFF, ROOM or EQUIPMENT; several with commas.", choices=TYPES),
        Filter("is_active", "boolean", "Whether it can be booked."),
        Filter("service_id", "integer", "Offers this service."),
    ),
    ("name", "type", "display_order"),
    "display_order",
)
