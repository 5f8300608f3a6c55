"""Weekly hours as seven lines that people type: 09:00-12:00, 13:00-17:00."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from smoothbox.contract.hours import DayHours, Span
from smoothbox.errors import Problem
from smoothbox.operations import wall_texts
from smoothbox.web.forms import Field
from smoothbox.web.wording import WEEKDAYS

_HELP: Final = "Such as 09:00-12:00, 13:00-17:00; past midnight 22:00-02:00; empty where it is closed."
FIELDS: Final = tuple(Field(day.casefold(), day, help=_HELP if number == 0 else "") for number, day in enumerate(WEEKDAYS))
_NAMES: Final = tuple(each.name for each in FIELDS)
_PLACE: Final = re.compile(r"(?:working_hours|business_hours)\[(\d+)\]")


def typed_week(stored: bytes) -> Mapping[str, str]:
    """What stands in the seven lines, of hours as the API shows them."""
    days = msgspec.json.decode(stored, type=list[DayHours])
    return {_NAMES[each.day_of_week]: typed_day(each.intervals) for each in days}


def typed_day(intervals: Sequence[Span]) -> str:
    """One line."""
    return ", ".join(f"{each.start}-{each.end}" for each in intervals)


def week(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the API would be sent: a day for each line, also for those that are closed, so that each has its place.

    Raises Problem 'validation_error' naming the lines that make no sense.
    """
    found, wrong = [], {}
    for number, name in enumerate(_NAMES):
        try:
            found.append({"day_of_week": number, "intervals": day_of(document[name])})
        except ValueError as error:
            wrong[name] = [str(error)]
    if wrong:
        raise Problem("validation_error", None, wrong)
    return found


def day_of(text: str) -> list[dict[str, str]]:
    """The intervals of one line. Raises ValueError with a sentence that says what would be right."""
    parts = [re.sub(r"\s*[-–]\s*", "-", part.strip()) for part in text.split(",") if part.strip()]
    try:
        return [{"start": each.start, "end": each.end} for each in map(wall_texts.span, parts)]
    except ValueError as error:
        raise ValueError(f"'{str(error)[:40]}' is no span of time; write it as 09:00-12:00.") from None


def beside(name: str) -> str:
    """The line that a refusal of the hours belongs to."""
    place = _PLACE.match(name)
    if place is None:
        return _NAMES[0] if name in {"working_hours", "business_hours"} else name
    return _NAMES[int(place[1])] if int(place[1]) < len(_NAMES) else name
