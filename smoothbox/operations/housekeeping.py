"""What a data file is rid of by and by: holds that are over, answers no longer repeated, old events, remains of webhooks."""

from smoothbox.operations import events, holds, idempotency, webhooks
from smoothbox.store.connection import Tx
from smoothbox.store.holds import expired


def is_due(tx: Tx, keep_days: float) -> bool:
    """Whether there is anything to tidy up; only reads, so that an idle file is not written to. Events are kept for days."""
    return bool(expired(tx)) or idempotency.has_old(tx) or events.has_old(tx, keep_days) or webhooks.has_remains(tx)


def tidy(tx: Tx, keep_days: float) -> None:
    """Do it."""
    holds.expire(tx)
    idempotency.forget_old(tx)
    events.forget_old(tx, keep_days)
    webhooks.clear_remains(tx)
