"""A recurrence rule is read as RFC 5545 writes it, as far as a series may use it; anything else earns a sentence."""

import re
from datetime import UTC, date, datetime

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY
from hypothesis import example, given
from hypothesis import strategies as st

from smoothbox.scheduling.recurrence import Rule, parse

from .drawing import STEADY, rules

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

RULES = [
    ("FREQ=DAILY;COUNT=1", Rule(DAILY, count=1)),
    ("FREQ=WEEKLY;COUNT=52", Rule(WEEKLY, count=52)),
    ("COUNT=3;FREQ=MONTHLY", Rule(MONTHLY, count=3)),
    ("RRULE:FREQ=DAILY;COUNT=2", Rule(DAILY, count=2)),
    ("rrule:freq=daily;Count=2", Rule(DAILY, count=2)),
    (" FREQ=DAILY;COUNT=2\n", Rule(DAILY, count=2)),
    ("FREQ=DAILY;COUNT=002;INTERVAL=0366", Rule(DAILY, interval=366, count=2)),
    ("FREQ=DAILY;UNTIL=20270601", Rule(DAILY, until=date(2027, 6, 1))),
    ("FREQ=DAILY;UNTIL=20270601T120030z", Rule(DAILY, until=datetime(2027, 6, 1, 12, 0, 30, tzinfo=UTC))),
    ("FREQ=DAILY;COUNT=2;BYDAY=MO", Rule(DAILY, count=2, days=((0, None),))),
    ("FREQ=WEEKLY;COUNT=2;BYDAY=su,Tu", Rule(WEEKLY, count=2, days=((6, None), (1, None)))),
    (
        "FREQ=MONTHLY;COUNT=2;BYDAY=2TU,-1FR,+5SA,WE",
        Rule(MONTHLY, count=2, days=((1, 2), (4, -1), (5, 5), (2, None))),
    ),
]


@pytest.mark.parametrize(("text", "rule"), RULES)
def test_it_reads_a_rule(text: str, rule: Rule) -> None:
    assert parse(text) == rule


ANY_PART = "A rule is made of FREQ, INTERVAL, BYDAY, and COUNT or UNTIL, each given once."
ANY_FREQ = "FREQ is DAILY, WEEKLY or MONTHLY."
ONE_END = "Say when the series ends, with either COUNT or UNTIL."
A_COUNT = "COUNT is a whole number from 1 to 52."
AN_INTERVAL = "INTERVAL is a whole number from 1 to 366."
AN_UNTIL = "UNTIL is a date such as 20270601, or a time in UTC such as 20270601T120000Z."
SOME_DAYS = "BYDAY is a list of weekdays such as MO,TH; of a month also 2TU or -1FR, up to the fifth."
PLAIN_DAYS = "BYDAY takes numbers, such as 2TU, only with FREQ=MONTHLY."

NONSENSE = [
    ("", ANY_PART),
    ("RRULE:", ANY_PART),
    ("every tuesday", ANY_PART),
    ("FREQ=DAILY;COUNT=2;", ANY_PART),
    ("FREQ=DAILY;;COUNT=2", ANY_PART),
    ("FREQ=DAILY;COUNT=2;BYMONTH=1", ANY_PART),
    ("FREQ=DAILY;COUNT=2;WKST=SU", ANY_PART),
    ("FREQ=MONTHLY;COUNT=2;BYMONTHDAY=1", ANY_PART),
    ("FREQ=DAILY;COUNT=2;BYHOUR=9,10", ANY_PART),
    ("FREQ=DAILY;COUNT=2;COUNT=2", ANY_PART),
    ("FREQ=DAILY;FREQ=WEEKLY;COUNT=2", ANY_PART),
    ("FREQ =DAILY;COUNT=2", ANY_PART),
    ("RRULE:RRULE:FREQ=DAILY;COUNT=2", ANY_PART),
    ("DTSTART:20270101T000000Z\nRRULE:FREQ=DAILY;COUNT=2", ANY_PART),
    ("COUNT=2", ANY_FREQ),
    ("FREQ;COUNT=2", ANY_FREQ),
    ("FREQ=;COUNT=2", ANY_FREQ),
    ("FREQ=YEARLY;COUNT=2", ANY_FREQ),
    ("FREQ=HOURLY;COUNT=2", ANY_FREQ),
    ("FREQ=DAILY", ONE_END),
    ("FREQ=DAILY;COUNT=2;UNTIL=20270601", ONE_END),
    ("FREQ=DAILY;COUNT=0", A_COUNT),
    ("FREQ=DAILY;COUNT=53", A_COUNT),
    ("FREQ=DAILY;COUNT=-1", A_COUNT),
    ("FREQ=DAILY;COUNT=+1", A_COUNT),
    ("FREQ=DAILY;COUNT=1.0", A_COUNT),
    ("FREQ=DAILY;COUNT=1_0", A_COUNT),
    ("FREQ=DAILY;COUNT= 1", A_COUNT),
    ("FREQ=DAILY;COUNT=٣", A_COUNT),  # a digit, but not one of ours
    ("FREQ=DAILY;COUNT=" + "9" * 5000, A_COUNT),
    ("FREQ=DAILY;COUNT", A_COUNT),
    ("FREQ=DAILY;COUNT=2;INTERVAL=0", AN_INTERVAL),
    ("FREQ=DAILY;COUNT=2;INTERVAL=367", AN_INTERVAL),
    ("FREQ=DAILY;COUNT=2;INTERVAL=", AN_INTERVAL),
    ("FREQ=DAILY;UNTIL=", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=2027-06-01", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=20270230", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=00000101", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=20270601T120000", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=20270601T250000Z", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=20270601T1200Z", AN_UNTIL),
    ("FREQ=DAILY;UNTIL=20270601T120000+0200", AN_UNTIL),
    ("FREQ=DAILY;COUNT=2;BYDAY=", SOME_DAYS),
    ("FREQ=DAILY;COUNT=2;BYDAY=MO,", SOME_DAYS),
    ("FREQ=DAILY;COUNT=2;BYDAY=MO TU", SOME_DAYS),
    ("FREQ=DAILY;COUNT=2;BYDAY=MONDAY", SOME_DAYS),
    ("FREQ=DAILY;COUNT=2;BYDAY=1", SOME_DAYS),
    ("FREQ=MONTHLY;COUNT=2;BYDAY=0MO", SOME_DAYS),
    ("FREQ=MONTHLY;COUNT=2;BYDAY=6MO", SOME_DAYS),
    ("FREQ=MONTHLY;COUNT=2;BYDAY=-6MO", SOME_DAYS),
    ("FREQ=MONTHLY;COUNT=2;BYDAY=12MO", SOME_DAYS),
    ("FREQ=WEEKLY;COUNT=2;BYDAY=2TU", PLAIN_DAYS),
    ("FREQ=DAILY;COUNT=2;BYDAY=MO,-1FR", PLAIN_DAYS),
]


@pytest.mark.parametrize(("text", "sentence"), NONSENSE, ids=[text[:60] for text, _ in NONSENSE])
def test_it_says_what_would_work(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(text)


PIECES = [
    "FREQ",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "=",
    ";",
    ",",
    ":",
    "RRULE",
    "DAILY",
    "MONTHLY",
    "MO",
    "-1",
    "2",
    "20270601",
    "Z",
]


@STEADY
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30))
@example("FREQ=MONTHLY;BYDAY=-1MO;UNTIL=20270601")
def test_any_text_is_a_rule_or_earns_a_sentence(text: str) -> None:
    try:
        rule = parse(text)
    except ValueError as error:
        assert re.fullmatch(r"[A-Z][^.]*\.", str(error))
    else:
        assert (rule.count is None) != (rule.until is None)


@STEADY
@given(rules())
def test_what_a_rule_says_can_be_read_again(rule: Rule) -> None:
    frequency = {DAILY: "DAILY", WEEKLY: "WEEKLY", MONTHLY: "MONTHLY"}[rule.frequency]
    days = ",".join(f"{ordinal or ''}{NAMES[weekday]}" for weekday, ordinal in rule.days)
    end = f"COUNT={rule.count}" if rule.count else f"UNTIL={rule.until:%Y%m%d}"
    text = f"FREQ={frequency};INTERVAL={rule.interval};{end}" + (f";BYDAY={days}" if days else "")
    assert parse(text) == rule
