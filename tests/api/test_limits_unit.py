"""The buckets by themselves: their arithmetic and how much they remember."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoothbox.api.limits import FailureLimits, Quota, RateLimits
from smoothbox.errors import Problem
from tests.box import StillClock

STEADY = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@STEADY
@given(
    quota=st.builds(Quota, st.integers(1, 5000), st.integers(1, 500)),
    steps=st.lists(st.tuples(st.integers(1, 30), st.floats(0, 90)), max_size=20),
)
def test_who_waits_as_long_as_retry_after_says_passes_and_who_comes_earlier_does_not(
    quota: Quota, steps: list[tuple[int, float]]
) -> None:
    clock = StillClock()
    limits = RateLimits(clock)
    for requests, pause in steps:
        for _ in range(requests):
            verdict = limits.take(1, quota)
            if verdict.retry_after is not None:
                assert verdict.retry_after >= 1
                if verdict.retry_after > 1:
                    clock.advance(verdict.retry_after - 1)
                    assert limits.take(1, quota).retry_after is not None
                    clock.advance(1)
                else:
                    clock.advance(verdict.retry_after)
                again = limits.take(1, quota)
                # The other bucket may be empty in its turn; it is never the same one again.
                assert again.retry_after is None or again.headers["RateLimit"][:4] != verdict.headers["RateLimit"][:4]
        clock.advance(pause)


@STEADY
@given(st.lists(st.floats(0, 60), min_size=1, max_size=200))
def test_no_minute_and_no_hour_sees_more_than_the_bucket_and_its_refill(pauses: list[float]) -> None:
    clock, quota = StillClock(), Quota(30, 7)
    limits, passed = RateLimits(clock), []
    for pause in pauses:
        clock.advance(pause)
        if limits.take(1, quota).retry_after is None:
            passed.append(clock.elapsed())
    for start in passed:
        assert sum(start <= at <= start + 60 for at in passed) <= 2 * quota.burst
        assert sum(start <= at <= start + 3600 for at in passed) <= 2 * quota.hourly


def test_a_bucket_that_nobody_used_for_an_hour_is_forgotten() -> None:
    clock = StillClock()
    limits = RateLimits(clock)
    for key in range(1000):
        limits.take(key, Quota(1000, 100))
    clock.advance(1800)
    limits.take(7, Quota(1000, 100))
    clock.advance(1800)
    limits.take(5000, Quota(1000, 100))
    assert len(limits) == 2
    clock.advance(3600)
    limits.take(5000, Quota(1000, 100))
    limits.take(5001, Quota(1000, 100))
    assert len(limits) == 2


def test_a_smaller_quota_takes_hold_of_a_bucket_that_was_fuller() -> None:
    limits = RateLimits(StillClock())
    limits.take(1, Quota(1000, 100))
    limits.take(1, Quota(3, 100))
    assert [limits.take(1, Quota(3, 100)).retry_after is None for _ in range(3)] == [True, True, False]


def test_failures_are_forgotten_after_a_minute_and_never_grow_without_bound() -> None:
    clock = StillClock()
    failures = FailureLimits(clock, 2)
    for number in range(60_000):
        failures.count(str(number))
    assert len(failures) == 50_000
    clock.advance(60)
    failures.count("one")
    assert len(failures) == 1


def test_failures_that_are_refused_do_not_prolong_the_wait() -> None:
    clock = StillClock()
    failures = FailureLimits(clock, 2)
    for _ in range(2):
        failures.count("a")
    for _ in range(5):
        with pytest.raises(Problem) as refused:
            failures.count("a")
        assert refused.value.details == {"retry_after": 30}
    clock.advance(30)
    failures.count("a")
