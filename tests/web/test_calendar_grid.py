"""A day as a grid: everything stands where it happens, on days of any length."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from smoothbox.operations.days import Absence, Plan, Presence, Visit
from smoothbox.scheduling.hours import days_window
from smoothbox.scheduling.intervals import Interval
from smoothbox.web.console.calendar_grid import Grid, day_grid

NEW_YORK = "America/New_York"
HOUR = 3600


def grid_of(day: date, *visits: Visit, open_hours: tuple[int, int] = (9, 17), away: tuple[Absence, ...] = ()) -> Grid:
    window = days_window(day, day, ZoneInfo(NEW_YORK))
    opening = [Interval(window.start + open_hours[0] * HOUR, window.start + open_hours[1] * HOUR)]
    ann = Presence(1, "Ann", "STAFF", opening if open_hours[1] else [], away)
    return day_grid(Plan(NEW_YORK, day, day, window, [ann], visits, is_cut=False), window, [ann])


def visit(number: int, start: int, minutes: int, *, day: date = date(2027, 1, 5), capacity: int = 1, service: int = 1) -> Visit:
    second = days_window(day, day, ZoneInfo(NEW_YORK)).start + start * 60
    return Visit(number, "SCHEDULED", second, second + minutes * 60, service, "Cut", f"Jane {number}", (1,), 1, capacity)


def places(grid: Grid) -> list[tuple[int, int, int, int]]:
    return [(each.row, each.rows, each.lane, each.lanes) for each in grid.columns[0].blocks]


def test_the_grid_runs_from_the_first_hour_to_the_last() -> None:
    grid = grid_of(date(2027, 1, 5))
    assert [each.text for each in grid.ticks] == [f"{hour:02}:00" for hour in range(9, 17)]
    assert (grid.rows, grid.ticks[1].row) == (32, 5)


def test_a_visit_outside_the_hours_stretches_it() -> None:
    grid = grid_of(date(2027, 1, 5), visit(1, 6 * 60 + 30, 30), visit(2, 20 * 60, 45))
    assert (grid.ticks[0].text, grid.ticks[-1].text) == ("06:00", "20:00")


def test_a_visit_covers_the_quarters_that_it_touches() -> None:
    assert places(grid_of(date(2027, 1, 5), visit(1, 10 * 60 + 20, 20))) == [(6, 2, 1, 1)]


def test_those_in_one_session_share_a_block_and_others_stand_side_by_side() -> None:
    together = [visit(number, 600, 60, capacity=5) for number in (1, 2, 3)]
    grid = grid_of(date(2027, 1, 5), *together, visit(4, 600, 60, service=2), visit(5, 630, 60, service=2))
    assert [len(each.visits) for each in grid.columns[0].blocks] == [1, 3, 1]
    assert {(each.lane, each.lanes) for each in grid.columns[0].blocks} == {(1, 3), (2, 3), (3, 3)}


def test_who_follows_does_not_share() -> None:
    assert places(grid_of(date(2027, 1, 5), visit(1, 600, 60), visit(2, 660, 60))) == [(5, 4, 1, 1), (9, 4, 1, 1)]


def test_however_many_meet_there_are_at_most_four_lanes() -> None:
    grid = grid_of(date(2027, 1, 5), *[visit(number, 600, 60) for number in range(9)])
    assert {each.lanes for each in grid.columns[0].blocks} == {4}
    assert {each.lane for each in grid.columns[0].blocks} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("day", "ticks"),
    [
        (date(2027, 3, 14), ["00:00", "01:00", "03:00", "04:00"]),
        (date(2027, 11, 7), ["00:00", "01:00", "01:00", "02:00"]),
    ],
)
def test_the_edge_shows_what_clocks_show_when_they_change(day: date, ticks: list[str]) -> None:
    assert [each.text for each in grid_of(day, open_hours=(0, 4)).ticks] == ticks


def test_a_visit_stands_where_it_is_after_the_clocks_changed() -> None:
    day = date(2027, 3, 14)
    grid = grid_of(day, visit(1, 3 * 60, 60, day=day), open_hours=(0, 6))  # three hours after midnight it is four
    (block,) = grid.columns[0].blocks
    assert next(each.text for each in grid.ticks if each.row == block.row) == "04:00"


def test_what_is_closed_and_who_is_away_is_shaded() -> None:
    day = date(2027, 1, 5)
    start = days_window(day, day, ZoneInfo(NEW_YORK)).start
    grid = grid_of(day, visit(1, 480, 30), away=(Absence(start + 11 * HOUR, start + 12 * HOUR, "Dentist"),))
    assert [(each.kind, each.row, each.rows, each.text) for each in grid.columns[0].shades] == [
        ("shut", 1, 4, ""),
        ("away", 13, 4, "Dentist"),
    ]


def test_a_day_on_which_nothing_happens_is_shown_as_a_working_day() -> None:
    grid = grid_of(date(2027, 1, 5), open_hours=(0, 0))
    assert (grid.ticks[0].text, grid.rows) == ("08:00", 40)


def test_one_who_stays_past_midnight_is_cut_at_the_end_of_the_day() -> None:
    grid = grid_of(date(2027, 1, 5), visit(1, 23 * 60, 180))
    (block,) = grid.columns[0].blocks
    assert block.row + block.rows - 1 == grid.rows
