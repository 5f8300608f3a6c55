"""Events: told in the transaction that causes them, rendered once, and queued for all who are to hear of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from smoothbox.clock import instant_text
from smoothbox.contract.events import LARGEST_BODY, Cause, Data, Envelope, EventType, Thin
from smoothbox.contract.listing import ListQuery, Page
from smoothbox.errors import Problem
from smoothbox.ids import new_event_id
from smoothbox.operations.lists import page
from smoothbox.operations.times import business_zone
from smoothbox.store import deliveries, endpoints, events
from smoothbox.store.connection import Tx

_encode = msgspec.json.Encoder().encode

_MOST_FORGOTTEN: Final = 20  # at a time: each may have many attempts, and those who wait for the writer are not to notice
_DAY: Final = 86400


def tell(tx: Tx, event_type: EventType, shown: Struct, before: Struct | None = None) -> None:
    """Put an event into the feed, and queue it for every active endpoint that is told of its type.

    `shown` is the object as the API shows it now, `before` as it was, for an object that changed. An import tells nothing:
    what it brings happened elsewhere, and whoever acts on events would act on years of them at once.
    """
    if tx.origin.channel == "import":
        return
    sequence, event_id = _append(tx, event_type, shown, _previous(shown, before))
    listeners = [each.endpoint_id for each in endpoints.subscriptions(tx) if matches(each.patterns, event_type)]
    if listeners:
        deliveries.insert(tx, listeners, sequence, event_id, event_type)
        tx.has_queued = True


def tell_one(tx: Tx, endpoint_id: int, event_type: EventType, shown: Struct) -> int:
    """Put a test into the feed and queue it for one endpoint alone, active or not; the id of its delivery."""
    sequence, event_id = _append(tx, event_type, shown, {})
    tx.has_queued = True
    return deliveries.insert_ping(tx, endpoint_id, sequence, event_id, event_type)


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns names the event: exactly, as booking.*, or as *."""
    kind = event_type.split(".", maxsplit=1)[0]
    return any(each in {event_type, f"{kind}.*", "*"} for each in patterns)


def list_page(tx: Tx, query: ListQuery) -> Page:
    """One page of the feed: the envelopes as they were stored."""
    zone = business_zone(tx)
    return page(tx, events.SOURCE, query, zone, lambda row: msgspec.Raw(row[0].encode()))


def find(tx: Tx, sequence: int) -> msgspec.Raw:
    """The envelope of one event of the feed. Raises Problem 'not_found'."""
    body = events.find(tx, sequence)
    if body is None:
        raise Problem("not_found", f"There is no event {sequence}, or it is kept no longer.")
    return msgspec.Raw(body.encode())


def has_old(tx: Tx, keep_days: float) -> bool:
    """Whether there are events that are no longer kept."""
    return events.has_older(tx, _days_ago(tx, keep_days))


def forget_old(tx: Tx, keep_days: float) -> None:
    """Drop events that are no longer kept, and their deliveries; a bounded number at a time."""
    events.drop_older(tx, _days_ago(tx, keep_days), _MOST_FORGOTTEN)


def _append(tx: Tx, event_type: EventType, shown: Struct, previous: Mapping[str, Any]) -> tuple[int, str]:
    sequence, event_id, origin = events.next_sequence(tx), new_event_id(), tx.origin
    cause = Cause(origin.request_id, origin.idempotency_key)
    whole = Data(shown, previous)
    envelope = Envelope(event_id, event_type, tx.stamp, sequence, origin.mode == "live", "v1", cause, whole)
    body = _encode(envelope)
    if len(body) > LARGEST_BODY:
        thin = Data(Thin(getattr(shown, "id", None), getattr(shown, "version", None)), {})
        body = _encode(structs.replace(envelope, data=thin))
    events.insert(tx, sequence, event_id, event_type, body.decode())
    return sequence, event_id


def _previous(shown: Struct, before: Struct | None) -> dict[str, Any]:
    """The fields that changed, with the values that they had."""
    if before is None:
        return {}
    pairs = ((name, getattr(before, name, None)) for name in shown.__struct_fields__)
    return {name: old for name, old in pairs if old != getattr(shown, name)}


def _days_ago(tx: Tx, days: float) -> str:
    return instant_text(tx.now - days * _DAY)
