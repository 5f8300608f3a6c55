"""Request bodies: strict JSON to a declared shape, with every problem reported at once."""

import json
import re
from collections import Counter
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from smoothbox.api.messages import Request
from smoothbox.errors import Problem
from smoothbox.parsing.shapes import is_well_formed, shaped

S = TypeVar("S", bound=Struct)

_LARGEST_INTEGER: Final = 2**63 - 1
_STRINGS: Final = re.compile(rb'"([^"]*)"(\s*:)?')  # of JSON without escapes
_LONG_NUMBER: Final = re.compile(rb"[0-9]{19}")


def parse_body(request: Request, shape: type[S]) -> S:
    """The body as the declared shape; an absent body is an empty object.

    Raises Problem 'unsupported_media_type', 'invalid_json', or 'validation_error' with a list of messages for each field.
    """
    quickly = _quickly(request, shape)
    if quickly is not None and is_well_formed(quickly):
        return quickly
    return shaped(_document(request), shape)


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
