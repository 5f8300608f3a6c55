"""`/ical/<signed>/calendar.ics`: a calendar that programs subscribe to."""

import asyncio
import time
from hashlib import blake2b
from typing import Final

from smoothbox.operations import feeds, tenants
from smoothbox.operations.calendars import calendar
from smoothbox.operations.feeds import Contents, Feed
from smoothbox.web.page import Page

_HOUR: Final = 3600


class CalendarFeed(Page):
    """The bookings of a business or of a resource, drawn beside the loop, and again only when something changed."""

    async def see(self, signed: str) -> None:
        """Send it, or 304 to one who has it."""
        drawn = await self._calendar(feeds.opened(self.means.keyring, signed))
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", 'inline; filename="calendar.ics"')
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'"{blake2b(drawn, digest_size=12).hexdigest()}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        self.finish(drawn)

    async def _calendar(self, feed: Feed) -> bytes:
        tenant = await self.means.registry.read(tenants.behind_folder, feed.folder)
        async with self.means.files.use(tenant, feed.mode) as file:
            state = (file.state(), self.means.clock.now() // _HOUR)  # what is shown moves on with time
            known = None if state[0] is None else self.means.calendars.find(feed, state)
            if known is not None:
                return known
            shown = await file.read(feeds.read, feed)
        text = await asyncio.to_thread(_drawn, feed, shown)
        self.means.calendars.keep(feed, state, text)
        return text


def _drawn(feed: Feed, shown: Contents) -> bytes:
    """The calendar. After each piece the loop may have the interpreter, which else would have to wait 5 ms for it each time."""
    pieces = []
    for piece in calendar(feed.folder, feed.mode, shown.name, shown.rows):
        pieces.append(piece)
        time.sleep(0)
    return b"".join(pieces)
