"""A booking moves between its states as the contract says, and a late cancellation is known as one."""

from typing import get_args

import pytest

from smoothbox.scheduling.lifecycle import BLOCKING, STATUSES, Status, is_late, may_change_time, moves_from

from .notation import at

# from (rows) to (columns): x is a move that the contract allows
MATRIX = """
             PENDING  SCHEDULED  CONFIRMED  COMPLETED  CANCELLED  NO_SHOW
PENDING         .         .          .          .          x         .
SCHEDULED       .         .          x          x          x         x
CONFIRMED       .         .          .          x          x         x
COMPLETED       .         .          .          .          .         .
CANCELLED       .         .          .          .          .         .
NO_SHOW         .         .          x          .          .         .
"""
_HEAD, *_ROWS = [line.split() for line in MATRIX.strip().splitlines()]
MOVES = [(row[0], to, mark == "x") for row in _ROWS for to, mark in zip(_HEAD, row[1:], strict=True)]
NINE = at("2027-03-14T09:00-04:00")


def test_the_matrix_names_every_state_and_no_other() -> None:
    assert set(_HEAD) == {row[0] for row in _ROWS} == set(STATUSES) == set(get_args(Status))
    assert len(MOVES) == len(STATUSES) ** 2


@pytest.mark.parametrize(("before", "after", "allowed"), MOVES)
def test_it_allows_a_move_exactly_where_the_contract_does(before: Status, after: Status, allowed: bool) -> None:
    assert (after in moves_from(before)) is allowed


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED"])
def test_completed_and_cancelled_are_final(status: Status) -> None:
    assert moves_from(status) == frozenset()
    assert not may_change_time(status)


def test_scheduled_and_confirmed_bookings_block_and_no_others() -> None:
    assert {"SCHEDULED", "CONFIRMED"} == BLOCKING


@pytest.mark.parametrize("status", ["SCHEDULED", "CONFIRMED"])
def test_a_booking_that_is_still_to_come_can_be_rescheduled(status: Status) -> None:
    assert may_change_time(status)


def test_a_booking_that_was_missed_cannot_be_rescheduled() -> None:
    assert not may_change_time("NO_SHOW")


@pytest.mark.parametrize(
    ("now", "window_hours", "late"),
    [
        ("2027-03-12T09:00-05:00", 24, False),
        ("2027-03-13T07:59:59-05:00", 24, False),
        ("2027-03-13T08:00-05:00", 24, False),  # the night is an hour short: 24 elapsed hours before 09:00
        ("2027-03-13T08:00:01-05:00", 24, True),
        ("2027-03-14T08:59-04:00", 24, True),
        ("2027-03-14T08:00-04:00", 1, False),
        ("2027-03-14T08:00:01-04:00", 1, True),
        ("2027-03-14T09:30-04:00", 1, True),
        ("2027-03-14T08:59:59-04:00", 0, False),
        ("2027-03-14T09:30-04:00", 0, False),
    ],
)
def test_a_cancellation_is_late_within_the_window_before_the_start(now: str, window_hours: int, late: bool) -> None:
    assert is_late(NINE, at(now), window_hours) is late


def test_a_fraction_of_a_second_is_enough_to_be_late() -> None:
    assert not is_late(NINE, NINE - 3600.0, 1)
    assert is_late(NINE, NINE - 3599.5, 1)
