"""Settings → API → Webhooks: the forms that add one, change it, replace its secret, and recover what failed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from smoothbox.contract.events import EVENT_TYPES, KINDS, SENTENCES
from smoothbox.contract.webhooks import DAY, EndpointChange, EndpointWithSecret, NewEndpoint, Recovery, Rotation
from smoothbox.errors import invalid
from smoothbox.operations import deliveries, webhooks
from smoothbox.operations.webhook_bodies import checked
from smoothbox.parsing.shapes import shaped
from smoothbox.web.console.api_settings import OVERLAPS, ApiForm, SecretForm, chosen
from smoothbox.web.console.webhooks import HERE, WebhookPage
from smoothbox.web.forms import Choice, Field

_ANSWER: Final = "console/webhook_secret.html"
_ALL: Final = "*"
_ABOUT: Final[Mapping[str, str]] = {
    "booking": "bookings",
    "business": "the business",
    "customer": "customers",
    "hold": "holds",
    "resource": "staff and rooms",
    "service": "services",
    "webhook": "webhooks",
}

_URL: Final = Field(
    "url", "Address", "url", "Where to deliver, such as https://example.com/hook.", required=True, autocomplete="url"
)
_DESCRIPTION: Final = Field("description", "Description", help="What it is for.")
_ED25519: Final = Field(
    "ed25519", "Sign with an Ed25519 key too", "switch", "Then receivers can verify with a public key, and share no secret."
)
_HEADERS: Final = Field(
    "headers",
    "Headers of your own",
    "textarea",
    "One a line, as 'Name: value', on each delivery. Their values are sealed, and never shown again.",
)


def _kinds() -> Sequence[Choice]:
    single = [(kind, f"{kind} · All about {_ABOUT.get(kind[:-2], kind[:-2])}.") for kind in KINDS]
    return [(_ALL, f"{_ALL} · Everything that happens, also what later versions of the box tell of."), *single]


_EVENTS: Final = (
    Field("kinds", "Tell it of everything of a kind", "choices", choices=_kinds()),
    Field("events", "Or of single events", "choices", choices=[(each, f"{each} · {SENTENCES[each]}") for each in EVENT_TYPES]),
)


class SecretPage(SecretForm, WebhookPage):
    """A form that makes a secret that signs."""

    answer = _ANSWER

    def answer_with(self, made: EndpointWithSecret, heading: str) -> Mapping[str, Any]:
        """What the page shows that shows it."""
        return {"made": made, "heading": heading}


class WebhookCreation(SecretPage):
    """A new webhook."""

    async def fields(self) -> Sequence[Field]:
        """Where to, what of, and how."""
        return (_URL, *_EVENTS, _DESCRIPTION, _ED25519, _HEADERS)

    async def around(self) -> Mapping[str, Any]:
        """The words around the form."""
        intro = "The box sends each event to this address, signed, and tries again for days where nobody takes it."
        return {"heading": "New webhook", "intro": intro, "button": "Add the webhook", "back": HERE}

    async def make(self, document: dict[str, Any]) -> Mapping[str, Any]:
        """Add it."""
        new = shaped(_body(document) | {"headers": _headers(document["headers"])}, NewEndpoint)
        await self.means.admit(checked(new)["url"], self.mode)
        made = await self.commit(webhooks.create, new, self.vault)
        return self.answer_with(made, "The webhook is added")


class WebhookChange(ApiForm, WebhookPage):
    """Another address, other events."""

    async def fields(self, endpoint_id: int) -> Sequence[Field]:
        """As for a new one; its headers are not shown, so what is left empty stays as it is."""
        known = (await self.row(endpoint_id)).headers
        if not known:
            return (_URL, *_EVENTS, _DESCRIPTION, _ED25519, _HEADERS)
        named = f"It has {', '.join(known)}. Empty: they stay. What you write replaces them all: one a line, as 'Name: value'."
        return (
            *(_URL, *_EVENTS, _DESCRIPTION, _ED25519),
            Field("headers", "Other headers of your own", "textarea", named),
            Field("bare", "Send no headers of your own any more", "switch"),
        )

    async def present(self, endpoint_id: int) -> Mapping[str, Any]:
        """What is there."""
        row = await self.row(endpoint_id)
        return {
            "url": row.endpoint.url,
            "kinds": row.events,
            "events": row.events,
            "description": row.endpoint.description,
            "ed25519": row.endpoint.public_key is not None,
        }

    async def around(self, endpoint_id: int) -> Mapping[str, Any]:
        """The words around the form."""
        await self.read(webhooks.find, endpoint_id)
        return {"heading": "Change the webhook", "button": "Save", "back": f"{HERE}{endpoint_id}/"}

    async def save(self, document: dict[str, Any], endpoint_id: int) -> str:
        """Change it. An address that stays is not looked up again: it may be down for now."""
        body = _body(document)
        if document["headers"] or document.get("bare"):
            body["headers"] = {} if document.get("bare") else _headers(document["headers"])
        change = shaped(body, EndpointChange)
        fields, before = checked(change), await self.read(webhooks.find, endpoint_id)
        if fields["url"] != before.url:
            await self.means.admit(fields["url"], self.mode)
        await self.commit(webhooks.change, endpoint_id, change, self.vault)
        self.say("The webhook is changed.")
        return f"{HERE}{endpoint_id}/"


class SecretRotation(SecretPage):
    """Another secret."""

    async def fields(self, _endpoint_id: int) -> Sequence[Field]:
        """How long the old one goes on signing."""
        why = "While both sign, a receiver may know either. Where the old one leaked, let it end now."
        return (Field("overlap", "The old secret signs beside it", "choice", why, OVERLAPS),)

    async def around(self, endpoint_id: int) -> Mapping[str, Any]:
        """The words around the form."""
        endpoint = await self.read(webhooks.find, endpoint_id)
        return {
            "heading": "Rotate the secret",
            "intro": f"A new secret signs what is delivered to {endpoint.url}.",
            "button": "Make the new secret",
            "back": f"{HERE}{endpoint_id}/",
        }

    async def make(self, document: dict[str, Any], endpoint_id: int) -> Mapping[str, Any]:
        """Make it."""
        rotation = Rotation(int(chosen(document, "overlap", OVERLAPS)))
        made = await self.commit(webhooks.rotate, endpoint_id, rotation, self.vault)
        return self.answer_with(made, "The new secret is made")


class WebhookRecovery(ApiForm, WebhookPage):
    """All that failed, once more."""

    async def fields(self, _endpoint_id: int) -> Sequence[Field]:
        """Since when."""
        return (Field("since", "Since", "moment", "By the clocks of the business.", required=True),)

    async def present(self, endpoint_id: int) -> Mapping[str, Any]:
        """Since it last took one; else since a day ago."""
        endpoint, zone = await self.read(webhooks.find, endpoint_id), ZoneInfo(await self.zone())
        text = endpoint.last_success_at
        since = datetime.fromtimestamp(self.means.clock.now() - DAY, zone) if text is None else datetime.fromisoformat(text)
        return {"since": since.astimezone(zone).strftime("%Y-%m-%dT%H:%M")}

    async def around(self, endpoint_id: int) -> Mapping[str, Any]:
        """The words around the form."""
        endpoint = await self.read(webhooks.find, endpoint_id)
        return {
            "heading": "Recover what failed",
            "intro": f"Every delivery to {endpoint.url} that failed since then is tried anew. Tests are left out.",
            "button": "Send them again",
            "back": f"{HERE}{endpoint_id}/",
        }

    async def save(self, document: dict[str, Any], endpoint_id: int) -> str:
        """Begin anew with them."""
        recovered = await self.commit(deliveries.recover, endpoint_id, shaped(document, Recovery))
        self.say(_recovered(recovered.count))
        return f"{HERE}{endpoint_id}/deliveries/"


def _body(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a form is a field of a body. Raises Problem 'validation_error' where no event is ticked."""
    body = {name: document[name] for name in ("url", "description", "ed25519")}
    body["events"] = [*document["kinds"], *document["events"]]
    if not body["events"]:
        raise invalid("events", "Tick at least one, here or above.")
    return body


def _headers(text: str) -> dict[str, str]:
    """Headers by name. Raises Problem 'validation_error' for a line that is none, or that is there twice."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise invalid("headers", f"'{line[:50]}' is no header; write it as 'Name: value'.")
        if name.strip() in found:
            raise invalid("headers", f"'{name.strip()[:50]}' is there twice.")
        found[name.strip()] = value.strip()
    return found


def _recovered(count: int) -> str:
    if not count:
        return "Nothing has failed since then."
    return "One delivery is sent again." if count == 1 else f"{count} deliveries are sent again."
