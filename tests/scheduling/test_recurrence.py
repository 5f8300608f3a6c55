"""A rule gives the starts that RFC 5545 gives, on nights when clocks change and at the ends of months; or a sentence."""

from datetime import date, datetime, time
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY
from hypothesis import event, given
from hypothesis import strategies as st

from smoothbox.scheduling.recurrence import Rule, parse, starts

from .drawing import DAY, STEADY, rules
from .notation import at

NY = "America/New_York"
JANUARY = "2027-01-04T10:00"  # a Monday


def given_by(rule: str, first: str = JANUARY, zone: str = "UTC") -> list[int]:
    return starts(parse(rule), datetime.fromisoformat(first), ZoneInfo(zone))


def refusal(rule: str, first: str = JANUARY, zone: str = "UTC") -> str:
    with pytest.raises(ValueError, match=r"\A[A-Z][^.]*\.\Z") as caught:
        given_by(rule, first, zone)
    return str(caught.value)


# what is special, the rule, the first wall-clock time, the zone, every start
SERIES = [
    (
        "across the spring night",
        "FREQ=DAILY;COUNT=3",
        ("2027-03-13T10:00", NY),
        ["2027-03-13T10:00-05:00", "2027-03-14T10:00-04:00", "2027-03-15T10:00-04:00"],
    ),
    (
        "in the hour that the spring night skips",
        "FREQ=DAILY;COUNT=3",
        ("2027-03-13T02:30", NY),
        ["2027-03-13T02:30-05:00", "2027-03-14T03:30-04:00", "2027-03-15T02:30-04:00"],
    ),
    (
        "in the hour that the autumn night has twice",
        "FREQ=DAILY;COUNT=3",
        ("2027-11-06T01:30", NY),
        ["2027-11-06T01:30-04:00", "2027-11-07T01:30-04:00", "2027-11-08T01:30-05:00"],
    ),
    (
        "weekly across the autumn night",
        "FREQ=WEEKLY;BYDAY=SU;COUNT=3",
        ("2027-10-31T10:00", NY),
        ["2027-10-31T10:00-04:00", "2027-11-07T10:00-05:00", "2027-11-14T10:00-05:00"],
    ),
    (
        "monthly from winter into summer",
        "FREQ=MONTHLY;COUNT=3",
        ("2027-02-14T10:00", "Europe/Dublin"),
        ["2027-02-14T10:00Z", "2027-03-14T10:00Z", "2027-04-14T10:00+01:00"],
    ),
    (
        "at a midnight that is skipped",
        "FREQ=WEEKLY;COUNT=3",
        ("2027-03-07T00:30", "America/Havana"),
        ["2027-03-07T00:30-05:00", "2027-03-14T01:30-04:00", "2027-03-21T00:30-04:00"],
    ),
    (
        "where summer is half an hour",
        "FREQ=DAILY;COUNT=3",
        ("2027-10-02T02:15", "Australia/Lord_Howe"),
        ["2027-10-02T02:15+10:30", "2027-10-03T02:45+11:00", "2027-10-04T02:15+11:00"],
    ),
    (
        "across a date that is skipped, which gives no second start",
        "FREQ=DAILY;COUNT=4",
        ("2011-12-28T10:00", "Pacific/Apia"),
        ["2011-12-28T10:00-10:00", "2011-12-29T10:00-10:00", "2011-12-31T10:00+14:00", "2012-01-01T10:00+14:00"],
    ),
    (
        "on the 31st: shorter months are left out",
        "FREQ=MONTHLY;COUNT=4",
        ("2027-01-31T10:00", "UTC"),
        ["2027-01-31T10:00Z", "2027-03-31T10:00Z", "2027-05-31T10:00Z", "2027-07-31T10:00Z"],
    ),
    (
        "on the 30th: February is left out",
        "FREQ=MONTHLY;COUNT=3",
        ("2028-01-30T10:00", "UTC"),
        ["2028-01-30T10:00Z", "2028-03-30T10:00Z", "2028-04-30T10:00Z"],
    ),
    (
        "on the 29th: in a leap year February has one",
        "FREQ=MONTHLY;COUNT=3",
        ("2028-01-29T10:00", "UTC"),
        ["2028-01-29T10:00Z", "2028-02-29T10:00Z", "2028-03-29T10:00Z"],
    ),
    (
        "every leap day: there is none in 2100",
        "FREQ=MONTHLY;INTERVAL=12;COUNT=3",
        ("2092-02-29T10:00", "UTC"),
        ["2092-02-29T10:00Z", "2096-02-29T10:00Z", "2104-02-29T10:00Z"],
    ),
    (
        "the second Tuesday",
        "FREQ=MONTHLY;BYDAY=2TU;COUNT=3",
        ("2027-01-12T10:00", "UTC"),
        ["2027-01-12T10:00Z", "2027-02-09T10:00Z", "2027-03-09T10:00Z"],
    ),
    (
        "the last Friday",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4",
        ("2027-01-29T10:00", "UTC"),
        ["2027-01-29T10:00Z", "2027-02-26T10:00Z", "2027-03-26T10:00Z", "2027-04-30T10:00Z"],
    ),
    (
        "the fifth Friday: most months have none",
        "FREQ=MONTHLY;BYDAY=5FR;COUNT=3",
        ("2027-01-29T10:00", "UTC"),
        ["2027-01-29T10:00Z", "2027-04-30T10:00Z", "2027-07-30T10:00Z"],
    ),
    (
        "the last Monday and the fifth, which is sometimes the same",
        "FREQ=MONTHLY;BYDAY=5MO,-1MO;COUNT=4",
        ("2027-01-25T10:00", "UTC"),
        ["2027-01-25T10:00Z", "2027-02-22T10:00Z", "2027-03-29T10:00Z", "2027-04-26T10:00Z"],
    ),
    (
        "every Monday of a month, and its first Tuesday",
        "FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=7",
        (JANUARY, "UTC"),
        [f"2027-{day}T10:00Z" for day in ("01-04", "01-05", "01-11", "01-18", "01-25", "02-01", "02-02")],
    ),
    (
        "every Monday of a month that has five",
        "FREQ=MONTHLY;BYDAY=MO;COUNT=6",
        ("2027-03-01T10:00", "UTC"),
        [f"2027-{day}T10:00Z" for day in ("03-01", "03-08", "03-15", "03-22", "03-29", "04-05")],
    ),
    (
        "every second week, which begins on Monday",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3",
        ("2027-01-10T10:00", "UTC"),
        ["2027-01-10T10:00Z", "2027-01-18T10:00Z", "2027-01-24T10:00Z"],
    ),
    (
        "every second day that is a Monday or a Wednesday",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE;COUNT=4",
        (JANUARY, "UTC"),
        ["2027-01-04T10:00Z", "2027-01-06T10:00Z", "2027-01-18T10:00Z", "2027-01-20T10:00Z"],
    ),
    (
        "until a date of the business, late in the evening",
        "FREQ=DAILY;UNTIL=20270106",
        ("2027-01-04T23:30", NY),
        ["2027-01-04T23:30-05:00", "2027-01-05T23:30-05:00", "2027-01-06T23:30-05:00"],
    ),
    (
        "until a date of the business, early in the morning",
        "FREQ=DAILY;UNTIL=20270106",
        ("2027-01-04T00:30", "Pacific/Auckland"),
        ["2027-01-04T00:30+13:00", "2027-01-05T00:30+13:00", "2027-01-06T00:30+13:00"],
    ),
    (
        "until the very second",
        "FREQ=DAILY;UNTIL=20270105T100000Z",
        (JANUARY, "UTC"),
        ["2027-01-04T10:00Z", "2027-01-05T10:00Z"],
    ),
    ("until a second earlier", "FREQ=DAILY;UNTIL=20270105T095959Z", (JANUARY, "UTC"), ["2027-01-04T10:00Z"]),
    (
        "until the first of two half past ones",
        "FREQ=DAILY;UNTIL=20271107T053000Z",
        ("2027-11-06T01:30", NY),
        ["2027-11-06T01:30-04:00", "2027-11-07T01:30-04:00"],
    ),
    (
        "until just before the first of two half past ones",
        "FREQ=DAILY;UNTIL=20271107T052959Z",
        ("2027-11-06T01:30", NY),
        ["2027-11-06T01:30-04:00"],
    ),
    ("until its own first date", "FREQ=WEEKLY;UNTIL=20270104", (JANUARY, "UTC"), ["2027-01-04T10:00Z"]),
    (
        "until the end of the calendar",
        "FREQ=DAILY;UNTIL=99991231",
        ("9999-12-30T10:00", "UTC"),
        ["9999-12-30T10:00Z", "9999-12-31T10:00Z"],
    ),
]


@pytest.mark.parametrize(("title", "rule", "first", "expected"), SERIES, ids=[row[0] for row in SERIES])
def test_it_gives_every_start(title: str, rule: str, first: tuple[str, str], expected: list[str]) -> None:
    assert given_by(rule, *first) == [at(text) for text in expected]


def test_the_week_begins_on_monday_whatever_the_process_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendar.firstweekday", lambda: 6)
    expected = [at("2027-01-10T10:00Z"), at("2027-01-18T10:00Z")]
    assert given_by("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=2", "2027-01-10T10:00") == expected


# the rule, a first date that it does not give, the first that it does
ELSEWHERE = [
    ("FREQ=WEEKLY;BYDAY=TU;COUNT=2", JANUARY, "2027-01-05"),
    ("FREQ=WEEKLY;BYDAY=SU,FR;COUNT=2", JANUARY, "2027-01-08"),
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=2", JANUARY, "2027-01-05"),  # from Monday in steps of a week there is none
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;UNTIL=20280101", JANUARY, "2027-01-05"),
    ("FREQ=WEEKLY;INTERVAL=366;BYDAY=SA;COUNT=2", JANUARY, "2027-01-09"),
    ("FREQ=MONTHLY;BYDAY=1FR;COUNT=2", JANUARY, "2027-02-05"),  # the first of January has gone by
    ("FREQ=MONTHLY;INTERVAL=12;BYDAY=5MO;COUNT=2", JANUARY, "2027-03-29"),
    ("FREQ=MONTHLY;BYDAY=-1SU;COUNT=2", "2027-02-01T10:00", "2027-02-28"),
]


@pytest.mark.parametrize(("rule", "first", "better"), ELSEWHERE)
def test_a_rule_that_does_not_begin_with_the_first_start_says_where_it_does(rule: str, first: str, better: str) -> None:
    sentence = f"The rule does not begin on {first[:10]}; the first date that it gives is {better}."
    assert refusal(rule, first) == sentence
    assert given_by(rule, better + first[10:])[0] == at(better + first[10:] + "Z")


def test_a_series_has_at_most_fifty_two_starts() -> None:
    exactly = given_by("FREQ=DAILY;UNTIL=20270221", "2027-01-01T10:00")
    assert len(exactly) == 52
    assert exactly == given_by("FREQ=DAILY;COUNT=52", "2027-01-01T10:00")
    assert refusal("FREQ=DAILY;UNTIL=20270222", "2027-01-01T10:00") == (
        "The series has more than 52 starts; choose an earlier UNTIL."
    )
    assert refusal("FREQ=WEEKLY;UNTIL=99991231") == "The series has more than 52 starts; choose an earlier UNTIL."


@pytest.mark.parametrize("until", ["20270103", "20270104T095959Z", "00010101", "00010101T000000Z"])
def test_an_end_before_the_start_is_refused(until: str) -> None:
    assert refusal(f"FREQ=DAILY;UNTIL={until}") == "UNTIL lies before the first start; choose a later one."


@pytest.mark.timeout(5)
def test_a_rule_that_hardly_ever_matches_comes_to_an_end() -> None:
    # the last day of February is a fifth Tuesday again when four centuries have gone by
    assert given_by("FREQ=MONTHLY;INTERVAL=300;BYDAY=5TU;COUNT=2", "2028-02-29T10:00")[1] == at("2428-02-29T10:00Z")
    assert refusal("FREQ=MONTHLY;INTERVAL=300;BYDAY=5TU;COUNT=52", "2028-02-29T10:00") == (
        "The calendar ends before start number 52; choose a smaller INTERVAL or COUNT."
    )
    assert len(given_by("FREQ=MONTHLY;INTERVAL=366;COUNT=52", "2027-08-31T10:00")) == 52
    assert len(given_by("FREQ=DAILY;INTERVAL=366;COUNT=52")) == 52
    assert refusal("FREQ=WEEKLY;COUNT=2", "9999-12-27T10:00").startswith("The calendar ends before start number 2")
    assert refusal("FREQ=DAILY;BYDAY=MO;COUNT=2", "9999-12-31T10:00").startswith("The rule gives no date")


def belongs(day: date, rule: Rule, first: date) -> bool:
    """Whether RFC 5545 puts this date into the rule's set: looked at by itself, in whole days, weeks or months."""
    monday, first_monday = day - day.weekday() * DAY, first - first.weekday() * DAY
    months = 12 * (day.year - first.year) + day.month - first.month
    periods = {DAILY: (day - first).days, WEEKLY: (monday - first_monday).days // 7, MONTHLY: months}[rule.frequency]
    if periods % rule.interval:
        return False
    if rule.days:
        return any(day.weekday() == weekday and ordinal in ordinals(day) for weekday, ordinal in rule.days)
    return {DAILY: True, WEEKLY: day.weekday() == first.weekday(), MONTHLY: day.day == first.day}[rule.frequency]


def ordinals(day: date) -> set[int | None]:
    """None for "every", and which of its weekday this date is in its month, from either end."""
    after = [day + number * 7 * DAY for number in range(6)]
    left = sum(each.month == day.month for each in after)
    return {None, (day.day - 1) // 7 + 1, -left}


@STEADY
@given(rules(), st.integers(0, 430), st.sampled_from([NY, "UTC", "Asia/Kathmandu", "America/Havana", "Africa/Casablanca"]))
def test_it_gives_what_looking_at_every_date_would_give(rule: Rule, offset: int, name: str) -> None:
    first, zone, clock = date(2026, 12, 15) + offset * DAY, ZoneInfo(name), time(0, 30)
    dates = takewhile(lambda day: day <= (rule.until or date.max), (first + number * DAY for number in range(9000)))
    found = list(islice((day for day in dates if belongs(day, rule, first)), rule.count or 53))
    fits = found[:1] == [first] and len(found) <= 52
    event("a series" if fits else "refused")
    if fits:
        expected = [int(datetime.combine(day, clock, zone).timestamp()) for day in found]
        assert starts(rule, datetime.combine(first, clock), zone) == expected
    else:
        with pytest.raises(ValueError, match=r"\A[A-Z][^.]*\.\Z"):
            starts(rule, datetime.combine(first, clock), zone)


def test_a_start_moves_with_the_clocks_and_not_with_the_hours_between() -> None:
    ten = given_by("FREQ=DAILY;COUNT=52", "2027-02-20T10:00", NY)
    walls = [datetime.fromtimestamp(second, ZoneInfo(NY)) for second in ten]
    assert [wall.date() for wall in walls] == [date(2027, 2, 20) + number * DAY for number in range(52)]
    assert {wall.time() for wall in walls} == {time(10)}
