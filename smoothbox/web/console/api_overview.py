"""Settings → API: where the API answers, and what can be set up."""

from smoothbox.clock import instant_text
from smoothbox.operations import tokens, webhooks
from smoothbox.web.console.api_settings import ApiPage


class Overview(ApiPage):
    """The first of these pages."""

    part = "overview"

    async def see(self) -> None:
        """Show it."""
        owned = await self.means.registry.read(tokens.owned, self.owner)
        stamp = instant_text(self.means.clock.now())
        self.show(
            "console/api_overview.html",
            active=sum(tokens.status(each, stamp) == "active" for each in owned),
            endpoints=[endpoint for endpoint, _ in await self.read(webhooks.all_with_health)],
            limits=self.means.settings.limits,
        )
