"""The outbox at work: what became of attempts is recorded, and what is due is claimed, in one transaction.

A claim is committed before its attempt begins, so that no attempt is ever made twice at once, and one that is cut short is
known by being claimed still. Who claims is handed all that the attempt needs.
"""

from collections.abc import Collection, Sequence
from itertools import chain, zip_longest
from typing import Literal

import msgspec
from msgspec import Struct

from smoothbox.contract.webhooks import AttemptError, AttemptInFull, Trigger
from smoothbox.keyring import SealBrokenError, Vault
from smoothbox.operations import holds, webhooks
from smoothbox.operations.endpoint_health import LONGEST_PAUSE, after_failure, has_failed_for_days
from smoothbox.operations.webhook_secrets import place, still_signing
from smoothbox.settings import Webhooks
from smoothbox.store import deliveries, endpoints, events
from smoothbox.store.connection import Tx
from smoothbox.store.deliveries import DeliveryRow
from smoothbox.store.due import is_due
from smoothbox.store.endpoints import Lane
from smoothbox.store.holds import first_end


class Claim(Struct, frozen=True):
    """One attempt to make: where to, what, and what to sign it with. `used` counts the scheduled attempts before it."""

    delivery_id: int
    endpoint_id: int
    url: str
    event_id: str
    body: bytes
    used: int
    number: int
    secrets: tuple[str, ...]
    signing_key: bytes | None
    headers: dict[str, str]

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Claim(delivery {self.delivery_id}, attempt {self.number})"


class Outcome(Struct, frozen=True):
    """How an attempt went: the status of the answer, or the error for which there is none. `retry_after` is seconds."""

    started_at: str
    duration_ms: int
    status_code: int | None = None
    error: AttemptError | None = None
    response_body: str = ""
    retry_after: float | None = None


class Step(Struct, frozen=True):
    """What follows from an outcome; `delay` (seconds) goes with 'retry'. 'gone' fails, and disables the endpoint."""

    kind: Literal["succeeded", "retry", "failed", "gone"]
    delay: float = 0.0


class Finished(Struct, frozen=True):
    """An attempt that was made."""

    claim: Claim
    outcome: Outcome
    step: Step


class Round(Struct, frozen=True):
    """What a turn at the outbox brought: the attempts to make, whether more are due, and when to look again (or None)."""

    claims: list[Claim]
    has_more: bool
    next_due: float | None


def advance(tx: Tx, finished: Sequence[Finished], room: int, after: int, rules: Webhooks, vault: Vault) -> Round:
    """Record what was finished, then claim what is due: at most `room` attempts, endpoint by endpoint in turn.

    The endpoint behind `after` has the first turn. A claim whose secrets do not open disables its endpoint instead.
    Holds that are over end here too, for they are the other thing that a file does by itself.
    """
    holds.expire(tx)
    for each in finished:
        _record(tx, each, rules)
    rows, has_more = _choose(tx, room, after, rules)
    claims = [claim for row in rows if (claim := _claim(tx, row, vault)) is not None]
    return Round(claims, has_more, _next_due(tx, rules))


def take_back(tx: Tx, under_way: Collection[int] = ()) -> int:
    """Put back every attempt that was under way when the box ended; how many they were. It is not known how they went.

    `under_way` are the deliveries that this process is sending.
    """
    rows = [row for row in deliveries.sending(tx) if row.id not in under_way]
    for row in rows:
        outcome = Outcome(row.started_at or row.updated_at, 0, error="interrupted")
        deliveries.add_attempt(tx, row.id, _attempt(row.attempts + 1, row.trigger, outcome))
        deliveries.put_back(tx, row.id, row.attempts + 1)
    return len(rows)


def _record(tx: Tx, finished: Finished, rules: Webhooks) -> None:
    claim, step = finished.claim, finished.step
    row, endpoint = deliveries.get(tx, claim.delivery_id), endpoints.get(tx, claim.endpoint_id)
    if row is None or endpoint is None or row.status != "sending" or row.attempts + 1 != claim.number:
        return  # its endpoint is gone, or it was taken back
    deliveries.add_attempt(tx, row.id, _attempt(claim.number, row.trigger, finished.outcome))
    if step.kind == "succeeded":
        deliveries.end(tx, row.id, "succeeded", claim.number)
        endpoints.note_success(tx, row.endpoint_id, tx.stamp)
        return
    if step.kind == "retry" and endpoint.is_active:
        deliveries.try_again(tx, row.id, claim.number, claim.used + 1, tx.now + step.delay)
    else:
        deliveries.end(tx, row.id, "failed", claim.number)
    health = after_failure(endpoints.health(tx, row.endpoint_id), tx.now, rules)
    endpoints.set_health(tx, row.endpoint_id, health)
    if endpoint.is_active and step.kind == "gone":
        webhooks.disable(tx, row.endpoint_id, "gone")
    elif endpoint.is_active and has_failed_for_days(health, tx.now, rules):
        webhooks.disable(tx, row.endpoint_id, "failing")


def _is_extra(row: DeliveryRow) -> bool:
    """Whether an attempt that somebody asked for comes in between the scheduled ones, and uses up none of them."""
    return row.trigger == "manual" and 0 < row.used < deliveries.ONLY_NEXT


def _attempt(number: int, trigger: Trigger, outcome: Outcome) -> AttemptInFull:
    return AttemptInFull(
        number,
        trigger,
        outcome.started_at,
        outcome.duration_ms,
        outcome.status_code,
        outcome.error,
        outcome.response_body,
    )


def _choose(tx: Tx, room: int, after: int, rules: Webhooks) -> tuple[list[DeliveryRow], bool]:
    """The deliveries to send, one of each endpoint in turn; and whether others are due that had no room."""
    lanes = [lane for lane in endpoints.lanes(tx) if _is_due(lane, tx.now)]
    lanes.sort(key=lambda lane: (lane.endpoint_id <= after, lane.endpoint_id))
    queues = [deliveries.due(tx, lane.endpoint_id, _width(lane, rules)) for lane in lanes]
    rows = [row for row in chain.from_iterable(zip_longest(*queues)) if row is not None]
    return rows[:room], len(rows) > room


def _is_due(lane: Lane, now: float) -> bool:
    return lane.due_at is not None and is_due(lane.due_at, now) and not _is_paused(lane, now)


def _is_paused(lane: Lane, now: float) -> bool:
    """Whether an endpoint is left alone; a pause that is longer than any was reckoned by a clock that was wrong."""
    return now < lane.paused_until <= now + LONGEST_PAUSE


def _width(lane: Lane, rules: Webhooks) -> int:
    """How many more attempts an endpoint may have; one that failed often is tried with one at a time."""
    most = 1 if lane.strikes >= rules.breaker_after else rules.per_endpoint
    return max(most - lane.sending, 0)


def _next_due(tx: Tx, rules: Webhooks) -> float | None:
    """When to look again, but for what waits for an attempt that is under way: its end is a reason to look by itself."""
    waiting = [lane for lane in endpoints.lanes(tx) if _width(lane, rules)]
    times = [max(lane.due_at, lane.paused_until) for lane in waiting if lane.due_at is not None]
    return min([*times, *first_end(tx)], default=None)


def _claim(tx: Tx, row: DeliveryRow, vault: Vault) -> Claim | None:
    try:
        claim = _opened(tx, row, vault)
    except SealBrokenError:
        deliveries.end(tx, row.id, "failed", row.attempts)
        if webhooks.row_of(tx, row.endpoint_id).is_active:
            webhooks.disable(tx, row.endpoint_id, "unreadable_secret")
        return None
    deliveries.begin(tx, row.id)
    return claim


def _opened(tx: Tx, row: DeliveryRow, vault: Vault) -> Claim:
    sealed = endpoints.sealed(tx, row.endpoint_id)

    def opened(column: str, value: bytes | None) -> bytes | None:
        return None if value is None else vault.open(value, place(sealed.id, column))

    secret = vault.open(sealed.secret, place(sealed.id, "secret")).decode()
    headers = opened("headers", sealed.headers)
    return Claim(
        row.id,
        row.endpoint_id,
        sealed.url,
        row.event_id,
        events.body(tx, row.sequence).encode(),
        row.used - _is_extra(row),
        row.attempts + 1,
        (secret, *(each.secret for each in still_signing(vault, sealed, tx.now))),
        opened("signing_key", sealed.signing_key),
        msgspec.json.decode(headers, type=dict[str, str]) if headers else {},
    )
