"""The address table of /tenant-api/v1/, readable from top to bottom."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from smoothbox.api import (
    availability,
    bookings,
    business,
    client_tokens,
    customers,
    deliveries,
    events,
    holds,
    resources,
    services,
    webhooks,
)
from smoothbox.api.call import Endpoint, Handler
from smoothbox.api.messages import BASE_PATH
from smoothbox.contract.availability import Availability
from smoothbox.contract.bookings import LIST as BOOKINGS
from smoothbox.contract.bookings import Booking, BookingChange, Cancellation, ManagedBooking, ManagedSeries, NewBooking
from smoothbox.contract.business import Business, BusinessChange
from smoothbox.contract.client_tokens import ClientToken, NewClientToken
from smoothbox.contract.customers import LIST as CUSTOMERS
from smoothbox.contract.customers import Customer, CustomerChange, NewCustomer
from smoothbox.contract.events import LIST as EVENTS
from smoothbox.contract.events import Envelope, Types
from smoothbox.contract.holds import Hold, NewHold
from smoothbox.contract.listing import Listing
from smoothbox.contract.resources import LIST as RESOURCES
from smoothbox.contract.resources import NewResource, Resource, ResourceChange, ResourceInFull
from smoothbox.contract.services import LIST as SERVICES
from smoothbox.contract.services import NewService, Service, ServiceChange
from smoothbox.contract.webhooks import (
    DELIVERIES,
    Delivery,
    DeliveryInFull,
    EndpointChange,
    EndpointWithSecret,
    NewEndpoint,
    Nothing,
    Recovered,
    Recovery,
    Rotation,
)
from smoothbox.contract.webhooks import LIST as WEBHOOKS
from smoothbox.contract.webhooks import Endpoint as EndpointShown
from smoothbox.errors import Problem

Methods = Mapping[str, Endpoint]
Shape = type[Struct]


def _list(scope: str, handler: Handler, each: Shape, listing: Listing, *, is_kept: bool = False) -> Endpoint:
    """A page of a list, of each of these."""
    return Endpoint(scope, handler, (each,), listing=listing, is_kept=is_kept)


def _show(scope: str, handler: Handler, *gives: Shape, is_kept: bool = False) -> Endpoint:
    """One thing."""
    return Endpoint(scope, handler, gives, is_kept=is_kept)


def _make(scope: str | None, handler: Handler, takes: Shape, *gives: Shape) -> Endpoint:
    """Something new."""
    return Endpoint(scope, handler, gives, takes, 201)


def _amend(scope: str, handler: Handler, takes: Shape, gives: Shape) -> Endpoint:
    """A change of what the path names."""
    return Endpoint(scope, handler, (gives,), takes, amends=True)


def _trigger(scope: str, handler: Handler, takes: Shape, gives: Shape) -> Endpoint:
    """Something that is going to happen."""
    return Endpoint(scope, handler, (gives,), takes, 202)


def _remove(scope: str, handler: Handler) -> Endpoint:
    """The end of what the path names."""
    return Endpoint(scope, handler, status=204, amends=True)


ROUTES: Final[Mapping[str, Methods]] = {
    "services/": {
        "GET": _list("services:read", services.index, Service, SERVICES, is_kept=True),
        "POST": _make("services:write", services.create, NewService, Service),
    },
    "services/<id>/": {
        "GET": _show("services:read", services.show, Service, is_kept=True),
        "PATCH": _amend("services:write", services.change, ServiceChange, Service),
        "DELETE": _remove("services:write", services.delete),
    },
    "resources/": {
        "GET": _list("resources:read", resources.index, Resource, RESOURCES, is_kept=True),
        "POST": _make("resources:write", resources.create, NewResource, ResourceInFull),
    },
    "resources/<id>/": {
        "GET": _show("resources:read", resources.show, ResourceInFull, Resource, is_kept=True),
        "PATCH": _amend("resources:write", resources.change, ResourceChange, ResourceInFull),
        "DELETE": _remove("resources:write", resources.delete),
    },
    "availability/": {
        "GET": _show("availability:read", availability.index, Availability),
    },
    "holds/": {
        "POST": _make("bookings:write", holds.create, NewHold, Hold),
    },
    "holds/<id>/": {
        "GET": _show("bookings:write", holds.show, Hold),
        "DELETE": _remove("bookings:write", holds.delete),
    },
    "bookings/": {
        "GET": _list("bookings:read", bookings.index, Booking, BOOKINGS, is_kept=True),
        "POST": _make("bookings:write", bookings.create, NewBooking, ManagedBooking, ManagedSeries),
    },
    "bookings/<id>/": {
        "GET": _show("bookings:read", bookings.show, ManagedBooking, is_kept=True),
        "PATCH": _amend("bookings:write", bookings.change, BookingChange, ManagedBooking),
        "DELETE": _remove("bookings:write", bookings.delete),
    },
    "bookings/<id>/cancel/": {
        "POST": _amend("bookings:write", bookings.cancel, Cancellation, ManagedBooking),
    },
    "customers/": {
        "GET": _list("customers:read", customers.index, Customer, CUSTOMERS, is_kept=True),
        "POST": _make("customers:write", customers.create, NewCustomer, Customer),
    },
    "customers/<id>/": {
        "GET": _show("customers:read", customers.show, Customer, is_kept=True),
        "PATCH": _amend("customers:write", customers.change, CustomerChange, Customer),
    },
    "business/": {
        "GET": _show("business:read", business.show, Business, is_kept=True),
        "PATCH": _amend("business:write", business.change, BusinessChange, Business),
    },
    "client-tokens/": {
        "POST": _make(None, client_tokens.create, NewClientToken, ClientToken),
    },
    "webhooks/": {
        "GET": _list("webhooks:manage", webhooks.index, EndpointShown, WEBHOOKS),
        "POST": _make("webhooks:manage", webhooks.create, NewEndpoint, EndpointWithSecret),
    },
    "webhooks/event-types/": {
        "GET": _show("webhooks:manage", events.types, Types),
    },
    "webhooks/<id>/": {
        "GET": _show("webhooks:manage", webhooks.show, EndpointShown),
        "PATCH": _amend("webhooks:manage", webhooks.change, EndpointChange, EndpointShown),
        "DELETE": _remove("webhooks:manage", webhooks.delete),
    },
    "webhooks/<id>/ping/": {
        "POST": _trigger("webhooks:manage", webhooks.ping, Nothing, DeliveryInFull),
    },
    "webhooks/<id>/rotate-secret/": {
        "POST": _amend("webhooks:manage", webhooks.rotate, Rotation, EndpointWithSecret),
    },
    "webhooks/<id>/recover/": {
        "POST": _trigger("webhooks:manage", deliveries.recover, Recovery, Recovered),
    },
    "webhooks/<id>/deliveries/": {
        "GET": _list("webhooks:manage", deliveries.index, Delivery, DELIVERIES),
    },
    "webhooks/<id>/deliveries/<id>/": {
        "GET": _show("webhooks:manage", deliveries.show, DeliveryInFull),
    },
    "webhooks/<id>/deliveries/<id>/redeliver/": {
        "POST": _trigger("webhooks:manage", deliveries.redeliver, Nothing, DeliveryInFull),
    },
    "events/": {
        "GET": _list("webhooks:manage", events.index, Envelope, EVENTS),
    },
}

_LONGEST_ID: Final = 15
_MOST_PARTS: Final = 6


def match(path: str) -> tuple[str, Methods, tuple[int, ...]]:
    """The pattern that a path fits, its methods, and the ids in it.

    Raises Problem 'not_found', naming the right path where only the last slash is missing.
    """
    pattern, ids = _pattern(path)
    if pattern in ROUTES:
        return pattern, ROUTES[pattern], ids
    if f"{pattern}/" in ROUTES:
        raise Problem("not_found", f"Every path here ends in '/': {path}/")
    raise Problem("not_found")


def allowed(methods: Methods) -> str:
    """The value of the Allow header."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


def _pattern(path: str) -> tuple[str, tuple[int, ...]]:
    """The path below the base with its numbers replaced by `<id>`."""
    if not path.startswith(BASE_PATH):
        return "", ()
    parts = path[len(BASE_PATH) :].split("/", _MOST_PARTS)
    ids: tuple[int, ...] = ()
    for position, part in enumerate(parts[1:], 1):
        if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID:
            parts[position], ids = "<id>", (*ids, int(part))
    return "/".join(parts), ids
