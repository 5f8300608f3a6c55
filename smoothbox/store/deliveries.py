"""The SQL of deliveries: the outbox of a data file, and the log of what became of it."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from smoothbox.contract.webhooks import Attempt, AttemptInFull, DeliveryStatus, Trigger
from smoothbox.store.connection import Tx
from smoothbox.store.due import LONGEST_WAIT
from smoothbox.store.listing import Source
from smoothbox.store.walks import Branch, Walk

AT_ONCE: Final = 0.0  # in the order of ids, which is that of events
BEFORE_ALL: Final = -1.0  # somebody waits for it
ONLY_NEXT: Final = 10**6  # as `used`: beyond any schedule, so that one attempt is all there is


class DeliveryRow(Struct, frozen=True, gc=False):
    """As stored; `due_at` is Unix seconds, or AT_ONCE or BEFORE_ALL."""

    id: int
    endpoint_id: int
    event_id: str
    sequence: int
    type: str
    status: DeliveryStatus
    trigger: Trigger
    attempts: int
    used: int
    due_at: float
    started_at: str | None
    created_at: str
    updated_at: str


_SELECT: Final = ", ".join(DeliveryRow.__struct_fields__)
_DUE: Final = f"SELECT {_SELECT} FROM delivery INDEXED BY delivery_due WHERE endpoint_id = ? AND status = 'pending' AND"
_BRIEF: Final = ", ".join(Attempt.__struct_fields__)
_ATTEMPT: Final = ", ".join(AttemptInFull.__struct_fields__)


def _of_endpoint(field: str, index: str) -> Walk:
    return Walk(field, (Branch(f"delivery INDEXED BY {index}", "endpoint_id = ?"),), "endpoint_id")


def _of_status(status: DeliveryStatus, index: str) -> Branch:
    where = f"status = '{status}' AND status IN ({{marks}})"  # said twice: an index of some rows needs it literally
    return Branch(f"delivery INDEXED BY {index}", where, only=("status", frozenset({status})))


SOURCE: Final = Source(
    "delivery",
    DeliveryRow.__struct_fields__,
    {
        "id": "id",
        "endpoint_id": "endpoint_id",
        "sequence": "sequence",
        "type": "type",
        "status": "status",
        "created_at": "created_at",
        "updated_at": "updated_at",
    },
    {"after_sequence": "sequence > ?"},
    (
        _of_endpoint("sequence", "delivery_endpoint"),
        _of_endpoint("created_at", "delivery_endpoint_created"),
        Walk(
            "",
            (
                _of_status("pending", "delivery_due"),
                _of_status("sending", "delivery_sending"),
                _of_status("failed", "delivery_failed"),
            ),
            "status",
        ),
        Walk("id", (Branch("delivery NOT INDEXED"),)),
    ),
    {"after_sequence": ("sequence", ">")},
)


def get(tx: Tx, delivery_id: int) -> DeliveryRow | None:
    """One delivery."""
    row = tx.one(f"SELECT {_SELECT} FROM delivery WHERE id = ?", delivery_id)
    return DeliveryRow(*row) if row else None


def due(tx: Tx, endpoint_id: int, most: int) -> list[DeliveryRow]:
    """What is due for an endpoint, in the order in which it is to leave."""
    rows = tx.all(f"{_DUE} due_at <= ? ORDER BY due_at, id LIMIT ?", endpoint_id, tx.now, most)
    if len(rows) < most:
        rows += tx.all(f"{_DUE} due_at > ? ORDER BY due_at, id LIMIT ?", endpoint_id, tx.now + LONGEST_WAIT, most - len(rows))
    return [DeliveryRow(*row) for row in rows]


def sending(tx: Tx) -> list[DeliveryRow]:
    """What is being sent, or was when whoever sent it was cut short."""
    rows = tx.all(f"SELECT {_SELECT} FROM delivery WHERE status = 'sending' ORDER BY id")
    return [DeliveryRow(*row) for row in rows]


def attempts_in_brief(tx: Tx, delivery_id: int) -> list[Attempt]:
    """Every attempt of a delivery, in order, without the answers."""
    rows = tx.all(f"SELECT {_BRIEF} FROM attempt WHERE delivery_id = ? ORDER BY number", delivery_id)
    return [Attempt(*row) for row in rows]


def attempts(tx: Tx, delivery_id: int) -> list[AttemptInFull]:
    """Every attempt of a delivery, in order."""
    rows = tx.all(f"SELECT {_ATTEMPT} FROM attempt WHERE delivery_id = ? ORDER BY number", delivery_id)
    return [AttemptInFull(*row) for row in rows]


def insert(tx: Tx, endpoints: Iterable[int], sequence: int, event_id: str, event_type: str) -> None:
    """Queue an event for each of the endpoints."""
    tx.many(
        "INSERT INTO delivery (endpoint_id, sequence, event_id, type, status, trigger, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, 'pending', 'auto', ?, ?)",
        [(each, sequence, event_id, event_type, tx.stamp, tx.stamp) for each in endpoints],
    )


def insert_ping(tx: Tx, endpoint_id: int, sequence: int, event_id: str, event_type: str) -> int:
    """Queue a test for one endpoint, before all that waits there; its id."""
    return tx.insert(
        "INSERT INTO delivery (endpoint_id, sequence, event_id, type, status, trigger, used, due_at, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, 'pending', 'ping', ?, ?, ?, ?)",
        *(endpoint_id, sequence, event_id, event_type, ONLY_NEXT, BEFORE_ALL, tx.stamp, tx.stamp),
    )


def begin(tx: Tx, delivery_id: int) -> None:
    """Note that it is being sent from now on."""
    tx.run(
        "UPDATE delivery SET status = 'sending', started_at = ?, updated_at = ? WHERE id = ?", tx.stamp, tx.stamp, delivery_id
    )


def add_attempt(tx: Tx, delivery_id: int, attempt: AttemptInFull) -> None:
    """Log an attempt."""
    tx.run(
        f"INSERT INTO attempt (delivery_id, {_ATTEMPT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(delivery_id, attempt.number, attempt.trigger, attempt.started_at, attempt.duration_ms),
        *(attempt.status_code, attempt.error, attempt.response_body),
    )


def end(tx: Tx, delivery_id: int, status: DeliveryStatus, attempts_made: int) -> None:
    """No attempt is to come."""
    _settle(tx, delivery_id, status, attempts_made, ONLY_NEXT, AT_ONCE)


def try_again(tx: Tx, delivery_id: int, attempts_made: int, used: int, due_at: float) -> None:
    """The next attempt is due then, by the schedule of which so many are used."""
    _settle(tx, delivery_id, "pending", attempts_made, used, due_at)


def put_back(tx: Tx, delivery_id: int, attempts_made: int) -> None:
    """An attempt was cut short and counts for nothing: send it again, before all that waits."""
    tx.run(
        "UPDATE delivery SET status = 'pending', attempts = ?, due_at = ?, started_at = NULL, updated_at = ? WHERE id = ?",
        *(attempts_made, BEFORE_ALL, tx.stamp, delivery_id),
    )


def bring_forward(tx: Tx, delivery_id: int) -> None:
    """Send it again at once; one that was over has this one attempt."""
    tx.run(
        "UPDATE delivery SET status = 'pending', trigger = 'manual', due_at = ?, updated_at = ? WHERE id = ?",
        *(BEFORE_ALL, tx.stamp, delivery_id),
    )


def failed_since(tx: Tx, since: str) -> int:
    """How many failed since an instant, whatever their endpoint."""
    count: int = tx.value(
        "SELECT count(*) FROM endpoint CROSS JOIN delivery INDEXED BY delivery_failed"
        " ON delivery.endpoint_id = endpoint.id AND delivery.status = 'failed' AND delivery.updated_at >= ?",
        since,
    )
    return count


def recover(tx: Tx, endpoint_id: int, since: str, most: int) -> int:
    """Begin anew with what failed since this instant, at most so many, the earliest first; how many they were."""
    return tx.run(
        "UPDATE delivery SET status = 'pending', trigger = 'recover', used = 0, due_at = 0, updated_at = ? WHERE id IN"
        " (SELECT id FROM delivery INDEXED BY delivery_failed WHERE endpoint_id = ? AND status = 'failed' AND updated_at >= ?"
        " AND type <> 'webhook.ping' ORDER BY updated_at LIMIT ?)",
        *(tx.stamp, endpoint_id, since, most),
    )


def delete_some(tx: Tx, endpoint_id: int, most: int) -> int:
    """Remove deliveries of an endpoint with their attempts, at most so many; how many they were."""
    return tx.run("DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE endpoint_id = ? LIMIT ?)", endpoint_id, most)


def give_up(tx: Tx, endpoint_id: int) -> None:
    """Try no more of what waits for an endpoint, but for tests of it."""
    tx.run(
        "UPDATE delivery SET status = 'failed', used = ?, updated_at = ?"
        " WHERE endpoint_id = ? AND status = 'pending' AND trigger <> 'ping'",
        *(ONLY_NEXT, tx.stamp, endpoint_id),
    )


def _settle(tx: Tx, delivery_id: int, status: DeliveryStatus, attempts_made: int, used: int, due_at: float) -> None:
    tx.run(
        "UPDATE delivery SET status = ?, attempts = ?, used = ?, due_at = ?, trigger = iif(? = 'pending', 'auto', trigger),"
        " started_at = NULL, updated_at = ? WHERE id = ?",
        *(status, attempts_made, used, due_at, status, tx.stamp, delivery_id),
    )
