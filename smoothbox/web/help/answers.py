"""Answers as the help shows them: objects of the contract's own shapes, as the box would send them."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec

from smoothbox.contract.availability import Availability
from smoothbox.contract.bookings import ManagedBooking
from smoothbox.contract.business import Business
from smoothbox.contract.client_tokens import ClientToken
from smoothbox.contract.customers import Customer
from smoothbox.contract.event_examples import DESCRIBED
from smoothbox.contract.events import EventType
from smoothbox.contract.examples import EXAMPLES
from smoothbox.contract.holds import Hold
from smoothbox.contract.resources import Resource
from smoothbox.contract.services import Service
from smoothbox.contract.webhooks import EndpointWithSecret
from smoothbox.errors import SENTENCES
from smoothbox.web.help.languages import json_text

_SHOWN: Final = (Availability, Business, ClientToken, Customer, EndpointWithSecret, Hold, ManagedBooking, Resource, Service)
_TAKEN: Final = {"conflict": "booking", "remaining": 0, "next_available": ["2027-03-09T10:30:00-05:00"]}
_INVALID: Final = {"colour": ["There is no such field; allowed are …"], "duration": ["Expected int, got str."]}


@cache
def answers() -> Mapping[str, str]:
    """Every answer that a page shows, by the name of its shape or of its error, as JSON."""
    documents: dict[str, Any] = {
        **{shape.__name__: msgspec.json.decode(msgspec.json.encode(EXAMPLES[shape])) for shape in _SHOWN},
        "list": {"count": 2, "next": "https://…/services/?cursor=eyJ2IjpbMV19&page_size=1", "previous": None, "results": ["…"]},
        "slot_unavailable": error("slot_unavailable", _TAKEN),
        "validation_error": error("validation_error", _INVALID),
    }
    return {name: json_text(document) for name, document in documents.items()}


@cache
def events() -> Mapping[EventType, str]:
    """An envelope of each type of event, as JSON."""
    return {each.type: json_text(msgspec.json.decode(each.example)) for each in DESCRIBED}


def error(code: str, details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one shape that errors have."""
    return {"error": code, "message": SENTENCES[code], "details": details}
