"""The SQL of events: the feed of a data file."""

from typing import Final

from smoothbox.store.connection import Tx
from smoothbox.store.listing import Source
from smoothbox.store.versioned import next_id
from smoothbox.store.walks import Branch, Walk

_LAST: Final = "the sequence of the last event"

SOURCE: Final = Source(
    "event",
    ("body",),
    {"id": "sequence", "sequence": "sequence", "type": "type", "created_at": "created_at"},
    {"after_sequence": "sequence > ?"},
    (
        Walk("sequence", (Branch("event"),)),
        Walk("created_at", (Branch("event INDEXED BY event_created"),)),
        Walk("id", (Branch("event"),)),
    ),
    {"after_sequence": ("sequence", ">")},
)


def next_sequence(tx: Tx) -> int:
    """The sequence that the next event has to be given."""
    return tx.remembered(_LAST, lambda: next_id(tx, "event") - 1) + 1


def insert(tx: Tx, sequence: int, event_id: str, event_type: str, body: str) -> None:
    """Add an event to the feed."""
    tx.run(
        "INSERT INTO event (sequence, id, type, body, created_at) VALUES (?, ?, ?, ?, ?)",
        *(sequence, event_id, event_type, body, tx.stamp),
    )
    tx.keep(_LAST, sequence)


def find(tx: Tx, sequence: int) -> str | None:
    """The envelope of an event, if it is kept."""
    text: str | None = tx.value("SELECT body FROM event WHERE sequence = ?", sequence)
    return text


def body(tx: Tx, sequence: int) -> str:
    """The envelope of an event that is kept."""
    text: str = tx.value("SELECT body FROM event WHERE sequence = ?", sequence)
    return text


def has_older(tx: Tx, stamp: str) -> bool:
    """Whether the oldest event is of before this instant."""
    return bool(tx.value("SELECT created_at < ? FROM event ORDER BY sequence LIMIT 1", stamp))


def drop_older(tx: Tx, stamp: str, most: int) -> None:
    """Forget the oldest events of before this instant with their deliveries, at most so many."""
    tx.run(
        "DELETE FROM event WHERE sequence IN"
        " (SELECT sequence FROM (SELECT sequence, created_at FROM event ORDER BY sequence LIMIT ?) WHERE created_at < ?)",
        *(most, stamp),
    )
