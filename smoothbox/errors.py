"""The closed list of error codes, and the one exception that carries them.

A code is part of the contract: integrators branch on it. The HTTP status of each lives in `api/messages.py`,
the exit status in `cli/exits.py`; nothing below the edges knows either.
"""

from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[Mapping[str, str]] = {
    "validation_error": "Some fields are not valid; details names each one.",
    "invalid_json": "The body is not valid JSON.",
    "invalid_parameter": "Some query parameters are not valid; details names each one.",
    "invalid_cursor": "The cursor does not belong to this list with these filters and this ordering.",
    "invalid_idempotency_key": "An Idempotency-Key has 1 to 255 visible ASCII characters.",
    "outside_availability": "The business or the resource is not open for the whole of this time.",
    "not_on_slot_grid": "The time does not start on a slot of this service.",
    "in_past": "The time has already passed.",
    "too_soon": "The time is closer than the minimum notice of this service.",
    "too_far_ahead": "The time is further ahead than this service can be booked.",
    "resource_not_eligible": "This resource does not offer this service.",
    "nonexistent_local_time": "The clock skips this local time; send the time with its UTC offset.",
    "ambiguous_local_time": "The clock shows this local time twice; send the time with its UTC offset.",
    "authentication_required": "Send the token in the header 'Authorization: Bearer ss_…'.",
    "invalid_token": "The token is unknown, revoked or expired.",
    "insufficient_scope": "The token lacks the scope that this call needs.",
    "forbidden": "The token may not be used here.",
    "tenant_disabled": "This business is disabled on the box.",
    "not_found": "There is nothing at this address.",
    "method_not_allowed": "This address does not take this method.",
    "slot_unavailable": "The time is taken.",
    "invalid_status_transition": "The booking cannot move from its status to the one asked for.",
    "duplicate_customer": "Another customer has this e-mail address.",
    "customer_blocked": "This customer is blocked and cannot book.",
    "cancellation_window_passed": "It is too late to cancel this booking here.",
    "conflict": "This clashes with something that exists already.",
    "idempotency_in_progress": "A request with this Idempotency-Key is still being answered; ask again shortly.",
    "endpoint_disabled": "This webhook is disabled; enable it again first.",
    "limit_exceeded": "There are as many of these as there may be; remove one first.",
    "link_expired": "This link is no longer good; ask the business for a new one.",
    "precondition_failed": "The object has changed since the version that If-Match names.",
    "payload_too_large": "The body is larger than the box accepts.",
    "unsupported_media_type": "Send the body as 'Content-Type: application/json'.",
    "idempotency_key_reused": "This Idempotency-Key came with another request; use a new key for each request.",
    "url_not_allowed": "Deliveries may not go to this address.",
    "rate_limited": "Too many requests; wait as long as Retry-After says.",
    "internal_error": "Something went wrong inside the box; the request id leads to its log.",
    "unavailable": "The box cannot take this right now; try again shortly.",
    "storage_full": "The disk of the box is full; nothing was written.",
}


class Problem(Exception):  # noqa: N818 -- a refusal is an answer, not a defect
    """A refusal with a code of the closed list, one sentence, and details for the machine.

    Details map a field to its list of messages, or carry named facts such as `allow` or `retry_after` (seconds).
    """

    def __init__(self, code: str, message: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.message = message or SENTENCES[code]
        self.details: Mapping[str, Any] = details or {}
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type["Problem"], tuple[str, str, Mapping[str, Any]]]:
        return Problem, (self.code, self.message, self.details)


def invalid(field: str, message: str) -> Problem:
    """The refusal of one field of a body."""
    return Problem("validation_error", None, {field: [message]})
