"""Which bookings an export is of: those that start on certain dates, or all."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from smoothbox.operations.times import EARLIEST
from smoothbox.scheduling.hours import days_window

_WITHOUT_A_TIME: Final = 253_402_300_800  # where a request without a time stands in the order of starts
_FIRST: Final = date(EARLIEST, 1, 1)
_LAST: Final = date(2999, 12, 31)


class Window(Struct, frozen=True):
    """Starts from `first` to before `end`, in UTC seconds."""

    first: int
    end: int


EVERYTHING: Final = Window(-_WITHOUT_A_TIME, _WITHOUT_A_TIME + 1)
"""Requests without a time too."""


def of_dates(first: date | None, last: date | None, zone: ZoneInfo) -> Window:
    """Starts on these local dates of the business, both included; without any of them everything."""
    if first is None and last is None:
        return EVERYTHING
    return Window(*days_window(first or _FIRST, last or _LAST, zone))
