"""Holds: a place kept for a short while, until its booking is made."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from smoothbox.contract.fields import Id, LocalTime, Moment, PartySize

LONGEST_SECONDS: Final = 1800
TimeToLive = Annotated[int, Meta(ge=1, le=LONGEST_SECONDS)]


class NewHold(Struct, frozen=True, forbid_unknown_fields=True):
    """The place to keep, and for how many seconds. Without a resource the box chooses one."""

    service_id: Id
    start_time: LocalTime
    resource_id: Id | None = None
    party_size: PartySize = 1
    ttl_seconds: TimeToLive = 300


class Hold(Struct, frozen=True, gc=False):
    """A place that nobody else can take until `expires_at`, or until a booking names the hold; at today's price (cents)."""

    id: int
    service_id: int
    resource_id: int
    resource_ids: tuple[int, ...]
    start_time: Moment
    end_time: Moment
    timezone: str
    price: int | None
    party_size: int
    expires_at: Moment
    created_at: Moment
