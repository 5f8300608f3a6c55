"""What a data file is rid of by and by: holds whose time is over, answers that are no longer repeated, and old events."""

from smoothbox.operations import events, holds, idempotency
from smoothbox.store.connection import Tx
from smoothbox.store.holds import expired


def is_due(tx: Tx, keep_days: float) -> bool:
    """Whether there is anything to tidy up; only reads, so that an idle file is not written to. Events are kept for days."""
    return bool(expired(tx)) or idempotency.has_old(tx) or events.has_old(tx, keep_days)


def tidy(tx: Tx, keep_days: float) -> None:
    """Do it."""
    holds.expire(tx)
    idempotency.forget_old(tx)
    events.forget_old(tx, keep_days)
