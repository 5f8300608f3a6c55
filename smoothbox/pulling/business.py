"""A whole business of another box, fetched before anything of it is written."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from smoothbox.contract.pulled import Pulled, Refused, Sourced, Thing
from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations.importing.ledger import reason_of
from smoothbox.operations.importing.whole import Watch
from smoothbox.pulling import bodies
from smoothbox.pulling.pages import fields, listed
from smoothbox.pulling.source import Source

T = TypeVar("T", bound=Struct)
Shown = Mapping[str, Any]
Watched = Callable[[str], AbstractContextManager[Watch]]

_SUBDOMAIN: Final = re.compile(r"[a-z0-9-]{1,63}")


def pull(source: Source, mode: Mode, watched: Watched) -> Pulled:
    """All of a business, for a file of this mode.

    Raises Problem as `Source.get` does, 'validation_error' for a business that cannot be one here, or 'forbidden' for a sandbox
    that is to become live data.
    Bookings come first and what they refer to after them: what is added meanwhile is then not missed by those.
    """
    refused: list[Refused] = []
    own = fields(source, "business/", source.get("business/"))
    is_sandbox = own.get("environment") == "test"
    if is_sandbox and mode == "live":
        raise Problem(
            "forbidden", "The token is one of a sandbox, and what is in there is no live data. Use a live one, or --test."
        )
    business = _business(source, own)
    bookings = _all(source, watched, refused, "booking", bodies.booking_body, "created_at")
    customers = _all(source, watched, refused, "customer", bodies.customer_body)
    services = _all(source, watched, refused, "service", lambda shown: bodies.service_body(shown, own))
    tells_absences = "resources:write" in _scopes(own)
    resources = _all(source, watched, refused, "resource", _resource_reader(source, own, in_full=tells_absences))
    name = _name(source, own, is_sandbox=is_sandbox)
    return Pulled(name, business, resources, services, customers, bookings, refused, tells_absences)


def _business(source: Source, own: Shown) -> Any:
    try:
        return bodies.business_body(own)
    except Problem as problem:
        message = f"The business at {source.address} cannot be taken over: {reason_of(problem)}"
        raise Problem("validation_error", message) from None


def _all(
    source: Source,
    watched: Watched,
    refused: list[Refused],
    what: Thing,
    shape: Callable[[Shown], T],
    ordering: str = "",
) -> list[Sourced[T]]:
    """Every object of a list as a body; those that cannot be one join the refused."""

    def read(id_: int, shown: Shown) -> Sourced[T] | Refused:
        return bodies.sourced(what, id_, shape, shown)

    with watched(f"Reading {what}s") as watch:
        found = listed(source, f"{what}s/", ordering, read, watch)
    refused += [each for each in found if isinstance(each, Refused)]
    return [each for each in found if isinstance(each, Sourced)]


def _resource_reader(source: Source, own: Shown, *, in_full: bool) -> Callable[[Shown], Any]:
    """Who may change resources is also told of their exceptions and absences, of each by itself."""

    def read(shown: Shown) -> Any:
        path = f"resources/{shown['id']}/"
        return bodies.resource_body(fields(source, path, source.get(path)) if in_full else shown, own)

    return read


def _scopes(own: Shown) -> Any:
    scopes = own.get("scopes")
    return scopes if isinstance(scopes, list) else ()


def _name(source: Source, own: Shown, *, is_sandbox: bool) -> str:
    """What tells the ids of this business from those of another: they are numbers that every business has."""
    subdomain = own.get("subdomain")
    known = isinstance(subdomain, str) and _SUBDOMAIN.fullmatch(subdomain)
    name = subdomain if known else urlsplit(source.address).hostname
    return f"smoothschedule:{name}{'/test' if is_sandbox else ''}"
