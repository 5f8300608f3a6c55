"""How fast attempts may begin, so that a flood of deliveries leaves time for those who call the API.

A token bucket that is emptied in one go and then left alone until it is full again: attempts that begin together are claimed
and recorded together, which costs half as much as one by one.
"""

from typing import Final

BUNCH: Final = 32


class Pace:
    """So many attempts a second, in bunches. `now` is in seconds of any clock that never jumps."""

    def __init__(self, per_second: float, now: float) -> None:
        self._per_second = per_second
        self._left = float(BUNCH)
        self._at = now
        self._is_resting = False

    def ready(self, now: float) -> int:
        """How many attempts may begin now."""
        self._left = min(self._left + (now - self._at) * self._per_second, BUNCH)
        self._at = now
        if self._left >= BUNCH:
            self._is_resting = False
        return 0 if self._is_resting else int(self._left)

    def take(self, number: int) -> None:
        """So many begin; a negative number gives back what did not."""
        self._left -= number
        self._is_resting = self._left < 1

    def wait(self) -> float:
        """Seconds until attempts may begin again, as of the last look."""
        return (BUNCH - self._left) / self._per_second if self._is_resting else 0.0
