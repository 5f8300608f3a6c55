"""Keeps everybody from writing to a tenant's file, whoever has it open: a server that was asked before included.

The fence is triggers of the file itself, so that it holds for every connection from the commit that puts it up, and what was
committed before is all that there will be. Whoever meets it has its whole transaction rolled back and is told to come again.
"""

from typing import Final

from smoothbox.store.connection import Tx

_PREFIX: Final = "fence_"


def is_up(tx: Tx) -> bool:
    """Whether nobody may write to the file."""
    return bool(_triggers(tx))


def put_up(tx: Tx) -> None:
    """From the commit of this transaction on nothing is written to the file."""
    take_down(tx)
    for table in _tables(tx):
        for event in ("INSERT", "UPDATE", "DELETE"):
            name = f"{_PREFIX}{table}_{event.lower()}"
            tx.run(f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ROLLBACK, 'paused'); END")


def take_down(tx: Tx) -> None:
    """Let the file be written again."""
    for name in _triggers(tx):
        tx.run(f"DROP TRIGGER {name}")


def _triggers(tx: Tx) -> list[str]:
    rows = tx.all("SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, ?) = ?", len(_PREFIX), _PREFIX)
    return [name for (name,) in rows]


def _tables(tx: Tx) -> list[str]:
    """Ours: SQLite has some of its own, and Litestream has, which goes on."""
    rows = tx.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_*'")
    return [name for (name,) in rows]
