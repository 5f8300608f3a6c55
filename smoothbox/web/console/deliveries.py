"""Settings → API → Webhooks → Deliveries: what was sent to one, how each attempt went, what was answered; sent again."""

import msgspec

from smoothbox.contract.events import EVENT_TYPES
from smoothbox.contract.webhooks import DELIVERIES, DELIVERY_STATUSES
from smoothbox.errors import Problem
from smoothbox.operations import deliveries, webhooks
from smoothbox.web.console.api_settings import ApiList
from smoothbox.web.console.webhooks import HERE, WebhookPage


class Deliveries(ApiList, WebhookPage):
    """The log of one webhook."""

    listing = DELIVERIES

    async def see(self, endpoint_id: int) -> None:
        """A page of it, the latest first."""
        endpoint = await self.read(webhooks.find, endpoint_id)
        query, asked = self.asked()
        page = await self.read(deliveries.list_page, endpoint_id, asked)
        self.show(
            "console/deliveries.html",
            endpoint=endpoint,
            page=page,
            zone=await self.zone(),
            statuses=DELIVERY_STATUSES,
            types=EVENT_TYPES,
            wanted_status=self.get_query_argument("status", ""),
            wanted_type=self.get_query_argument("type", ""),
            neighbours=self.neighbours(query, page),
        )


class OneDelivery(WebhookPage):
    """One delivery: what it sends, and every attempt."""

    async def see(self, endpoint_id: int, delivery_id: int) -> None:
        """Show it."""
        found = await self.read(deliveries.find, endpoint_id, delivery_id)
        endpoint = await self.read(webhooks.find, endpoint_id)
        body = msgspec.json.format(bytes(found.event)).decode()
        self.show("console/delivery.html", delivery=found, endpoint=endpoint, body=body, zone=await self.zone())


class Redelivery(WebhookPage):
    """The same once more."""

    async def act(self, endpoint_id: int, delivery_id: int) -> None:
        """Send it, and show what became of it."""
        before = await self.read(deliveries.find, endpoint_id, delivery_id)
        try:
            await self.commit(deliveries.redeliver, endpoint_id, delivery_id)
        except Problem as problem:
            self.say(problem.message, is_refusal=True)
        else:
            await self.outcome(endpoint_id, delivery_id, len(before.attempts))
            self.say("It was sent once more.")
        self.go(f"{HERE}{endpoint_id}/deliveries/{delivery_id}/")
