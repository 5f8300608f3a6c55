"""The SQL of a fresh sandbox: the catalogue of one file, carried over into another that is emptied first."""

from collections.abc import Mapping, Sequence
from typing import Final

from smoothbox.store.connection import Row, Tx

CATALOGUE: Final = ("business", "closure", "resource", "hours_exception", "time_off", "service", "service_resource")
"""What is copied: parents before children, as the foreign keys want it."""

DROPPED: Final = (
    *("attempt", "delivery", "event", "allocation", "booking", "series", "hold", "customer", "idempotency"),
    *("booking_tally", "released_tally", "customer_tally"),
)
"""What a fresh sandbox has none of: children before parents, and tallies after what they count."""

KEPT: Final = ("endpoint", "endpoint_removed", "feed_link")
"""What stays as it is: who set up a webhook for the sandbox goes on hearing of it, and the sequence of events goes on too."""

Rows = tuple[Sequence[str], Sequence[Row]]


def catalogue_rows(tx: Tx) -> Mapping[str, Rows]:
    """Every row of the catalogue, by table, with the names of its columns."""
    return {table: _rows(tx, table) for table in CATALOGUE}


def replace_all(tx: Tx, tables: Mapping[str, Rows]) -> None:
    """Empty the file and fill in these rows under the ids they have."""
    tx.forget()
    for table in (*DROPPED, *reversed(CATALOGUE)):
        tx.run(f"DELETE FROM {table}")
    for table, (columns, rows) in tables.items():
        tx.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)


def _rows(tx: Tx, table: str) -> Rows:
    columns = [name for _, name, *_ in tx.all(f"PRAGMA table_info({table})")]  # leaves generated columns out
    return columns, tx.all(f"SELECT {', '.join(columns)} FROM {table}")
