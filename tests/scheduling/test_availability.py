"""When a service can be booked: the worked values of the specification, and each rule by itself."""

import pytest

from smoothbox.scheduling.availability import Diary, blocked_range, bookable, free_starts
from smoothbox.scheduling.hours import days_window
from smoothbox.scheduling.intervals import Interval

from .notation import NOW, Case, at, dates, hours, span, terms

NY = "America/New_York"
HOURLY = terms("60/60")
FRIDAY_NIGHT = hours(NY, "Fri 22-02")

WORKED = [
    Case(
        "New York in UTC before and after the spring night",
        hours(NY, "daily 09-12"),
        HOURLY,
        "2027-03-13/2027-03-14",
        "Sat UTC 14:00 15:00 16:00 Sun 13:00 14:00 15:00",
        shown_in="UTC",
    ),
    Case(
        "New York on the spring night",
        hours(NY, "daily 00-06"),
        HOURLY,
        "2027-03-14",
        "Sun EST 00:00 01:00 EDT 03:00 04:00 05:00",
    ),
    Case(
        "New York on the autumn night",
        hours(NY, "daily 00-06"),
        HOURLY,
        "2027-11-07",
        "Sun EDT 00:00 01:00 EST 01:00 02:00 03:00 04:00 05:00",
    ),
    Case(
        "Lord Howe, where summer is half an hour",
        hours("Australia/Lord_Howe", "daily 00-04"),
        terms("30/30"),
        "2027-10-03",
        "Sun +1030 00:00 00:30 01:00 01:30 +11 02:30 03:00 03:30",
    ),
    Case(
        "Kathmandu in UTC",
        hours("Asia/Kathmandu", "daily 10-13"),
        HOURLY,
        "2027-05-04",
        "Tue UTC 04:15 05:15 06:15",
        shown_in="UTC",
    ),
    Case(
        "opening at a time that does not exist",
        hours(NY, "daily 02:30-06:00"),
        HOURLY,
        "2027-03-14",
        "Sun EDT 03:30 04:30",
    ),
    Case(
        "past midnight",
        FRIDAY_NIGHT,
        terms("60/30"),
        "2027-01-08/2027-01-09",
        "Fri EST 22:00 22:30 23:00 23:30 Sat 00:00 00:30 01:00",
    ),
    Case(
        "past midnight, with a booking",
        FRIDAY_NIGHT,
        terms("60/30"),
        "2027-01-08/2027-01-09",
        "Fri EST 22:00 22:30 Sat 00:30 01:00",
        booked=["2027-01-08T23:30-05:00/2027-01-09T00:30-05:00"],
    ),
    Case(
        "a booking shorter than the service",
        hours("UTC", "daily 09-12"),
        terms("60/30"),
        "2027-01-05",
        "Tue UTC 09:00 10:30 11:00",
        booked=["2027-01-05T10:00Z/10:30Z"],
    ),
    Case(
        "buffers of an hour on both sides",
        hours("UTC", "daily 08-20"),
        terms("60/60", buffers=(60, 60)),
        "2027-01-05",
        "Tue UTC 08:00 09:00 10:00 11:00 17:00 18:00 19:00",
        booked=["2027-01-05T14:00Z/15:00Z"],
    ),
    Case(
        "two intervals, each with its own grid",
        hours("UTC", "daily 08-12 12:30-17:30"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 08:00 09:00 10:00 11:00 12:30 13:30 14:30 15:30 16:30",
    ),
    Case(
        "New York asked from Auckland",
        hours(NY, "Mon-Fri 09-17"),
        HOURLY,
        "2027-07-15",
        "Thu NZST 01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00",
        asked_in="Pacific/Auckland",
    ),
]

RULES = [
    Case(
        "P1 a closure is the whole local day of the business, not of the resource",
        hours("UTC", "daily 00-24"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 15:00 16:00 17:00 18:00 19:00 20:00 21:00 22:00 23:00",
        closures=["2027-01-05"],
        business="Asia/Tokyo",
    ),
    Case(
        "P1 a closure on Saturday shortens Friday night",
        FRIDAY_NIGHT,
        terms("60/30"),
        "2027-01-08/2027-01-09",
        "Fri EST 22:00 22:30 23:00",
        closures=["2027-01-09"],
    ),
    Case(
        "P1 an exception on Saturday leaves Friday night alone",
        hours(NY, "Fri 22-02; Sat 10-12", {"2027-01-09": "11-12"}),
        HOURLY,
        "2027-01-08/2027-01-09",
        "Fri EST 22:00 23:00 Sat 00:00 01:00 11:00",
    ),
    Case(
        "P3 a slot may end at closing but not after it",
        hours("UTC", "daily 09-11"),
        terms("45/15"),
        "2027-01-05",
        "Tue UTC 09:00 09:15 09:30 09:45 10:00 10:15",
    ),
    Case(
        "P3 a service longer than the day never fits",
        hours("UTC", "daily 09-12"),
        terms("181/60"),
        "2027-01-05",
        "",
    ),
    Case(
        "P3 intervals that touch are joined for the fit",
        hours("UTC", "daily 09-12 12-15"),
        terms("90/60"),
        "2027-01-05",
        "Tue UTC 09:00 10:00 11:00 12:00 13:00",
    ),
    Case(
        "P3 intervals that touch are not joined for the grid",
        hours("UTC", "daily 09-12:30 12:30-15"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 10:00 11:00 12:00 12:30 13:30",
    ),
    Case(
        "P3 a gap of one minute is not bridged",
        hours("UTC", "daily 09-12 12:01-15"),
        terms("90/60"),
        "2027-01-05",
        "Tue UTC 09:00 10:00 12:01 13:01",
    ),
    Case(
        "P3 days that touch are joined for the fit, and each has its own grid",
        hours("UTC", "Tue 20-24; Wed 00-03"),
        terms("90/150"),
        "2027-01-05/2027-01-06",
        "Tue UTC 20:00 22:30 Wed 00:00",
    ),
    Case(
        "P3 time off takes slots away and moves none",
        hours("UTC", "daily 09-14"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 10:00 11:00 13:00",
        time_off=["2027-01-05T09:00Z/09:20Z", "2027-01-05T12:59Z/13:00Z"],
    ),
    Case(
        "P3 a booking off the grid takes slots away and moves none",
        hours("UTC", "daily 09-14"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 12:00 13:00",
        booked=["2027-01-05T10:10Z/11:10Z"],
    ),
    Case(
        "P3 a closure that ends within an opening moves no slot",
        hours("UTC", "Tue 22:30-03"),
        HOURLY,
        "2027-01-05/2027-01-06",
        "Wed UTC 00:30 01:30",
        closures=["2027-01-05"],
    ),
    Case(
        "P5 bookings and time off may be touched on both sides",
        hours("UTC", "daily 09-14"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 11:00 13:00",
        booked=["2027-01-05T10:00Z/11:00Z"],
        time_off=["2027-01-05T12:00Z/13:00Z"],
    ),
    Case(
        "P5 one second of overlap is too much",
        hours("UTC", "daily 09-18"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 09:00 13:00 17:00",
        booked=["2027-01-05T10:59:59Z/12:00:01Z"],
        time_off=["2027-01-05T14:59:59Z/16:00:01Z"],
    ),
    Case(
        "P7 buffers do not count against opening, closing or time off",
        hours("UTC", "daily 09-12"),
        terms("60/60", buffers=(90, 90)),
        "2027-01-05",
        "Tue UTC 09:00 11:00",
        time_off=["2027-01-05T10:00Z/11:00Z"],
    ),
    Case(
        "P7 two neighbours keep the first's after and the second's before",
        hours("UTC", "daily 09-13"),
        terms("30/15", buffers=(10, 20)),
        "2027-01-05",
        "Tue UTC 09:00 09:15 09:30 11:30 11:45 12:00 12:15 12:30",
        booked=["2027-01-05T10:30Z/11:00Z"],
    ),
    Case(
        "P8 dates select starts, wherever the appointment ends",
        hours("UTC", "daily 22-02"),
        terms("120/30"),
        "2027-01-05",
        "Tue UTC 00:00 22:00 22:30 23:00 23:30",
    ),
    Case(
        "P8 a booking of the day before reaches into the first day",
        hours("UTC", "daily 00-04"),
        HOURLY,
        "2027-01-05",
        "Tue UTC 02:00 03:00",
        booked=["2027-01-04T20:00Z/2027-01-05T01:15Z"],
    ),
    Case(
        "P10 notice is elapsed time, and its last second is enough",
        hours(NY, "daily 00-06"),
        terms("60/30", notice=6 * 60),
        "2027-03-14",
        "Sun EDT 04:30 05:00",
        now="2027-03-13T21:30-05:00",
    ),
    Case(
        "P10 the last bookable date counts in full",
        hours("UTC", "daily 22-23:59"),
        terms("30/30", advance=1),
        "2027-01-04/2027-01-07",
        "Mon UTC 22:00 22:30 23:00 Tue 22:00 22:30 23:00",
    ),
    Case(
        "P10 the last bookable date is a date of the business",
        hours("UTC", "daily 12-20"),
        terms("60/60", advance=0),
        "2027-01-04/2027-01-07",
        "Mon UTC 16:00 17:00 18:00 19:00 Tue 12:00 13:00 14:00",
        business="Asia/Tokyo",
        now="2027-01-04T16:00Z",
    ),
    Case(
        "P10 the past cannot be booked, this very second can",
        hours("UTC", "daily 09-15"),
        HOURLY,
        "2027-01-03/2027-01-04",
        "Mon UTC 12:00 13:00 14:00",
    ),
]


@pytest.mark.parametrize("case", WORKED, ids=str)
def test_it_answers_the_worked_values_of_the_specification(case: Case) -> None:
    assert case.free() == case.answer


@pytest.mark.parametrize(("day", "slots"), [("2027-03-14", 23), ("2027-11-07", 25), ("2027-03-15", 24)])
def test_a_day_round_the_clock_has_as_many_slots_as_hours(day: str, slots: int) -> None:
    declared = hours(NY, "daily 00-24")
    assert len(free_starts(Diary(declared), HOURLY, days_window(*dates(day), declared.zone))) == slots


def test_a_booking_ends_after_its_elapsed_minutes() -> None:
    assert blocked_range(HOURLY, at("2027-03-14T01:30-05:00")) == span("2027-03-14T01:30-05:00/03:30-04:00")


@pytest.mark.parametrize("case", RULES, ids=str)
def test_it_keeps_each_rule(case: Case) -> None:
    assert case.free() == case.answer


def test_a_booking_blocks_its_buffers_too() -> None:
    assert blocked_range(terms("60/60", buffers=(10, 20)), at("2027-01-05T10:00Z")) == span("2027-01-05T09:50Z/11:20Z")


def test_an_empty_or_backward_window_has_no_starts() -> None:
    diary, noon = Diary(hours("UTC", "daily 00-24")), at(NOW)
    assert free_starts(diary, HOURLY, Interval(noon, noon + 1)) == [noon]
    assert free_starts(diary, HOURLY, Interval(noon, noon)) == []
    assert free_starts(diary, HOURLY, Interval(noon + 7200, noon)) == []


def test_a_fraction_of_a_second_ago_is_the_past() -> None:
    noon, zone = at(NOW), hours("UTC", "daily 00-24").zone
    assert bookable(HOURLY, noon, zone).start == noon
    assert bookable(HOURLY, noon + 0.25, zone).start == noon + 1
    assert bookable(terms("60/60", notice=5), noon + 0.25, zone).start == noon + 301
