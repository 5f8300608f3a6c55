"""A session that is open is joined as it is, as long as it has the seats and the resource is there."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smoothbox.scheduling.availability import Diary, Session, companion_starts, free_starts, is_open, open_sessions
from smoothbox.scheduling.hours import days_window, whole_days
from smoothbox.scheduling.intervals import Interval
from smoothbox.scheduling.verdicts import Reason, judge

from .notation import NOW, at, dates, hours, shown, span, terms

UTC = ZoneInfo("UTC")
TUESDAY = days_window(*dates("2027-01-05"), UTC)
CLASS = replace(terms("60/60", buffers=(0, 15)), capacity=4)
HOURS = hours("UTC", "daily 09-12 12-17")
NINE = Session(*span("2027-01-05T09:00Z/10:00Z"), left=3)
ODD = Session(*span("2027-01-05T11:20Z/12:50Z"), left=1)  # off the grid and longer than the service is now
FULL = Session(*span("2027-01-05T15:00Z/16:00Z"), left=0)
SESSIONS = [FULL, ODD, NINE]
BUSY = [span("2027-01-05T09:00Z/10:15Z"), span("2027-01-05T11:00Z/13:10Z"), span("2027-01-05T15:00Z/16:15Z")]
DIARY = Diary(HOURS, busy=BUSY, sessions=SESSIONS)


def joined(diary: Diary, party: int = 1, window: Interval = TUESDAY) -> list[Session]:
    return open_sessions(diary, window, party)


def verdict(diary: Diary, start: str, party: int = 1) -> Reason | None:
    return judge(diary, CLASS, at(start), at(NOW), UTC, party)


@pytest.mark.parametrize(
    ("party", "expected"), [(1, [NINE, ODD]), (2, [NINE]), (3, [NINE]), (4, [])], ids=["one", "two", "three", "four"]
)
def test_a_session_is_open_to_a_party_that_still_fits(party: int, expected: list[Session]) -> None:
    assert joined(DIARY, party) == expected


def test_where_a_session_runs_nobody_starts_afresh() -> None:
    assert free_starts(DIARY, CLASS, TUESDAY) == []
    alone = Diary(HOURS, busy=BUSY[:1], sessions=[NINE])
    assert shown(free_starts(alone, CLASS, TUESDAY), "UTC") == "Tue UTC 11:00 12:00 13:00 14:00 15:00 16:00"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("2027-01-05T09:00Z/09:00:01Z", [NINE]),
        ("2027-01-05T08:00Z/09:00Z", []),
        ("2027-01-05T09:00:01Z/11:20Z", []),
        ("2027-01-05T09:00:01Z/11:20:01Z", [ODD]),
        ("2027-01-05T09:00Z/09:00Z", []),
    ],
)
def test_the_window_selects_the_starts_of_sessions(window: str, expected: list[Session]) -> None:
    assert joined(DIARY, window=span(window)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("Mon 09-17", []),
        ("daily 09-12:49", [NINE]),
        ("daily 09-12:50", [NINE, ODD]),
        ("daily 09-12 12:01-17", [NINE]),
        ("daily 11:20-17", [ODD]),
        ("daily 11:21-17", []),
        ("Mon 20-10; Tue 11-12 12-13", [NINE, ODD]),
    ],
)
def test_a_session_can_be_joined_while_the_resource_is_open_for_all_of_it(changed: str, expected: list[Session]) -> None:
    assert joined(replace(DIARY, hours=hours("UTC", changed))) == expected


@pytest.mark.parametrize(
    ("time_off", "expected"),
    [
        ("2027-01-05T10:00Z/11:20Z", [NINE, ODD]),
        ("2027-01-05T09:59:59Z/11:20:01Z", []),
        ("2027-01-05T12:49:59Z/14:00Z", [NINE]),
        ("2027-01-05T12:50Z/14:00Z", [NINE, ODD]),  # its buffer does not count against time off
        ("2027-01-05T12:00Z/12:00Z", [NINE, ODD]),
    ],
)
def test_a_session_cannot_be_joined_when_the_resource_is_away(time_off: str, expected: list[Session]) -> None:
    assert joined(replace(DIARY, time_off=[span(time_off)])) == expected


def test_a_session_on_a_day_that_was_closed_since_cannot_be_joined() -> None:
    assert joined(replace(DIARY, closed=whole_days(dates("2027-01-05"), UTC))) == []
    assert joined(replace(DIARY, closed=whole_days(dates("2027-01-06"), UTC))) == [NINE, ODD]


def test_each_session_is_looked_at_by_itself() -> None:
    long, short = Session(*span("2027-01-05T09:00Z/15:00Z"), left=1), Session(*span("2027-01-05T10:00Z/11:00Z"), left=1)
    assert joined(Diary(HOURS, sessions=[short, long])) == [long, short]


# the start, the size of the party, and why not
VERDICTS = [
    ("2027-01-05T09:00Z", 3, None),
    ("2027-01-05T09:00Z", 4, "capacity"),
    ("2027-01-05T11:20Z", 1, None),
    ("2027-01-05T11:20Z", 2, "capacity"),
    ("2027-01-05T11:00Z", 1, "booking"),
    ("2027-01-05T15:00Z", 1, "capacity"),
    ("2027-01-05T14:00Z", 1, "booking"),  # its buffer would reach into the session at 15:00
    ("2027-01-06T14:00Z", 4, None),
    ("2027-01-06T14:00Z", 5, "capacity"),  # more than the service ever has
    ("2027-01-06T14:30Z", 5, "not_on_slot_grid"),
]


@pytest.mark.parametrize(("start", "party", "reason"), VERDICTS)
def test_a_party_is_told_why_it_cannot_join(start: str, party: int, reason: Reason | None) -> None:
    assert verdict(DIARY, start, party) == reason


def test_a_session_has_the_seats_it_was_opened_with() -> None:
    large = replace(DIARY, sessions=[NINE._replace(left=9)])
    assert verdict(large, "2027-01-05T09:00Z", 9) is None
    assert verdict(large, "2027-01-05T09:00Z", 10) == "capacity"


def test_a_session_of_holds_alone_can_be_joined_too() -> None:
    assert verdict(Diary(HOURS, held=BUSY, sessions=SESSIONS), "2027-01-05T11:20Z") is None
    assert verdict(Diary(HOURS, held=BUSY, sessions=SESSIONS), "2027-01-05T15:00Z") == "capacity"


def test_absence_is_named_before_a_lack_of_seats() -> None:
    away = replace(DIARY, time_off=[span("2027-01-05T12:49Z/15:30Z")])
    assert verdict(away, "2027-01-05T11:20Z", 2) == "time_off"
    assert verdict(away, "2027-01-05T15:00Z", 1) == "time_off"
    shut = replace(away, hours=hours("UTC", "daily 09-12:49"))
    assert verdict(shut, "2027-01-05T11:20Z", 1) == "outside_availability"


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2027-01-05T08:00Z", None),
        ("2027-01-05T08:00:01Z", "too_soon"),
        ("2027-01-05T09:00:01Z", "in_past"),
        ("2027-01-04T00:00Z", None),
        ("2027-01-03T23:59:59Z", "too_far_ahead"),
    ],
)
def test_notice_and_advance_hold_for_sessions_too(now: str, reason: Reason | None) -> None:
    strict = replace(CLASS, min_notice=3600, max_advance_days=1)
    assert judge(DIARY, strict, NINE.start, at(now), UTC) == reason


def test_bookings_and_holds_both_take_slots() -> None:
    diary = Diary(HOURS, busy=[span("2027-01-05T09:00Z/10:30Z")], held=[span("2027-01-05T13:15Z/16:15Z")])
    assert shown(free_starts(diary, CLASS, TUESDAY), "UTC") == "Tue UTC 11:00 12:00"


@pytest.mark.parametrize(
    ("start", "end", "answer"),
    [
        ("2027-01-05T09:00Z", "2027-01-05T17:00Z", True),  # over bookings, and across intervals that touch
        ("2027-01-05T08:59:59Z", "2027-01-05T10:00Z", False),
        ("2027-01-05T16:00Z", "2027-01-05T17:00:01Z", False),
        ("2027-01-06T10:00Z", "2027-01-06T11:00Z", False),
        ("2027-01-07T09:30Z", "2027-01-07T10:00Z", True),
        ("2027-01-07T09:30Z", "2027-01-07T10:01Z", False),
    ],
)
def test_a_resource_is_open_whoever_has_booked_it(start: str, end: str, answer: bool) -> None:
    closed, away = whole_days(dates("2027-01-06"), UTC), [span("2027-01-07T10:00Z/11:00Z")]
    assert is_open(replace(DIARY, closed=closed, time_off=away), at(start), at(end)) is answer


# what is special, the diary of a companion, the starts that will do for an hour and a quarter of buffer
COMPANIONS = [
    ("nothing in its way", Diary(HOURS), ["2027-01-05T09:00Z/16:00:01Z"]),
    ("shut", Diary(hours("UTC", "Mon 09-17")), []),
    ("open too short", Diary(hours("UTC", "daily 09-09:59")), []),
    ("open just long enough", Diary(hours("UTC", "daily 09-10")), ["2027-01-05T09:00Z/09:00:01Z"]),
    (
        "a booking",
        Diary(HOURS, busy=[span("2027-01-05T12:00Z/13:00Z")]),
        ["2027-01-05T09:00Z/10:45:01Z", "2027-01-05T13:00Z/16:00:01Z"],
    ),
    (
        "a hold that overlaps a booking",
        Diary(HOURS, busy=[span("2027-01-05T12:00Z/13:00Z")], held=[span("2027-01-05T12:30Z/16:01Z")]),
        ["2027-01-05T09:00Z/10:45:01Z"],
    ),
    (
        "time off, which buffers may touch",
        Diary(HOURS, time_off=[span("2027-01-05T12:00Z/13:00Z")]),
        ["2027-01-05T09:00Z/11:00:01Z", "2027-01-05T13:00Z/16:00:01Z"],
    ),
    ("its own sessions", DIARY, ["2027-01-05T13:10Z/13:45:01Z"]),
]


@pytest.mark.parametrize(("title", "diary", "expected"), COMPANIONS, ids=[row[0] for row in COMPANIONS])
def test_a_companion_can_start_whenever_it_is_open_and_free(title: str, diary: Diary, expected: list[str]) -> None:
    assert companion_starts(diary, CLASS, TUESDAY) == [span(text) for text in expected]


def test_the_starts_of_a_companion_are_clipped_to_the_window() -> None:
    window = span("2027-01-05T09:30Z/10:00Z")
    assert companion_starts(Diary(HOURS), CLASS, window) == [window]
    assert companion_starts(Diary(HOURS), CLASS, Interval(window.end, window.start)) == []
    night = Diary(hours("UTC", "daily 00-24"))
    assert companion_starts(night, CLASS, TUESDAY) == [TUESDAY]


def test_a_companion_keeps_its_own_zone() -> None:
    havana = Diary(hours("America/Havana", "Sat 22-02"))
    spring = days_window(*dates("2027-03-13/2027-03-14"), havana.hours.zone)
    assert companion_starts(havana, CLASS, spring) == [Interval(at("2027-03-13T22:00-05:00"), at("2027-03-14T01:00:01-04:00"))]
