"""Calendars as they were drawn last: programs ask every quarter of an hour, and drawing thousands of events takes a second."""

from collections import OrderedDict
from typing import Final

from smoothbox.operations.feeds import Feed

_MOST_BYTES: Final = 4 * 2**20


class KeptCalendars:
    """By feed, each with the state of the data that it shows; at most 4 MB, the longest unasked leaving first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Feed, tuple[object, bytes]] = OrderedDict()
        self._bytes = 0

    def find(self, feed: Feed, state: object) -> bytes | None:
        """The calendar of a feed, if nothing has changed since it was drawn."""
        known = self._kept.get(feed)
        if known is None or known[0] != state:
            return None
        self._kept.move_to_end(feed)
        return known[1]

    def keep(self, feed: Feed, state: object, calendar: bytes) -> None:
        """Remember it."""
        self._forget(feed)
        self._kept[feed] = (state, calendar)
        self._bytes += len(calendar)
        while self._bytes > _MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, feed: Feed) -> None:
        known = self._kept.pop(feed, None)
        self._bytes -= len(known[1]) if known else 0
