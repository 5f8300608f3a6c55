"""Settings → API → Events: the feed that programs pull, as they see it."""

from typing import cast

import msgspec

from smoothbox.contract.events import EVENT_TYPES, LIST, SENTENCES, Envelope
from smoothbox.operations import events
from smoothbox.web.console.api_settings import ApiList, ApiPage


class Events(ApiList):
    """The feed."""

    part = "events"
    listing = LIST

    async def see(self) -> None:
        """A page of it, the latest first."""
        query, asked = self.asked(ordering="-sequence")
        page = await self.read(events.list_page, asked)
        self.show(
            "console/events.html",
            page=page,
            envelopes=[_read(each) for each in page.results],
            zone=await self.zone(),
            subject=_subject,
            types=EVENT_TYPES,
            wanted_type=self.get_query_argument("type", ""),
            keep_days=self.means.settings.webhooks.keep_days,
            neighbours=self.neighbours(query, page),
        )


class OneEvent(ApiPage):
    """One event, as it was stored and delivered."""

    part = "events"

    async def see(self, sequence: int) -> None:
        """Show it."""
        body = await self.read(events.find, sequence)
        envelope = _read(body)
        self.show(
            "console/event.html",
            envelope=envelope,
            sentence=SENTENCES[envelope.type],
            body=msgspec.json.format(bytes(body)).decode(),
            zone=await self.zone(),
        )


def _read(body: object) -> Envelope:
    return msgspec.json.decode(cast("msgspec.Raw", body), type=Envelope)


def _subject(envelope: Envelope) -> str:
    """What an event is about, in few words: booking 5."""
    number = envelope.data.object.get("id")
    kind = envelope.type.partition(".")[0]
    return kind if number is None else f"{kind} {number}"
