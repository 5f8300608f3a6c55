"""What a row of bookings names of the box: a service, resources, and the place that it takes in their diaries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from smoothbox.errors import Problem, invalid
from smoothbox.operations.importing.given import GivenBooking
from smoothbox.operations.times import wall_text
from smoothbox.scheduling.assignment import one_of_each
from smoothbox.store import allocations, resources, transfers
from smoothbox.store.allocations import Aside, Place
from smoothbox.store.connection import Tx
from smoothbox.store.services import ServiceRow
from smoothbox.store.transfers import Named

T = TypeVar("T", ServiceRow, Named)
Busy = Mapping[int, tuple[int, int]]

_MOST_NAMED: Final = 8  # resources of a booking
_MOST_HINTS: Final = 100
_SHOWN: Final = 60


class _Known(Generic[T]):
    """Things of one kind by what they are called, in any case."""

    def __init__(self, kind: str, things: Iterable[T]) -> None:
        self._kind = kind
        self.by_id: dict[int, T] = {each.id: each for each in things}
        self._by_name: defaultdict[str, list[T]] = defaultdict(list)
        self._hints: dict[str, list[str]] = {}
        for each in self.by_id.values():
            self._by_name[_folded(each.name)].append(each)

    def called(self, text: str) -> list[T]:
        """Those with this name; where there is none, the one with this id."""
        found = self._by_name.get(_folded(text), [])
        is_id = not found and text.isascii() and text.isdigit() and len(text) < len(str(2**53))
        return [self.by_id[int(text)]] if is_id and int(text) in self.by_id else found

    def only(self, text: str, found: Sequence[T]) -> T:
        """The one that is left. Raises Problem 'validation_error' where there is none or several."""
        if len(found) == 1:
            return found[0]
        shown = text[:_SHOWN]
        if found:
            ids = ", ".join(str(each.id) for each in found)
            raise invalid(self._kind, f"There are several called '{shown}'; write the id of one instead: {ids}.")
        raise invalid(self._kind, f"There is no {self._kind} '{shown}'; {self._hint(_folded(shown))}")

    def _hint(self, name: str) -> str:
        """The nearest name. To look for that takes long, so it is done for the first names that are not known."""
        if name not in self._hints and len(self._hints) < _MOST_HINTS:
            self._hints[name] = get_close_matches(name, self._by_name, n=1)
        near = self._hints.get(name)
        return f"is it '{self._by_name[near[0]][0].name}'?" if near else "add it first, or write the name it has here."


class Diary:
    """The services and resources by what rows call them, and who is free when."""

    def __init__(self, tx: Tx, zone: ZoneInfo) -> None:
        self._tx = tx
        self._zone = zone
        self._services = _Known("service", transfers.all_services(tx))
        self._resources = _Known("resource", transfers.all_resources(tx))

    def service(self, text: str, length: int | None) -> ServiceRow:
        """The service of this name or id; of several that share it the one that takes so many minutes, or can be booked.

        Raises Problem 'validation_error'.
        """
        alike = self._services.called(text)
        for narrowed in ([each for each in alike if each.duration == length], [each for each in alike if each.is_active]):
            alike = [each for each in alike if each in narrowed] or alike
        return self._services.only(text, alike)

    def resources(self, text: str) -> tuple[int, ...]:
        """The resources that a text names, one or several with semicolons. Raises Problem 'validation_error'."""
        if self._resources.called(text):
            return (self._resource(text),)
        names = [name for part in text.split(";") if (name := part.strip())]
        if len(names) > _MOST_NAMED:
            raise invalid("resource", f"A booking takes at most {_MOST_NAMED} resources.")
        return tuple(dict.fromkeys(self._resource(name) for name in names))

    def name_of(self, resource_id: int) -> str:
        """The name of a resource."""
        return self._resources.by_id[resource_id].name

    def place(self, given: GivenBooking, service: ServiceRow, start: int, *, takes_time: bool) -> Place:
        """The place of a booking that starts at this UTC second.

        Named resources are taken as they are named. Of each group that they do not serve somebody joins them: who is free
        then, where the booking takes time. Raises Problem 'validation_error' or 'slot_unavailable'.
        """
        named = self.resources(given.resource) if given.resource else ()
        place = _nowhere(given, service, start)
        if not takes_time:
            chosen = self._chosen(service.id, named, {})
            return structs.replace(place, resource_ids=chosen, capacity=max(service.capacity, given.party_size))
        if given.party_size > service.capacity:
            raise invalid("party_size", f"The service takes at most {service.capacity} at a time.")
        return self._session(place, named, given.party_size) or self._free(place, named)

    def _resource(self, text: str) -> int:
        alike = self._resources.called(text)
        return self._resources.only(text, [each for each in alike if each.is_active] or alike).id

    def _session(self, place: Place, named: Sequence[int], party: int) -> Place | None:
        """The session that began to fill at this time, if the service has such and there is room for the party."""
        if place.capacity == 1:
            return None
        first = {*named, *(each for group in self._groups(place.service_id)[:1] for each in group)}
        found = allocations.sessions(self._tx, place.service_id, sorted(first), place.start, place.start + 1, Aside())
        for occupied, *times, seats in found:
            ids = msgspec.json.decode(occupied, type=tuple[int, ...])
            session = Place(place.service_id, ids, *times)
            is_same = session == structs.replace(place, resource_ids=ids)
            if is_same and set(named) <= set(ids) and seats + party <= place.capacity:
                return session
        return None

    def _free(self, place: Place, named: Sequence[int]) -> Place:
        """The place where nobody is yet."""
        ids = {*named, *(each for group in self._groups(place.service_id) for each in group)}
        rows = allocations.busy(self._tx, sorted(ids), place.busy_start, place.busy_end, Aside())
        busy = {resource_id: (start, end) for resource_id, start, end, *_ in rows}
        if taken := next((each for each in named if each in busy), None):
            raise self._taken(self.name_of(taken), busy[taken])
        return structs.replace(place, resource_ids=self._chosen(place.service_id, named, busy))

    def _chosen(self, service_id: int, named: Sequence[int], busy: Busy) -> tuple[int, ...]:
        """The named and one of each group that has none of them, in the order of the groups."""
        groups = self._groups(service_id)
        missing = [group for group in groups if not set(group) & set(named)][: max(len(groups) - len(named), 0)]
        if not all(missing) or not (named or missing):
            raise invalid("resource", "Nobody does this service now; name who or what the booking takes.")
        free = [[each for each in group if each not in busy] for group in missing]
        found = one_of_each(free) if all(free) else None
        if found is None:
            raise self._taken("Whoever else this service takes", min(busy.values()))
        return tuple(sorted((*named, *found), key=lambda id_: _rank(groups, id_)))

    def _groups(self, service_id: int) -> list[list[int]]:
        return [[each.id for each in group] for group in resources.groups_of(self._tx, service_id)]

    def _taken(self, who: str, span: tuple[int, int]) -> Problem:
        start, end = (wall_text(second, self._zone)[:16].replace("T", " ") for second in span)
        message = f"{who} is taken from {start} to {end}, buffers included; move one of the two, or leave this row out."
        return Problem("slot_unavailable", None, {"start_time": [message]})


def _nowhere(given: GivenBooking, service: ServiceRow, start: int) -> Place:
    """The times of a booking, and no resource yet."""
    before = service.buffer_before if given.buffer_before is None else given.buffer_before
    after = service.buffer_after if given.buffer_after is None else given.buffer_after
    end = start + (given.length or service.duration) * 60
    return Place(service.id, (), start, end, start - before * 60, end + after * 60, service.capacity)


def _rank(groups: Sequence[Sequence[int]], id_: int) -> int:
    return next((number for number, group in enumerate(groups) if id_ in group), len(groups))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
