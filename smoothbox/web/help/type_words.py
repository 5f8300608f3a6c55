"""Types of the contract in words, as its Structs declare them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, inspect
from msgspec.inspect import Field

_LARGEST: Final = 2**53
_MOST_NAMED: Final = 8
_FORMS: Final = {"time": "time", "date": "date", "email": "e-mail address", "zone": "time zone"}
_NAMES: Final[Mapping[type, str]] = {
    inspect.StrType: "string",
    inspect.IntType: "integer",
    inspect.BoolType: "boolean",
    inspect.DictType: "object",
    inspect.StructType: "object",
    inspect.AnyType: "object",
    inspect.RawType: "object",
}


def words(type_: inspect.Type, *, is_member: bool = False) -> str:
    """A type in words. Of the members of a list the bounds are left out."""
    if isinstance(type_, inspect.Metadata):
        form = _FORMS.get((type_.extra or {}).get("form", ""))
        return form or _said(type_.extra_json_schema or {}) or words(type_.type, is_member=is_member)
    if isinstance(type_, inspect.UnionType):
        return " or ".join(filter(None, (words(each, is_member=is_member) for each in _parts(type_))))
    if isinstance(type_, inspect.LiteralType):
        return _said({"enum": type_.values})
    if isinstance(type_, inspect.VarTupleType | inspect.ListType):
        most = f", up to {type_.max_length}" if type_.max_length and not is_member else ""
        return f"array of {words(type_.item_type, is_member=True)}{most}"
    return _NAMES.get(type(type_), "") + ("" if is_member else _bounds(type_))


def may_be_null(field: Field) -> bool:
    """Whether null says anything: as a default it says as much as being absent."""
    is_union = isinstance(field.type, inspect.UnionType)
    return is_union and field.default is not None and any(isinstance(each, inspect.NoneType) for each in _parts(field.type))


def shapes_in(type_: inspect.Type) -> Iterator[type[Struct]]:
    """The Structs that a type is, or holds."""
    if isinstance(type_, inspect.StructType):
        yield type_.cls
    for each in _parts(type_):
        yield from shapes_in(each)


def _said(schema: Mapping[str, Any]) -> str:
    """What a type that is only text, or ready-made, is declared to be; empty where nothing is said."""
    if "enum" in schema:
        return "string" if len(schema["enum"]) > _MOST_NAMED else "one of " + ", ".join(map(str, schema["enum"]))
    if "items" in schema:
        return f"array of {_said(schema['items'])}"
    return "time" if schema.get("format") == "date-time" else str(schema.get("type", "object" if "$ref" in schema else ""))


def _bounds(type_: inspect.Type) -> str:
    if isinstance(type_, inspect.IntType) and type_.le is not None:
        return "" if type_.le >= _LARGEST else f" from {type_.ge} to {type_.le}"
    if isinstance(type_, inspect.StrType) and type_.max_length:
        return f" of {f'{type_.min_length} to' if type_.min_length else 'up to'} {type_.max_length} characters"
    return f" of up to {type_.max_length} names" if isinstance(type_, inspect.DictType) and type_.max_length else ""


def _parts(type_: inspect.Type) -> Iterator[inspect.Type]:
    """The types that a type is made of."""
    if isinstance(type_, inspect.UnionType):
        yield from type_.types
    elif isinstance(type_, inspect.Metadata):
        yield type_.type
    elif isinstance(type_, inspect.VarTupleType | inspect.ListType):
        yield type_.item_type
