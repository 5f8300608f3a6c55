"""The customer's own link, beside a booking that is shown by itself to one who may change it.

Lists and events leave it out: a link that lets anybody act is not spread further than to whom asked for this booking. It is
joined to the body once the tag is reckoned, for it is no part of what the booking is.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import msgspec

from smoothbox.api.call import Call
from smoothbox.api.messages import Response
from smoothbox.contract.bookings import Booking
from smoothbox.operations.booking_links import link_to

_SCOPE: Final = "bookings:write"


def with_link(call: Call, render: Callable[[Booking], Response]) -> Callable[[Booking], Response]:
    """How to render one booking, its link included."""
    return lambda booking: joined(call, render(booking), booking)


def joined(call: Call, response: Response, booking: Booking) -> Response:
    """The rendered booking with its `manage_url`."""
    return replace(response, body=_joined(response.body, _url(call, booking)))


def all_joined(call: Call, shown: Iterable[Booking]) -> list[msgspec.Raw]:
    """Several bookings, each encoded with its own."""
    return [msgspec.Raw(_joined(msgspec.json.encode(each), _url(call, each))) for each in shown]


def _joined(body: bytes, url: str | None) -> bytes:
    return b'%b,"manage_url":%b}' % (body[:-1], msgspec.json.encode(url))


def _url(call: Call, booking: Booking) -> str | None:
    caller = call.caller
    if _SCOPE not in caller.scopes:
        return None
    signed = link_to(call.means.keyring, caller.tenant.folder, caller.mode, booking)
    return None if signed is None else f"{call.request.origin}/b/{signed}/"
