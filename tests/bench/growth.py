"""The memory of a process over time, and by how much it grows once everything has been used."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.processes import resident_mb

EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Growth:
    """Medians in MB of the first and of the last samples, and the slope through all between them in MB a minute."""

    first: float
    last: float
    slope: float

    @property
    def megabytes(self) -> float:
        """What came on top."""
        return self.last - self.first


def watched(pid: int, is_over: Callable[[], bool]) -> list[tuple[float, float]]:
    """Second and MB, each second until it is over; none where the system does not tell."""
    began, samples = time.monotonic(), []
    while not is_over():
        if (megabytes := resident_mb(pid)) is not None:
            samples.append((time.monotonic() - began, megabytes))
        time.sleep(EVERY_SECONDS)
    return samples


def growth(samples: Sequence[tuple[float, float]], settled: float, window: float) -> Growth:
    """What there is after so many settled seconds, its ends taken from a window of so many seconds each."""
    after = [each for each in samples if each[0] >= settled]
    begin, end = after[0][0], after[-1][0]
    first = statistics.median(megabytes for second, megabytes in after if second <= begin + window)
    last = statistics.median(megabytes for second, megabytes in after if second >= end - window)
    slope, _ = statistics.linear_regression(*zip(*after, strict=True))
    return Growth(first, last, slope * 60)
