"""Deliveries of one endpoint: listed with how their attempts went, sent again, recovered."""

from typing import Any, Final

from msgspec import Raw

from smoothbox.clock import instant_text
from smoothbox.contract.listing import Condition, Filter, ListQuery, Page
from smoothbox.contract.webhooks import Delivery, DeliveryInFull, Recovered, Recovery
from smoothbox.errors import Problem
from smoothbox.operations import webhooks
from smoothbox.operations.lists import page
from smoothbox.operations.times import business_zone, parse_start
from smoothbox.store import deliveries, endpoints, events
from smoothbox.store.connection import Tx
from smoothbox.store.deliveries import DeliveryRow
from smoothbox.store.endpoints import ShownRow

_MOST_ATTEMPTS: Final = 100
_MOST_RECOVERED: Final = 10_000
_OF_ENDPOINT: Final = Filter("endpoint_id", "integer", "Of this endpoint.")


def list_page(tx: Tx, endpoint_id: int, query: ListQuery) -> Page:
    """One page of an endpoint's deliveries. Raises Problem 'not_found'."""
    webhooks.row_of(tx, endpoint_id)
    conditions = (Condition(_OF_ENDPOINT, "exact", endpoint_id), *query.conditions)
    own = ListQuery(conditions, query.ordering, query.page_size, query.position)
    zone = business_zone(tx)
    return page(tx, deliveries.SOURCE, own, zone, lambda row: _wire(tx, DeliveryRow(*row)))


def find(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryInFull:
    """One delivery of an endpoint. Raises Problem 'not_found'."""
    row = _row(tx, endpoint_id, delivery_id)
    body = Raw(events.body(tx, row.sequence).encode())
    return DeliveryInFull(**_fields(tx, row), attempts=deliveries.attempts(tx, delivery_id), event=body)


def failed_since(tx: Tx, since: str) -> int:
    """How many deliveries have failed for good since an instant, of all endpoints."""
    return deliveries.failed_since(tx, since)


def ping(tx: Tx, endpoint_id: int) -> DeliveryInFull:
    """Send a test to an endpoint, as `webhooks.ping` does; its delivery."""
    return find(tx, endpoint_id, webhooks.ping(tx, endpoint_id))


def redeliver(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryInFull:
    """Send a delivery once more, now: the same id and body with a fresh signature; it interrupts a pause of the endpoint.

    One that still has scheduled attempts goes on with them. Raises Problem 'not_found', 'endpoint_disabled', 'conflict'
    while it is being sent, or 'limit_exceeded' after a hundred attempts.
    """
    row = _row(tx, endpoint_id, delivery_id)
    _refuse_disabled(webhooks.row_of(tx, endpoint_id))
    if row.status == "sending":
        raise Problem("conflict", f"Delivery {delivery_id} is being sent right now.")
    if row.attempts >= _MOST_ATTEMPTS:
        message = f"Delivery {delivery_id} was tried {row.attempts} times; its event can be read in events/."
        raise Problem("limit_exceeded", message)
    deliveries.bring_forward(tx, delivery_id)
    endpoints.end_pause(tx, endpoint_id)
    tx.has_queued = True
    return find(tx, endpoint_id, delivery_id)


def recover(tx: Tx, endpoint_id: int, recovery: Recovery) -> Recovered:
    """Begin anew with every delivery that failed since then, each with the whole schedule of attempts; pings are left out.

    At most 10,000 at a time, the earliest first: who reads that number asks again.
    Raises Problem 'not_found', 'validation_error' or 'endpoint_disabled'.
    """
    endpoint = webhooks.row_of(tx, endpoint_id)
    since = parse_start(recovery.since, business_zone(tx), "since")
    _refuse_disabled(endpoint)
    count = deliveries.recover(tx, endpoint_id, instant_text(since), _MOST_RECOVERED)
    if count:
        tx.has_queued = True
    return Recovered(count)


def _row(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryRow:
    webhooks.row_of(tx, endpoint_id)
    row = deliveries.get(tx, delivery_id)
    if row is None or row.endpoint_id != endpoint_id:
        raise Problem("not_found", f"There is no delivery {delivery_id} of webhook {endpoint_id}.")
    return row


def _refuse_disabled(endpoint: ShownRow) -> None:
    if not endpoint.is_active:
        message = f"Webhook {endpoint.id} is disabled; a PATCH of is_active enables it again. A ping is possible meanwhile."
        raise Problem("endpoint_disabled", message)


def _wire(tx: Tx, row: DeliveryRow) -> Delivery:
    """A delivery as lists show it: answers are for those who ask for one."""
    return Delivery(**_fields(tx, row), attempts=deliveries.attempts_in_brief(tx, row.id))


def _fields(tx: Tx, row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "event_id": row.event_id,
        "sequence": row.sequence,
        "type": row.type,
        "status": row.status,
        "next_attempt_at": _next_attempt(tx, row),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _next_attempt(tx: Tx, row: DeliveryRow) -> str | None:
    """When it is tried again: at its time, or when the pause of its endpoint is over."""
    if row.status != "pending":
        return None
    due_at = max(row.due_at, endpoints.health(tx, row.endpoint_id).paused_until)
    return instant_text(due_at) if due_at > deliveries.AT_ONCE else row.updated_at
