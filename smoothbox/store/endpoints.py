"""The SQL of webhook endpoints: who is told of which events, and how they have taken it lately."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from smoothbox.contract.webhooks import DisabledReason
from smoothbox.store import versioned
from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source


class ShownRow(Struct, frozen=True, gc=False):
    """What lists show, as stored: JSON is text, `is_active` 0 or 1."""

    id: int
    version: int
    url: str
    events: str
    description: str
    is_active: int
    disabled_reason: DisabledReason | None
    public_key: str | None
    header_names: str
    last_success_at: str | None
    created_at: str
    updated_at: str


class Sealed(Struct, frozen=True, gc=False):
    """What an endpoint is signed with and sent, sealed for its row."""

    id: int
    url: str
    secret: bytes
    old_secrets: bytes | None
    signing_key: bytes | None
    headers: bytes | None


class Health(Struct, frozen=True, gc=False):
    """How an endpoint has taken its deliveries; instants are Unix seconds.

    Failed attempts since the last success, the instant of the first of them, failures in a row as the breaker counts them,
    and until when it is paused.
    """

    failures: int = 0
    failing_since: float | None = None
    strikes: int = 0
    paused_until: float = 0.0


class Lane(Struct, frozen=True, gc=False):
    """The queue of one endpoint: its strikes, until when it is paused, what is being sent, and when the first in it is due."""

    endpoint_id: int
    strikes: int
    paused_until: float
    sending: int
    due_at: float | None


class Subscription(Struct, frozen=True, gc=False):
    """An active endpoint and the patterns of the events that it is told of."""

    endpoint_id: int
    patterns: tuple[str, ...]


_SHOWN: Final = ", ".join(ShownRow.__struct_fields__)
_SEALED: Final = ", ".join(Sealed.__struct_fields__)
_HEALTH: Final = ", ".join(Health.__struct_fields__)

SOURCE: Final = Source(
    "endpoint",
    ShownRow.__struct_fields__,
    {"id": "id", "url": "url", "is_active": "is_active", "created_at": "created_at", "updated_at": "updated_at"},
    {
        "event": "EXISTS (SELECT 1 FROM json_each(endpoint.events) AS pattern JOIN json_each(json_array({marks})) AS name"
        " ON name.value GLOB pattern.value)"
    },
)


def get(tx: Tx, endpoint_id: int) -> ShownRow | None:
    """One endpoint as it is shown."""
    row = tx.one(f"SELECT {_SHOWN} FROM endpoint WHERE id = ?", endpoint_id)
    return ShownRow(*row) if row else None


def sealed(tx: Tx, endpoint_id: int) -> Sealed:
    """What is sealed of an endpoint that exists."""
    (row,) = tx.all(f"SELECT {_SEALED} FROM endpoint WHERE id = ?", endpoint_id)
    return Sealed(*row)


def health(tx: Tx, endpoint_id: int) -> Health:
    """How an endpoint that exists has taken its deliveries."""
    (row,) = tx.all(f"SELECT {_HEALTH} FROM endpoint WHERE id = ?", endpoint_id)
    return Health(*row)


def with_health(tx: Tx) -> list[tuple[ShownRow, Health]]:
    """Every endpoint, and how it has taken its deliveries; oldest first."""
    width = len(ShownRow.__struct_fields__)
    rows = tx.all(f"SELECT {_SHOWN}, {_HEALTH} FROM endpoint ORDER BY id")
    return [(ShownRow(*row[:width]), Health(*row[width:])) for row in rows]


def count(tx: Tx) -> int:
    """How many there are, disabled ones included."""
    number: int = tx.value("SELECT count(*) FROM endpoint")
    return number


def subscriptions(tx: Tx) -> list[Subscription]:
    """Every active endpoint with what it is told of."""
    return tx.remembered("subscriptions", lambda: _subscriptions(tx))


def lanes(tx: Tx) -> list[Lane]:
    """The queues of all endpoints that have one."""
    rows = tx.all(
        "SELECT id, strikes, paused_until,"
        " (SELECT count(*) FROM delivery INDEXED BY delivery_sending"
        " WHERE endpoint_id = endpoint.id AND status = 'sending'),"
        " (SELECT min(due_at) FROM delivery INDEXED BY delivery_due"
        " WHERE endpoint_id = endpoint.id AND status = 'pending') AS due"
        " FROM endpoint WHERE due IS NOT NULL"
    )
    return [Lane(*row) for row in rows]


def insert(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Add an endpoint; its id."""
    tx.forget()
    return versioned.insert(tx, "endpoint", columns)


def update(tx: Tx, endpoint_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns that its owner decides; its version grows by one."""
    tx.forget()
    versioned.update(tx, "endpoint", endpoint_id, columns)


def note_success(tx: Tx, endpoint_id: int, stamp: str) -> None:
    """It took a delivery at this instant: whatever ailed it is over."""
    tx.run(
        "UPDATE endpoint SET last_success_at = ?, failures = 0, failing_since = NULL, strikes = 0, paused_until = 0"
        " WHERE id = ?",
        *(stamp, endpoint_id),
    )


def set_health(tx: Tx, endpoint_id: int, new: Health) -> None:
    """Note how it has taken its deliveries."""
    tx.run(
        "UPDATE endpoint SET failures = ?, failing_since = ?, strikes = ?, paused_until = ? WHERE id = ?",
        *(new.failures, new.failing_since, new.strikes, new.paused_until, endpoint_id),
    )


def end_pause(tx: Tx, endpoint_id: int) -> None:
    """Let the next delivery try it again at once; the strikes stay until one succeeds."""
    tx.run("UPDATE endpoint SET paused_until = 0 WHERE id = ?", endpoint_id)


def delete(tx: Tx, endpoint_id: int) -> None:
    """Remove an endpoint; its deliveries are seen no more, and go by and by."""
    tx.forget()
    tx.run("DELETE FROM endpoint WHERE id = ?", endpoint_id)
    tx.run("INSERT INTO endpoint_removed (id) VALUES (?)", endpoint_id)


def first_removed(tx: Tx) -> int | None:
    """An endpoint that was removed and whose deliveries may still be there."""
    found: int | None = tx.value("SELECT min(id) FROM endpoint_removed")
    return found


def forget_removed(tx: Tx, endpoint_id: int) -> None:
    """Nothing is left of an endpoint that was removed."""
    tx.run("DELETE FROM endpoint_removed WHERE id = ?", endpoint_id)


def _subscriptions(tx: Tx) -> list[Subscription]:
    rows = tx.all("SELECT id, events FROM endpoint WHERE is_active = 1 ORDER BY id")
    return [Subscription(row[0], msgspec.json.decode(row[1], type=tuple[str, ...])) for row in rows]
