"""What to do about each error, beside the sentence that the box itself sends; and the codes grouped by their status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from smoothbox.errors import SENTENCES

REMEDIES: Final[Mapping[str, str]] = {
    "validation_error": "Each name in `details` is a field, also within another: `customer.email`, `time_off[0].end_time`.",
    "invalid_json": "Send UTF-8 JSON without NaN, names given twice, or numbers beyond 64 bits.",
    "invalid_parameter": "Each name in `details` is a parameter; one that nobody knows is told which there are.",
    "invalid_cursor": "Begin at the first page again, and follow `next` with its address unchanged.",
    "invalid_idempotency_key": "Send the header once, or leave it out.",
    "outside_availability": "Ask for availability and book one of its times.",
    "not_on_slot_grid": "Send a `start_time` just as availability has it.",
    "in_past": "Ask for a time that lies ahead.",
    "too_soon": "Ask for a later time; the service's `min_notice` says how much later.",
    "too_far_ahead": "Ask for an earlier time; the service's `max_advance_days` says how much earlier.",
    "resource_not_eligible": "Choose one of the service's `resource_ids`, or none: then the box chooses.",
    "nonexistent_local_time": "It falls into the night when the clock is set forward.",
    "ambiguous_local_time": "It falls into the night when the clock is set back.",
    "authentication_required": "Tokens are made in the console, or with `smoothbox token create`.",
    "invalid_token": "Make a new one, or have it rotated; many wrong tokens from one address are a 429.",
    "insufficient_scope": "`required_scope` in `details` names it. Ask the business for a token that has it.",
    "forbidden": "Send it to the address of its own business.",
    "tenant_disabled": "Ask whoever runs the box.",
    "not_found": "Check the id and the last slash. What belongs to another business or the other mode is not found either.",
    "method_not_allowed": "`allow` in `details`, and the header `Allow`, list those it takes.",
    "slot_unavailable": "`next_available` in `details` has the next free times, `conflict` says what is in the way: "
    "booking, hold, time_off or capacity. A series lists every time that cannot be had in `conflicts`.",
    "invalid_status_transition": "`allowed` in `details` lists where it can go.",
    "duplicate_customer": "`existing_id` in `details` is the other one; a booking with `customer` finds them by itself.",
    "customer_blocked": "Only the business can change that, with the customer's `status`.",
    "cancellation_window_passed": "`cancellable_until` in `details` says until when it could be. Rescheduling stays possible.",
    "conflict": "The message says with what; read it anew and decide.",
    "idempotency_in_progress": "Wait as long as `Retry-After` says and send the same again.",
    "endpoint_disabled": "PATCH its `is_active` to true.",
    "limit_exceeded": "The message says how many there may be.",
    "link_expired": "A customer's link ends when the booking is given another time, or is over.",
    "precondition_failed": "Read the object anew, and send your change with its new `ETag`; `etag` in `details` has it too.",
    "payload_too_large": "`max_bytes` in `details` says how large it may be.",
    "unsupported_media_type": "A body is always JSON.",
    "idempotency_key_reused": "A key is for one request and its repetitions.",
    "url_not_allowed": "`url` in `details` says why: it is internal, or not encrypted.",
    "rate_limited": "Wait as long as `Retry-After` says; `retry_after` in `details` has the seconds too.",
    "internal_error": "Tell whoever runs the box the `X-Request-Id` of the answer.",
    "unavailable": "Wait as long as `Retry-After` says and send the same again.",
    "storage_full": "Tell whoever runs the box; try again later.",
}


class Row(NamedTuple):
    """One code: what the box says, and what to do."""

    code: str
    sentence: str
    remedy: str


class Group(NamedTuple):
    """All codes of one status."""

    status: int
    phrase: str
    rows: tuple[Row, ...]


def groups(statuses: Mapping[str, int]) -> tuple[Group, ...]:
    """Every code, by its status."""
    return tuple(_group(status, statuses) for status in sorted(set(statuses.values())))


def _group(status: int, statuses: Mapping[str, int]) -> Group:
    rows = tuple(Row(code, SENTENCES[code], REMEDIES[code]) for code, own in statuses.items() if own == status)
    return Group(status, HTTPStatus(status).phrase, rows)
