"""A request and a response as plain values: what a handler sees, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from tornado.httputil import HTTPHeaders

from smoothbox.errors import Problem

BASE_PATH: Final = "/tenant-api/v1/"

STATUS: Final[Mapping[str, int]] = {
    "validation_error": 400,
    "invalid_json": 400,
    "invalid_parameter": 400,
    "invalid_cursor": 400,
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
    "conflict": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "rate_limited": 429,
    "internal_error": 500,
    "unavailable": 503,
    "storage_full": 507,
}

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


@dataclass(slots=True)
class Response:
    """One response. Headers that every response carries are added when it is sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def ok(value: Any) -> Response:
    """200 with a body."""
    return Response(200, _encode(value))


def created(value: Any, path: str) -> Response:
    """201 with the new thing and its address."""
    return Response(201, _encode(value), {"Location": BASE_PATH + path})


def no_content() -> Response:
    """204."""
    return Response(204)


def refused(problem: Problem) -> Response:
    """Any error, in the one shape that errors have."""
    body = _encode({"error": problem.code, "message": problem.message, "details": problem.details})
    headers: dict[str, str] = {}
    if "retry_after" in problem.details:
        headers["Retry-After"] = str(problem.details["retry_after"])
    return Response(STATUS[problem.code], body, headers)
