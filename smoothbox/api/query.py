"""The query string of a list, parsed by the list's own declaration; all problems are reported at once."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from smoothbox.api.messages import Request
from smoothbox.clock import instant_text
from smoothbox.contract.listing import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    PAGING,
    Condition,
    Filter,
    Kind,
    Listing,
    ListQuery,
    LocalMoment,
    Order,
    Page,
    Position,
    Value,
)
from smoothbox.errors import Problem
from smoothbox.operations.times import parse_time

_MOST_PARAMETERS: Final = 100
_LONGEST_TEXT: Final = 200
_MOST_VALUES: Final = 200
_LARGEST: Final = 2**53
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_pairs(query: str) -> dict[str, list[str]]:
    """Every parameter with its values. Raises Problem 'invalid_parameter' for broken encoding or far too many."""
    try:
        query.encode("ascii")
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeError:
        raise Problem("invalid_parameter", "The query is not percent-encoded UTF-8.") from None
    except ValueError:
        raise Problem("invalid_parameter", f"A query has at most {_MOST_PARAMETERS} parameters.") from None
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return found


def parse_list(listing: Listing, request: Request) -> ListQuery:
    """The request for a page of this list.

    Raises Problem 'invalid_parameter' naming every parameter that is wrong or unknown, or 'invalid_cursor'.
    """
    pairs, problems = parse_pairs(request.query), Problems()
    parameters = listing.parameters
    single = {name: problems.check(name, _only, values) for name, values in pairs.items()}
    for name in single.keys() - parameters.keys() - PAGING.keys():
        problems.add(name, f"There is no such parameter here; allowed are {', '.join([*parameters, *PAGING])}.")
    conditions = tuple(
        Condition(*parameters[name], problems.check(name, _value, parameters[name][0], text))
        for name, text in single.items()
        if name in parameters and text is not None
    )
    ordering = problems.check("ordering", _ordering, listing, single.get("ordering") or listing.default_ordering)
    size = problems.check("page_size", _page_size, single.get("page_size"))
    problems.raise_if_any()
    position = _position(single["cursor"], fingerprint(listing, request.query), len(ordering)) if single.get("cursor") else None
    return ListQuery(conditions, ordering, size, position)


def page_body(listing: Listing, request: Request, page: Page) -> Mapping[str, Any]:
    """The envelope of a page: how many there are, and the addresses of its neighbours."""
    return {
        "count": page.count,
        "next": _address(listing, request, page.next),
        "previous": _address(listing, request, page.previous),
        "results": page.results,
    }


class Problems:
    """Collects what is wrong with parameters, so that all of it is told at once."""

    def __init__(self) -> None:
        self._found: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, message: str) -> None:
        """Note one problem."""
        self._found[name[:_LONGEST_TEXT]].append(message)

    def check(self, name: str, parse: Callable[..., Any], *values: Any) -> Any:
        """What `parse` makes of the values, or None after noting the ValueError that it raised."""
        try:
            return parse(*values)
        except ValueError as error:
            self.add(name, str(error))
            return None

    def raise_if_any(self) -> None:
        """Raises Problem 'invalid_parameter' when there is one."""
        if self._found:
            raise Problem("invalid_parameter", None, self._found)


def parse_integer(text: str) -> int:
    """A whole number. Raises ValueError."""
    if not _INTEGER.fullmatch(text) or abs(int(text)) > _LARGEST:
        raise ValueError("Send a whole number.")
    return int(text)


def parse_date(text: str) -> date:
    """A date. Raises ValueError."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("Send a date as 2027-05-04.")


def _only(values: list[str]) -> str:
    if len(values) > 1:
        raise ValueError("Send this parameter once.")
    if "\x00" in values[0] or len(values[0]) > _LONGEST_TEXT * 10:
        raise ValueError("This text is too long or holds a NUL.")
    return values[0]


def _value(declared: Filter, text: str) -> Value:
    if declared.operators == ("in",):
        return tuple(parse_integer(part) for part in _parts(text))
    if declared.kind == "choice":
        return _choices(declared, _parts(text))
    return _PARSERS[declared.kind](text)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > _MOST_VALUES:
        raise ValueError(f"Send at most {_MOST_VALUES} values.")
    return parts


def _choices(declared: Filter, parts: list[str]) -> tuple[str, ...]:
    if unknown := [part for part in parts if part not in declared.choices]:
        raise ValueError(f"'{unknown[0][:50]}' is none of {', '.join(declared.choices)}.")
    return tuple(parts)


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("Send true or false.")
    return text == "true"


def _text(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"Send at most {_LONGEST_TEXT} characters.")
    return text


def _phone(text: str) -> str:
    if text.startswith(" "):
        raise ValueError("The '+' of the number arrived as a blank; write it as %2B in a query.")
    if text and not any(map(str.isdigit, text)):
        raise ValueError("A phone number has digits.")
    return _text(text)


def _start_time(text: str) -> Value:
    """UTC seconds, rounded up: bookings start on whole seconds, so `≥ x` and `< x` both hold for the rounded x."""
    moment = parse_time(text)
    if moment.tzinfo is None:
        return LocalMoment(moment)
    return int(moment.timestamp()) + (moment.microsecond > 0)


def _instant(text: str) -> Value:
    moment = parse_time(text)
    return LocalMoment(moment) if moment.tzinfo is None else instant_text(moment.timestamp())


def _day(text: str) -> Value:
    day = parse_date(text)
    if not 1900 <= day.year < 3000:  # noqa: PLR2004 -- as times.parse_time
        raise ValueError("The year must lie between 1900 and 2999.")
    return LocalMoment(day)


_PARSERS: Final[Mapping[Kind, Callable[[str], Value]]] = {
    "text": _text,
    "folded": lambda text: _text(text).casefold(),
    "phone": _phone,
    "integer": parse_integer,
    "boolean": _boolean,
    "instant": _instant,
    "start_time": _start_time,
    "first_date": _day,
    "last_date": _day,
}


def _ordering(listing: Listing, text: str) -> tuple[Order, ...]:
    allowed = (*listing.orderings, "id")
    orders = [Order(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in text.split(",")]
    fields = [order.field for order in orders]
    if unknown := [name for name in fields if name not in allowed]:
        raise ValueError(f"Cannot sort by '{unknown[0][:50]}'; allowed are {', '.join(allowed)}, each also with '-'.")
    if len(set(fields)) < len(fields):
        raise ValueError("Name each field once.")
    if "id" not in fields:
        orders.append(Order("id", orders[-1].descending))
    return tuple(orders)


def _page_size(text: str | None) -> int:
    size = DEFAULT_PAGE_SIZE if text is None else parse_integer(text)
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise ValueError(f"Send a number from 1 to {MAX_PAGE_SIZE}.")
    return size


def fingerprint(listing: Listing, query: str) -> str:
    """Of the list, its filters and its ordering: a cursor serves no other."""
    pairs = parse_qsl(query, keep_blank_values=True)  # a blank one filters too
    parameters = sorted(pair for pair in pairs if pair[0] not in {"cursor", "page_size"})
    return blake2b(msgspec.json.encode([listing.name, parameters]), digest_size=8).hexdigest()


def _address(listing: Listing, request: Request, position: Position | None) -> str | None:
    if position is None:
        return None
    parameters = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] != "cursor"]
    content = [fingerprint(listing, request.query), position.backwards, position.values]
    cursor = urlsafe_b64encode(msgspec.json.encode(content)).decode().rstrip("=")
    return f"{request.origin}{request.path}?{urlencode([*parameters, ('cursor', cursor)])}"


def _position(cursor: str, expected: str, width: int) -> Position:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark, backwards, values = msgspec.json.decode(raw, type=tuple[str, bool, tuple[str | int, ...]])
    except (ValueError, Base64Error, msgspec.MsgspecError):
        raise Problem("invalid_cursor") from None
    if mark != expected or len(values) != width or not _fits(values):
        raise Problem("invalid_cursor")
    return Position(values, backwards)


def _fits(values: Iterable[str | int]) -> bool:
    return all(isinstance(value, str) or abs(value) <= _LARGEST for value in values)
