"""Services: the catalogue and its prices."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from smoothbox.contract.bounds import (
    MOST_GROUPS,
    MOST_IN_A_GROUP,
    Advance,
    Buffer,
    Capacity,
    Cents,
    Duration,
    Interval,
    Name,
    Notice,
    Order,
    Text,
)
from smoothbox.contract.fields import Facts, Id, IdGroups, Ids, Metadata, Moment
from smoothbox.contract.listing import COMPARED, Filter, Listing

ResourceIds = Annotated[tuple[Id, ...], Meta(max_length=MOST_IN_A_GROUP, description="Any one of these resources does it.")]
Group = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MOST_IN_A_GROUP)]
Groups = Annotated[tuple[Group, ...], Meta(max_length=MOST_GROUPS, description="It takes one resource of each group.")]


class Service(Struct, frozen=True, gc=False):
    """What can be booked. Spans are minutes, money is cents of `currency`; price is null when it varies."""

    id: int
    version: int
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
    resource_ids: Ids
    resource_groups: IdGroups
    display_order: int
    is_active: bool
    metadata: Facts
    created_at: Moment
    updated_at: Moment


class NewService(Struct, frozen=True, forbid_unknown_fields=True):
    """A service to be. It has a price or variable_pricing; null leaves interval, notice or advance to the business."""

    name: Name
    duration: Duration
    description: Text = ""
    category: Text = ""
    price: Cents | None = None
    variable_pricing: bool = False
    deposit_amount: Cents = 0
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    slot_interval: Interval | None = None
    min_notice: Notice | None = None
    max_advance_days: Advance | None = None
    capacity: Capacity = 1
    requires_manual_scheduling: bool = False
    requires_confirmation: bool = False
    resource_ids: ResourceIds | UnsetType = UNSET
    resource_groups: Groups | UnsetType = UNSET
    display_order: Order = 0
    is_active: bool = True
    metadata: Metadata = {}


class ServiceChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a service to change; absent ones stay."""

    name: Name | UnsetType = UNSET
    duration: Duration | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    category: Text | UnsetType = UNSET
    price: Cents | UnsetType | None = UNSET
    variable_pricing: bool | UnsetType = UNSET
    deposit_amount: Cents | UnsetType = UNSET
    buffer_before: Buffer | UnsetType = UNSET
    buffer_after: Buffer | UnsetType = UNSET
    slot_interval: Interval | UnsetType | None = UNSET
    min_notice: Notice | UnsetType | None = UNSET
    max_advance_days: Advance | UnsetType | None = UNSET
    capacity: Capacity | UnsetType = UNSET
    requires_manual_scheduling: bool | UnsetType = UNSET
    requires_confirmation: bool | UnsetType = UNSET
    resource_ids: ResourceIds | UnsetType = UNSET
    resource_groups: Groups | UnsetType = UNSET
    display_order: Order | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET


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
