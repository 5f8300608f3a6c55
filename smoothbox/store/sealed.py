"""The SQL of what a data file holds sealed: secrets of endpoints, and kept answers that show one."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from smoothbox.store.connection import Tx

COLUMNS: Final = ("secret", "old_secrets", "signing_key", "headers")
"""Of an endpoint."""

NOBODY: Final = -1
"""Owns what belonged to a token that there is no more."""


class SealedCell(Struct, frozen=True):
    """One column of one endpoint."""

    endpoint_id: int
    column: str
    sealed: bytes


class SealedAnswer(Struct, frozen=True):
    """A kept answer, by the lineage of its token and its key."""

    owner: int
    key: str
    sealed: bytes


def cells(tx: Tx) -> list[SealedCell]:
    """Every sealed column of every endpoint."""
    rows = (
        (endpoint_id, column, sealed)
        for column in COLUMNS
        for endpoint_id, sealed in tx.all(f"SELECT id, {column} FROM endpoint WHERE {column} IS NOT NULL")
    )
    return [SealedCell(*row) for row in rows]


def put_cell(tx: Tx, cell: SealedCell) -> None:
    """Replace it."""
    tx.run(f"UPDATE endpoint SET {cell.column} = ? WHERE id = ?", cell.sealed, cell.endpoint_id)


def answers(tx: Tx) -> list[SealedAnswer]:
    """Every kept answer that is sealed."""
    return [SealedAnswer(*row) for row in tx.all("SELECT owner, key, body FROM idempotency WHERE is_sealed = 1")]


def put_answer(tx: Tx, answer: SealedAnswer) -> None:
    """Replace its body."""
    tx.run("UPDATE idempotency SET body = ? WHERE owner = ? AND key = ?", answer.sealed, answer.owner, answer.key)


def give_to(tx: Tx, owners: Mapping[int, int]) -> None:
    """Kept answers and holds belong to other owners from now on; without one in `owners`, nobody uses them any more."""
    tx.run("DELETE FROM idempotency WHERE owner NOT IN (SELECT value FROM json_each(?))", _list(owners))
    tx.run("UPDATE hold SET owner = ? WHERE owner NOT IN (SELECT value FROM json_each(?))", NOBODY, _list(owners))
    for table in ("idempotency", "hold"):  # by way of numbers that no owner has: the old and the new ones may cross
        for old, new in owners.items():
            tx.run(f"UPDATE {table} SET owner = ? WHERE owner = ?", NOBODY - 1 - new, old)
        tx.run(f"UPDATE {table} SET owner = {NOBODY} - 1 - owner WHERE owner < {NOBODY}")


def _list(owners: Mapping[int, int]) -> str:
    return f"[{', '.join(map(str, owners))}]"
