"""What is looked at in the body of a webhook endpoint before anything is written: all of it, and all mistakes are told."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from smoothbox.contract.events import SUBSCRIBABLE
from smoothbox.contract.webhooks import EndpointChange, NewEndpoint
from smoothbox.operations.columns import given
from smoothbox.operations.refusals import Refusals
from smoothbox.operations.webhook_secrets import checked_secret
from smoothbox.operations.webhook_urls import checked_url

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, section 5.6.2
_VALUE: Final = re.compile(r"[\x20-\x7e]*")
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "te", "trailer"}
    | {"upgrade", "expect", "keep-alive", "proxy-authorization", "proxy-connection", "accept-encoding", "user-agent"}
)


def checked(body: NewEndpoint | EndpointChange) -> dict[str, Any]:
    """The fields of a body, after all of them were looked at. Raises Problem 'validation_error'."""
    fields, refusals = given(body), Refusals()
    if "url" in fields:
        refusals.check(checked_url, fields["url"])
    if fields.get("secret") is not None:
        refusals.check(checked_secret, fields["secret"])
    for index, each in enumerate(fields.get("events", ())):
        if each not in SUBSCRIBABLE:
            refusals.note(f"events[{index}]", _unknown(each))
    _check_headers(fields.get("headers", {}), refusals)
    refusals.raise_if_any()
    return fields


def _check_headers(headers: Mapping[str, str], refusals: Refusals) -> None:
    seen: set[str] = set()
    for name, value in headers.items():
        if name.lower() in seen:
            refusals.note(f"headers.{name}", "This header is there twice.")
        seen.add(name.lower())
        if not _TOKEN.fullmatch(name):
            refusals.note(f"headers.{name}", "A header's name has letters, digits and '-'.")
        elif name.lower() in _OURS or name.lower().startswith("webhook-"):
            refusals.note(f"headers.{name}", "This header is the box's own.")
        if not _VALUE.fullmatch(value):
            refusals.note(f"headers.{name}", "A header's value has printable ASCII characters only.")


def _unknown(event: str) -> str:
    near = get_close_matches(event, SUBSCRIBABLE, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(SUBSCRIBABLE)}."
    return f"There is no event '{event}'; {hint}"
