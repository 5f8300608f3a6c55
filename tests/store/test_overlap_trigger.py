"""The database itself refuses two active ranges of one resource that overlap, whatever the program does."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smoothbox.store.connection import connect
from smoothbox.store.migrate import TENANT, migrate

BOOKING = (
    "INSERT INTO booking (id, status, service_id, service_name, resource_name, customer_id, customer_name, search_key,"
    " start_at, end_at, duration, buffer_before, buffer_after, party_size, notes, internal_notes, source, metadata,"
    " created_at, updated_at)"
    " VALUES (?, 'SCHEDULED', 1, '', '', 1, '', '', 0, 1, 1, 0, 0, 1, '', '', '', '{}', '', '')"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("trigger") / "live.db"
    connection = connect(path, "create", journal=TENANT.journal)
    migrate(connection, TENANT, 0.0)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    for number in range(1, 60):
        connection.execute(BOOKING, (number,))
    yield connection
    connection.close()


def take(file: sqlite3.Connection, number: int, resource: int, start: int, end: int, active: int = 1) -> bool:
    try:
        file.execute(
            "INSERT INTO allocation (booking_id, resource_id, busy_start, busy_end, active) VALUES (?, ?, ?, ?, ?)",
            (number, resource, start, end, active),
        )
    except sqlite3.IntegrityError as error:
        assert str(error) == "slot_unavailable"
        return False
    return True


def move(file: sqlite3.Connection, number: int, start: int, end: int, active: int) -> bool:
    try:
        file.execute(
            "UPDATE allocation SET busy_start = ?, busy_end = ?, active = ? WHERE booking_id = ?", (start, end, active, number)
        )
    except sqlite3.IntegrityError as error:
        assert str(error) == "slot_unavailable"
        return False
    return True


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
def test_a_range_is_half_open(file: sqlite3.Connection, start: int, end: int, is_free: bool) -> None:
    file.execute("DELETE FROM allocation")
    assert take(file, 1, 7, 10, 20)
    assert take(file, 2, 7, start, end) is is_free


def test_another_resource_is_free(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM allocation")
    assert take(file, 1, 7, 10, 20)
    assert take(file, 2, 8, 10, 20)


def test_an_inactive_range_stands_in_nobodys_way_until_it_is_taken_again(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM allocation")
    assert take(file, 1, 7, 10, 20, active=0)
    assert take(file, 2, 7, 10, 20)
    assert not move(file, 1, 10, 20, active=1)


steps = st.lists(
    st.tuples(st.integers(1, 50), st.integers(1, 2), st.integers(0, 60), st.integers(1, 15), st.integers(0, 1), st.booleans()),
    max_size=60,
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_it_agrees_with_a_model_on_any_sequence_of_takes_and_moves(file: sqlite3.Connection, sequence: list) -> None:
    file.execute("DELETE FROM allocation")
    model: dict[int, tuple[int, int, int, int]] = {}
    for number, resource, start, length, active, moves in sequence:
        end = start + length
        if moves and number in model:
            resource = model[number][0]
            changed = move(file, number, start, end, active)
        elif number not in model:
            changed = take(file, number, resource, start, end, active)
        else:
            continue
        others = [place for other, place in model.items() if other != number]
        clash = active and any(r == resource and a and s < end and start < e for r, s, e, a in others)
        assert changed is not bool(clash)
        if changed:
            model[number] = (resource, start, end, active)
