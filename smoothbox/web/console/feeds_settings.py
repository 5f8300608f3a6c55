"""Settings → API → Calendar links: addresses that calendar programs read, and how to end those that were handed out."""

from collections.abc import Sequence
from typing import NamedTuple

from smoothbox.operations import feeds
from smoothbox.operations.feeds import Address
from smoothbox.web.console.api_settings import ROOT, ApiPage, Confirmation, Question


class Row(NamedTuple):
    """A feed as it is shown: of what, and its address."""

    name: str
    url: str


class FeedPage(ApiPage):
    """A page about calendar links."""

    part = "feeds"


class Feeds(FeedPage):
    """All of them."""

    async def see(self) -> None:
        """Show them: that of the business first."""
        found = await self.read(feeds.addresses, self.means.keyring, self.person.tenant.folder, self.mode)
        business, *resources = self._rows(found)
        self.show("console/feeds.html", business=business, resources=resources)

    def _rows(self, found: Sequence[Address]) -> Sequence[Row]:
        return [Row(each.name, f"{self.request.origin}/ical/{each.signed}/calendar.ics") for each in found]


class FeedRenewal(Confirmation, FeedPage):
    """Other links in the place of all."""

    async def question(self) -> Question:
        """Asked before those that were handed out end."""
        text = "Every calendar that reads one of the links now sees nothing more, until somebody gives it the new one."
        return Question("Make new links?", text, "End the old links and make new ones", f"{ROOT}feeds/")

    async def do(self) -> tuple[str, str]:
        """Make them."""
        await self.commit(feeds.new_links)
        return f"{ROOT}feeds/", "The old links have ended. These are the new ones."
