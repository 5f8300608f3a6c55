"""The SQL of holds: places that are kept for a while."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from smoothbox.contract.holds import LONGEST_SECONDS
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


LIVE: Final = "expires_at > ? AND expires_at <= ?"
"""Of a hold, with `span`: that its time is not over. One that would last longer than any is of a clock that was ahead."""

_ENDS: Final = "the ends of the first and the last hold"
_LONGEST: Final = LONGEST_SECONDS + 1  # an end is a whole second, the next one
_SELECT: Final = f"SELECT {', '.join(HoldRow.__struct_fields__)} FROM hold"


def live(tx: Tx, hold_id: int, owner: int) -> HoldRow | None:
    """A hold of this owner that has not expired."""
    row = tx.one(f"{_SELECT} WHERE id = ? AND owner = ? AND {LIVE}", hold_id, owner, *span(tx))
    return HoldRow(*row) if row else None


def expired(tx: Tx) -> list[HoldRow]:
    """The holds whose time is over, oldest first."""
    first, last = tx.remembered(_ENDS, lambda: _ends(tx))
    now, latest = span(tx)
    if first is None or last is None or (first > now and last <= latest):
        return []
    return [HoldRow(*row) for row in tx.all(f"{_SELECT} WHERE NOT ({LIVE}) ORDER BY expires_at, id", now, latest)]


def span(tx: Tx) -> tuple[float, float]:
    """Between which instants (Unix seconds) the holds end that last still; the first of them excluded."""
    return tx.now, tx.now + _LONGEST


def first_end(tx: Tx) -> tuple[float, ...]:
    """When the first hold ends; nothing where there is none."""
    first, _ = _ends(tx)
    return () if first is None else (float(first),)


def insert(tx: Tx, columns: Mapping[str, Any]) -> HoldRow:
    """Add a hold from its columns; it occupies nothing yet."""
    tx.forget(_ENDS)
    values = {**columns, "created_at": tx.stamp}
    return HoldRow(id=tx.insert_row("hold", values), **values)


def delete(tx: Tx, hold_id: int) -> None:
    """Remove a hold; what it still occupies is free again."""
    tx.forget(_ENDS)
    tx.run("DELETE FROM hold WHERE id = ?", hold_id)


def _ends(tx: Tx) -> tuple[int, int] | tuple[None, None]:
    row = tx.one("SELECT (SELECT min(expires_at) FROM hold), (SELECT max(expires_at) FROM hold)")
    assert row is not None  # noqa: S101 -- without a table it is a row too
    return row[0], row[1]
