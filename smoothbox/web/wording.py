"""How times, money and statuses are worded for people."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from smoothbox.errors import SENTENCES, Problem

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "PENDING": ("Waits for a time", "wait"),
    "SCHEDULED": ("Scheduled", "mark"),
    "CONFIRMED": ("Confirmed", "good"),
    "COMPLETED": ("Completed", ""),
    "CANCELLED": ("Cancelled", "bad"),
    "NO_SHOW": ("Did not come", "bad"),
}
"""Of each status of a booking: its words, and the class of its badge."""


def day(moment: date) -> str:
    """A date: Mon 30 Nov 2026."""
    return f"{WEEKDAYS[moment.weekday()][:3]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def when(text: str | None) -> str:
    """A time as the API shows it, in its own offset: Mon 30 Nov 2026, 10:00."""
    return "no time yet" if text is None else f"{day(datetime.fromisoformat(text))}, {text[11:16]}"


def span(start: str | None, end: str | None) -> str:
    """A start and an end: Mon 30 Nov 2026, 10:00–10:30, with the other date too where the end has one."""
    if start is None or end is None:
        return when(None)
    return f"{when(start)}–{end[11:16] if end[:10] == start[:10] else when(end)}"


def instant(text: str | None, zone: str) -> str:
    """An instant of the records (UTC), in the business's zone; a dash where there is none."""
    return "–" if text is None else when(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).isoformat())


def price(cents: int | None, currency: str) -> str:
    """An amount with its currency: 25.00 USD."""
    return "varies" if cents is None else f"{cents // 100}.{cents % 100:02} {currency}"


def minutes(count: int) -> str:
    """A span of minutes: 45 min, 1 h 30 min."""
    hours, rest = divmod(count, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else []))


def status(code: str) -> str:
    """A status of a booking in words."""
    return STATUSES[code][0]


def badge(code: str) -> str:
    """The class of its badge."""
    return STATUSES[code][1]


def refusal(problem: Problem) -> str:
    """What people are told of a refusal: where it names fields only, what is wrong with them."""
    named = [message for found in problem.details.values() if isinstance(found, list) for message in map(str, found)]
    is_bare = problem.message == SENTENCES[problem.code] and problem.code in {"validation_error", "invalid_parameter"}
    return " ".join(named) if is_bare and named else problem.message


def monday_of(moment: date) -> date:
    """The first day of its week (ISO 8601)."""
    return moment - timedelta(days=moment.weekday())
