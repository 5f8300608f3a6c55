"""The database itself keeps the active ranges of a resource apart, members of one session aside, whatever the program does."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smoothbox.store.connection import connect
from smoothbox.store.migrate import TENANT, migrate


class Taken(NamedTuple):
    """A row of the table but for its holder: an appointment, its buffers around it, and who sits in it."""

    resource_id: int = 7
    service_id: int = 1
    start_at: int = 10
    end_at: int = 20
    busy_start: int = 10
    busy_end: int = 20
    seats: int = 1
    capacity: int = 1
    active: int = 1

    @property
    def session(self) -> tuple[int, ...]:
        """What two rows have in common that may lie on each other."""
        return (*self[:6], self.capacity)


class Holder(NamedTuple):
    """The booking, or the hold, that a row belongs to."""

    kind: str
    number: int


ALONE = Taken()
CLASS = Taken(capacity=3)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("trigger") / "live.db"
    connection = connect(path, "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    yield connection
    connection.close()


@pytest.fixture
def empty(file: sqlite3.Connection) -> sqlite3.Connection:
    file.execute("DELETE FROM allocation")
    return file


def booking(number: int) -> Holder:
    return Holder("booking_id", number)


def hold(number: int) -> Holder:
    return Holder("hold_id", number)


def attempt(file: sqlite3.Connection, sql: str, parameters: Iterable[int]) -> bool:
    try:
        file.execute(sql, tuple(parameters))
    except sqlite3.IntegrityError as error:
        assert str(error) == "slot_unavailable"
        return False
    return True


def take(file: sqlite3.Connection, holder: Holder, taken: Taken) -> bool:
    sql = f"INSERT INTO allocation ({holder.kind}, {', '.join(taken._fields)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    return attempt(file, sql, (holder.number, *taken))


def move(file: sqlite3.Connection, holder: Holder, taken: Taken) -> bool:
    sql = f"UPDATE allocation SET {', '.join(f'{name} = ?' for name in taken._fields)} WHERE {holder.kind} = ?"
    return attempt(file, sql, (*taken, holder.number))


def stored(file: sqlite3.Connection) -> dict[Holder, Taken]:
    rows = file.execute(f"SELECT booking_id, hold_id, {', '.join(Taken._fields)} FROM allocation")
    return {booking(row[0]) if row[0] else hold(row[1]): Taken(*row[2:]) for row in rows}


def fits(new: Taken, others: Iterable[Taken]) -> bool:
    """The rule, slowly: whom it lies on are members of its session, and there is a seat for everybody."""
    company = [
        each
        for each in others
        if each.active
        and each.resource_id == new.resource_id
        and each.busy_start < new.busy_end
        and new.busy_start < each.busy_end
    ]
    is_one_session = all(each.session == new.session for each in company)
    return not new.active or (is_one_session and new.seats + sum(each.seats for each in company) <= new.capacity)


@pytest.mark.parametrize(
    ("start", "end", "is_free"),
    [
        (0, 10, True),
        (10, 20, False),
        (5, 11, False),
        (19, 30, False),
        (5, 30, False),
        (12, 13, False),
        (20, 30, True),
        (-50, 10, True),
    ],
)
def test_a_range_is_half_open(empty: sqlite3.Connection, start: int, end: int, is_free: bool) -> None:
    assert take(empty, booking(1), ALONE)
    assert take(empty, booking(2), ALONE._replace(busy_start=start, busy_end=end)) is is_free


def test_another_resource_is_free(empty: sqlite3.Connection) -> None:
    assert take(empty, booking(1), ALONE)
    assert take(empty, booking(2), ALONE._replace(resource_id=8))


def test_an_inactive_range_stands_in_nobodys_way_until_it_is_taken_again(empty: sqlite3.Connection) -> None:
    assert take(empty, booking(1), ALONE._replace(active=0))
    assert take(empty, booking(2), ALONE)
    assert not move(empty, booking(1), ALONE)


def test_a_hold_stands_in_the_way_of_a_booking_and_a_booking_in_that_of_a_hold(empty: sqlite3.Connection) -> None:
    assert take(empty, hold(1), ALONE)
    assert not take(empty, booking(1), ALONE)
    assert take(empty, booking(1), ALONE._replace(resource_id=8))
    assert not take(empty, hold(2), ALONE._replace(resource_id=8))


def test_a_session_takes_bookings_and_holds_up_to_its_capacity(empty: sqlite3.Connection) -> None:
    assert take(empty, booking(1), CLASS)
    assert take(empty, hold(1), CLASS)
    assert not take(empty, booking(2), CLASS._replace(seats=2))
    assert take(empty, booking(2), CLASS)
    assert not take(empty, hold(2), CLASS)


@pytest.mark.parametrize("difference", ["service_id", "start_at", "end_at", "busy_start", "busy_end", "capacity"])
def test_who_differs_in_anything_does_not_join_a_session(empty: sqlite3.Connection, difference: str) -> None:
    assert take(empty, booking(1), CLASS)
    for change in (-1, 1):
        other = CLASS._replace(**{difference: getattr(CLASS, difference) + change})
        assert not take(empty, booking(2), other)


def test_who_grows_in_a_session_finds_a_seat_or_stays_as_he_was(empty: sqlite3.Connection) -> None:
    assert take(empty, booking(1), CLASS)
    assert take(empty, booking(2), CLASS)
    assert move(empty, booking(1), CLASS._replace(seats=2))
    assert not move(empty, booking(2), CLASS._replace(seats=2))
    assert stored(empty) == {booking(1): CLASS._replace(seats=2), booking(2): CLASS}


def test_who_left_a_session_comes_back_while_there_is_a_seat(empty: sqlite3.Connection) -> None:
    for number in (1, 2, 3):
        assert take(empty, booking(number), CLASS)
    assert move(empty, booking(1), CLASS._replace(active=0))
    assert move(empty, booking(1), CLASS)
    assert move(empty, booking(1), CLASS._replace(active=0))
    assert take(empty, hold(1), CLASS)
    assert not move(empty, booking(1), CLASS)


def test_of_two_resources_that_are_taken_again_one_that_is_gone_keeps_both_away(empty: sqlite3.Connection) -> None:
    for resource_id in (7, 8):
        assert take(empty, booking(1), ALONE._replace(resource_id=resource_id, active=0))
    assert take(empty, booking(2), ALONE._replace(resource_id=8))
    assert not attempt(empty, "UPDATE allocation SET active = 1 WHERE booking_id = ?", (1,))
    assert empty.execute("SELECT sum(active) FROM allocation WHERE booking_id = 1").fetchone() == (0,)


@pytest.mark.parametrize(
    "nonsense",
    [
        "UPDATE allocation SET seats = 4",
        "UPDATE allocation SET seats = 0",
        "UPDATE allocation SET busy_end = busy_start",
        "UPDATE allocation SET active = 2",
        "UPDATE allocation SET hold_id = 1",
        "UPDATE allocation SET booking_id = NULL",
    ],
)
def test_a_row_has_one_holder_and_a_seat_within_the_session(empty: sqlite3.Connection, nonsense: str) -> None:
    assert take(empty, booking(1), CLASS)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        empty.execute(nonsense)


holders = st.builds(Holder, st.sampled_from(["booking_id", "hold_id"]), st.integers(1, 8))


@st.composite
def takings(draw: st.DrawFn) -> Taken:
    """From a small world, so that many meet; times of a session are drawn as often as odd ones."""
    start = draw(st.sampled_from([0, 10, 20, 30]) | st.integers(0, 40))
    end = start + draw(st.sampled_from([10, 10, 5, 15, 1]))
    before, after = draw(st.sampled_from([(0, 0), (0, 0), (5, 0), (0, 5), (3, 7)]))
    capacity = draw(st.sampled_from([1, 3, 3, 4]))
    return Taken(
        draw(st.integers(1, 2)),
        draw(st.sampled_from([1, 1, 1, 2])),
        *(start, end, start - before, end + after),
        draw(st.integers(1, capacity)),
        capacity,
        draw(st.sampled_from([1, 1, 1, 0])),
    )


steps = st.lists(
    st.tuples(st.sampled_from(["put", "put", "seats", "active", "delete"]), holders, takings()), min_size=10, max_size=60
)


def wanted(step: str, before: Taken | None, drawn: Taken) -> Taken:
    """The row as the step would make it: all of it new, or one thing of it changed."""
    if before is None or step == "put":
        return drawn
    if step == "seats":
        return before._replace(seats=min(drawn.seats, before.capacity))
    return before._replace(active=1 - before.active)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_it_agrees_with_a_model_on_any_sequence_of_takes_and_moves(
    empty: sqlite3.Connection, sequence: list[tuple[str, Holder, Taken]]
) -> None:
    empty.execute("DELETE FROM allocation")
    model: dict[Holder, Taken] = {}
    for step, holder, drawn in sequence:
        before = model.pop(holder, None)
        if step == "delete":
            empty.execute(f"DELETE FROM allocation WHERE {holder.kind} = ?", (holder.number,))
            continue
        new = wanted(step, before, drawn)
        is_free = fits(new, model.values())
        assert (move if before else take)(empty, holder, new) is is_free
        if is_free or before:
            model[holder] = new if is_free else before or new
    assert stored(empty) == model
