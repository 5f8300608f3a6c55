"""Who takes a booking at a given time; or why nobody can, and when somebody could. Rules P11 to P13."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Final

from smoothbox.errors import SENTENCES, Problem
from smoothbox.operations.availability import joinable, next_free
from smoothbox.operations.diaries import Offer, Surroundings, surroundings
from smoothbox.operations.times import wall_text
from smoothbox.scheduling.assignment import by_load, one_of_each
from smoothbox.scheduling.availability import blocked_range, bookable, free_starts
from smoothbox.scheduling.hours import days_window, local_date
from smoothbox.scheduling.intervals import Interval, meet
from smoothbox.scheduling.verdicts import Reason, judge, judge_companion, most_hopeful
from smoothbox.store import allocations
from smoothbox.store.allocations import Place
from smoothbox.store.connection import Tx

Way = Sequence[Sequence[int]]

_ALTERNATIVES: Final = 3
_TWO_WEEKS: Final = 14 * 86400  # no further: others wait for the writer meanwhile
_TAKEN: Final[frozenset[Reason]] = frozenset({"booking", "hold", "time_off", "capacity"})
_WEEK: Final = timedelta(days=3)  # on either side of the day


def choose(tx: Tx, offer: Offer, start: int, preferred: Sequence[int] = ()) -> Place:
    """The place that a booking at this second takes: a session that has begun to fill, else resources that are free.

    Of several the preferred come first (a reschedule keeps its resources), then those with the least booked time.
    Raises Problem: 'slot_unavailable' with the next free times, or the booking rule that the time breaks.
    """
    around = surroundings(tx, offer, Interval(start, start + 1))
    place = _place(tx, offer, around, start, preferred)
    if place is None:
        raise _refusal(tx, offer, around, start)
    return place


def place_or_reason(tx: Tx, offer: Offer, start: int, preferred: Sequence[int]) -> Place | Reason:
    """As `choose`, but a refusal is only its reason: nobody looks for other times."""
    around = surroundings(tx, offer, Interval(start, start + 1))
    return _place(tx, offer, around, start, preferred) or _reason(tx, offer, around, start)


def taken_again(tx: Tx, offer: Offer, start: int, ids: tuple[int, ...]) -> Problem:
    """The refusal of a place that was given back and that somebody else has now."""
    around = surroundings(tx, offer, Interval(start, start + 1))
    own = [each for each in chain(*around.sessions.values()) if each.place.resource_ids == ids and each.place.start == start]
    if own:
        return _taken(tx, offer, start, "capacity", own[0].left)
    reasons = [judge_companion(around.diaries[id_], offer.terms, start) for id_ in ids if id_ in around.diaries]
    return _taken(tx, offer, start, "hold" if "hold" in reasons else "booking")


def _taken(tx: Tx, offer: Offer, start: int, conflict: Reason, remaining: int = 0) -> Problem:
    """The refusal of a time that somebody else has: what stands in the way, and the next free times of the service."""
    alternatives = [wall_text(each, offer.zone) for each in next_free(tx, offer, start, _ALTERNATIVES, _TWO_WEEKS)]
    details = {"conflict": conflict, "remaining": remaining, "next_available": alternatives}
    return Problem("slot_unavailable", None, details)


def is_taken(reason: Reason) -> bool:
    """Whether the time would be right, were it not for somebody or something else: 409 rather than 400."""
    return reason in _TAKEN


def _place(tx: Tx, offer: Offer, around: Surroundings, start: int, preferred: Sequence[int]) -> Place | None:
    moment = meet(bookable(offer.terms, tx.now, offer.zone), Interval(start, start + 1))
    sessions = {session.place.resource_ids[0]: session.place for session in joinable(around, offer, moment)}
    free = [list(_free(way, around, offer, start, moment)) for way in around.ways]
    if preferred and (kept := _kept(offer, start, sessions, free, preferred)):
        return kept
    if sessions:
        (first, *_) = _in_order(tx, offer, start, [list(sessions)], ())[0]
        return sessions[first]
    choices = (one_of_each(_in_order(tx, offer, start, groups, preferred)) for groups in free)
    return next((_fresh(offer, start, chosen) for chosen in choices if chosen), None)


def _kept(
    offer: Offer, start: int, sessions: Mapping[int, Place], free: Sequence[Sequence[list[int]]], preferred: Sequence[int]
) -> Place | None:
    """The place on the preferred resources alone, if they can have it."""
    for first in preferred:
        if first in sessions:
            return sessions[first]
    choices = (one_of_each([[id_ for id_ in group if id_ in preferred] for group in groups]) for groups in free)
    return next((_fresh(offer, start, chosen) for chosen in choices if chosen), None)


def _fresh(offer: Offer, start: int, chosen: tuple[int, ...]) -> Place:
    """A place where nobody is yet."""
    end = start + offer.terms.duration
    return Place(offer.service.id, chosen, start, end, *blocked_range(offer.terms, start), offer.terms.capacity)


def _free(way: Way, around: Surroundings, offer: Offer, start: int, moment: Interval) -> Iterator[list[int]]:
    """Of each group the resources that are free at the moment."""
    first, *companions = way
    yield [id_ for id_ in first if free_starts(around.diaries[id_], offer.terms, moment)]
    for group in companions:
        yield [id_ for id_ in group if judge_companion(around.diaries[id_], offer.terms, start) is None]


def _in_order(tx: Tx, offer: Offer, start: int, groups: Sequence[list[int]], preferred: Sequence[int]) -> list[list[int]]:
    """Each group with the preferred first, then by P13; nothing is read where there is nothing to choose from."""
    if all(len(group) < 2 for group in groups):  # noqa: PLR2004 -- a choice is one of two at least
        return list(groups)
    day = local_date(start, offer.zone)
    today, week = days_window(day, day, offer.zone), days_window(day - _WEEK, day + _WEEK, offer.zone)
    of_day: defaultdict[int, int] = defaultdict(int)
    of_week: defaultdict[int, int] = defaultdict(int)
    for id_, begin, end in allocations.load(tx, sorted(set(chain(*groups))), *week):
        of_week[id_] += end - begin
        of_day[id_] += end - begin if today.start <= begin < today.end else 0
    return [sorted(by_load(group, of_day, of_week), key=lambda id_: id_ not in preferred) for group in groups]


def _refusal(tx: Tx, offer: Offer, around: Surroundings, start: int) -> Problem:
    reason = _reason(tx, offer, around, start)
    if is_taken(reason):
        remaining = _seats_left(around, start) if reason == "capacity" else 0
        return _taken(tx, offer, start, reason, remaining)
    return Problem(reason, None, {"start_time": [advice(reason, offer)]})


def _reason(tx: Tx, offer: Offer, around: Surroundings, start: int) -> Reason:
    return most_hopeful(_reason_of(way, tx, offer, around, start) for way in around.ways)


def _reason_of(way: Way, tx: Tx, offer: Offer, around: Surroundings, start: int) -> Reason:
    """What stands in the way: of the group that is worst off, the resource that came closest."""
    first, *companions = way
    reasons = [judge(around.diaries[id_], offer.terms, start, tx.now, offer.zone, offer.party) for id_ in first]
    if "capacity" in reasons:  # the party would fit, were it smaller
        return "capacity"
    for group in companions:
        if None in reasons:
            reasons = [judge_companion(around.diaries[id_], offer.terms, start) for id_ in group]
    # groups that share resources can each have a free one and yet not enough of them: others hold what is missing
    return most_hopeful(reason or "booking" for reason in reasons)


def _seats_left(around: Surroundings, start: int) -> int:
    sessions = chain(*around.sessions.values())
    return max((session.left for session in sessions if session.place.start == start), default=0)


def advice(reason: Reason, offer: Offer) -> str:
    """What would work instead of a time that breaks a rule."""
    if reason == "too_soon":
        return f"Book at least {offer.terms.min_notice // 60} minutes ahead."
    if reason == "too_far_ahead":
        return f"Book at most {offer.terms.max_advance_days} days ahead."
    if reason == "not_on_slot_grid":
        return f"Slots begin every {offer.terms.slot_interval // 60} minutes from opening; ask availability for them."
    return SENTENCES[reason]
