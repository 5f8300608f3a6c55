"""A catalogue file to a Catalogue: every mistake at once, each with its line, its key and the nearest known word."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, ValidationError, structs

from smoothbox.contract.catalogue import Catalogue, WallSpan, WallTime
from smoothbox.errors import Problem
from smoothbox.located_toml import Place, line_of
from smoothbox.operations.catalogue_rules import Mistake, contradictions, nearest
from smoothbox.operations.times import zone_named, zone_names
from smoothbox.operations.wall_texts import moment, span

_TEXTS: Final[Mapping[type, Callable[[str], object]]] = {WallSpan: span, WallTime: moment}
_SHOWN: Final = 60


def parse(document: Mapping[str, Any], text: str, path: Path) -> Catalogue:
    """The catalogue of a parsed TOML document and its text.

    Raises Problem 'validation_error': its message has one line `file, line N: key: what is wrong` per mistake, its details
    map each "line N: key" to what is wrong there.
    """
    mistakes = list(_mistakes(document, Catalogue, ()))
    if not mistakes:
        catalogue = msgspec.convert(document, Catalogue, dec_hook=_leaf)
        mistakes = list(contradictions(catalogue))
    if mistakes:
        raise _refusal(mistakes, text, path)
    return catalogue


def _mistakes(value: Any, kind: Any, place: Place) -> Iterator[Mistake]:
    """What keeps a value from being of a kind; place by place, where msgspec would stop at the first."""
    table = _struct_of(kind)
    if table is None:
        yield from _leaf_mistake(value, kind, place)
    elif get_origin(kind) is tuple:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _mistakes(item, table, (*place, index))
        else:
            yield Mistake(place, f"write it as a table in double brackets: [[{place[-1]}]]")
    elif isinstance(value, dict):
        yield from _table_mistakes(value, table, place)
    else:
        yield Mistake(place, f"write it as a table: [{place[-1]}]")


def _table_mistakes(value: Mapping[str, Any], table: type[Struct], place: Place) -> Iterator[Mistake]:
    kinds = get_type_hints(table, include_extras=True)
    for key, entry in value.items():
        if key in kinds:
            yield from _mistakes(entry, kinds[key], (*place, key))
        else:
            yield Mistake((*place, key), "there is no such key" + nearest(key, kinds))
    for field in structs.fields(table):
        if field.required and field.name not in value:
            yield Mistake((*place, field.name), "is missing")


def _leaf_mistake(value: Any, kind: Any, place: Place) -> Iterator[Mistake]:
    try:
        msgspec.convert(value, kind, dec_hook=_leaf)
    except LookupError as error:
        yield Mistake(place, error.args[0])
    except ValidationError:
        yield Mistake(place, f"{_shown(value)} does not fit; it takes {_words(kind)}")


def _leaf(kind: type, value: Any) -> Any:
    """What msgspec cannot make by itself. Raises ValueError or TypeError, or LookupError with a sentence of its own."""
    if not isinstance(value, str):
        raise TypeError(value)
    if kind is ZoneInfo:
        return _zone(value)
    _TEXTS[kind](value)
    return kind(value)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name)
    except Problem:
        raise LookupError(f"there is no time zone '{name}'" + nearest(name, zone_names())) from None


def _key(place: Place) -> str:
    return ".".join(part for part in place if isinstance(part, str))


def _refusal(mistakes: Iterable[Mistake], text: str, path: Path) -> Problem:
    located = sorted((line_of(text, place), _key(place), message) for place, message in mistakes)
    details: dict[str, list[str]] = {}
    for line, key, message in located:
        details.setdefault(f"line {line}: {key}", []).append(message)
    message = "\n".join(f"{path}, line {line}: {key}: {message}" for line, key, message in located)
    return Problem("validation_error", message, details)


def _struct_of(kind: Any) -> type[Struct] | None:
    """The Struct that a kind is, may be, or is a tuple of."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return kind
    if get_origin(kind) is tuple or get_origin(kind) in {Union, UnionType}:
        return next((found for part in get_args(kind) if (found := _struct_of(part))), None)
    return None


def _words(kind: Any) -> str:
    """The description that a kind, or what it is made of, carries."""
    if get_origin(kind) is Annotated:
        return next(str(meta.description) for meta in kind.__metadata__ if isinstance(meta, Meta))
    return next(_words(part) for part in get_args(kind) if part is not Ellipsis)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
