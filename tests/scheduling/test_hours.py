"""Wall-clock hours become the right instants in every zone, on nights when clocks change and on all other days."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoothbox.scheduling.hours import (
    Hours,
    WallInterval,
    days_window,
    instant,
    local_date,
    occurrences,
    openings,
    whole_days,
)
from smoothbox.scheduling.intervals import Interval

from .drawing import STEADY, places, weeks
from .model import clock
from .notation import at, dates, hours, span

# zone, a wall-clock time that a change of clocks touches, the instant that the rules give it, how often clocks show it
NIGHTS = [
    ("America/New_York", "2025-03-09T02:30", "2025-03-09T07:30Z", 0),
    ("America/New_York", "2025-11-02T01:30", "2025-11-02T05:30Z", 2),
    ("America/New_York", "2025-11-02T02:00", "2025-11-02T07:00Z", 1),
    ("America/St_Johns", "2025-03-09T02:30", "2025-03-09T06:00Z", 0),
    ("America/St_Johns", "2025-11-02T01:30", "2025-11-02T04:00Z", 2),
    ("America/St_Johns", "2010-11-06T23:30", "2010-11-07T02:00Z", 2),  # from 00:01 back to 23:01 the evening before
    ("America/St_Johns", "2010-11-07T00:00", "2010-11-07T02:30Z", 2),
    ("America/Havana", "2025-03-09T00:30", "2025-03-09T05:30Z", 0),
    ("America/Havana", "2025-11-02T00:30", "2025-11-02T04:30Z", 2),
    ("America/Nuuk", "2025-03-29T23:30", "2025-03-30T01:30Z", 0),
    ("America/Nuuk", "2025-10-25T23:30", "2025-10-26T00:30Z", 2),
    ("Europe/Dublin", "2025-03-30T01:30", "2025-03-30T01:30Z", 0),  # tzdata calls its winter the saving time
    ("Europe/Dublin", "2025-10-26T01:30", "2025-10-26T00:30Z", 2),
    ("Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T01:30Z", 2),  # back for Ramadan
    ("Africa/Casablanca", "2025-04-06T02:30", "2025-04-06T02:30Z", 0),
    ("Africa/Cairo", "2025-04-25T00:30", "2025-04-24T22:30Z", 0),
    ("Africa/Cairo", "2025-10-30T23:30", "2025-10-30T20:30Z", 2),
    ("Asia/Beirut", "2025-03-30T00:30", "2025-03-29T22:30Z", 0),
    ("Asia/Beirut", "2025-10-25T23:30", "2025-10-25T20:30Z", 2),
    ("Asia/Kathmandu", "2025-05-04T10:00", "2025-05-04T04:15Z", 1),
    ("Australia/Lord_Howe", "2025-10-05T02:15", "2025-10-04T15:45Z", 0),  # half an hour only
    ("Australia/Lord_Howe", "2025-10-05T02:30", "2025-10-04T15:30Z", 1),
    ("Australia/Lord_Howe", "2025-04-06T01:45", "2025-04-05T14:45Z", 2),
    ("Pacific/Chatham", "2025-09-28T03:00", "2025-09-27T14:15Z", 0),
    ("Pacific/Chatham", "2025-04-06T03:00", "2025-04-05T13:15Z", 2),
    ("Antarctica/Troll", "2025-03-30T02:59", "2025-03-30T02:59Z", 0),  # two hours at once
    ("Antarctica/Troll", "2025-10-26T01:00", "2025-10-25T23:00Z", 2),
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00Z", 0),  # a day that was never there
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00Z", 1),
    ("Pacific/Kiritimati", "2025-01-01T00:00", "2024-12-31T10:00Z", 1),
]

# zone, local date, its length in hours
DAYS = [
    ("America/New_York", "2027-03-14", 23),
    ("America/New_York", "2027-11-07", 25),
    ("America/New_York", "2027-07-15", 24),
    ("America/Havana", "2025-03-09", 23),  # begins at 01:00
    ("America/Havana", "2025-11-02", 25),  # has two midnights
    ("America/Nuuk", "2025-03-29", 23),
    ("America/Nuuk", "2025-10-25", 25),
    ("America/St_Johns", "2010-11-07", 25),  # begins at its first midnight
    ("Africa/Casablanca", "2025-02-23", 25),
    ("Africa/Cairo", "2025-04-25", 23),
    ("Africa/Cairo", "2025-10-30", 25),
    ("Asia/Beirut", "2025-03-30", 23),
    ("Asia/Beirut", "2025-10-25", 25),
    ("Asia/Kathmandu", "2025-05-04", 24),
    ("Australia/Lord_Howe", "2027-10-03", 23.5),
    ("Australia/Lord_Howe", "2027-04-04", 24.5),
    ("Antarctica/Troll", "2025-03-30", 22),
    ("Antarctica/Troll", "2025-10-26", 26),
    ("Pacific/Apia", "2011-12-29", 24),
    ("Pacific/Apia", "2011-12-30", 0),
    ("Pacific/Apia", "2011-12-31", 24),
]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("zone", "text", "second", "_times"), NIGHTS)
def test_it_turns_a_wall_clock_time_into_its_instant(zone: str, text: str, second: str, _times: int) -> None:
    assert instant(wall(text), ZoneInfo(zone)) == at(second)


@pytest.mark.parametrize(("zone", "text", "second", "times"), NIGHTS)
def test_it_counts_how_often_clocks_show_a_time(zone: str, text: str, second: str, times: int) -> None:
    seconds = occurrences(wall(text), ZoneInfo(zone))
    assert len(seconds) == times
    assert seconds == sorted(set(seconds))
    assert seconds[:1] == [at(second)][:times]
    assert all(clock(found, ZoneInfo(zone)) == wall(text) for found in seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2027-03-14T02:30", []),
        ("2027-03-14T03:00", ["2027-03-14T03:00-04:00"]),
        ("2027-11-07T01:30", ["2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00"]),
    ],
)
def test_it_finds_no_one_or_two_instants_in_new_york(text: str, seconds: list[str]) -> None:
    assert occurrences(wall(text), ZoneInfo("America/New_York")) == [at(second) for second in seconds]


@pytest.mark.parametrize(("zone", "day", "length"), DAYS)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: str, length: float) -> None:
    start, end = days_window(*dates(day), ZoneInfo(zone))
    assert (end - start) / 3600 == length


@STEADY
@given(places, st.integers(0, 9))
def test_days_follow_each_other_without_a_gap(place: tuple[ZoneInfo, date], more: int) -> None:
    zone, first = place
    days = [first + timedelta(days=number) for number in range(more + 1)]
    each = whole_days(days, zone)
    assert all(before.end == after.start for before, after in pairwise(each))
    assert days_window(days[0], days[-1], zone) == (each[0].start, each[-1].end)


@STEADY
@given(places)
def test_a_day_holds_exactly_the_instants_that_show_its_date(place: tuple[ZoneInfo, date]) -> None:
    zone, day = place
    start, end = days_window(day, day, zone)
    noon = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) + 43200
    for second in (*range(noon - 2 * 86400, noon + 2 * 86400, 900), start - 1, start, end - 1, end):
        assert (local_date(second, zone) == day) == (start <= second < end)


NY = "America/New_York"
# what is special, the hours, the local date that is asked about, every opening that shares time with it
OPENINGS = [
    ("an ordinary day", hours(NY, "daily 09-12"), "2027-01-05", ["2027-01-05T09:00-05:00/12:00-05:00"]),
    ("a shut day", hours(NY, "Mon 09-12"), "2027-01-05", []),
    ("opening in a gap", hours(NY, "daily 02:30-06"), "2027-03-14", ["2027-03-14T03:30-04:00/06:00-04:00"]),
    ("closing in a gap", hours(NY, "daily 01-02:30"), "2027-03-14", ["2027-03-14T01:00-05:00/03:30-04:00"]),
    ("both in a gap", hours(NY, "daily 02:15-02:45"), "2027-03-14", ["2027-03-14T03:15-04:00/03:45-04:00"]),
    ("nothing left by a gap", hours(NY, "daily 02:30-03"), "2027-03-14", []),
    ("opening twice", hours(NY, "daily 01:30-03"), "2027-11-07", ["2027-11-07T01:30-04:00/03:00-05:00"]),
    ("closing twice", hours(NY, "daily 00-01:30"), "2027-11-07", ["2027-11-07T00:00-04:00/01:30-04:00"]),
    ("past midnight", hours(NY, "Fri 22-02"), "2027-01-08", ["2027-01-08T22:00-05:00/2027-01-09T02:00-05:00"]),
    ("since yesterday", hours(NY, "Fri 22-02"), "2027-01-09", ["2027-01-08T22:00-05:00/2027-01-09T02:00-05:00"]),
    ("until 24:00", hours(NY, "daily 20-24"), "2027-01-05", ["2027-01-05T20:00-05:00/2027-01-06T00:00-05:00"]),
    ("until 00:00", hours(NY, "daily 20-00"), "2027-01-05", ["2027-01-05T20:00-05:00/2027-01-06T00:00-05:00"]),
    ("round the clock", hours(NY, "Sun 00-24"), "2027-03-14", ["2027-03-14T00:00-05:00/2027-03-15T00:00-04:00"]),
    ("nine to nine", hours(NY, "Tue 09-09"), "2027-01-05", ["2027-01-05T09:00-05:00/2027-01-06T09:00-05:00"]),
    (
        "touching, and not in order",
        hours(NY, "Tue 12-15 09-12"),
        "2027-01-05",
        ["2027-01-05T09:00-05:00/12:00-05:00", "2027-01-05T12:00-05:00/15:00-05:00"],
    ),
    (
        "overlapping the night before",
        hours(NY, "Fri 22-02; Sat 01-03"),
        "2027-01-09",
        ["2027-01-08T22:00-05:00/2027-01-09T02:00-05:00", "2027-01-09T01:00-05:00/03:00-05:00"],
    ),
    (
        "an exception instead of the week",
        hours(NY, "daily 09-12", {"2027-01-05": "14-15"}),
        "2027-01-05",
        ["2027-01-05T14:00-05:00/15:00-05:00"],
    ),
    ("an exception that shuts", hours(NY, "daily 09-12", {"2027-01-05": ""}), "2027-01-05", []),
    ("an exception elsewhere", hours(NY, "Mon 09-12", {"2027-01-06": "14-15"}), "2027-01-05", []),
    (
        "an exception does not end the night before",
        hours(NY, "Fri 22-02", {"2027-01-09": ""}),
        "2027-01-09",
        ["2027-01-08T22:00-05:00/2027-01-09T02:00-05:00"],
    ),
    ("an exception takes its own night along", hours(NY, "Fri 22-02", {"2027-01-08": ""}), "2027-01-09", []),
    (
        "until a midnight that is skipped",
        hours("Africa/Cairo", "Thu 20-24"),
        "2025-04-24",
        ["2025-04-24T20:00+02:00/2025-04-25T01:00+03:00"],
    ),
    (
        "until midnight, with one hour twice",
        hours("Africa/Cairo", "Thu 20-24"),
        "2025-10-30",
        ["2025-10-30T20:00+03:00/2025-10-31T00:00+02:00"],
    ),
    (
        "into a date that is skipped",
        hours("Pacific/Apia", "Thu 22-02"),
        "2011-12-31",
        ["2011-12-29T22:00-10:00/2011-12-31T02:00+14:00"],
    ),
]


@pytest.mark.parametrize(("title", "declared", "day", "expected"), OPENINGS, ids=[row[0] for row in OPENINGS])
def test_it_finds_the_openings_of_a_day(title: str, declared: Hours, day: str, expected: list[str]) -> None:
    assert openings(declared, days_window(*dates(day), declared.zone)) == [span(text) for text in expected]


def test_an_opening_is_found_whole_from_any_second_within_it_and_from_none_beside_it() -> None:
    declared, (start, end) = hours(NY, "Tue 09-12"), span("2027-01-05T09:00-05:00/12:00-05:00")
    for second in (start, end - 1):
        assert openings(declared, Interval(second, second + 1)) == [(start, end)]
    for second in (start - 1, end):
        assert openings(declared, Interval(second, second + 1)) == []


def test_it_finds_an_opening_of_tomorrow_when_clocks_go_back_across_midnight() -> None:
    declared = hours("America/St_Johns", "daily 00-02")
    evening_again = span("2010-11-06T23:10-03:30/23:20-03:30")  # from 00:01 back to 23:01: tomorrow has begun already
    assert openings(declared, evening_again) == [span("2010-11-07T00:00-02:30/02:00-03:30")]


@STEADY
@given(places, weeks, st.integers(-3000, 3000), st.integers(1, 3000))
def test_a_window_shows_the_same_openings_as_a_wider_one(
    place: tuple[ZoneInfo, date], weekly: dict[int, tuple[WallInterval, ...]], minutes: int, length: int
) -> None:
    zone, day = place
    start = days_window(day, day, zone).start + 60 * minutes
    window = Interval(start, start + 60 * length)
    wide = openings(Hours(zone, weekly), Interval(window.start - 5 * 86400, window.end + 5 * 86400))
    inside = [opening for opening in wide if opening.start < window.end and window.start < opening.end]
    assert openings(Hours(zone, weekly), window) == inside
