"""A start that cannot be booked is refused for the first rule that forbids it."""

from dataclasses import replace
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from smoothbox.scheduling.availability import Diary, Session
from smoothbox.scheduling.hours import whole_days
from smoothbox.scheduling.intervals import Interval, meet
from smoothbox.scheduling.verdicts import Reason, judge, judge_companion, most_hopeful

from .notation import NOW, at, dates, hours, span, terms

UTC = ZoneInfo("UTC")
DIARY = Diary(
    hours("UTC", "Mon-Fri 09-12 12-17; Sun 10-12", {"2027-01-07": "13-15"}),
    closed=whole_days(dates("2027-01-08"), UTC),
    time_off=[span("2027-01-05T09:00Z/10:00Z"), span("2027-01-06T16:00Z/16:00Z")],
    busy=[
        *(span("2027-01-05T14:00Z/15:00Z"), span("2027-01-06T15:45Z/17:00Z")),
        *(span("2027-01-06T10:30Z/11:35Z"), span("2027-01-06T13:00Z/14:15Z")),
    ],
    held=[span("2027-01-07T12:45Z/13:30Z")],
    sessions=[Session(*span("2027-01-06T10:30Z/11:20Z"), left=2), Session(*span("2027-01-06T13:00Z/14:00Z"), left=0)],
)
TERMS = terms("60/60", buffers=(0, 15), notice=120, advance=7)

# the start, and why not; the clock stands at Monday 2027-01-04 12:00
VERDICTS = [
    ("2027-01-04T14:00Z", None),  # exactly two hours' notice
    ("2027-01-05T10:00Z", None),  # touches the time off
    ("2027-01-05T11:00Z", None),  # ends where two intervals touch
    ("2027-01-05T12:00Z", None),
    ("2027-01-05T15:00Z", None),  # touches the booking
    ("2027-01-05T16:00Z", None),  # ends at closing, its buffer after
    ("2027-01-07T14:00Z", None),  # hours of an exception
    ("2027-01-11T16:00Z", None),  # the last bookable date
    ("2027-01-04T11:59:59Z", "in_past"),
    ("2027-01-03T10:00Z", "in_past"),
    ("2020-01-06T03:33Z", "in_past"),  # before it is anything else
    ("2027-01-04T12:00Z", "too_soon"),
    ("2027-01-04T13:59:59Z", "too_soon"),
    ("2027-01-04T13:00Z", "too_soon"),
    ("2027-01-12T00:00Z", "too_far_ahead"),  # shut as well
    ("2027-01-12T09:00Z", "too_far_ahead"),
    ("2027-01-05T08:00Z", "outside_availability"),
    ("2027-01-05T16:01Z", "outside_availability"),  # would end after closing
    ("2027-01-05T17:00Z", "outside_availability"),
    ("2027-01-09T10:00Z", "outside_availability"),  # Saturday
    ("2027-01-07T12:00Z", "outside_availability"),  # the exception replaces the week
    ("2027-01-08T10:00Z", "outside_availability"),  # closed
    ("2027-01-08T10:10Z", "outside_availability"),  # closed, before it is off the grid
    ("2027-01-05T10:30Z", "not_on_slot_grid"),
    ("2027-01-05T11:30Z", "not_on_slot_grid"),  # across two intervals
    ("2027-01-05T15:00:01Z", "not_on_slot_grid"),
    ("2027-01-05T09:30Z", "not_on_slot_grid"),  # before it is in time off
    ("2027-01-05T14:30Z", "not_on_slot_grid"),  # before it is booked
    ("2027-01-05T09:00Z", "time_off"),
    ("2027-01-05T14:00Z", "booking"),
    ("2027-01-05T13:00Z", "booking"),  # only its buffer is in the way
    ("2027-01-06T16:00Z", "booking"),  # time off of no length is none
    ("2027-01-06T15:00Z", "booking"),
    ("2027-01-06T10:30Z", None),  # off the grid, but a session starts then
    ("2027-01-06T10:31Z", "not_on_slot_grid"),  # a session cannot be joined late
    ("2027-01-06T10:00Z", "booking"),  # would run into the session
    ("2027-01-06T13:00Z", "capacity"),  # the session is full
    ("2027-01-07T13:00Z", "hold"),
]


@pytest.mark.parametrize(("start", "reason"), VERDICTS)
def test_it_names_the_first_rule_that_forbids_a_start(start: str, reason: Reason | None) -> None:
    assert judge(DIARY, TERMS, at(start), at(NOW), UTC) == reason


def test_the_table_of_verdicts_knows_every_reason() -> None:
    assert {reason for _, reason in VERDICTS} == {None, *get_args(Reason)}


@pytest.mark.parametrize(
    ("time_off", "reason"),
    [
        ("2027-01-05T14:59:59Z/16:00Z", "time_off"),
        ("2027-01-05T15:00Z/16:00Z", "booking"),
        ("2027-01-05T13:00Z/14:00:01Z", "time_off"),
        ("2027-01-05T13:00Z/14:00Z", "booking"),
    ],
)
def test_time_off_is_named_before_a_booking_at_the_same_time(time_off: str, reason: Reason) -> None:
    both = replace(DIARY, time_off=[*DIARY.time_off, span(time_off)])
    assert judge(both, TERMS, at("2027-01-05T14:00Z"), at(NOW), UTC) == reason


def test_the_grid_of_an_interval_does_not_reach_back_before_its_opening() -> None:
    touching = Diary(hours("UTC", "daily 09-10:30 10:30-12"))
    long = terms("90/60")  # from 09:30 it would run past 10:30, an hour later
    assert judge(touching, long, at("2027-01-05T09:30Z"), at(NOW), UTC) == "not_on_slot_grid"
    assert judge(touching, long, at("2027-01-05T10:30Z"), at(NOW), UTC) is None


def test_a_start_a_fraction_of_a_second_ago_is_past() -> None:
    at_once = replace(TERMS, min_notice=0)
    assert judge(DIARY, at_once, at(NOW), at(NOW), UTC) is None
    assert judge(DIARY, at_once, at(NOW), at(NOW) + 0.25, UTC) == "in_past"


def test_the_last_bookable_date_is_judged_in_the_zone_of_the_business() -> None:
    start = at("2027-01-11T16:00Z")
    assert judge(DIARY, TERMS, start, at(NOW), UTC) is None
    assert judge(DIARY, TERMS, start, at(NOW), ZoneInfo("Asia/Tokyo")) == "too_far_ahead"


def test_the_client_hears_of_the_resource_that_came_closest() -> None:
    from_least_to_most: tuple[Reason, ...] = (
        *("in_past", "too_far_ahead", "too_soon", "outside_availability"),
        *("not_on_slot_grid", "time_off", "booking", "hold", "capacity"),
    )
    assert set(from_least_to_most) == set(get_args(Reason))
    for less, more in pairwise(from_least_to_most):
        assert most_hopeful([less, more, less]) == most_hopeful([more, less]) == more


@pytest.mark.parametrize(
    ("busy", "held", "reason"),
    [
        ("2027-01-05T10:59Z/11:00Z", "2027-01-05T12:15Z/12:30Z", None),
        ("2027-01-05T10:59Z/11:01Z", "2027-01-05T12:15Z/12:30Z", "booking"),
        ("2027-01-05T10:59Z/11:00Z", "2027-01-05T12:14Z/12:30Z", "hold"),
        ("2027-01-05T10:59Z/11:01Z", "2027-01-05T12:14Z/12:30Z", "booking"),
    ],
)
def test_a_hold_is_named_only_where_it_stands_alone_in_the_way(busy: str, held: str, reason: Reason | None) -> None:
    diary = Diary(DIARY.hours, busy=[span(busy)], held=[span(held)])
    assert judge(diary, TERMS, at("2027-01-05T11:00Z"), at(NOW), UTC) == reason


# a resource of another than the first group, and why it cannot take an hour and a quarter of buffer from this start
COMPANION_VERDICTS = [
    ("2027-01-05T10:00Z", None),
    ("2027-01-05T10:07Z", None),  # it has no grid
    ("2027-01-05T11:30Z", None),  # across two intervals
    ("2027-01-05T16:00Z", None),  # ends at closing, its buffer after
    ("2020-01-07T10:00Z", None),  # the first group's resource was judged by the clock
    ("2027-01-05T08:59Z", "outside_availability"),
    ("2027-01-05T16:01Z", "outside_availability"),
    ("2027-01-08T10:00Z", "outside_availability"),  # closed
    ("2027-01-05T09:59Z", "time_off"),
    ("2027-01-05T13:00Z", "booking"),  # only its buffer is in the way
    ("2027-01-06T10:30Z", "booking"),  # its sessions are bookings to others
    ("2027-01-07T13:29Z", "hold"),
    ("2027-01-07T13:30Z", None),
]


@pytest.mark.parametrize(("start", "reason"), COMPANION_VERDICTS)
def test_a_companion_needs_only_to_be_open_and_free(start: str, reason: Reason | None) -> None:
    assert judge_companion(DIARY, TERMS, at(start)) == reason


@pytest.mark.parametrize(("start", "window"), [(9, (10, 10)), (10, (10, 11)), (19, (19, 20)), (20, (20, 20)), (30, (30, 20))])
def test_one_start_is_a_window_of_one_second_within_the_bounds(start: int, window: tuple[int, int]) -> None:
    assert meet(Interval(10, 20), Interval(start, start + 1)) == window
