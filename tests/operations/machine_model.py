"""What a diary should say, slowly and obviously: every question is answered by looking at everything that is known.

Written from the rules P1 to P15 alone. It is January in New York: no clock changes, so that wall clocks are plain numbers.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

MINUTE, DAY = 60, 86400
MIDNIGHT = 5 * 3600  # of New York, in UTC
OPENING, CLOSING, LATE = 9 * 60, 12 * 60, 15  # minutes; who comes late also goes late
INTERVAL = 30 * MINUTE
ADVANCE = 3  # days

ANN, BOB, CYD, BLUE, RED = STAFF_AND_ROOMS = (1, 2, 3, 4, 5)
COMES_LATE = CYD

BLOCKING = ("SCHEDULED", "CONFIRMED")
MOVES = {
    "PENDING": ("CANCELLED",),
    "SCHEDULED": ("CONFIRMED", "COMPLETED", "NO_SHOW", "CANCELLED"),
    "CONFIRMED": ("COMPLETED", "NO_SHOW", "CANCELLED"),
    "NO_SHOW": ("CONFIRMED",),
    "COMPLETED": (),
    "CANCELLED": (),
}


class Terms(NamedTuple):
    """Minutes, and how many sit in one session."""

    duration: int
    before: int = 0
    after: int = 0
    capacity: int = 1


class Service(NamedTuple):
    """One of each group takes part."""

    terms: Terms
    groups: tuple[tuple[int, ...], ...]
    is_manual: bool = False


class Place(NamedTuple):
    """An appointment and all that it occupies: who shares every bit of it shares a session."""

    service_id: int
    resources: tuple[int, ...]
    start: int
    end: int
    busy_start: int
    busy_end: int
    capacity: int

    @property
    def terms(self) -> Terms:
        """What was agreed for it."""
        spans = self.end - self.start, self.start - self.busy_start, self.busy_end - self.end
        return Terms(*(span // MINUTE for span in spans), self.capacity)

    def meets(self, other: "Place") -> bool:
        """Whether both want some resource at some time."""
        return (
            bool(set(self.resources) & set(other.resources))
            and self.busy_start < other.busy_end
            and other.busy_start < self.busy_end
        )


@dataclass
class Booked:
    """A booking; one without a time yet has only the terms that hold for it, and perhaps a wish."""

    service_id: int
    party: int
    status: str
    terms: Terms
    place: Place | None = None
    wish: int | None = None
    series: int | None = None
    previous: int | None = None

    @property
    def resources(self) -> tuple[int, ...]:
        """What it occupies or did, or would like to."""
        if self.place:
            return self.place.resources
        return () if self.wish is None else (self.wish,)


class Held(NamedTuple):
    """A hold."""

    owner: int
    party: int
    place: Place
    expires: int


class Wish(NamedTuple):
    """What somebody wants; his own booking or hold stands not in his way."""

    service_id: int
    terms: Terms
    party: int = 1
    resource: int | None = None
    own_booking: int = 0
    own_hold: int = 0


@dataclass
class Diary:
    """All that is known."""

    services: dict[int, Service]
    now: float
    bookings: dict[int, Booked] = field(default_factory=dict)
    holds: dict[int, Held] = field(default_factory=dict)
    time_off: list[tuple[int, int, int]] = field(default_factory=list)

    def live_holds(self) -> dict[int, Held]:
        """P14: they end by the clock."""
        return {number: hold for number, hold in self.holds.items() if hold.expires > self.now}

    def taken(self, own_booking: int = 0, own_hold: int = 0) -> list[tuple[Place, int]]:
        """P6: what bookings and live holds occupy, with their seats."""
        booked = [
            (each.place, each.party)
            for number, each in self.bookings.items()
            if each.status in BLOCKING and each.place and number != own_booking
        ]
        return booked + [(hold.place, hold.party) for number, hold in self.live_holds().items() if number != own_hold]

    def is_bookable(self, start: int) -> bool:
        """P10."""
        return start >= self.now and local_day(start) <= local_day(self.now) + ADVANCE

    def is_there(self, resource: int, start: int, end: int) -> bool:
        """P1: open, and not away."""
        opening = opens(resource, start)
        away = any(who == resource and begin < end and start < until for who, begin, until in self.time_off)
        return opening <= start and end <= opening + (CLOSING - OPENING) * MINUTE and not away

    def sessions(self, wish: Wish, start: int) -> list[tuple[Place, int]]:
        """P11: sessions that the party can join, as they were opened, with the seats that are left."""
        if not self.is_bookable(start):
            return []
        taken = self.taken(wish.own_booking, wish.own_hold)
        found = []
        for place in sorted({place for place, _ in taken if place.service_id == wish.service_id and place.start == start}):
            left = place.capacity - sum(seats for other, seats in taken if other == place)
            is_asked_for = wish.resource is None or wish.resource in place.resources
            everybody = all(self.is_there(each, place.start, place.end) for each in place.resources)
            if left >= wish.party and is_asked_for and everybody:
                found.append((place, left))
        return found

    def fresh(self, wish: Wish, start: int) -> list[Place]:
        """P12: every way to begin a session of one's own: one of each group, nobody twice, the grid of the first."""
        if not self.is_bookable(start) or wish.party > wish.terms.capacity:
            return []
        taken = self.taken(wish.own_booking, wish.own_hold)
        found = []
        for resources in product(*self.services[wish.service_id].groups):
            place = at(wish, resources, start)
            is_asked_for = wish.resource is None or wish.resource in resources
            is_free = not any(place.meets(other) for other, _ in taken)
            everybody = all(self.is_there(each, place.start, place.end) for each in resources)
            on_grid = (start - opens(resources[0], start)) % INTERVAL == 0
            if len(set(resources)) == len(resources) and is_asked_for and is_free and everybody and on_grid:
                found.append(place)
        return found

    def places(self, wish: Wish, start: int, before: Collection[int] = ()) -> list[Place]:
        """Wherever the wish can be granted: on the resources of before, else in a session that has begun to fill."""
        sessions, fresh = [place for place, _ in self.sessions(wish, start)], self.fresh(wish, start)
        kept = [place for place in sessions + fresh if set(place.resources) == set(before)]
        return kept or sessions or fresh

    def listed(self, wish: Wish) -> dict[tuple[int, int], tuple[set[int], int]]:
        """Every free start and end until the last bookable day: who can be asked for, and how many people fit."""
        found: dict[tuple[int, int], tuple[set[int], int]] = {}
        for start in self.starts():
            fresh = self.fresh(wish, start)
            options = [(place, left) for place, left in self.sessions(wish, start)]
            options += [(place, 0) for place in fresh]
            for place, left in options:
                who, room = found.get((place.start, place.end), (set(), 0))
                found[place.start, place.end] = (who | set(place.resources), room + left)
            if fresh:
                who, room = found[fresh[0].start, fresh[0].end]
                found[fresh[0].start, fresh[0].end] = (who, room + most_apart(fresh) * wish.terms.capacity)
        return found

    def starts(self) -> Iterator[int]:
        """Every quarter of an hour of the days from today to one beyond the last bookable one."""
        today = local_day(self.now)
        for day in range(today, today + ADVANCE + 2):
            for minute in range(OPENING - 30, CLOSING + 45, 15):
                yield day * DAY + MIDNIGHT + minute * MINUTE

    def can_come_back(self, number: int) -> bool:
        """P6, P11: whether a booking can take its old place again: it is free, or a session with seats for all of them."""
        own = self.bookings[number]
        assert own.place
        company = [(place, seats) for place, seats in self.taken() if place.meets(own.place)]
        is_one_session = all(place == own.place for place, _ in company)
        return is_one_session and own.party + sum(seats for _, seats in company) <= own.place.capacity

    def least_busy(self, options: Collection[Place]) -> Place:
        """P13: the first resource with the fewest minutes that day, then in the seven days, then by id; then the next one."""
        return min(options, key=lambda place: [self.load(each, place.start) for each in place.resources])

    def load(self, resource: int, start: int) -> tuple[int, int, int]:
        """Seconds that it works that day, and in the week around it: a session counts once."""
        day = local_day(start)
        appointments = {(place.start, place.end) for place, _ in self.taken() if resource in place.resources}
        of_day = sum(end - begin for begin, end in appointments if local_day(begin) == day)
        return of_day, sum(end - begin for begin, end in appointments if abs(local_day(begin) - day) <= 3), resource

    def following(self, number: int) -> list[int]:
        """The bookings of its series that start later, have not begun and can still be cancelled."""
        own = self.bookings[number]
        return [
            other
            for other, each in self.bookings.items()
            if each.series == own.series
            and each.place
            and own.place
            and each.place.start > max(own.place.start, self.now)
            and "CANCELLED" in MOVES[each.status]
        ]


def at(wish: Wish, resources: tuple[int, ...], start: int) -> Place:
    """P7, P9: the place that a wish would take."""
    end = start + wish.terms.duration * MINUTE
    blocked = start - wish.terms.before * MINUTE, end + wish.terms.after * MINUTE
    return Place(wish.service_id, resources, start, end, *blocked, wish.terms.capacity)


def most_apart(places: Iterable[Place]) -> int:
    """How many of them can take place beside each other."""
    best = 0
    for place in (found := list(places)):
        others = [each for each in found if not set(each.resources) & set(place.resources)]
        best = max(best, 1 + most_apart(others))
    return best


def local_day(second: float) -> int:
    """The date in New York, counted in days."""
    return int((second - MIDNIGHT) // DAY)


def opens(resource: int, second: float) -> int:
    """When a resource begins to work on the day of this second."""
    minute = OPENING + (LATE if resource == COMES_LATE else 0)
    return local_day(second) * DAY + MIDNIGHT + minute * MINUTE
