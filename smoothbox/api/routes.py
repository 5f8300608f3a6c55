"""The address table of /tenant-api/v1/, readable from top to bottom."""

from collections.abc import Mapping
from typing import Final

from smoothbox.api import availability, bookings, business, customers, holds, resources, services
from smoothbox.api.call import Endpoint
from smoothbox.api.messages import BASE_PATH
from smoothbox.errors import Problem

Methods = Mapping[str, Endpoint]

ROUTES: Final[Mapping[str, Methods]] = {
    "services/": {
        "GET": Endpoint("services:read", services.index),
        "POST": Endpoint("services:write", services.create),
    },
    "services/<id>/": {
        "GET": Endpoint("services:read", services.show),
        "PATCH": Endpoint("services:write", services.change),
        "DELETE": Endpoint("services:write", services.delete),
    },
    "resources/": {
        "GET": Endpoint("resources:read", resources.index),
        "POST": Endpoint("resources:write", resources.create),
    },
    "resources/<id>/": {
        "GET": Endpoint("resources:read", resources.show),
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
        "GET": Endpoint("bookings:read", bookings.index),
        "POST": Endpoint("bookings:write", bookings.create),
    },
    "bookings/<id>/": {
        "GET": Endpoint("bookings:read", bookings.show),
        "PATCH": Endpoint("bookings:write", bookings.change),
        "DELETE": Endpoint("bookings:write", bookings.delete),
    },
    "bookings/<id>/cancel/": {
        "POST": Endpoint("bookings:write", bookings.cancel),
    },
    "customers/": {
        "GET": Endpoint("customers:read", customers.index),
        "POST": Endpoint("customers:write", customers.create),
    },
    "customers/<id>/": {
        "GET": Endpoint("customers:read", customers.show),
        "PATCH": Endpoint("customers:write", customers.change),
    },
    "business/": {
        "GET": Endpoint("business:read", business.show),
        "PATCH": Endpoint("business:write", business.change),
    },
}

_LONGEST_ID: Final = 15


def match(path: str) -> tuple[str, Methods, int]:
    """The pattern that a path fits, its methods, and the id in it (0 where there is none).

    Raises Problem 'not_found', naming the right path where only the last slash is missing.
    """
    pattern, number = _pattern(path)
    if pattern in ROUTES:
        return pattern, ROUTES[pattern], number
    if f"{pattern}/" in ROUTES:
        raise Problem("not_found", f"Every path here ends in '/': {path}/")
    raise Problem("not_found")


def allowed(methods: Methods) -> str:
    """The value of the Allow header."""
    return ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


def _pattern(path: str) -> tuple[str, int]:
    """The path below the base with its number replaced by `<id>`."""
    if not path.startswith(BASE_PATH):
        return "", 0
    parts, number = path[len(BASE_PATH) :].split("/"), 0
    for position, part in enumerate(parts[1:], 1):
        if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID and not number:
            parts[position], number = "<id>", int(part)
    return "/".join(parts), number
