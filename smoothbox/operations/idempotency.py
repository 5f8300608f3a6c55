"""A request with a key takes effect once: its answer is kept in the transaction of the effect, and repeated for a day."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from smoothbox.errors import Problem
from smoothbox.store import idempotency
from smoothbox.store.connection import Tx
from smoothbox.store.idempotency import Answer, Kept

DAY: Final = 86400
_MOST_FORGOTTEN: Final = 200  # at a time: those who wait for the writer are not to notice


class Ticket(Struct, frozen=True, gc=False):
    """Whose key it is (the lineage of the token), the key, and a hash of the request that it came with."""

    owner: int
    key: str
    fingerprint: bytes


class Outcome(Struct, frozen=True, gc=False):
    """An answer, and whether it is one that was given before."""

    answer: Answer
    is_repeated: bool


def once(tx: Tx, ticket: Ticket, act: Callable[[Tx], Answer]) -> Outcome:
    """The answer kept under this ticket, else that of `act`, which is kept from now on.

    Raises Problem 'idempotency_key_reused' for the key of another request, or what `act` raises; then nothing is kept.
    """
    kept = idempotency.get(tx, ticket.owner, ticket.key)
    if kept is not None and kept.created_at >= _a_day_ago(tx):
        if kept.fingerprint != ticket.fingerprint:
            raise Problem("idempotency_key_reused")
        return Outcome(kept, is_repeated=True)
    answer = act(tx)
    kept = Kept(answer.status, answer.headers, answer.body, answer.is_sealed, ticket.fingerprint, int(tx.now))
    idempotency.put(tx, ticket.owner, ticket.key, kept)
    return Outcome(answer, is_repeated=False)


def place(owner: int, key: str) -> str:
    """What a sealed answer is bound to."""
    return f"idempotency/{owner}/{key}"


def has_old(tx: Tx) -> bool:
    """Whether there are answers that are no longer repeated."""
    return idempotency.has_older(tx, _a_day_ago(tx))


def forget_old(tx: Tx) -> int:
    """Drop answers that are no longer repeated, a bounded number at a time; how many they were."""
    return idempotency.drop_older(tx, _a_day_ago(tx), _MOST_FORGOTTEN)


def _a_day_ago(tx: Tx) -> int:
    """The first second whose answers are still repeated."""
    return int(tx.now) - DAY
