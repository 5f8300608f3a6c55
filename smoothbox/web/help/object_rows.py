"""The table of an object: each field with its type, what each body makes of it, and what it means."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

import msgspec
from msgspec import NODEFAULT, UNSET, Struct, inspect
from msgspec.inspect import Field

from smoothbox.contract.meanings import meaning
from smoothbox.web.help.objects import OBJECTS, SHOWN, Body, Object, Shape
from smoothbox.web.help.type_words import may_be_null, shapes_in, words

_NO_DEFAULTS: Final = (None, "", UNSET, NODEFAULT, ())


class Row(NamedTuple):
    """One field. `refers_to` is the address of the table of what it holds; `uses` says of each body what it makes of it."""

    name: str
    type: str
    refers_to: str
    uses: tuple[str, ...]
    meaning: str


@cache
def rows(thing: Object) -> tuple[Row, ...]:
    """The table of an object."""
    columns = [{field.name: field for field in _fields(body.shape)} for body in thing.bodies]
    return tuple(_row(thing, name, columns) for name in dict.fromkeys(name for column in columns for name in column))


def _row(thing: Object, name: str, columns: Sequence[Mapping[str, Field]]) -> Row:
    declared = [column[name] for column in columns if name in column]
    type_ = max((words(field.type) for field in declared), key=len)  # the longest says most
    if any(may_be_null(field) for field in declared):
        type_ += " or null"
    uses = tuple(_use(body, column.get(name)) for body, column in zip(thing.bodies, columns, strict=True))
    holders = [body.shape for body in thing.bodies if name in body.shape.__struct_fields__]
    sentences = dict.fromkeys(meaning(shape.__name__, name) for shape in holders)
    refers_to = next((_places()[shape] for field in declared for shape in shapes_in(field.type) if shape in _places()), "")
    return Row(name, type_, refers_to, uses, " ".join(sentences))


def _fields(shape: Shape) -> tuple[Field, ...]:
    found = inspect.type_info(shape)
    return found.fields if isinstance(found, inspect.StructType) else ()


def _use(body: Body, field: Field | None) -> str:
    """What a body makes of a field."""
    if field is None:
        return ""
    if body.heading == SHOWN:
        return "yes"
    if field.required:
        return "required"
    default = "" if field.default in _NO_DEFAULTS else field.default
    return f"default {msgspec.json.encode(default).decode()}" if default != "" else "optional"


@cache
def _places() -> Mapping[Shape, str]:
    """Where the table of a shape stands, or of one that has all of its fields."""
    return {
        shape: f"/help/api/{topic}/#{thing.anchor}"
        for topic, things in OBJECTS.items()
        for thing in things
        for body in thing.bodies
        for shape in body.shape.__mro__
        if issubclass(shape, Struct) and shape is not Struct
    }
