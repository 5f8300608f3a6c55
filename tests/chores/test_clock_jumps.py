"""A clock that is set is noticed, one that is drawn towards the right time is not."""

import pytest

from smoothbox.chores.clock_jumps import ClockJumps
from tests.box import StillClock


@pytest.mark.parametrize(
    ("jump", "said"),
    [(3600.0, "the clock jumped forward by 3600.0 seconds"), (-2.5, "the clock jumped back by 2.5 seconds")],
)
def test_a_jump_is_logged_and_counted_once(clock: StillClock, caplog: pytest.LogCaptureFixture, jump: float, said: str) -> None:
    jumps = ClockJumps(clock)
    clock.advance(5)
    jumps.look()
    clock.at += jump
    for _ in range(2):
        clock.advance(5)
        jumps.look()
    assert (jumps.count, [record.message for record in caplog.records]) == (1, [said])
    caplog.clear()


def test_time_that_passes_and_small_corrections_are_no_jump(clock: StillClock) -> None:
    jumps = ClockJumps(clock)
    for correction in (0.0, 1.9, -1.9):
        clock.advance(100_000)
        clock.at += correction
        jumps.look()
    assert jumps.count == 0
