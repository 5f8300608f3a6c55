"""The states of a booking and the moves between them."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Status = Literal["PENDING", "SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)

BLOCKING: Final[frozenset[Status]] = frozenset({"SCHEDULED", "CONFIRMED"})
"""The states in which a booking takes time of its resource."""

_MOVES: Final[Mapping[Status, frozenset[Status]]] = {
    "PENDING": frozenset({"CANCELLED"}),  # and SCHEDULED, by being given a time
    "SCHEDULED": frozenset({"CONFIRMED", "COMPLETED", "NO_SHOW", "CANCELLED"}),
    "CONFIRMED": frozenset({"COMPLETED", "NO_SHOW", "CANCELLED"}),
    "NO_SHOW": frozenset({"CONFIRMED"}),
    "COMPLETED": frozenset(),
    "CANCELLED": frozenset(),
}


def moves_from(status: Status) -> frozenset[Status]:
    """Where a booking may go from here."""
    return _MOVES[status]


def may_change_time(status: Status) -> bool:
    """Whether a booking in this state can be given a time, or another one."""
    return status in BLOCKING or status == "PENDING"


def is_late(start: int | None, now: float, window_hours: int) -> bool:
    """Whether a cancellation falls into the business's window before the start.

    A window of 0 hours is never late, and neither is a request that has no time yet.
    """
    return start is not None and window_hours > 0 and now > start - window_hours * 3600
