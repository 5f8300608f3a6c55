"""The schemas of the OpenAPI document: every shape that goes in or out, with what its fields mean, and examples of them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from smoothbox.api.routes import ROUTES
from smoothbox.contract.errors import Error
from smoothbox.contract.events import Envelope
from smoothbox.contract.examples import EXAMPLES
from smoothbox.contract.hours import DayHours
from smoothbox.contract.meanings import meaning

Json = dict[str, Any]

_TEMPLATE: Final = "#/components/schemas/{name}"


def ref(shape: type[Struct] | str) -> Json:
    """Where the schema of a shape stands."""
    name = shape if isinstance(shape, str) else shape.__name__
    return {"$ref": _TEMPLATE.format(name=name)}


@cache
def schemas() -> dict[str, Json]:
    """Every schema by its name."""
    _, found = msgspec.json.schema_components(list(dict.fromkeys(_shapes())), ref_template=_TEMPLATE)
    return {name: _completed(name, schema) for name, schema in sorted(found.items())}


def example_of(shape: type[Struct]) -> Json:
    """The example of a shape, as the key of a media type; nothing where there is none."""
    example = EXAMPLES.get(shape)
    return {} if example is None else {"example": msgspec.json.decode(msgspec.json.encode(example))}


def _shapes() -> Iterator[type[Struct]]:
    yield from (Error, Envelope, DayHours)
    for methods in ROUTES.values():
        for endpoint in methods.values():
            yield from endpoint.gives
            if endpoint.takes is not None:
                yield endpoint.takes


def _completed(name: str, schema: Json) -> Json:
    """A schema with its text on one line, patterns as ECMA-262 writes them, and a sentence for each field."""
    schema = _plain(schema)
    for field, declared in schema.get("properties", {}).items():
        sentence = meaning(name, field)
        if sentence and "$ref" not in declared:
            declared["description"] = " ".join(filter(None, (sentence, declared.get("description"))))
    return schema


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _plain(each) for name, each in value.items()}
    if isinstance(plain.get("description"), str):
        plain["description"] = re.sub(r"\s+", " ", plain["description"])
    if isinstance(plain.get("pattern"), str):
        plain["pattern"] = plain["pattern"].replace(r"\Z", "$")
    return plain
