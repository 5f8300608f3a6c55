"""What a data file is rid of by and by: holds whose time is over, and answers that are no longer repeated."""

from smoothbox.operations import holds, idempotency
from smoothbox.store.connection import Tx
from smoothbox.store.holds import expired


def is_due(tx: Tx) -> bool:
    """Whether there is anything to tidy up; only reads, so that an idle file is not written to."""
    return bool(expired(tx)) or idempotency.has_old(tx)


def tidy(tx: Tx) -> None:
    """Do it."""
    holds.expire(tx)
    idempotency.forget_old(tx)
