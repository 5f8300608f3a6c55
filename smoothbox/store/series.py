"""The SQL of series: bookings that were made together, by one rule."""

from smoothbox.store.connection import Tx


def insert(tx: Tx, recurrence: str) -> int:
    """Begin a series; its id."""
    return tx.insert("INSERT INTO series (recurrence, created_at) VALUES (?, ?)", recurrence, tx.stamp)


def following(tx: Tx, series_id: int, start: int) -> list[int]:
    """The ids of its bookings that start at this second or later, in order of time."""
    rows = tx.all("SELECT id FROM booking WHERE series_id = ? AND start_key >= ? ORDER BY start_key, id", series_id, start)
    return [row[0] for row in rows]
