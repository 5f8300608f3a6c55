"""The pace: so many attempts a second and no more, in bunches, whoever asks how often."""

import pytest

from smoothbox.webhooks.pace import BUNCH, Pace


def begun(pace: Pace, seconds: float, step: float, most: int = 10**6) -> list[tuple[float, int]]:
    """Take all that there is, at most so many at a time, looking every so often; (when, how many)."""
    taken, now = [], 0.0
    while now < seconds:
        if number := min(pace.ready(now), most):
            pace.take(number)
            taken.append((now, number))
        now += step
    return taken


@pytest.mark.parametrize("per_second", [1, 10, 64, 400, 5000])
@pytest.mark.parametrize("step", [0.0005, 0.003, 0.05])
def test_in_the_long_run_it_is_the_rate_and_never_more_than_a_bunch_above(per_second: float, step: float) -> None:
    found = begun(Pace(per_second, 0.0), 20.0, step)
    total = sum(number for _, number in found)
    assert total <= 20 * per_second + BUNCH
    reachable = min(per_second, BUNCH / (BUNCH / per_second + step))
    assert total >= 20 * reachable * 0.9 - BUNCH
    assert max(number for _, number in found) <= BUNCH


def test_after_a_bunch_it_rests_until_another_is_whole() -> None:
    pace = Pace(320, 100.0)
    assert pace.ready(100.0) == BUNCH
    pace.take(BUNCH)
    assert pace.ready(100.05) == 0
    assert pace.wait() == pytest.approx(0.05)
    assert pace.ready(100.0999) == 0
    assert pace.ready(100.1001) == BUNCH


def test_what_is_taken_bit_by_bit_does_not_make_it_rest_before_it_is_empty() -> None:
    pace = Pace(1, 0.0)
    for left in range(BUNCH, 0, -1):
        assert pace.ready(0.0) == left
        assert pace.wait() == 0.0
        pace.take(1)
    assert pace.ready(0.0) == 0
    assert pace.wait() == BUNCH


def test_what_was_not_begun_is_given_back() -> None:
    pace = Pace(1, 0.0)
    pace.ready(0.0)
    pace.take(20)
    pace.take(-20)
    assert pace.ready(0.0) == BUNCH
