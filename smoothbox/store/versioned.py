"""Rows that carry a version: added and changed by their columns. `tx.forget` is left to whoever changes the catalogue."""

from collections.abc import Iterable, Mapping
from typing import Any

from smoothbox.store.connection import Tx


def next_id(tx: Tx, table: str) -> int:
    """The id that comes next in a table with AUTOINCREMENT; one that was rolled back is given again."""
    last: int | None = tx.value("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
    return (last or 0) + 1


def insert(tx: Tx, table: str, columns: Mapping[str, Any]) -> int:
    """Add a row, of version 1; its id."""
    return tx.insert_row(table, {**columns, "created_at": tx.stamp, "updated_at": tx.stamp})


def touch(tx: Tx, table: str, ids: Iterable[int]) -> None:
    """Say that rows show something else now, although it was written elsewhere; their versions grow by one."""
    tx.run(
        f"UPDATE {table} SET updated_at = ?, version = version + 1 WHERE id IN (SELECT value FROM json_each(?))",
        *(tx.stamp, f"{list(ids)}"),
    )


def update(tx: Tx, table: str, row_id: int, columns: Mapping[str, Any]) -> None:
    """Change columns of a row; its version grows by one."""
    values = {**columns, "updated_at": tx.stamp}
    assignments = ", ".join(f"{name} = ?" for name in values)
    tx.run(f"UPDATE {table} SET {assignments}, version = version + 1 WHERE id = ?", *values.values(), row_id)
