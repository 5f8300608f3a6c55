"""Services: the catalogue and its prices."""

from msgspec import Raw, Struct

from smoothbox.contract.listing import COMPARED, Filter, Listing


class Service(Struct, frozen=True, gc=False):
    """What can be booked. Spans are minutes, money is cents of `currency`; price is null when it varies."""

    id: int
    name: str
    description: str
    category: str
    duration: int
    price: int | None
    currency: str
    variable_pricing: bool
    deposit_amount: int
    buffer_before: int
    buffer_after: int
    slot_interval: int
    min_notice: int
    max_advance_days: int
    capacity: int
    requires_manual_scheduling: bool
    requires_confirmation: bool
    resource_ids: Raw
    display_order: int
    is_active: bool
    metadata: Raw
    created_at: str
    updated_at: str


LIST = Listing(
    "services",
    (
        Filter("search", "folded", "Part of the name, in any case."),
        Filter("name", "text", "The exact name."),
        Filter("price", "integer", "Price in cents.", COMPARED),
        Filter("duration", "integer", "Duration in minutes.", COMPARED),
        Filter("variable_pricing", "boolean", "Whether the price varies."),
        Filter("requires_manual_scheduling", "boolean", "Whether the business schedules it by hand."),
        Filter("is_active", "boolean", "Whether it can be booked."),
        Filter("resource_id", "integer", "Offered by this resource."),
    ),
    ("name", "price", "duration", "display_order"),
    "display_order",
)
