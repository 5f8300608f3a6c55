"""Documents of a declared shape: JSON that was parsed, or a form's fields; every problem at once, each under its field."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, structs

from smoothbox.errors import Problem
from smoothbox.operations.contact import checked_email
from smoothbox.operations.times import parse_time, zone_named
from smoothbox.parsing.parameters import parse_date

S = TypeVar("S", bound=Struct)

_MOST_NAMED: Final = 50  # of the unknown fields of one object, or the problems of one list
_PLACE: Final = re.compile(r" - at (?:`key` in )?`\$(\.?)([^`]*)`$")


def shaped(document: Any, shape: type[S]) -> S:
    """The document as the declared shape. Raises Problem 'validation_error' with a list of messages for each field."""
    try:
        body = msgspec.convert(document, shape)
        if is_well_formed(body):
            return body
    except msgspec.ValidationError:
        pass
    raise Problem("validation_error", None, dict(_problems(document, shape)))


def is_well_formed(body: Struct) -> bool:
    """Whether each text that has a form is in it."""
    for name, form in _forms(type(body)):
        value = getattr(body, name)
        inner = value if isinstance(value, tuple) else (value,)
        if not all(is_well_formed(each) for each in inner if isinstance(each, Struct)):
            return False
        try:
            if isinstance(value, str):
                _check_form(value, form)
        except ValueError:
            return False
    return True


def _problems(document: Any, shape: type[Struct], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Check each field by itself: msgspec stops at the first problem, people want them all."""
    if not isinstance(document, dict):
        yield prefix or "body", ["Expected an object."]
        return
    fields = {field.name: field for field in structs.fields(shape)}
    for name in [name for name in document if name not in fields][:_MOST_NAMED]:
        yield f"{prefix}{name[:100]}", [f"There is no such field; allowed are {', '.join(fields)}."]
    for name, field in fields.items():
        if name in document:
            yield from _field_problems(document[name], field.type, f"{prefix}{name}")
        elif field.required:
            yield f"{prefix}{name}", ["This field is required."]


def _field_problems(value: Any, declared: Any, name: str) -> Iterator[tuple[str, list[str]]]:
    nested = next(filter(_is_shape, _parts(declared)), None)
    if nested is not None and isinstance(value, dict):
        yield from _problems(value, nested, f"{name}.")
        return
    if nested is not None and isinstance(value, list) and any(get_origin(part) is tuple for part in _parts(declared)):
        found = list(islice(_problems_of_list(value, nested, name), _MOST_NAMED))
        if found:
            yield from found
            return
    try:
        msgspec.convert(value, declared)
        if isinstance(value, str):
            _check_form(value, _form(declared))
    except msgspec.ValidationError as error:
        yield _said(name, str(error))
    except ValueError as error:
        yield name, [str(error)]


def _problems_of_list(items: list[Any], shape: type[Struct], name: str) -> Iterator[tuple[str, list[str]]]:
    for index, item in enumerate(items):
        yield from _field_problems(item, shape, f"{name}[{index}]")


@lru_cache(maxsize=64)
def _forms(shape: type[Struct]) -> tuple[tuple[str, str], ...]:
    """The fields that are worth a look, each with its form, '' where it has none and may hold others that do."""
    fields = structs.fields(shape)
    forms = {field.name: _form(field.type) for field in fields}
    return tuple((each.name, forms[each.name]) for each in fields if forms[each.name] or any(map(_is_shape, _parts(each.type))))


def _form(declared: Any) -> str:
    extras = [part.extra for part in _parts(declared) if isinstance(part, Meta) and part.extra]
    return extras[0]["form"] if extras else ""


def _is_shape(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, Struct)


def _parts(declared: Any) -> list[Any]:
    """A declared type with all that it is put together of."""
    return [declared, *chain.from_iterable(map(_parts, get_args(declared)))]


def _check_form(text: str, form: str) -> None:
    """Raises ValueError with a sentence that says what would be right."""
    check = _CHECKS.get(form)
    if check is None:
        return
    try:
        check(text)
    except Problem as problem:
        ((message,),) = problem.details.values()
        raise ValueError(message) from None


_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "date": parse_date,
    "email": lambda text: checked_email(text.strip()),
    "time": parse_time,
    "zone": zone_named,
}


def _said(name: str, message: str) -> tuple[str, list[str]]:
    """The sentence of msgspec, its place moved into the name of the field."""
    place = _PLACE.search(message)
    if place is None:
        return name, [message.replace("`", "") + "."]
    return f"{name}{place[1]}{place[2]}", [message[: place.start()].replace("`", "") + "."]
