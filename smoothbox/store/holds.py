"""The SQL of holds: places that are kept for a while."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from smoothbox.store.connection import Tx


class HoldRow(Struct, frozen=True, gc=False):
    """As stored: times are UTC seconds, buffers minutes, the price cents, `resource_ids` JSON; `owner` is a token's lineage."""

    id: int
    owner: int
    service_id: int
    resource_ids: str
    start_at: int
    end_at: int
    buffer_before: int
    buffer_after: int
    capacity: int
    price: int | None
    party_size: int
    expires_at: int
    created_at: str


_FIRST_END: Final = "the end of the first hold"
_SELECT: Final = f"SELECT {', '.join(HoldRow.__struct_fields__)} FROM hold"


def live(tx: Tx, hold_id: int, owner: int) -> HoldRow | None:
    """A hold of this owner that has not expired."""
    row = tx.one(f"{_SELECT} WHERE id = ? AND owner = ? AND expires_at > ?", hold_id, owner, tx.now)
    return HoldRow(*row) if row else None


def expired(tx: Tx) -> list[HoldRow]:
    """The holds whose time is over, oldest first."""
    first = tx.remembered(_FIRST_END, lambda: first_end(tx))
    if not first or first[0] > tx.now:
        return []
    return [HoldRow(*row) for row in tx.all(f"{_SELECT} WHERE expires_at <= ? ORDER BY expires_at, id", tx.now)]


def first_end(tx: Tx) -> tuple[float, ...]:
    """When the first hold ends; nothing where there is none."""
    first: int | None = tx.value("SELECT min(expires_at) FROM hold")
    return () if first is None else (float(first),)


def insert(tx: Tx, columns: Mapping[str, Any]) -> HoldRow:
    """Add a hold from its columns; it occupies nothing yet."""
    tx.forget(_FIRST_END)
    values = {**columns, "created_at": tx.stamp}
    return HoldRow(id=tx.insert_row("hold", values), **values)


def delete(tx: Tx, hold_id: int) -> None:
    """Remove a hold; what it still occupies is free again."""
    tx.forget(_FIRST_END)
    tx.run("DELETE FROM hold WHERE id = ?", hold_id)
