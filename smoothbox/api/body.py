"""Request bodies: strict JSON to a declared shape, with every problem reported at once."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, structs

from smoothbox.api.messages import Request
from smoothbox.api.parameters import parse_date
from smoothbox.errors import Problem
from smoothbox.operations.contact import checked_email
from smoothbox.operations.times import parse_time, zone_named

S = TypeVar("S", bound=Struct)

_LARGEST_INTEGER: Final = 2**63 - 1
_MOST_NAMED: Final = 50  # of the unknown fields of one object, or the problems of one list
_STRINGS: Final = re.compile(rb'"([^"]*)"(\s*:)?')  # of JSON without escapes
_LONG_NUMBER: Final = re.compile(rb"[0-9]{19}")
_PLACE: Final = re.compile(r" - at (?:`key` in )?`\$(\.?)([^`]*)`$")


def parse_body(request: Request, shape: type[S]) -> S:
    """The body as the declared shape; an absent body is an empty object.

    Raises Problem 'unsupported_media_type', 'invalid_json', or 'validation_error' with a list of messages for each field.
    """
    quickly = _quickly(request, shape)
    if quickly is not None and _is_well_formed(quickly):
        return quickly
    document = _document(request)
    try:
        body = msgspec.convert(document, shape)
        if _is_well_formed(body):
            return body
    except msgspec.ValidationError:
        pass
    raise Problem("validation_error", None, dict(_problems(document, shape)))


def _quickly(request: Request, shape: type[S]) -> S | None:
    """The body where it is plain to see that it is right, in one pass; None where it takes a closer look.

    Plain is what has no name twice anywhere, no escapes, and no number that might be too large: `strict_json` would
    refuse nothing of it. Five times as fast, and most bodies are like that.
    """
    body = request.body
    if not _is_json(request) or b"\\" in body or _LONG_NUMBER.search(body):
        return None
    names = [name for name, is_name in _STRINGS.findall(body) if is_name]
    if len(set(names)) < len(names):
        return None
    try:
        decoded: S = _decoder(shape).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return decoded


@lru_cache(maxsize=64)
def _decoder(shape: type[S]) -> msgspec.json.Decoder[S]:
    return msgspec.json.Decoder(shape)


def _document(request: Request) -> Any:
    if not request.body:
        return {}
    if not _is_json(request):
        raise Problem("unsupported_media_type")
    return strict_json(request.body)


def _is_json(request: Request) -> bool:
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"


def strict_json(body: bytes) -> Any:
    """JSON without anything that two parsers could read differently.

    Raises Problem 'invalid_json' for broken or far too deep JSON, NaN, a name given twice, a lone surrogate, a NUL
    character, or an integer beyond 64 bits.
    """
    try:
        msgspec.json.decode(body)  # refuses NaN, overflowing floats, lone surrogates and broken UTF-8
        document = json.loads(body, object_pairs_hook=_without_twins, parse_int=_bounded)
        has_nul = b"u0000" in body and _has_nul(document)
    except RecursionError:
        raise Problem("invalid_json", "The body is nested too deeply.") from None
    except (ValueError, msgspec.MsgspecError) as error:
        raise Problem("invalid_json", f"The body is not valid JSON: {error}.") from None
    if has_nul:
        raise Problem("invalid_json", "The body holds a NUL character.")
    return document


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        ((twin, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name '{twin[:50]}' is given twice")
    return unique


def _bounded(text: str) -> int:
    number = int(text) if len(text) <= 20 else _LARGEST_INTEGER + 1  # noqa: PLR2004 -- no 64-bit number is longer
    if abs(number) > _LARGEST_INTEGER:
        raise ValueError("an integer is larger than 64 bits")
    return number


def _has_nul(document: Any) -> bool:
    if isinstance(document, str):
        return "\x00" in document
    if isinstance(document, dict):
        return any(_has_nul(name) or _has_nul(value) for name, value in document.items())
    return isinstance(document, list) and any(map(_has_nul, document))


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


def _is_well_formed(body: Struct) -> bool:
    """Whether each text that has a form is in it."""
    for name, form in _forms(type(body)):
        value = getattr(body, name)
        inner = value if isinstance(value, tuple) else (value,)
        if not all(_is_well_formed(each) for each in inner if isinstance(each, Struct)):
            return False
        try:
            if isinstance(value, str):
                _check_form(value, form)
        except ValueError:
            return False
    return True


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
