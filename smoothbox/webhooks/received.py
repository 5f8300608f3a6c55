"""A delivery as a receiver got it: judged, and read as far as it can be read. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from smoothbox.clock import instant_text
from smoothbox.webhooks.verify import Keys, fault

_LARGEST_NUMBER: Final = 2**63 - 1


class Received(Struct, frozen=True):
    """A delivery that came in; `reason` says why it is not to be believed.

    The body is JSON on one line, of what is no JSON the text as a string. `forwarded_status` is null where it was not
    passed on, or where nobody answered.
    """

    received_at: str
    verified: bool
    reason: str | None
    id: str | None
    type: str | None
    sequence: int | None
    body: Raw
    forwarded_status: int | None = None


def received(headers: Mapping[str, str], body: bytes, keys: Keys, now: float) -> Received:
    """What to make of a request at `now` (Unix seconds), whoever sent it."""
    text, said = _read(body)
    kind, sequence = said.get("type"), said.get("sequence")
    reason = fault(headers, body, keys, now)
    return Received(
        instant_text(now),
        reason is None,
        reason,
        headers.get("webhook-id"),
        kind if isinstance(kind, str) else None,
        sequence if type(sequence) is int and 0 <= sequence <= _LARGEST_NUMBER else None,
        text,
    )


def _read(body: bytes) -> tuple[Raw, dict[str, Any]]:
    """A body as JSON on one line, and what its object says; nothing where it is no object."""
    try:
        document = msgspec.json.decode(body)
        return Raw(msgspec.json.format(body, indent=-1)), document if isinstance(document, dict) else {}
    except (ValueError, RecursionError):  # what is no JSON, or is nested beyond reason
        return Raw(msgspec.json.encode(body.decode("utf-8", "replace"))), {}
