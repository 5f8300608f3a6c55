"""`/help/api/…`: one page for each topic, the same for everybody who reads it at the same address."""

from datetime import UTC, datetime
from typing import Any, Final

from tornado.web import RequestHandler

from smoothbox.contract import availability, bounds, client_tokens, events, fields, holds, listing, webhooks
from smoothbox.contract.scopes import NAMED_ONLY, SCOPES
from smoothbox.errors import Problem
from smoothbox.scheduling import lifecycle
from smoothbox.web.help import filters, remedies, snippets
from smoothbox.web.help.answers import answers
from smoothbox.web.help.answers import events as event_examples
from smoothbox.web.help.examples import calls
from smoothbox.web.help.languages import pieces
from smoothbox.web.help.object_rows import rows
from smoothbox.web.help.objects import OBJECTS
from smoothbox.web.help.operations import operations
from smoothbox.web.help.spans import span
from smoothbox.web.help.topics import BY_NAME, TOPICS, Topic, neighbours, sections
from smoothbox.web.page import Page

BASE_PATH: Final = "/tenant-api/v1/"


class Help(Page):
    """The page of a topic."""

    async def see(self, name: str = "") -> None:
        """Show it; the overview where the address names none. Raises Problem 'not_found'."""
        topic = BY_NAME.get(name or "overview")
        if topic is None or name == "overview":
            raise Problem("not_found")
        self.set_header("Cache-Control", "private, no-cache")
        self.show(f"help/{topic.name}.html", **_DECLARED, **self._of_this_box(topic))

    def compute_etag(self) -> str | None:
        """It changes with the contract, the settings, the day and the reader's address only."""
        return RequestHandler.compute_etag(self)

    def _of_this_box(self, topic: Topic) -> dict[str, Any]:
        """What its templates may name besides what is declared."""
        before, after = neighbours(topic)
        examples = calls(datetime.fromtimestamp(self.means.clock.now(), UTC).date()).get(topic.name, {})
        api = self.request.origin + BASE_PATH
        return {
            "topic": topic,
            "before": before,
            "after": after,
            "api": api,
            "settings": self.means.settings,
            "calls": lambda *first_words: operations(self.means.reference(self.request.origin), first_words),
            "groups": remedies.groups(self.means.statuses),
            "example": lambda name: pieces(api, examples[name]),
            "snippet": lambda name: snippets.pieces(api, name),
        }


_DECLARED: Final[dict[str, Any]] = {
    "topics": TOPICS,
    "sections": sections,
    "answers": answers,
    "event_examples": event_examples,
    "filters": filters,
    "objects": OBJECTS,
    "rows": rows,
    "availability": availability,
    "bounds": bounds,
    "client_tokens": client_tokens,
    "events": events,
    "fields": fields,
    "holds": holds,
    "lifecycle": lifecycle,
    "listing": listing,
    "webhooks": webhooks,
    "span": span,
    "scopes": SCOPES,
    "named_only": NAMED_ONLY,
}
"""What the tables are made of: what the server itself uses."""


class HelpDoor(Page):
    """Help for people of the business is in the console itself; what there is to read is for integrators."""

    async def see(self) -> None:
        """Send the browser there."""
        self.redirect("/help/api/", status=302)
