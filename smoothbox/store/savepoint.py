"""A part of a transaction that may be refused by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from smoothbox.errors import Problem
from smoothbox.store.connection import Tx


@contextmanager
def savepoint(tx: Tx) -> Iterator[None]:
    """Undo what is written inside where that raises a Problem; all that was written before stays."""
    tx.run("SAVEPOINT part")
    try:
        yield
    except Problem:
        tx.run("ROLLBACK TO part")
        tx.run("RELEASE part")
        tx.forget()  # what is remembered may be undone now
        raise
    tx.run("RELEASE part")
