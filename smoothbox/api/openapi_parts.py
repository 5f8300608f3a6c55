"""What the operations of the OpenAPI document share: parameters, headers, pages, and the errors that each may answer with."""

from collections.abc import Mapping, Sequence
from http.client import responses
from typing import Any, Final

from smoothbox.api.call import Endpoint
from smoothbox.api.messages import STATUS
from smoothbox.contract.availability import KINDS
from smoothbox.contract.availability import PARAMETERS as QUESTION
from smoothbox.contract.listing import MAX_PAGE_SIZE, PAGING, Filter, Kind, Listing, Operator
from smoothbox.errors import SENTENCES

Json = dict[str, Any]

_LARGEST: Final = 2**53
_INTEGER: Final = {"type": "integer", "minimum": -_LARGEST, "maximum": _LARGEST}
_TEXT: Final = {"type": "string", "maxLength": 200}
_SCHEMAS: Final[Mapping[Kind, Json]] = {
    "text": _TEXT,
    "folded": _TEXT,
    "phone": _TEXT,
    "integer": _INTEGER,
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "instant": {"type": "string", "format": "date-time"},
    "start_time": {"type": "string", "format": "date-time"},
    "first_date": {"type": "string", "format": "date"},
    "last_date": {"type": "string", "format": "date"},
}
_WORDS: Final[Mapping[Operator, str]] = {
    "exact": "",
    "in": "",
    "lt": " Less than, or before.",
    "lte": " At most, or until.",
    "gt": " More than, or after.",
    "gte": " At least, or since.",
}

PARAMETERS: Final[Mapping[str, Json]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Any text of your own, new for each thing you do: sent again with it, a request takes effect once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag that you have seen: a 412 if the object has changed since.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The ETag that you have: a 304 if that is still what you would get.",
        "schema": {"type": "string"},
    },
}
_NUMBER: Final = {"type": "string", "pattern": "^[0-9]+$"}
HEADERS: Final[Mapping[str, Json]] = {
    "RequestId": {"description": "The request's id, also in the box's log.", "schema": {"type": "string"}},
    "ETag": {"description": "The tag of what is shown.", "schema": {"type": "string"}},
    "Location": {"description": "The address of what was made.", "schema": {"type": "string"}},
    "Limit": {"description": "Requests that the bucket holds.", "schema": _NUMBER},
    "Remaining": {"description": "Requests that are left.", "schema": _NUMBER},
    "Reset": {
        "description": "When the bucket is full again, in Unix seconds.",
        "schema": _NUMBER,
    },
    "RetryAfter": {"description": "Seconds to wait.", "schema": _NUMBER},
}
WEBHOOK_HEADERS: Final[Sequence[Json]] = [
    {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("webhook-id", "The event's id: the same in every attempt."),
        ("webhook-timestamp", "When this attempt was signed, in Unix seconds."),
        ("webhook-signature", "One signature or several, by the Standard Webhooks specification."),
    )
]
_ALWAYS: Final = frozenset({400, 401, 403, 429, 500, 503})
_OF_WRITES: Final = frozenset({409, 413, 415, 422, 507})


def as_json(content: Json) -> Json:
    """A body that is JSON."""
    return {"application/json": content}


def path_parameter(name: str) -> Json:
    """An id in the path."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}}


def parameters_of(pattern: str, method: str, endpoint: Endpoint) -> list[Json]:
    """The query parameters and headers of an operation."""
    found: list[Json] = []
    if endpoint.listing is not None:
        found += _of_list(endpoint.listing)
    elif pattern == "availability/":
        found += [_of_question(name, text) for name, text in QUESTION.items()]
    if method == "GET" and has_tag(pattern):
        found.append(_shared("parameters", "IfNoneMatch"))
    if method in {"POST", "PATCH"}:
        found.append(_shared("parameters", "IdempotencyKey"))
    if endpoint.amends:
        found.append(_shared("parameters", "IfMatch"))
    return found


def has_tag(pattern: str) -> bool:
    """Whether what stands at an address carries an ETag: all but what depends on the time, or never changes."""
    return pattern not in {"availability/", "webhooks/event-types/"}


def success_headers(pattern: str, method: str, endpoint: Endpoint) -> Json:
    """The headers of an operation's success."""
    named = {"X-Request-Id": "RequestId", **_LIMITS}
    if endpoint.status == 201 and pattern != "client-tokens/":  # noqa: PLR2004 -- Created, at an address
        named["Location"] = "Location"
    if method == "GET" and has_tag(pattern):
        named["ETag"] = "ETag"
    return {name: _shared("headers", header) for name, header in named.items()}


def page_of(each: Json) -> Json:
    """A page of a list."""
    address = {"type": ["string", "null"], "format": "uri"}
    return {
        "type": "object",
        "required": ["count", "next", "previous", "results"],
        "properties": {
            "count": {"type": "integer", "description": "How many there are on all pages."},
            "next": {**address, "description": "The address of the next page."},
            "previous": {**address, "description": "The address of the page before."},
            "results": {"type": "array", "items": each},
        },
    }


def page_example(example: Json) -> Json:
    """A page with one result."""
    return {"example": {"count": 1, "next": None, "previous": None, "results": [example["example"]]}} if example else {}


def refusals_of(pattern: str, method: str, endpoint: Endpoint) -> Json:
    """The errors that an operation may answer with, and 304 where there is a tag."""
    statuses = set(_ALWAYS)
    if "<id>" in pattern or pattern == "availability/":
        statuses.add(404)
    if method in {"POST", "PATCH"}:
        statuses |= _OF_WRITES
    elif method == "DELETE":
        statuses |= {409, 507}
    if endpoint.amends:
        statuses.add(412)
    found: Json = {str(status): _shared("responses", f"Error{status}") for status in sorted(statuses)}
    if method == "GET" and has_tag(pattern):
        found["304"] = {"description": "What you have is still good."}
    return found


def error_responses() -> Json:
    """The answer of each status that errors have, with the codes that it may carry."""
    return {f"Error{status}": _error(status) for status in sorted(set(STATUS.values()))}


def _error(status: int) -> Json:
    codes = [code for code in STATUS if STATUS[code] == status]
    headers = {"X-Request-Id": _shared("headers", "RequestId")}
    if status in {429, 503}:
        headers["Retry-After"] = _shared("headers", "RetryAfter")
    example = {"error": codes[0], "message": SENTENCES[codes[0]], "details": {}}
    return {
        "description": f"{responses[status]}: {', '.join(codes)}.",
        "headers": headers,
        "content": as_json({"schema": {"$ref": "#/components/schemas/Error"}, "example": example}),
        "x-codes": codes,
    }


def _of_list(listing: Listing) -> list[Json]:
    found = [_of_filter(name, each, operator) for name, (each, operator) in listing.parameters.items()]
    orders = [sign + field for field in (*listing.orderings, "id") for sign in ("", "-")]
    return [
        *found,
        _several("ordering", PAGING["ordering"], {"type": "string", "enum": orders}, default=[listing.default_ordering]),
        _query("page_size", PAGING["page_size"], {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}),
        _query("cursor", PAGING["cursor"], {"type": "string"}),
    ]


def _of_filter(name: str, declared: Filter, operator: Operator) -> Json:
    text, schema = declared.help + _WORDS[operator], _SCHEMAS[declared.kind]
    if declared.kind == "choice":
        return _several(name, text, schema | {"enum": list(declared.choices)})
    return _several(name, text, schema) if operator == "in" else _query(name, text, schema)


def _of_question(name: str, text: str) -> Json:
    schema = _SCHEMAS[KINDS[name]]
    if name == "resource_id":
        return _query(name, text, {"type": "array", "items": schema, "maxItems": 200}) | {"style": "form", "explode": True}
    return _query(name, text, schema) | ({"required": True} if name == "service_id" else {})


def _query(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def _several(name: str, text: str, each: Json, **more: Any) -> Json:
    """Values with commas between them."""
    schema = {"type": "array", "items": each, "minItems": 1, "uniqueItems": True, **more}
    return _query(name, text, schema) | {"style": "form", "explode": False}


def _shared(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


_LIMITS: Final = {"X-RateLimit-Limit": "Limit", "X-RateLimit-Remaining": "Remaining", "X-RateLimit-Reset": "Reset"}
