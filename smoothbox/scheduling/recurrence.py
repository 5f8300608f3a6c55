"""Repeating bookings: the part of RFC 5545's recurrence rules that a series may use, and the starts that it gives.

python-dateutil expands the wall-clock dates; this file says which rules are allowed and turns walls into instants.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice, takewhile
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule, weekday

from smoothbox.scheduling.hours import instant

LONGEST: Final = 52
"""The most starts that one series has."""

_FREQUENCIES: Final[Mapping[str, Literal[1, 2, 3]]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY"})
_EVERY: Final = range(1, 6)  # a weekday comes at most five times a month


@dataclass(frozen=True, slots=True)
class Rule:
    """How a series repeats, and its end: either `count` starts, or all up to and with `until`.

    `until` is a local date, or an instant in UTC. `days` are weekdays (0 = Monday), each with an ordinal within the month
    (2 = the second, -1 = the last) or None for every one.
    """

    frequency: Literal[1, 2, 3]
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    days: tuple[tuple[int, int | None], ...] = ()


def parse(text: str) -> Rule:
    """The rule that a text such as FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10 means.

    Raises ValueError, with a sentence for the client, for everything else.
    """
    parts = _parts(text.strip().upper().removeprefix("RRULE:"))
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError("FREQ is DAILY, WEEKLY or MONTHLY.")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise ValueError("Say when the series ends, with either COUNT or UNTIL.")
    frequency = _FREQUENCIES[parts["FREQ"]]
    return Rule(
        frequency,
        _number("INTERVAL", parts.get("INTERVAL", "1"), 366),
        _number("COUNT", parts["COUNT"], LONGEST) if "COUNT" in parts else None,
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
        _days(parts["BYDAY"], frequency) if "BYDAY" in parts else (),
    )


def starts(rule: Rule, first: datetime, zone: ZoneInfo) -> list[int]:
    """The starts of a series as sorted UTC seconds, no two alike; `first` is a wall-clock time without a zone.

    Each has the wall-clock time of the first (P2). Raises ValueError, with a sentence for the client, when the rule does
    not begin with `first`, gives more than 52 starts, or fewer than it counts.
    """
    _must_begin_with(first, rule)
    # where clocks skip a whole date, its start and the one of the next date are the same instant
    distinct = (second for second, _ in groupby(_seconds(rule, first, zone)))
    found = list(islice(distinct, rule.count or LONGEST + 1))
    if not found:
        raise ValueError("UNTIL lies before the first start; choose a later one.")
    if len(found) > LONGEST:
        raise ValueError(f"The series has more than {LONGEST} starts; choose an earlier UNTIL.")
    if len(found) < (rule.count or 0):
        raise ValueError(f"The calendar ends before start number {rule.count}; choose a smaller INTERVAL or COUNT.")
    return found


def _must_begin_with(first: datetime, rule: Rule) -> None:
    # an interval of 1 cannot search for ever, and whether the first date belongs to the rule does not depend on it
    earliest = next(iter(_walls(rule, first, 1)), None)
    if earliest is None:
        raise ValueError("The rule gives no date before the calendar ends; start the series earlier.")
    if earliest.date() != first.date():
        raise ValueError(f"The rule does not begin on {first.date()}; the first date that it gives is {earliest.date()}.")


def _walls(rule: Rule, first: datetime, interval: int) -> rrule:
    days = [weekday(day, ordinal) for day, ordinal in _ordinals(rule)] or None
    return rrule(rule.frequency, first, interval, wkst=MO, byweekday=days)


def _ordinals(rule: Rule) -> Iterator[tuple[int, int | None]]:
    """The days of a rule; of a month every one by its ordinal, since dateutil cannot mix "every" and "the second"."""
    for day, ordinal in rule.days:
        if rule.frequency == MONTHLY and ordinal is None:
            yield from ((day, each) for each in _EVERY)
        else:
            yield day, ordinal


def _seconds(rule: Rule, first: datetime, zone: ZoneInfo) -> Iterator[int]:
    walls = _walls(rule, first, rule.interval)
    if isinstance(rule.until, datetime):
        last = rule.until.timestamp()
        return takewhile(lambda second: second <= last, (instant(wall, zone) for wall in walls))
    last_date = rule.until or date.max
    return (instant(wall, zone) for wall in takewhile(lambda wall: wall.date() <= last_date, walls))


def _parts(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";")]
    parts = {name: value for name, _, value in pairs if name in _PARTS}
    if len(parts) < len(pairs):
        raise ValueError("A rule is made of FREQ, INTERVAL, BYDAY, and COUNT or UNTIL, each given once.")
    return parts


def _number(name: str, text: str, most: int) -> int:
    number = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    if not 1 <= number <= most:
        raise ValueError(f"{name} is a whole number from 1 to {most}.")
    return number


def _until(text: str) -> date | datetime:
    try:
        if re.fullmatch("[0-9]{8}", text):
            return date.fromisoformat(text)
        if re.fullmatch("[0-9]{8}T[0-9]{6}Z", text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("UNTIL is a date such as 20270601, or a time in UTC such as 20270601T120000Z.")


def _days(text: str, frequency: Literal[1, 2, 3]) -> tuple[tuple[int, int | None], ...]:
    found = [re.fullmatch(f"([+-]?0?[1-5])?({'|'.join(_WEEKDAYS)})", each) for each in text.split(",")]
    days = [(_WEEKDAYS.index(each[2]), int(each[1]) if each[1] else None) for each in found if each]
    if len(days) < len(found):
        raise ValueError("BYDAY is a list of weekdays such as MO,TH; of a month also 2TU or -1FR, up to the fifth.")
    if frequency != MONTHLY and any(ordinal for _, ordinal in days):
        raise ValueError("BYDAY takes numbers, such as 2TU, only with FREQ=MONTHLY.")
    return tuple(days)
