"""The values of a list's filters, each parsed by the kind that the contract declares."""

from collections.abc import Callable, Mapping
from typing import Final

from smoothbox.clock import instant_text
from smoothbox.contract.listing import Filter, Kind, LocalMoment, Value
from smoothbox.operations.times import parse_time
from smoothbox.parsing.parameters import LONGEST_TEXT, parse_date, parse_integer

_MOST_VALUES: Final = 200


def parse_value(declared: Filter, text: str) -> Value:
    """What a filter is compared with. Raises ValueError."""
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
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"Send at most {LONGEST_TEXT} characters.")
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
    return LocalMoment(parse_date(text))


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
