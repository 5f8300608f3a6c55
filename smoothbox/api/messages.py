"""A request and a response as plain values: what a handler sees, and what it returns."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import msgspec
from msgspec import structs
from tornado.httputil import HTTPHeaders

from smoothbox.errors import Problem

BASE_PATH: Final = "/tenant-api/v1/"

STATUS: Final[Mapping[str, int]] = {
    "validation_error": 400,
    "invalid_json": 400,
    "invalid_parameter": 400,
    "invalid_cursor": 400,
    "invalid_idempotency_key": 400,
    "outside_availability": 400,
    "not_on_slot_grid": 400,
    "in_past": 400,
    "too_soon": 400,
    "too_far_ahead": 400,
    "resource_not_eligible": 400,
    "nonexistent_local_time": 400,
    "ambiguous_local_time": 400,
    "authentication_required": 401,
    "invalid_token": 401,
    "insufficient_scope": 403,
    "forbidden": 403,
    "tenant_disabled": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "slot_unavailable": 409,
    "invalid_status_transition": 409,
    "duplicate_customer": 409,
    "customer_blocked": 409,
    "cancellation_window_passed": 409,
    "conflict": 409,
    "idempotency_in_progress": 409,
    "endpoint_disabled": 409,
    "limit_exceeded": 409,
    "link_expired": 410,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "idempotency_key_reused": 422,
    "url_not_allowed": 422,
    "rate_limited": 429,
    "internal_error": 500,
    "unavailable": 503,
    "storage_full": 507,
}

_64_BITS: Final = 2**64 - 1
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Request:
    """One request, its body complete. `origin` is scheme and host as the client used them."""

    id: str
    method: str
    path: str
    query: str
    headers: HTTPHeaders
    body: bytes
    origin: str
    host: str
    address: str


class Identified(Protocol):
    """An object with an address of its own."""

    @property
    def id(self) -> int:
        """What it is known by in its collection."""


@dataclass(slots=True)
class Response:
    """One response. Headers that every response carries are added when it is sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    is_secret: bool = False


def ok(value: Any) -> Response:
    """200 with what is not worth a tag."""
    return Response(200, _encode(value))


def listed(page: Any) -> Response:
    """200 with a page of a list and its tag.

    The tag is Python's own keyed hash, four times as fast as a digest, and pages are long; it is another one after a
    restart, which costs a client one answer that it had already.
    """
    return tagged(_encode(page))


def tagged(body: bytes) -> Response:
    """200 with JSON as it is, and its tag, made as that of a list."""
    return Response(200, body, {"ETag": f'"{hash(body) & _64_BITS:016x}{len(body):x}"'})


def shown(value: Any) -> Response:
    """200 with one object and its tag."""
    body = _encode(value)
    return Response(200, body, {"ETag": _tag_of(value, body)})


def created(value: Any, path: str) -> Response:
    """201 with the new object, its address and its tag."""
    body = _encode(value)
    return Response(201, body, {"Location": BASE_PATH + path, "ETag": _tag_of(value, body)})


def created_in(collection: str) -> Callable[[Identified], Response]:
    """How to render a new object of a collection, such as `customers/`."""
    return lambda value: created(value, f"{collection}{value.id}/")


def secret_created_in(collection: str) -> Callable[[Identified], Response]:
    """As `created_in`, for an object that is shown with its secret."""
    return lambda value: replace(created(value, f"{collection}{value.id}/"), is_secret=True)


def secret_made(value: Any) -> Response:
    """201 with something secret that has no address and no tag."""
    return replace(Response(201, _encode(value)), is_secret=True)


def secret_shown(value: Any) -> Response:
    """200 with one object and its secret."""
    return replace(shown(value), is_secret=True)


def accepted(value: Any) -> Response:
    """202 with what is going to happen."""
    return Response(202, _encode(value))


def no_content(_value: object = None) -> Response:
    """204, whatever the verb returned."""
    return Response(204)


def tag_of(value: Any) -> str:
    """The strong entity tag of one object as it is shown now."""
    return _tag_of(value, _encode(value))


def refused(problem: Problem) -> Response:
    """Any error, in the one shape that errors have."""
    body = _encode({"error": problem.code, "message": problem.message, "details": problem.details})
    headers: dict[str, str] = {}
    if "retry_after" in problem.details:
        headers["Retry-After"] = str(problem.details["retry_after"])
    return Response(STATUS[problem.code], body, headers)


def _tag_of(value: Any, body: bytes) -> str:
    """A hash of the body, or of what counts of the object where it says that not all of it does."""
    untagged = getattr(value, "UNTAGGED", None)
    if untagged is not None:
        body = _encode({name: part for name, part in structs.asdict(value).items() if name not in untagged})
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
