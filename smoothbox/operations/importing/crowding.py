"""Where buffers cannot be what a service says today: bookings tell none, and theirs were those of when they were made. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from smoothbox.store.allocations import Place


def crowded(places: Iterable[tuple[int, Place]]) -> set[int]:
    """The ids of those that do not overlap themselves, but with their buffers reach into another one of a resource."""
    by_resource: defaultdict[int, list[tuple[int, Place]]] = defaultdict(list)
    for id_, place in places:
        for resource_id in place.resource_ids:
            by_resource[resource_id].append((id_, place))
    found: set[int] = set()
    for taken in by_resource.values():
        found |= _of_one(taken)
    return found


def _of_one(taken: list[tuple[int, Place]]) -> set[int]:
    found: set[int] = set()
    ordered = sorted(taken, key=lambda each: (each[1].busy_start, each[1].busy_end))
    last_id, last = ordered[0]
    for id_, place in ordered[1:]:
        if place.busy_start < last.busy_end and not _is_same_session(place, last):
            found |= {last_id, id_}
        if place.busy_end >= last.busy_end:
            last_id, last = id_, place
    return found


def _is_same_session(one: Place, other: Place) -> bool:
    return (one.service_id, one.start, one.end) == (other.service_id, other.start, other.end)
