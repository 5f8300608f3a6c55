"""Who takes a booking at a given time; or why nobody can, and when somebody could."""

from collections.abc import Sequence
from typing import Final

from smoothbox.errors import SENTENCES, Problem
from smoothbox.operations.availability import next_free
from smoothbox.operations.diaries import Candidate, Offer, candidates
from smoothbox.operations.times import wall_text
from smoothbox.scheduling.availability import Reason, judge, most_hopeful
from smoothbox.scheduling.intervals import Interval
from smoothbox.store.connection import Tx

_ALTERNATIVES: Final = 3
_TAKEN: Final[frozenset[Reason]] = frozenset({"booking", "time_off"})


def choose(tx: Tx, offer: Offer, start: int) -> Candidate:
    """The first of the offered resources that is free at this second.

    Raises Problem: 'slot_unavailable' with the next free times, or the booking rule that the time breaks.
    """
    reasons: list[Reason] = []
    for each in candidates(tx, offer, Interval(start, start + 1)):
        reason = judge(each.diary, offer.terms, start, tx.now, offer.zone)
        if reason is None:
            return each
        reasons.append(reason)
    raise _refusal(tx, offer, start, reasons)


def taken(tx: Tx, offer: Offer, start: int, conflict: Reason) -> Problem:
    """The refusal of a time that somebody else has: what stands in the way, and the next free times of the service."""
    alternatives = [wall_text(each, offer.zone) for each in next_free(tx, offer, start, _ALTERNATIVES)]
    details = {"conflict": conflict, "remaining": 0, "next_available": alternatives}
    return Problem("slot_unavailable", None, details)


def _refusal(tx: Tx, offer: Offer, start: int, reasons: Sequence[Reason]) -> Problem:
    if not reasons:
        message = f"No active resource offers service {offer.service.id}."
        return Problem("resource_not_eligible", None, {"resource_id": [message]})
    reason = most_hopeful(reasons)
    if reason in _TAKEN:
        return taken(tx, offer, start, reason)
    return Problem(reason, None, {"start_time": [_advice(reason, offer)]})


def _advice(reason: Reason, offer: Offer) -> str:
    if reason == "too_soon":
        return f"Book at least {offer.terms.min_notice // 60} minutes ahead."
    if reason == "too_far_ahead":
        return f"Book at most {offer.terms.max_advance_days} days ahead."
    if reason == "not_on_slot_grid":
        return f"Slots begin every {offer.terms.slot_interval // 60} minutes from opening; ask availability for them."
    return SENTENCES[reason]
