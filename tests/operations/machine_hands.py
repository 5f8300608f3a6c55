"""How the machine does what it does: chance, one file and its model, and what must be so after a single verb."""

import subprocess
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import currently_in_test_context, note
from hypothesis.stateful import RuleBasedStateMachine

from smoothbox.contract.bookings import BookingChange
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, bookings
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_tenant
from tests.box import StillClock
from tests.operations.machine_model import (
    BLOCKING,
    DAY,
    MIDNIGHT,
    MINUTE,
    MOVES,
    OPENING,
    STAFF_AND_ROOMS,
    Booked,
    Diary,
    Place,
    Wish,
    local_day,
)
from tests.operations.machine_world import (
    CLASS,
    CUT,
    PAIR,
    SERVICES,
    TREATMENT,
    VISIT,
    WORKSHOP,
    Undone,
    as_row,
    book_many,
    dump,
    is_shown,
    iso,
    named_rows,
    new_booking,
    second,
    trial,
)

ALL: Final = ("SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW")
REFUSALS: Final = frozenset({"slot_unavailable", "in_past", "too_far_ahead", "outside_availability", "not_on_slot_grid"})
FAILURES: Final = REFUSALS | {"validation_error", "resource_not_eligible"}

STARTS: Final = (0, 0, 30, 30, 60, 60, 90, 90, 120, 15, 45, 75, 105, -30, 150, 10)  # minutes after opening
DAYS: Final = (0, 1, 1, 1, 1, 1, 2, 2, 3, 4)
WANTED: Final = (CUT, CUT, CLASS, CLASS, TREATMENT, PAIR, WORKSHOP, WORKSHOP)


class Dice(Random):
    """All that is left to chance in one step, from one number: hypothesis's own draws repeat themselves too much."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __repr__(self) -> str:
        return f"Dice({self.number})"

    def likely(self, percent: int) -> bool:
        return self.random() * 100 < percent

    def party(self, most: int) -> int:
        """Mostly no more than there are seats."""
        return self.randint(1, most) if self.likely(95) else most + 1

    def owner(self) -> int:
        return self.choice((1, 1, 1, 2))

    def someone(self, able: Iterable[int]) -> int | None:
        """Mostly anybody who is able."""
        if self.likely(65):
            return None
        return self.choice(sorted(able) if self.likely(90) else STAFF_AND_ROOMS)


class Hands(RuleBasedStateMachine):
    """One file and its model; the rules stand in test_machine.py."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.stack, self.opened = ExitStack(), ExitStack()
        self.folder = DataFolder(Path(self.stack.enter_context(TemporaryDirectory())) / "data")
        # by another process: this one must never open a database file but through SQLite
        subprocess.run(["cp", "-R", str(template), str(self.folder.root)], check=True)
        self.clock = StillClock()
        self.model = Diary(dict(SERVICES), self.clock.now())
        self.said: dict[int, dict[str, Any]] = {}
        self.file = self.open()

    def open(self) -> Direct:
        return self.opened.enter_context(open_tenant(self.folder, "acme", "live", self.clock))

    def teardown(self) -> None:
        self.opened.close()
        self.stack.close()

    def try_some(self, wish: Wish, owner: int, listed: dict[int, set[int]]) -> None:
        """Book some of the starts that are listed and some of those that are not."""
        if wish.own_booking or self.model.services[wish.service_id].is_manual:
            return
        for start in self.dice.sample(sorted(listed), min(2, len(listed))):
            for resource in [None, *self.dice.sample(sorted(listed[start]), 1)]:
                asked = wish if wish.resource else wish._replace(resource=resource)
                assert self.can_book(asked, start, owner), (asked, iso(start))
        own = {self.model.holds[wish.own_hold].place.start} if wish.own_hold else set()  # his whatever came between
        unlisted = sorted(set(self.model.starts()) - set(listed) - own)
        for start in self.dice.sample(unlisted, 2):
            assert not self.can_book(wish, start, owner), (wish, iso(start))

    def try_to_fill(self, wish: Wish, start: int, room: int) -> None:
        """So many people fit as are said to fit; the list for a larger party leaves out sessions with fewer seats."""
        for count, fits in ((room, True), (room + 1, False)):
            assert self.succeeds(book_many, new_booking(wish, start), count) is fits, (wish, iso(start), count)

    def can_book(self, wish: Wish, start: int, owner: int) -> bool:
        return self.succeeds(bookings.book, new_booking(wish, start), owner)

    def succeeds(self, verb: Callable[..., Any], *args: Any) -> bool:
        """Whether it would be done; it is not."""
        try:
            self.file.write(trial, verb, *args)
        except Undone:
            return True
        except Problem as problem:
            assert problem.code in FAILURES
            return False
        raise AssertionError("nothing was done at all")

    def attempt(self, verb: Callable[..., Any], *args: Any) -> Any:
        """What a verb answers: its result, or the refusal, which must not have changed anything."""
        if currently_in_test_context():
            note(f"    {verb.__module__}.{verb.__name__}{args}")
        before = self.file.read(dump)
        try:
            return self.file.write(verb, *args)
        except Problem as problem:
            assert self.file.read(dump) == before
            return problem

    def granted(self, answer: Any, options: list[Place], wish: Wish, start: int) -> Place | None:
        """The place that was given, one of the options; or None when there was none and that was said."""
        if isinstance(answer, Problem):
            assert not options, (answer.code, answer.details)
            assert answer.code in FAILURES
            if answer.code == "slot_unavailable":
                self.check_alternatives(answer, wish, start)
            return None
        (place,) = [each for each in options if is_shown(each, answer)]
        assert wish.resource is not None or place == self.model.least_busy(options)
        return place

    def check_alternatives(self, refusal: Problem, wish: Wish, start: int) -> None:
        """The three next starts at which it would not have been refused."""
        is_manual = self.model.services[wish.service_id].is_manual and not wish.own_booking
        free = set() if is_manual else {begin for begin, _ in self.model.listed(wish) if begin >= start}
        assert [second(each) for each in refusal.details["next_available"]] == sorted(free)[:3]

    def expect_move(
        self, booking_id: int, change: BookingChange, start: int | None, resource: int | None, status: str | None
    ) -> None:
        """A booking takes another place, or stays as it is."""
        booked = self.model.bookings[booking_id]
        wish = Wish(booked.service_id, booked.terms, booked.party, resource, own_booking=booking_id)
        options = [] if start is None else self.model.places(wish, start, booked.resources)
        now = "SCHEDULED" if booked.status == "PENDING" else booked.status
        may_move = now in BLOCKING and start is not None
        may_go_on = status in {None, now} or (status in MOVES[now] and status in BLOCKING)
        answer = self.attempt(booking_changes.change, booking_id, change)
        if isinstance(answer, Problem):
            assert not (options and may_move and may_go_on), (answer.code, answer.details)
            if answer.code == "slot_unavailable" and start is not None:
                self.check_alternatives(answer, wish, start)
            return
        assert (may_move, may_go_on) == (True, True)
        (place,) = [each for each in options if is_shown(each, answer)]
        has_moved = booked.place and booked.place.start != start
        previous = booked.place.start if has_moved else booked.previous
        after = Booked(booked.service_id, booked.party, status or now, place.terms, place, None, booked.series, previous)
        self.note(booking_id, after)

    def expect_status(self, booking_id: int, change: BookingChange, status: str, *, is_refused: bool = False) -> None:
        booked = self.model.bookings[booking_id]
        is_legal = status == booked.status or status in MOVES[booked.status]
        if booked.status == "NO_SHOW" and status in BLOCKING:
            is_legal = is_legal and self.model.can_come_back(booking_id)
        answer = self.attempt(booking_changes.change, booking_id, change)
        if isinstance(answer, Problem):
            assert is_refused or not is_legal, (answer.code, answer.details)
            return
        assert is_legal
        assert not is_refused
        if status == "CANCELLED":
            self.end(booking_id)
        elif status != booked.status:
            booked.status = status
            self.note(booking_id, booked)

    def end(self, booking_id: int) -> None:
        booked = self.model.bookings[booking_id]
        if booked.status != "CANCELLED":
            booked.status = "CANCELLED"
            self.note(booking_id, booked)
            late = bool(booked.place and self.clock.now() > booked.place.start - DAY)
            assert self.said[booking_id]["late_cancellation"] == late

    def note(self, booking_id: int, booked: Booked) -> None:
        """A booking has changed by its own verb: this is how it is now, and how it stays."""
        before = self.said.get(booking_id)
        (row,) = self.rows(f"booking WHERE id = {booking_id}")
        assert row["version"] == (before["version"] if before else 0) + 1
        shown = as_row(booked)
        assert {name: row[name] for name in shown} == shown
        self.model.bookings[booking_id] = booked
        self.said[booking_id] = row

    def rows(self, source: str) -> list[dict[str, Any]]:
        return self.file.read(named_rows, f"SELECT * FROM {source}")

    def something(self, dice: Dice) -> tuple[int, int]:
        """A service and a start: anything, or at times the same as somebody else."""
        places = [place for place, _ in self.model.taken()]
        if places and dice.likely(30):
            place = dice.choice(sorted(places))
            return place.service_id, place.start
        return VISIT if dice.likely(2) else dice.choice(WANTED), self.somewhen(dice)

    def somewhen(self, dice: Dice) -> int:
        return self.start(dice.choice(DAYS), dice.choice(STARTS))

    def some_booking(self, dice: Dice) -> int:
        """Mostly one that is alive."""
        alive = [booking_id for booking_id, each in self.model.bookings.items() if MOVES[each.status]]
        return dice.choice(alive if alive and dice.likely(90) else sorted(self.model.bookings))

    def some_hold(self, dice: Dice) -> int:
        """Mostly a live one."""
        live = sorted(self.model.live_holds())
        return dice.choice(live if live and dice.likely(90) else sorted(self.model.holds))

    def seats(self, service_id: int) -> int:
        return self.model.services[service_id].terms.capacity

    def able(self, service_id: int) -> set[int]:
        return {each for group in self.model.services[service_id].groups for each in group}

    def start(self, day: int, minute: int) -> int:
        """A minute after opening, some days from today."""
        return (local_day(self.clock.now()) + day) * DAY + MIDNIGHT + (OPENING + minute) * MINUTE

    def wish(self, service_id: int, party: int, resource: int | None) -> Wish:
        return Wish(service_id, self.model.services[service_id].terms, party, resource)

    def options(self, wish: Wish, start: int, before: Collection[int] = ()) -> list[Place]:
        """Of a new booking or hold, which is of no larger party than the service takes today."""
        is_out = self.model.services[wish.service_id].is_manual or wish.party > wish.terms.capacity
        return [] if is_out else self.model.places(wish, start, before)
