"""Whatever people do, in whatever order: the file says what an obvious model says, after every step.

The real operations on a real file; the clock stands still unless a step moves it.
"""

import json
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from msgspec import UNSET

from smoothbox.contract.bookings import BookingChange, Cancellation, NewBooking
from smoothbox.contract.holds import NewHold
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, bookings, holds, housekeeping, series
from tests.operations.machine_hands import ALL, Dice, Hands
from tests.operations.machine_model import (
    BLOCKING,
    DAY,
    MOVES,
    STAFF_AND_ROOMS,
    Booked,
    Held,
    Terms,
)
from tests.operations.machine_world import (
    JO,
    PLACE,
    SERVICES,
    VISIT,
    differences,
    edit,
    furnished,
    is_shown,
    iso,
    list_all,
    new_booking,
    second,
    set_time_off,
    times,
)

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


class Business(Hands):
    """One file and its model, through the same steps."""

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
        self.file.write(housekeeping.tidy, 30)
        assert set(self.model.live_holds()) == {row["id"] for row in self.rows("hold")}

    def restart(self, _: Dice) -> None:
        self.opened.close()
        self.file = self.open()

    # What must be so

    @invariant()
    def bookings_are_as_they_were_acknowledged(self) -> None:
        assert {row["id"]: row for row in self.rows("booking")} == self.said

    @invariant()
    def every_version_of_every_booking_was_told_and_every_hold_that_ended_by_itself(self) -> None:
        events = self.rows("event")
        assert [row["sequence"] for row in events] == [*range(1, len(events) + 1)]
        told: dict[int, set[int]] = {row["id"]: set() for row in self.rows("booking")}
        for row in events:
            if row["type"].startswith("booking."):
                shown = json.loads(row["body"])["data"]["object"]
                told[shown["id"]].add(shown["version"])
        assert told == {row["id"]: {*range(1, row["version"] + 1)} for row in self.rows("booking")}
        ended = [json.loads(row["body"])["data"]["object"]["id"] for row in events if row["type"] == "hold.expired"]
        assert len({*ended}) == len(ended)
        assert not {*ended} & {row["id"] for row in self.rows("hold")}

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
        if listed and party == 1 and not hold_id and not booking_id and resource is None:
            start = self.dice.choice(sorted(listed))[0]
            room = sum(left for (begin, _), (_, left) in listed.items() if begin == start)
            self.try_to_fill(wish, start, room)


BOUNDED: Final = settings(
    max_examples=70,
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_file_says_what_the_model_says(tmp_path: Path) -> None:
    template = furnished(tmp_path / "template")
    run_state_machine_as_test(lambda: Business(template), settings=BOUNDED)
