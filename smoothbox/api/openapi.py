"""The API as an OpenAPI 3.1 document, drawn from what the server itself goes by: its addresses, shapes, lists and errors."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from smoothbox import __version__
from smoothbox.api import openapi_parts as parts
from smoothbox.api.call import Endpoint
from smoothbox.api.messages import BASE_PATH, STATUS
from smoothbox.api.openapi_schemas import example_of, ref, schemas
from smoothbox.api.routes import ROUTES
from smoothbox.contract.event_examples import DESCRIBED
from smoothbox.contract.scopes import NAMED_ONLY, SCOPES
from smoothbox.errors import SENTENCES

Json = dict[str, Any]

_VERBS: Final[Mapping[str, str]] = {
    "index": "list",
    "show": "get",
    "change": "update",
    "types": "list",
    "rotate": "rotate_secret_of",
    "recover": "recover_deliveries_of",
}
"""What a handler's name is called to the outside, where that differs."""

_NOUNS: Final[Mapping[str, str]] = {"business": "business", "availability": "availability", "deliveries": "delivery"}
_INTRODUCTION: Final = (
    "Bookings of one business: what can be booked, when it is free, who comes. Send the token as `Authorization: Bearer ss_…`; "
    "it names the business and its mode (live or sandbox). Every path ends in `/`. Every error has one shape. "
    "Help with examples stands at /help/api/ of the same server."
)


def document(origin: str) -> Json:
    """The whole document for a server at this origin (scheme and host)."""
    return {"openapi": "3.1.0", "info": _info(), "servers": [{"url": origin + BASE_PATH.rstrip("/")}], **_rest()}


def encoded(origin: str) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(document(origin))


def _info() -> Json:
    return {"title": "smoothbox tenant API", "version": __version__, "description": _INTRODUCTION, "license": {"name": "MIT"}}


@cache
def _rest() -> Json:
    """All that is the same for every reader."""
    return {
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(pattern) for pattern in ROUTES)],
        "paths": {"/" + _named(pattern)[0]: dict(_operations(pattern)) for pattern in ROUTES},
        "webhooks": {described.type: _told(described.type, described) for described in DESCRIBED},
        "components": {
            "schemas": schemas(),
            "parameters": parts.PARAMETERS,
            "headers": parts.HEADERS,
            "responses": parts.error_responses(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "ss_live_… or ss_test_…"}},
        },
        "x-errors": {code: {"status": STATUS[code], "sentence": sentence} for code, sentence in SENTENCES.items()},
        "x-scopes": {scope: {"sentence": text, "named_only": scope in NAMED_ONLY} for scope, text in SCOPES.items()},
    }


def _operations(pattern: str) -> Iterator[tuple[str, Any]]:
    names = _named(pattern)[1]
    if names:
        yield "parameters", [parts.path_parameter(name) for name in names]
    for method, endpoint in ROUTES[pattern].items():
        yield method.lower(), _operation(pattern, method, endpoint)


def _operation(pattern: str, method: str, endpoint: Endpoint) -> Json:
    found: Json = {
        "operationId": operation_id(endpoint),
        "summary": _summary(endpoint),
        "tags": [_tag(pattern)],
        "security": [{"bearer": [endpoint.scope] if endpoint.scope else []}],
        "x-scope": endpoint.scope,
        "parameters": parts.parameters_of(pattern, method, endpoint),
        "responses": {
            str(endpoint.status): _success(pattern, method, endpoint),
            **parts.refusals_of(pattern, method, endpoint),
        },
    }
    if endpoint.takes is not None:
        content = {"schema": ref(endpoint.takes), **example_of(endpoint.takes)}
        found["requestBody"] = {"required": method != "POST" or bool(_required(endpoint)), "content": parts.as_json(content)}
    return found


def _required(endpoint: Endpoint) -> tuple[str, ...]:
    """The fields without which the body is refused; where there are none the body itself may be left out."""
    return tuple(field.name for field in msgspec.structs.fields(endpoint.takes) if field.required) if endpoint.takes else ()


def _success(pattern: str, method: str, endpoint: Endpoint) -> Json:
    found: Json = {"description": _summary(endpoint), "headers": parts.success_headers(pattern, method, endpoint)}
    if not endpoint.gives:
        return found
    shapes = [ref(shape) for shape in endpoint.gives]
    one = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    example = example_of(endpoint.gives[0])
    if endpoint.listing is None:
        return found | {"content": parts.as_json({"schema": one, **example})}
    return found | {"content": parts.as_json({"schema": parts.page_of(one), **parts.page_example(example)})}


def operation_id(endpoint: Endpoint) -> str:
    """The name of an operation: list_services, create_booking."""
    handler: Any = endpoint.handler
    module, name = handler.__module__.rpartition(".")[2], handler.__name__
    if name == "types":
        return "list_event_types"
    if name in {"recover", "rotate"}:
        return f"{_VERBS[name]}_webhook"
    noun = module if name == "index" else _NOUNS.get(module, module.removesuffix("s"))
    return f"{'get' if module == 'availability' else _VERBS.get(name, name)}_{noun}"


def _summary(endpoint: Endpoint) -> str:
    text: str = endpoint.handler.__doc__ or ""
    return text.strip().partition("\n")[0]


def _tag(pattern: str) -> str:
    return pattern.partition("/")[0]


def _named(pattern: str) -> tuple[str, list[str]]:
    """A pattern with each `<id>` named after what it is the id of, and the names."""
    names: list[str] = []

    def name(found: re.Match[str]) -> str:
        names.append(f"{_NOUNS.get(found[1], found[1].removesuffix('s'))}_id")
        return f"{found[1]}/{{{names[-1]}}}"

    return re.sub(r"([a-z]+)/<id>", name, pattern), names


def _told(event_type: str, described: Any) -> Json:
    """What an endpoint is sent of one type of event."""
    content = {"schema": ref("Envelope"), "example": msgspec.json.decode(described.example)}
    return {
        "post": {
            "operationId": "on_" + event_type.replace(".", "_"),
            "summary": described.description,
            "tags": ["webhooks"],
            "security": [],
            "parameters": parts.WEBHOOK_HEADERS,
            "requestBody": {"required": True, "content": parts.as_json(content)},
            "responses": {"2XX": {"description": "Any 2xx within 15 seconds; anything else is tried again."}},
        }
    }
