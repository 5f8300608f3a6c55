"""What follows from an outcome: the ten attempts and their delays, who is left alone for longer, and what ends at once."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smoothbox.contract.webhooks import AttemptError
from smoothbox.ids import Mode
from smoothbox.operations.outbox import Outcome, Step
from smoothbox.settings import Webhooks
from smoothbox.store.deliveries import ONLY_NEXT
from smoothbox.webhooks.retry import next_step, parse_retry_after

RULES = Webhooks()
MINUTE, HOUR = 60.0, 3600.0
DELAYS = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
OVERLOADED = (429, 502, 504)
ERRORS: tuple[AttemptError, ...] = get_args(AttemptError)
NOW = 1799064000.0  # Mon, 04 Jan 2027 12:00:00 GMT


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The box stands where it is not UTC."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


def answered(status: int, retry_after: float | None = None) -> Outcome:
    return Outcome("", 0, status_code=status, retry_after=retry_after)


def failed(error: AttemptError) -> Outcome:
    return Outcome("", 0, error=error)


def after(outcome: Outcome, used: int = 0, mode: Mode = "live", rules: Webhooks = RULES, spread: float = 1.0) -> Step:
    return next_step(outcome, used, mode, rules, spread)


def test_live_deliveries_are_tried_ten_times() -> None:
    steps = [after(answered(500), used) for used in range(10)]
    assert steps == [*(Step("retry", delay) for delay in DELAYS), Step("failed")]


def test_those_of_the_sandbox_four_times() -> None:
    steps = [after(answered(500), used, "test") for used in range(4)]
    assert steps == [*(Step("retry", delay) for delay in DELAYS[:3]), Step("failed")]


def test_the_schedule_is_the_operators_to_set() -> None:
    rules = replace(RULES, retry_schedule=(0.0, 1.0, 2.0), sandbox_attempts=2)
    assert [after(answered(500), used, "live", rules) for used in range(3)] == [
        Step("retry", 1.0),
        Step("retry", 2.0),
        Step("failed"),
    ]
    assert [after(answered(500), used, "test", rules) for used in range(2)] == [Step("retry", 1.0), Step("failed")]
    assert after(answered(500), 2, "test", replace(rules, sandbox_attempts=99)) == Step("failed")
    assert after(answered(500), 0, "live", replace(rules, retry_schedule=(0.0,))) == Step("failed")


@pytest.mark.parametrize("spread", [0.8, 0.93, 1.0, 1.2])
def test_each_delay_is_drawn_out_or_shortened(spread: float) -> None:
    for used, delay in enumerate(DELAYS):
        assert after(answered(500), used, spread=spread).delay == pytest.approx(delay * spread)


def test_every_status_has_one_step() -> None:
    steps = {status: after(answered(status), 1) for status in range(100, 1000)}
    assert {status for status, step in steps.items() if step == Step("succeeded")} == set(range(200, 300))
    assert {status for status, step in steps.items() if step == Step("gone")} == {410}
    assert sum(step == Step("retry", 300.0) for step in steps.values()) == 900 - 100 - 1


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_tried_again(error: AttemptError) -> None:
    assert after(failed(error), 1) == Step("retry", 300.0)
    assert after(failed(error), 9) == Step("failed")


@pytest.mark.parametrize("used", [0, 3, 9, 10, ONLY_NEXT])
def test_success_and_gone_do_not_depend_on_what_went_before(used: int) -> None:
    for mode in ("live", "test"):
        assert after(answered(204), used, mode) == Step("succeeded")
        assert after(answered(410), used, mode) == Step("gone")


@pytest.mark.parametrize("outcome", [answered(500), answered(503, 5.0), answered(429, 5.0), *map(failed, ERRORS)])
def test_what_was_asked_for_by_hand_is_tried_once(outcome: Outcome) -> None:
    for mode in ("live", "test"):
        assert after(outcome, ONLY_NEXT, mode) == Step("failed")


@pytest.mark.parametrize("outcome", [*map(answered, OVERLOADED), failed("timeout")])
def test_who_is_overloaded_is_left_alone_for_a_minute(outcome: Outcome) -> None:
    assert after(outcome, 0).delay == 60.0
    assert after(outcome, 0, spread=0.8).delay == 60.0
    assert after(outcome, 1).delay == 300.0
    assert after(outcome, 0, rules=replace(RULES, overload_floor=7.0)).delay == 7.0
    assert after(outcome, 9) == Step("failed")


@pytest.mark.parametrize(
    "outcome", [*(answered(each) for each in (301, 400, 404, 408, 500, 503)), failed("closed"), failed("dns_error")]
)
def test_others_are_tried_again_soon(outcome: Outcome) -> None:
    assert after(outcome, 0).delay == 5.0


@pytest.mark.parametrize(
    ("asked", "delay"),
    [
        (None, 5.0),
        (0.0, 5.0),
        (4.9, 5.0),
        (5.1, 5.1),
        (120.0, 120.0),
        (6 * HOUR, 6 * HOUR),
        (6 * HOUR + 1, 6 * HOUR),
        (1e12, 6 * HOUR),
    ],
)
def test_what_a_receiver_asks_for_is_granted_up_to_six_hours(asked: float | None, delay: float) -> None:
    assert after(answered(503, asked), 0).delay == delay


def test_what_it_asks_for_makes_no_wait_shorter() -> None:
    assert after(answered(503, 10.0), 1).delay == 300.0
    assert after(answered(429, 10.0), 0).delay == 60.0
    assert after(answered(503, 7 * HOUR), 8).delay == 24 * HOUR


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("0", 0.0), ("5", 5.0), (" 120 ", 120.0), ("007", 7.0), ("999999999", 999999999.0)),
        ("Mon, 04 Jan 2027 12:00:30 GMT", 30.0),
        ("Mon, 04 Jan 2027 13:00:30 +0100", 30.0),
        ("Monday, 04-Jan-27 12:00:30 GMT", 30.0),
        *(("Mon Jan  4 12:00:30 2027", 30.0), ("Mon, 04 Jan 2027 12:00:30 -0000", 30.0), ("Mon, 04 Jan 2027 12:00:30", 30.0)),
        *(("Mon, 04 Jan 2027 11:00:00 GMT", 0.0), ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251603236799.0),
    ],
)
@pytest.mark.usefixtures("in_new_york")
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float) -> None:
    assert parse_retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *(
            None,
            "",
            " ",
            "soon",
            "-1",
            "+5",
            "1.5",
            "1e9",
            "0x10",
            "5s",
            "5, 6",
            "1_000",
            "1234567890",
            "9" * 5000,
            "inf",
            "nan",
        ),
        *(
            "\u0665",
            "\u00b2",
            "\uff15",
            "Mon, \u0660\u0664 Jan 2027 12:00:30 GMT",
            "tomorrow",
            "2027-01-04T12:00:30Z",
            "Mon, 32 Jan 2027 12:00:30 GMT",
        ),
        *(
            "Mon, 04 Jan 99999 12:00:30 GMT",
            "Mon, 04 Jan 2027 12:00:30 +9999",
            "Mon, 04 Jan 2027 25:00:00 GMT",
            "04 Jan",
            "\x00",
        ),
    ],
)
def test_nonsense_in_it_is_ignored(text: str | None) -> None:
    assert parse_retry_after(text, NOW) is None


PIECES = st.sampled_from(
    ["Mon,", "04", "Jan", "2027", "12:00:30", "GMT", "+0100", "-2359", ",", ":", "(", ")", '"', "é", " ", "9" * 30, "1.2", "-"]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=9).map(" ".join), st.lists(PIECES, max_size=9).map("".join)))
@example("Mon, 04 Jan 0001 00:00:00 +2300")
@example("Fri, 31 Dec 9999 23:59:59 -2300")
def test_whatever_stands_in_it_no_wait_is_less_than_nothing(text: str) -> None:
    seconds = parse_retry_after(text, NOW)
    assert seconds is None or 0.0 <= seconds < 1e12


@given(
    st.one_of(st.integers(100, 999).map(answered), st.sampled_from(ERRORS).map(failed)),
    st.integers(0, 12),
    st.floats(0.8, 1.2),
    st.one_of(st.none(), st.floats(0, 1e12)),
)
def test_no_wait_is_out_of_bounds(outcome: Outcome, used: int, spread: float, asked: float | None) -> None:
    step = after(Outcome("", 0, outcome.status_code, outcome.error, retry_after=asked), used, spread=spread)
    assert (step.kind == "retry") is (step.delay > 0)
    assert step.delay == 0 or min(DELAYS[:9]) * 0.8 <= step.delay <= DELAYS[-1] * 1.2


def test_the_schedule_is_the_documented_one() -> None:
    assert RULES.retry_schedule == (0, *DELAYS)
    assert all(before < later for before, later in pairwise(DELAYS))
    assert (RULES.jitter, RULES.sandbox_attempts, RULES.overload_floor) == (0.2, 4, 60.0)
