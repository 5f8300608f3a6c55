"""Deliveries of one endpoint: listed with how their attempts went, sent again, recovered."""

from typing import Any, Final, TypeVar

from msgspec import Raw, structs

from smoothbox.clock import instant_text
from smoothbox.contract.listing import Condition, Filter, ListQuery, Page
from smoothbox.contract.webhooks import Attempt, Delivery, DeliveryInFull, Recovered, Recovery
from smoothbox.errors import Problem
from smoothbox.operations import webhooks
from smoothbox.operations.lists import page
from smoothbox.operations.times import parse_start, zone_named
from smoothbox.store import business, deliveries, endpoints, events
from smoothbox.store.connection import Tx
from smoothbox.store.deliveries import DeliveryRow

D = TypeVar("D", Delivery, DeliveryInFull)

_OF_ENDPOINT: Final = Filter("endpoint_id", "integer", "Of this endpoint.")


def list_page(tx: Tx, endpoint_id: int, query: ListQuery) -> Page:
    """One page of an endpoint's deliveries. Raises Problem 'not_found'."""
    webhooks.row_of(tx, endpoint_id)
    conditions = (Condition(_OF_ENDPOINT, "exact", endpoint_id), *query.conditions)
    own = ListQuery(conditions, query.ordering, query.page_size, query.position)
    zone = zone_named(business.timezone(tx))
    return page(tx, deliveries.SOURCE, own, zone, lambda row: _wire(tx, DeliveryRow(*row)))


def find(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryInFull:
    """One delivery of an endpoint. Raises Problem 'not_found'."""
    row = _row(tx, endpoint_id, delivery_id)
    body = Raw(events.body(tx, row.sequence).encode())
    return DeliveryInFull(**_fields(row), attempts=deliveries.attempts(tx, delivery_id), event=body)


def ping(tx: Tx, endpoint_id: int) -> DeliveryInFull:
    """Send a test to an endpoint, as `webhooks.ping` does; its delivery."""
    return find(tx, endpoint_id, webhooks.ping(tx, endpoint_id))


def redeliver(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryInFull:
    """Send a delivery once more, now: the same id and body with a fresh signature; it interrupts a pause of the endpoint.

    One that still has scheduled attempts goes on with them. Raises Problem 'not_found', 'endpoint_disabled', or 'conflict'
    while it is being sent.
    """
    row = _row(tx, endpoint_id, delivery_id)
    _refuse_disabled(tx, endpoint_id)
    if row.status == "sending":
        raise Problem("conflict", f"Delivery {delivery_id} is being sent right now.")
    deliveries.bring_forward(tx, delivery_id)
    endpoints.end_pause(tx, endpoint_id)
    tx.attend(tx.now)
    return find(tx, endpoint_id, delivery_id)


def recover(tx: Tx, endpoint_id: int, recovery: Recovery) -> Recovered:
    """Begin anew with every delivery that failed since then, each with the whole schedule of attempts.

    Raises Problem 'not_found', 'validation_error' or 'endpoint_disabled'.
    """
    webhooks.row_of(tx, endpoint_id)
    since = parse_start(recovery.since, zone_named(business.timezone(tx)), "since")
    _refuse_disabled(tx, endpoint_id)
    count = deliveries.recover(tx, endpoint_id, instant_text(since))
    if count:
        tx.attend(tx.now)
    return Recovered(count)


def _row(tx: Tx, endpoint_id: int, delivery_id: int) -> DeliveryRow:
    row = deliveries.get(tx, delivery_id)
    if row is None or row.endpoint_id != endpoint_id:
        raise Problem("not_found", f"There is no delivery {delivery_id} of webhook {endpoint_id}.")
    return row


def _refuse_disabled(tx: Tx, endpoint_id: int) -> None:
    if not webhooks.row_of(tx, endpoint_id).is_active:
        message = f"Webhook {endpoint_id} is disabled; a PATCH of is_active enables it again. A ping is possible meanwhile."
        raise Problem("endpoint_disabled", message)


def _wire(tx: Tx, row: DeliveryRow) -> Delivery:
    """A delivery as lists show it: answers are for those who ask for one."""
    brief = [Attempt(*structs.astuple(each)[:-1]) for each in deliveries.attempts(tx, row.id)]
    return Delivery(**_fields(row), attempts=brief)


def _fields(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "event_id": row.event_id,
        "sequence": row.sequence,
        "type": row.type,
        "status": row.status,
        "next_attempt_at": _next_attempt(row),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _next_attempt(row: DeliveryRow) -> str | None:
    if row.status != "pending":
        return None
    return instant_text(row.due_at) if row.due_at > deliveries.AT_ONCE else row.updated_at
