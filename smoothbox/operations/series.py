"""Recurring bookings: all of a series are made in one transaction, or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from smoothbox.contract.bookings import NewBooking, Series
from smoothbox.errors import Problem, invalid
from smoothbox.operations import holds
from smoothbox.operations.booking_shapes import new_columns
from smoothbox.operations.bookings import customer_of, insert_at, told
from smoothbox.operations.diaries import Offer
from smoothbox.operations.offers import offer_for, service_for
from smoothbox.operations.slots import advice, is_taken, place_or_reason
from smoothbox.operations.times import parse_start, wall_text
from smoothbox.scheduling import recurrence
from smoothbox.scheduling.verdicts import Reason
from smoothbox.store import business, series
from smoothbox.store.allocations import Place
from smoothbox.store.bookings import BookingRow
from smoothbox.store.connection import Tx


def book(tx: Tx, new: NewBooking, rule: str) -> Series:
    """Make a booking at every time that the rule gives, by the wall clock of the business; on the same resources if possible.

    Raises Problem: what `bookings.book` raises; when a single time cannot be booked nothing is written, and
    `details.conflicts` lists each such start with its reason.
    """
    _refuse_what_does_not_recur(new)
    own = business.get(tx)
    party = new.party_size or 1
    service = service_for(tx, new.service_id, party)
    if service.requires_manual_scheduling:
        raise invalid("recurrence", f"Service {service.id} is scheduled by hand; it cannot recur.")
    offer = offer_for(tx, own, service, new.resource_id, party)
    starts = _starts(new, rule, offer)
    holds.expire(tx)
    columns = new_columns(tx, new, service, customer_of(tx, new, own), party) | {"series_id": series.insert(tx, rule)}
    rows = _book_all(tx, offer, columns, starts)
    return Series(columns["series_id"], len(rows), [told(tx, row, own) for row in rows])


def _refuse_what_does_not_recur(new: NewBooking) -> None:
    if new.hold_id is not None:
        raise invalid("hold_id", "A hold keeps one place; send either hold_id or recurrence.")
    if new.start_time is None:
        raise invalid("start_time", "This field is required.")


def _starts(new: NewBooking, rule: str, offer: Offer) -> list[int]:
    first = parse_start(new.start_time or "", offer.zone, "start_time")
    try:
        wall = datetime.fromtimestamp(first, offer.zone).replace(tzinfo=None, fold=0)
        _, *later = recurrence.starts(recurrence.parse(rule), wall, offer.zone)
    except ValueError as error:
        raise invalid("recurrence", str(error)) from None
    return [first, *later]  # the first of two hours on an autumn night may be asked for by its offset


def _book_all(tx: Tx, offer: Offer, columns: dict[str, Any], starts: Sequence[int]) -> list[BookingRow]:
    rows: list[BookingRow] = []
    conflicts: list[tuple[int, Reason]] = []
    occupied: tuple[int, ...] = ()
    for start in starts:
        found = place_or_reason(tx, offer, start, occupied)
        if isinstance(found, Place):
            occupied = occupied or found.resource_ids
            rows.append(insert_at(tx, offer, columns, found))
        else:
            conflicts.append((start, found))
    if conflicts:
        raise _refusal(offer, conflicts)
    return rows


def _refusal(offer: Offer, conflicts: Sequence[tuple[int, Reason]]) -> Problem:
    """409 when any of the times is taken, else the rule that the first of them breaks."""
    shown = [{"start_time": wall_text(start, offer.zone), "reason": reason} for start, reason in conflicts]
    reasons = [reason for _, reason in conflicts]
    message = f"{len(conflicts)} of the times cannot be booked; nothing was written."
    blocking = next(filter(is_taken, reasons), None)
    if blocking is not None:
        return Problem(
            "slot_unavailable", message, {"conflict": blocking, "remaining": 0, "next_available": [], "conflicts": shown}
        )
    return Problem(reasons[0], message, {"start_time": [advice(reasons[0], offer)], "conflicts": shown})
