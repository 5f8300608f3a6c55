"""The business itself; also the answer to "does my token work"."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from smoothbox.contract.bounds import MOST_DATES, Advance, Currency, Interval, Name, Notice, Percent, Text, Window
from smoothbox.contract.fields import Email, Hours, LocalDate, ZoneName
from smoothbox.contract.hours import Week


class Closure(Struct, frozen=True, forbid_unknown_fields=True):
    """A local day on which the whole business is closed."""

    date: LocalDate
    name: Name


class BusinessFacts(Struct, frozen=True):
    """One business. Spans are minutes unless their name says otherwise."""

    version: int
    name: str
    description: str
    timezone: str
    currency: str
    phone: str
    email: str
    website: str
    address: str
    logo_url: str
    business_hours: Hours
    closures: list[Closure]
    cancellation_window_hours: int
    late_cancellation_fee_percent: int
    late_cancellation_allowed: bool
    slot_interval: int
    min_notice: int
    max_advance_days: int


class Business(BusinessFacts, frozen=True):
    """One business as a token sees it."""

    subdomain: str
    environment: str
    scopes: tuple[str, ...]


Closures = Annotated[tuple[Closure, ...], Meta(max_length=MOST_DATES)]


class BusinessChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the business; absent fields stay, a list replaces the list. No booking moves with the zone."""

    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    timezone: ZoneName | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    phone: Text | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    website: Text | UnsetType = UNSET
    address: Text | UnsetType = UNSET
    logo_url: Text | UnsetType = UNSET
    business_hours: Week | UnsetType = UNSET
    closures: Closures | UnsetType = UNSET
    slot_interval: Interval | UnsetType = UNSET
    min_notice: Notice | UnsetType = UNSET
    max_advance_days: Advance | UnsetType = UNSET
    cancellation_window_hours: Window | UnsetType = UNSET
    late_cancellation_fee_percent: Percent | UnsetType = UNSET
    late_cancellation_allowed: bool | UnsetType = UNSET
