"""Whatever people do, in whatever order: the file says what an obvious model says, after every step.

The real operations on a real file; the clock stands still unless a step moves it.
"""

import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, currently_in_test_context, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import UNSET

from smoothbox.contract.bookings import BookingChange, Cancellation, NewBooking
from smoothbox.contract.holds import NewHold
from smoothbox.contract.services import ServiceChange
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, bookings, holds, housekeeping, series, services
from smoothbox.store.folder import DataFolder, Direct, open_tenant
from tests.box import StillClock
from tests.operations.machine_model import (
    ANN,
    BLOCKING,
    CYD,
    DAY,
    MIDNIGHT,
    MINUTE,
    MOVES,
    OPENING,
    STAFF_AND_ROOMS,
    Booked,
    Diary,
    Held,
    Place,
    Terms,
    Wish,
    local_day,
)
from tests.operations.machine_world import (
    BLUE,
    BOB,
    CLASS,
    CUT,
    JO,
    PAIR,
    PLACE,
    RED,
    SERVICES,
    TREATMENT,
    VISIT,
    WORKSHOP,
    Undone,
    as_row,
    book_many,
    differences,
    dump,
    edit,
    furnished,
    is_shown,
    iso,
    list_all,
    named_rows,
    new_booking,
    second,
    set_time_off,
    times,
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


ALWAYS: Final = {
    "book": 16,
    "book_series": 4,
    "hold": 8,
    "request": 2,
    "let_time_pass": 7,
    "edit_a_service": 3,
    "take_time_off": 2,
    "tidy": 1,
    "restart": 1,
}
WITH_HOLDS: Final = {"book_a_hold": 6, "release": 2}
WITH_BOOKINGS: Final = {"reschedule": 12, "move": 4, "stay_away": 4, "cancel": 3}

dices = st.integers(0, 2**64).map(Dice)


class Business(RuleBasedStateMachine):
    """One file and its model, through the same steps."""

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

    @initialize(dice=dices)
    def begin(self, dice: Dice) -> None:
        self.dice = dice

    # What people do

    @rule(dice=dices)
    def somebody_does_something(self, dice: Dice) -> None:
        """One of all that can be done now, by its weight."""
        dice = Dice(dice.number + len(self.said))  # for hypothesis likes to send the same number again
        possible = dict.fromkeys(ALWAYS, True) | dict.fromkeys(WITH_HOLDS, bool(self.model.holds))
        possible |= dict.fromkeys(WITH_BOOKINGS, any(each.place for each in self.model.bookings.values()))
        weights = {**ALWAYS, **WITH_HOLDS, **WITH_BOOKINGS}
        names = [name for name in weights if possible[name]]
        (name,) = dice.choices(names, [weights[each] for each in names])
        getattr(self, name)(dice)

    def book(self, dice: Dice) -> None:
        service_id, start = self.something(dice)
        self.book_at(start, service_id, dice.someone(self.able(service_id)), dice.party(self.seats(service_id)))

    def book_at(self, start: int, service_id: int, resource: int | None, party: int) -> None:
        wish = self.wish(service_id, party, resource)
        answer = self.attempt(bookings.book, new_booking(wish, start), 1)
        place = self.granted(answer, self.options(wish, start), wish, start)
        if place:
            self.note(answer.id, Booked(service_id, party, "SCHEDULED", place.terms, place))

    def book_series(self, dice: Dice) -> None:
        service_id, start = self.something(dice)
        wish = self.wish(service_id, dice.party(self.seats(service_id)), dice.someone(self.able(service_id)))
        interval, count = dice.choice(((1, 1), (1, 2), (1, 3), (2, 2), (1, 5)))
        starts = [start + number * interval * DAY for number in range(count)]
        answer = self.attempt(series.book, new_booking(wish, start), f"FREQ=DAILY;INTERVAL={interval};COUNT={count}")
        if isinstance(answer, Problem):
            refused = [each for each in starts if not self.options(wish, each)]
            assert refused, answer.details
            if "conflicts" in answer.details:
                assert [second(each["start_time"]) for each in answer.details["conflicts"]] == refused
            return
        first: tuple[int, ...] = ()
        for made, each in zip(answer.results, starts, strict=True):
            (place,) = [option for option in self.options(wish, each, first) if is_shown(option, made)]
            first = first or place.resources
            self.note(made.id, Booked(service_id, wish.party, "SCHEDULED", place.terms, place, series=answer.series_id))

    def hold(self, dice: Dice) -> None:
        service_id, start = self.something(dice)
        resource, party = dice.someone(self.able(service_id)), dice.party(self.seats(service_id))
        self.hold_at(start, service_id, resource, party, dice.owner(), dice.choice((1, 300, 1800, 1800)))

    def hold_at(self, start: int, service_id: int, resource: int | None, party: int, owner: int = 1, ttl: int = 300) -> None:
        wish = self.wish(service_id, party, resource)
        answer = self.attempt(holds.create, NewHold(service_id, iso(start), wish.resource, party, ttl), owner)
        place = self.granted(answer, self.options(wish, start), wish, start)
        if place:
            expires = second(answer.expires_at)
            assert ttl <= expires - self.clock.now() < ttl + 1
            self.model.holds[answer.id] = Held(owner, party, place, expires)

    def book_a_hold(self, dice: Dice) -> None:
        hold_id = self.some_hold(dice)
        held = self.model.holds[hold_id]
        owner = held.owner if dice.likely(80) else 3 - held.owner
        service_id = held.place.service_id + dice.likely(5)
        start = dice.choice((None, None, held.place.start, held.place.start, held.place.start + 1800))
        party = None if dice.likely(40) else dice.party(held.party)
        times = None if start is None else iso(start)
        new = NewBooking(service_id, times, dice.someone(held.place.resources), JO, party_size=party, hold_id=hold_id)
        self.book_held(new, hold_id, owner)

    def book_held(self, new: NewBooking, hold_id: int, owner: int) -> None:
        """He has what he held; another place he has if he could have it without the hold, which is given up for it."""
        held = self.model.holds[hold_id]
        start, party = second(new.start_time) if new.start_time else held.place.start, new.party_size or held.party
        is_his = hold_id in self.model.live_holds() and owner == held.owner
        is_there = (new.service_id, start) == (held.place.service_id, held.place.start)
        is_kept = is_there and new.resource_id in {None, *held.place.resources} and party <= held.party
        answer = self.attempt(bookings.book, new, owner)
        if not is_his or new.service_id == VISIT:
            assert isinstance(answer, Problem)
            assert answer.code == "validation_error"
            return
        del self.model.holds[hold_id]
        wish = self.wish(new.service_id, party, new.resource_id)
        place = held.place if is_kept else self.granted(answer, self.options(wish, start), wish, start)
        if place:
            self.note(answer.id, Booked(new.service_id, party, "SCHEDULED", place.terms, place))
        else:
            self.model.holds[hold_id] = held

    def release(self, dice: Dice) -> None:
        hold_id, owner = self.some_hold(dice), dice.owner()
        is_his = hold_id in self.model.live_holds() and owner == self.model.holds[hold_id].owner
        answer = self.attempt(holds.release, hold_id, owner)
        assert isinstance(answer, Problem) is not is_his
        if is_his:
            del self.model.holds[hold_id]

    def request(self, dice: Dice) -> None:
        """A visit is scheduled by hand."""
        terms, party, resource = self.model.services[VISIT].terms, dice.party(self.seats(VISIT)), dice.someone(self.able(VISIT))
        answer = self.attempt(bookings.book, NewBooking(VISIT, None, resource, JO, party_size=party), 1)
        assert isinstance(answer, Problem) is (party > terms.capacity or resource not in {None, *self.able(VISIT)})
        if not isinstance(answer, Problem):
            self.note(answer.id, Booked(VISIT, party, "PENDING", terms, wish=resource))

    def reschedule(self, dice: Dice) -> None:
        """To another time, another resource or both; at times with a move of its status."""
        booking_id = self.some_booking(dice)
        booked = self.model.bookings[booking_id]
        old = booked.place.start if booked.place else None
        able = self.able(booked.service_id)
        start, resource = (self.somewhen(dice), dice.someone(able)) if dice.likely(70) else (None, dice.choice(sorted(able)))
        status = None if dice.likely(85) else dice.choice(("CONFIRMED", "SCHEDULED", "NO_SHOW"))
        change = BookingChange(
            UNSET if start is None else iso(start),
            UNSET if resource is None else resource,
            UNSET if status is None else status,
        )
        if start in {None, old} and resource in {None, *booked.resources}:
            is_refused = status == "NO_SHOW" and (start, resource) != (None, None)
            self.expect_status(booking_id, change, status or booked.status, is_refused=is_refused)
        else:
            self.expect_move(booking_id, change, old if start is None else start, resource, status)

    def move(self, dice: Dice) -> None:
        legal = MOVES[self.model.bookings[booking_id := self.some_booking(dice)].status]
        status = dice.choice(legal if legal and dice.likely(80) else ALL)
        self.expect_status(booking_id, BookingChange(status=status), status)

    def stay_away(self, dice: Dice) -> None:
        """And perhaps come after all, when others may have taken the place."""
        booking_id = dice.choice([number for number, each in self.model.bookings.items() if each.place])
        self.expect_status(booking_id, BookingChange(status="NO_SHOW"), "NO_SHOW")
        booked = self.model.bookings[booking_id]
        for _ in range(dice.choice((0, 1, 1, 2))):
            self.book_at(booked.place.start, booked.service_id, dice.someone(self.able(booked.service_id)), 1)
        self.come_back(booking_id)

    def come_back(self, booking_id: int) -> None:
        self.expect_status(booking_id, BookingChange(status="CONFIRMED"), "CONFIRMED")

    def cancel(self, dice: Dice) -> None:
        booking_id = self.some_booking(dice)
        booked = self.model.bookings[booking_id]
        following = dice.likely(90 if booked.series else 10)
        answer = self.attempt(booking_changes.cancel, booking_id, Cancellation("ill", following))
        if booked.status not in {*BLOCKING, "PENDING", "CANCELLED"} or (following and not booked.series):
            assert isinstance(answer, Problem)
            return
        assert not isinstance(answer, Problem), answer.details
        for each in [booking_id, *(self.model.following(booking_id) if following else [])]:
            self.end(each)

    def let_time_pass(self, dice: Dice) -> None:
        self.clock.advance(dice.choice((0.5, 1, 299, 300, 300, 1800, 1800, 3600, 7200, DAY)))
        self.model.now = self.clock.now()

    def edit_a_service(self, dice: Dice) -> None:
        spans = dice.choice((30, 60, 75)), *dice.choice(((0, 0), (15, 0), (0, 30)))
        self.edit(dice.choice(sorted(SERVICES)), Terms(*spans, dice.choice((1, 2, 3))))

    def edit(self, service_id: int, terms: Terms) -> None:
        self.file.write(edit, service_id, terms)
        self.model.services[service_id] = self.model.services[service_id]._replace(terms=terms)

    def take_time_off(self, dice: Dice) -> None:
        start = self.somewhen(dice)
        self.be_away(dice.choice(STAFF_AND_ROOMS), start, start + dice.choice((900, 900, 3600, DAY)))

    def be_away(self, resource: int, start: int, end: int) -> None:
        self.model.time_off.append((resource, start, end))
        absences = {(begin, until) for who, begin, until in self.model.time_off if who == resource}
        self.file.write(set_time_off, resource, absences)

    def tidy(self, _: Dice) -> None:
        """What the server does now and then."""
        self.file.write(housekeeping.tidy)
        assert set(self.model.live_holds()) == {row["id"] for row in self.rows("hold")}

    def restart(self, _: Dice) -> None:
        self.opened.close()
        self.file = self.open()

    # What must be so

    @invariant()
    def bookings_are_as_they_were_acknowledged(self) -> None:
        assert {row["id"]: row for row in self.rows("booking")} == self.said

    @invariant()
    def exactly_what_blocks_occupies_exactly_its_resources(self) -> None:
        found = [
            (row["booking_id"], row["hold_id"], row["resource_id"], *(row[name] for name in PLACE), row["seats"])
            for row in self.rows("allocation WHERE active = 1")
            if row["booking_id"] or row["hold_id"] in self.model.live_holds()
        ]
        wanted = [
            (number, None, resource, *times(each.place), each.party)
            for number, each in self.model.bookings.items()
            if each.status in BLOCKING and each.place
            for resource in each.place.resources
        ]
        wanted += [
            (None, number, resource, *times(each.place), each.party)
            for number, each in self.model.live_holds().items()
            for resource in each.place.resources
        ]
        assert sorted(found, key=str) == sorted(wanted, key=str)

    @invariant()
    def nobody_is_at_two_places(self) -> None:
        taken = self.model.taken()
        for place, _ in taken:
            assert len(set(place.resources)) == len(place.resources)
            groups = self.model.services[place.service_id].groups
            assert all(each in group for each, group in zip(place.resources, groups, strict=True))
            assert sum(seats for other, seats in taken if other == place) <= place.capacity
            assert all(other == place or not place.meets(other) for other, _ in taken)

    @invariant()
    def what_is_listed_is_what_can_be_booked(self) -> None:
        service_id = self.dice.choice(sorted(SERVICES))
        party, resource = self.dice.choice([1, 1, 2, 3]), self.dice.choice([None, None, *STAFF_AND_ROOMS])
        live = sorted(self.model.live_holds())
        hold_id = self.dice.choice([0, 0, *live])
        moved = [0, 0, *sorted(number for number, each in self.model.bookings.items() if each.service_id == service_id)]
        booking_id = 0 if hold_id else self.dice.choice(moved)
        wish = self.wish(service_id, party, resource)._replace(own_hold=hold_id, own_booking=booking_id)
        if booking_id:
            wish = wish._replace(terms=self.model.bookings[booking_id].terms)
        owner = self.model.holds[hold_id].owner if hold_id else 1
        try:
            listed = self.file.read(list_all, wish, self.model.now, owner)
        except Problem as problem:
            is_known = resource is None or any(resource in group for group in self.model.services[service_id].groups)
            assert party > wish.terms.capacity or not is_known, problem.details
            return
        is_manual = self.model.services[service_id].is_manual and not booking_id
        expected = {} if is_manual else self.model.listed(wish)
        assert listed == expected, (wish, differences(listed, expected))
        self.try_some(wish, owner, {start: who for (start, _), (who, _) in listed.items()})
        if listed and not hold_id and not booking_id and resource is None:
            start = self.dice.choice(sorted(listed))[0]
            room = sum(left for (begin, _), (_, left) in listed.items() if begin == start)
            self.try_to_fill(wish._replace(party=1), start, room)

    # How it is done

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
        """So many people fit as are said to fit."""
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


BOUNDED: Final = settings(
    max_examples=100,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_file_says_what_the_model_says(tmp_path: Path) -> None:
    template = furnished(tmp_path / "template")
    run_state_machine_as_test(lambda: Business(template), settings=BOUNDED)


@pytest.fixture
def business(tmp_path: Path) -> Iterator[Business]:
    """A business for the stories that chance tells seldom."""
    opened = Business(furnished(tmp_path / "template"))
    yield opened
    opened.bookings_are_as_they_were_acknowledged()
    opened.exactly_what_blocks_occupies_exactly_its_resources()
    opened.nobody_is_at_two_places()
    opened.teardown()


def statuses(business: Business) -> list[str]:
    return [each.status for each in business.model.bookings.values()]


def test_who_comes_back_is_not_at_two_places(business: Business) -> None:
    """A workshop that was left is not joined again when its teacher now gives another one, in another room."""
    business.book_at(business.start(1, 0), WORKSHOP, BLUE, 1)
    business.expect_status(1, BookingChange(status="NO_SHOW"), "NO_SHOW")
    business.book_at(business.start(1, 0), WORKSHOP, RED, 1)
    business.come_back(1)
    assert statuses(business) == ["NO_SHOW", "SCHEDULED"]


def test_who_comes_back_finds_the_place_of_a_hold_that_is_over(business: Business) -> None:
    business.book_at(business.start(1, 0), CUT, ANN, 1)
    business.expect_status(1, BookingChange(status="NO_SHOW"), "NO_SHOW")
    business.hold_at(business.start(1, 0), CUT, ANN, 1)
    business.come_back(1)
    assert statuses(business) == ["NO_SHOW"]
    business.clock.advance(300)
    business.model.now = business.clock.now()
    business.come_back(1)
    assert statuses(business) == ["CONFIRMED"]


def test_a_session_runs_as_it_was_opened_though_its_service_is_for_one_now(business: Business) -> None:
    business.book_at(business.start(1, 0), CLASS, BOB, 1)
    business.edit(CLASS, Terms(30))
    business.book_at(business.start(1, 0), CLASS, BOB, 1)
    first, second = business.model.bookings.values()
    assert first.place == second.place


def test_nobody_joins_a_session_whose_room_is_closed_meanwhile(business: Business) -> None:
    start = business.start(1, 0)
    business.book_at(start, WORKSHOP, BLUE, 1)
    business.be_away(BLUE, start, start + 900)
    business.book_at(start, WORKSHOP, None, 1)
    business.book_at(start, WORKSHOP, BLUE, 1)
    assert statuses(business) == ["SCHEDULED"]  # the other teacher begins at another time


def test_who_books_less_than_he_held_gives_the_rest_back(business: Business) -> None:
    business.hold_at(business.start(1, 0), CLASS, BOB, 3)
    business.book_held(NewBooking(CLASS, customer_id=JO, party_size=1, hold_id=1), 1, 1)
    business.book_at(business.start(1, 0), CLASS, BOB, 2)
    assert statuses(business) == ["SCHEDULED", "SCHEDULED"]


def test_who_is_listed_can_be_asked_for_in_whichever_group(business: Business) -> None:
    """Bob could be the second of the two, when Cyd is away; the list says so, and the booking must do so."""
    groups = (ANN, BOB), (BOB, CYD)
    start = business.start(1, 0)
    business.file.write(services.change, TREATMENT, ServiceChange(resource_groups=groups))
    business.model.services[TREATMENT] = business.model.services[TREATMENT]._replace(groups=groups)
    business.be_away(CYD, start, start + DAY)
    listed = business.file.read(list_all, business.wish(TREATMENT, 1, None), business.model.now, 1)
    assert BOB in listed[start, start + 45 * MINUTE][0]
    business.book_at(start, TREATMENT, BOB, 1)
    assert statuses(business) == ["SCHEDULED"]
