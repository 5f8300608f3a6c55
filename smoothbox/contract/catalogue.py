"""The catalogue file: what a business is, who and what can be booked, and for what, as `tenant apply` reads it.

Each type carries the words that its mistakes are reported in. Spans of time are whole minutes unless their name says otherwise.
"""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from smoothbox.contract.bounds import (
    MOST_GROUPS,
    MOST_IN_A_GROUP,
    Advance,
    Buffer,
    Capacity,
    Cents,
    Currency,
    Duration,
    Interval,
    Kind,
    Name,
    Notice,
    Order,
    Percent,
    Switch,
    Text,
    Window,
)


class WallSpan(str):
    """Opening and closing as "09:00-12:00"; an end that is not after the start lies on the next day."""

    __slots__ = ()


class WallTime(str):
    """A local date and time as "2027-01-11T00:00"."""

    __slots__ = ()


Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z", description="a key of 1 to 64 letters, digits, '-' and '_'")]
Zone = Annotated[ZoneInfo, Meta(description='a time zone such as "America/New_York"')]
Day = Annotated[date, Meta(description='a date such as "2027-12-25"')]
Moment = Annotated[WallTime, Meta(description='a local time such as "2027-01-11T00:00"')]
Span = Annotated[WallSpan, Meta(description='spans such as "09:00-12:00"')]
Keys = Annotated[
    tuple[Key, ...],
    Meta(max_length=MOST_IN_A_GROUP, description=f'up to {MOST_IN_A_GROUP} keys of resources such as ["ann", "bob"]'),
]
Group = Annotated[tuple[Key, ...], Meta(min_length=1, max_length=MOST_IN_A_GROUP)]
Groups = Annotated[
    tuple[Group, ...],
    Meta(
        max_length=MOST_GROUPS,
        description=f'up to {MOST_GROUPS} groups of 1 to {MOST_IN_A_GROUP} keys such as [["ann", "bob"], ["room"]]',
    ),
]


class Week(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours by weekday; a day that is absent is closed."""

    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()


class Business(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The business itself, and what holds where a service says nothing."""

    name: Name
    timezone: Zone
    currency: Currency
    description: Text = ""
    phone: Text = ""
    email: Text = ""
    website: Text = ""
    address: Text = ""
    logo_url: Text = ""
    slot_interval: Interval = 30
    min_notice: Notice = 0
    max_advance_days: Advance = 365
    cancellation_window_hours: Window = 0
    late_cancellation_fee_percent: Percent = 0
    late_cancellation_allowed: Switch = True
    hours: Week = Week()


class Closure(Struct, frozen=True, forbid_unknown_fields=True):
    """A local day on which the business is closed as a whole."""

    date: Day
    name: Name


class HoursException(Struct, frozen=True, forbid_unknown_fields=True):
    """A local date on which a resource has other hours than its week says; no spans close it."""

    date: Day
    hours: tuple[Span, ...]


class TimeOff(Struct, frozen=True, forbid_unknown_fields=True):
    """An absence, by the wall clock of the resource's zone; the end is exclusive."""

    start: Moment
    end: Moment
    reason: Text = ""


class Resource(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person, a room or a thing that can be booked. Without a zone or hours of its own it has the business's."""

    key: Key
    name: Name
    type: Kind
    description: Text = ""
    timezone: Zone | None = None
    hours: Week | None = None
    exception: tuple[HoursException, ...] = ()
    time_off: tuple[TimeOff, ...] = ()
    display_order: Order = 0


class Service(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is sold: its length, price and terms, and who does it: any one of `resources`, or one of each group of `needs`."""

    key: Key
    name: Name
    duration: Duration
    description: Text = ""
    category: Text = ""
    price: Cents | None = None
    variable_pricing: Switch = False
    deposit_amount: Cents = 0
    buffer_before: Buffer = 0
    buffer_after: Buffer = 0
    slot_interval: Interval | None = None
    min_notice: Notice | None = None
    max_advance_days: Advance | None = None
    capacity: Capacity = 1
    requires_manual_scheduling: Switch = False
    requires_confirmation: Switch = False
    resources: Keys = ()
    needs: Groups = ()
    display_order: Order = 0

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of keys of which a booking takes one resource each, however the file says it."""
        return self.needs or ((self.resources,) if self.resources else ())


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file."""

    business: Business
    closure: tuple[Closure, ...] = ()
    resource: tuple[Resource, ...] = ()
    service: tuple[Service, ...] = ()
