"""`/ical/<signed>/calendar.ics`: a calendar that programs subscribe to."""

import asyncio
from hashlib import blake2b
from typing import Final

from smoothbox.operations import feeds, tenants
from smoothbox.operations.calendars import calendar as drawn
from smoothbox.operations.feeds import Feed
from smoothbox.web.page import Page

_HOUR: Final = 3600


class CalendarFeed(Page):
    """The bookings of a business or of a resource, drawn beside the loop, and again only when something changed."""

    async def see(self, signed: str) -> None:
        """Send it, or 304 to one who has it."""
        calendar = await self._calendar(feeds.opened(self.means.keyring, signed))
        self.set_header("Content-Type", "text/calendar; charset=utf-8")
        self.set_header("Content-Disposition", 'inline; filename="calendar.ics"')
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'"{blake2b(calendar, digest_size=12).hexdigest()}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        self.finish(calendar)

    async def _calendar(self, feed: Feed) -> bytes:
        tenant = await self.means.registry.read(tenants.behind_folder, feed.folder)
        async with self.means.files.use(tenant, feed.mode) as file:
            state = (file.state(), self.means.clock.now() // _HOUR)  # what is shown moves on with time
            known = None if state[0] is None else self.means.calendars.find(feed, state)
            if known is not None:
                return known
            shown = await file.read(feeds.read, feed)
        text = await asyncio.to_thread(drawn, feed.folder, feed.mode, shown.name, shown.rows)
        self.means.calendars.keep(feed, state, text)
        return text
