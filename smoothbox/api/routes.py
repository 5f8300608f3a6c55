"""The address table of /tenant-api/v1/, readable from top to bottom."""

from collections.abc import Mapping
from typing import Final

from smoothbox.api import (
    availability,
    bookings,
    business,
    customers,
    deliveries,
    events,
    holds,
    resources,
    services,
    webhooks,
)
from smoothbox.api.call import Endpoint
from smoothbox.api.messages import BASE_PATH
from smoothbox.errors import Problem

Methods = Mapping[str, Endpoint]

ROUTES: Final[Mapping[str, Methods]] = {
    "services/": {
        "GET": Endpoint("services:read", services.index, is_kept=True),
        "POST": Endpoint("services:write", services.create),
    },
    "services/<id>/": {
        "GET": Endpoint("services:read", services.show, is_kept=True),
        "PATCH": Endpoint("services:write", services.change),
        "DELETE": Endpoint("services:write", services.delete),
    },
    "resources/": {
        "GET": Endpoint("resources:read", resources.index, is_kept=True),
        "POST": Endpoint("resources:write", resources.create),
    },
    "resources/<id>/": {
        "GET": Endpoint("resources:read", resources.show, is_kept=True),
        "PATCH": Endpoint("resources:write", resources.change),
        "DELETE": Endpoint("resources:write", resources.delete),
    },
    "availability/": {
        "GET": Endpoint("availability:read", availability.index),
    },
    "holds/": {
        "POST": Endpoint("bookings:write", holds.create),
    },
    "holds/<id>/": {
        "GET": Endpoint("bookings:write", holds.show),
        "DELETE": Endpoint("bookings:write", holds.delete),
    },
    "bookings/": {
        "GET": Endpoint("bookings:read", bookings.index, is_kept=True),
        "POST": Endpoint("bookings:write", bookings.create),
    },
    "bookings/<id>/": {
        "GET": Endpoint("bookings:read", bookings.show, is_kept=True),
        "PATCH": Endpoint("bookings:write", bookings.change),
        "DELETE": Endpoint("bookings:write", bookings.delete),
    },
    "bookings/<id>/cancel/": {
        "POST": Endpoint("bookings:write", bookings.cancel),
    },
    "customers/": {
        "GET": Endpoint("customers:read", customers.index, is_kept=True),
        "POST": Endpoint("customers:write", customers.create),
    },
    "customers/<id>/": {
        "GET": Endpoint("customers:read", customers.show, is_kept=True),
        "PATCH": Endpoint("customers:write", customers.change),
    },
    "business/": {
        "GET": Endpoint("business:read", business.show, is_kept=True),
        "PATCH": Endpoint("business:write", business.change),
    },
    "webhooks/": {
        "GET": Endpoint("webhooks:manage", webhooks.index),
        "POST": Endpoint("webhooks:manage", webhooks.create),
    },
    "webhooks/event-types/": {
        "GET": Endpoint("webhooks:manage", events.types),
    },
    "webhooks/<id>/": {
        "GET": Endpoint("webhooks:manage", webhooks.show),
        "PATCH": Endpoint("webhooks:manage", webhooks.change),
        "DELETE": Endpoint("webhooks:manage", webhooks.delete),
    },
    "webhooks/<id>/ping/": {
        "POST": Endpoint("webhooks:manage", webhooks.ping),
    },
    "webhooks/<id>/rotate-secret/": {
        "POST": Endpoint("webhooks:manage", webhooks.rotate),
    },
    "webhooks/<id>/recover/": {
        "POST": Endpoint("webhooks:manage", deliveries.recover),
    },
    "webhooks/<id>/deliveries/": {
        "GET": Endpoint("webhooks:manage", deliveries.index),
    },
    "webhooks/<id>/deliveries/<id>/": {
        "GET": Endpoint("webhooks:manage", deliveries.show),
    },
    "webhooks/<id>/deliveries/<id>/redeliver/": {
        "POST": Endpoint("webhooks:manage", deliveries.redeliver),
    },
    "events/": {
        "GET": Endpoint("webhooks:manage", events.index),
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
