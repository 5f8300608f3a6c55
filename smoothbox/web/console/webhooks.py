"""Settings → API → Webhooks: who is told of what, how they have taken it, and the buttons."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from smoothbox.clock import instant_text
from smoothbox.contract.listing import ListQuery, Order
from smoothbox.contract.webhooks import DisabledReason, Endpoint, EndpointChange
from smoothbox.operations import deliveries, webhooks
from smoothbox.store.endpoints import Health
from smoothbox.web import wording
from smoothbox.web.console import delivery_words
from smoothbox.web.console.api_settings import ROOT, ApiDeed, ApiPage, Confirmation, Question

HERE: Final = f"{ROOT}webhooks/"

_LATEST: Final = ListQuery((), (Order("sequence", descending=True), Order("id", descending=True)), 10)
_GLANCES, _GLANCE = 15, 0.1  # a second and a half: most receivers have answered by then
_REASONS: Final[Mapping[DisabledReason | None, str]] = {
    "gone": "It answered 410 Gone: it wants nothing more.",
    "failing": "Nothing but failures for days.",
    "unreadable_secret": "Its secret cannot be read with the keyring of this box: rotate it, then enable it again.",
    None: "Somebody switched it off.",
}


class State(NamedTuple):
    """How an endpoint is doing: a word, the class of its badge, and a sentence where there is more to say."""

    word: str
    badge: str
    why: str = ""


class Row(NamedTuple):
    """An endpoint as it is shown."""

    endpoint: Endpoint
    events: list[str]
    headers: list[str]
    health: Health
    state: State


class WebhookPage(ApiPage):
    """A page about webhooks."""

    part = "webhooks"

    def get_template_namespace(self) -> dict[str, Any]:
        """What these pages may name besides."""
        return {**super().get_template_namespace(), "words": delivery_words}

    async def row(self, endpoint_id: int) -> Row:
        """One endpoint as it is shown now. Raises Problem 'not_found'."""
        return self.shown(*await self.read(webhooks.with_health, endpoint_id), await self.zone())

    def shown(self, endpoint: Endpoint, health: Health, zone: str) -> Row:
        """An endpoint as it is shown now."""
        state = _state(endpoint, health, self.means.clock.now(), zone)
        return Row(endpoint, _names(endpoint.events), _names(endpoint.header_names), health, state)

    async def outcome(self, endpoint_id: int, delivery_id: int, attempts: int) -> None:
        """Wait for one attempt more than there were, but not for long: whoever pressed the button wants to see the answer."""
        for _ in range(_GLANCES):
            found = await self.read(deliveries.find, endpoint_id, delivery_id)
            if len(found.attempts) > attempts and found.status != "sending":
                return
            await asyncio.sleep(_GLANCE)


class Webhooks(WebhookPage):
    """All of them."""

    async def see(self) -> None:
        """Show them."""
        zone = await self.zone()
        rows = [self.shown(endpoint, health, zone) for endpoint, health in await self.read(webhooks.all_with_health)]
        self.show("console/webhooks.html", rows=rows, zone=zone)


class OneWebhook(WebhookPage):
    """One of them, with its latest deliveries."""

    async def see(self, endpoint_id: int) -> None:
        """Show it."""
        row = await self.row(endpoint_id)
        latest = await self.read(deliveries.list_page, endpoint_id, _LATEST)
        self.show("console/webhook.html", row=row, page=latest, zone=await self.zone())


class WebhookDeed(ApiDeed, WebhookPage):
    """A button on the page of one webhook."""

    def back(self, endpoint_id: int) -> str:
        """That page."""
        return f"{HERE}{endpoint_id}/"


class WebhookEnabling(WebhookDeed):
    """On again."""

    async def do(self, endpoint_id: int) -> str:
        """Do it."""
        await self.commit(webhooks.change, endpoint_id, EndpointChange(is_active=True), self.vault)
        return "It is told of events again. What failed before can be recovered."


class WebhookDisabling(WebhookDeed):
    """Off."""

    async def do(self, endpoint_id: int) -> str:
        """Do it."""
        await self.commit(webhooks.change, endpoint_id, EndpointChange(is_active=False), self.vault)
        return "It is told of nothing more. What waited for it counts as failed, and can be recovered later."


class WebhookTest(WebhookPage):
    """A test of one webhook, also of a disabled one."""

    async def act(self, endpoint_id: int) -> None:
        """Send it, and show what became of it."""
        queued = await self.commit(deliveries.ping, endpoint_id)
        await self.outcome(endpoint_id, queued.id, 0)
        self.go(f"{HERE}{endpoint_id}/deliveries/{queued.id}/", "A test was sent.")


class WebhookRemoval(Confirmation, WebhookPage):
    """The end of a webhook."""

    async def question(self, endpoint_id: int) -> Question:
        """Asked before it goes."""
        endpoint = await self.read(webhooks.find, endpoint_id)
        text = f"{endpoint.url} is told of nothing more, and the record of its deliveries goes with it."
        return Question("Remove this webhook?", text, "Remove it", f"{HERE}{endpoint_id}/")

    async def do(self, endpoint_id: int) -> tuple[str, str]:
        """Remove it."""
        await self.commit(webhooks.remove, endpoint_id)
        return HERE, "The webhook is removed."


def _state(endpoint: Endpoint, health: Health, now: float, zone: str) -> State:
    if not endpoint.is_active:
        return State("disabled", "bad" if endpoint.disabled_reason else "", _REASONS[endpoint.disabled_reason])
    if health.paused_until > now:
        until = wording.instant(instant_text(health.paused_until), zone)
        return State("paused", "wait", f"The last {health.strikes} attempts failed; it is tried again from {until} on.")
    if health.failing_since is not None:
        since = wording.instant(instant_text(health.failing_since), zone)
        return State("failing", "wait", f"{_failures(health.failures)} since {since}, and none succeeded.")
    return State("active", "good")


def _failures(count: int) -> str:
    return "One attempt failed" if count == 1 else f"{count} attempts failed"


def _names(listed: msgspec.Raw) -> list[str]:
    return msgspec.json.decode(listed, type=list[str])
