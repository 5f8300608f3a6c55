"""Customers: profiles and contact details."""

from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smoothbox.contract.fields import Email, ExternalId, Facts, Metadata, Moment, Name, Names, Phone, ShortText, Tags, Text
from smoothbox.contract.listing import Filter, Listing

CustomerStatus = Literal["ACTIVE", "BLOCKED"]
STATUSES: Final = ("ACTIVE", "BLOCKED")


class Customer(Struct, frozen=True, gc=False):
    """A customer. `booking_count` leaves cancelled ones out; `total_spend` (cents) and `last_visit` count completed ones."""

    id: int
    version: int
    first_name: str
    last_name: str
    name: str
    email: str
    phone: str
    notes: str
    tags: Names
    status: str
    external_id: str | None
    address: str
    booking_count: int
    total_spend: int
    last_visit: Moment | None
    metadata: Facts
    created_at: Moment
    updated_at: Moment


class NewCustomer(Struct, frozen=True, forbid_unknown_fields=True):
    """A customer to be; e-mail or phone is required."""

    first_name: Name = ""
    last_name: Name = ""
    email: Email = ""
    phone: Phone = ""
    notes: Text = ""
    tags: Tags = []
    status: CustomerStatus = "ACTIVE"
    external_id: ExternalId | None = None
    address: ShortText = ""
    metadata: Metadata = {}


class CustomerChange(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a customer to change; absent ones stay."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    notes: Text | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    status: CustomerStatus | UnsetType = UNSET
    external_id: ExternalId | UnsetType | None = UNSET
    address: ShortText | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET


LIST = Listing(
    "customers",
    (
        Filter("search", "folded", "Part of the name, e-mail or phone, in any case."),
        Filter("email", "folded", "The whole e-mail address, in any case."),
        Filter("phone", "phone", "The phone number, however it is written."),
        Filter("first_name", "folded", "The whole first name, in any case."),
        Filter("last_name", "folded", "The whole last name, in any case."),
        Filter("status", "choice", "ACTIVE or BLOCKED.", choices=STATUSES),
        Filter("tag", "text", "Carries this tag."),
        Filter("external_id", "text", "Your own id of the customer."),
    ),
    ("last_name", "first_name", "email", "created_at", "updated_at"),
    "last_name",
)
