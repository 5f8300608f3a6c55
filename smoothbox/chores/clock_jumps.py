"""Notices when the wall clock is set, or the machine slept: what is due by the clock then comes early or late."""

import logging
from typing import Final

from smoothbox.clock import Clock

_NOTICED: Final = 2.0  # seconds; clocks are drawn towards the right time by less than that

_log = logging.getLogger(__name__)


class ClockJumps:
    """Compares the wall clock with the one that never jumps, and counts how often they parted."""

    def __init__(self, clock: Clock) -> None:
        self.count = 0
        self._clock = clock
        self._apart = self._difference()

    def look(self) -> None:
        """Say so in the log if the wall clock has jumped since the last look."""
        apart = self._difference()
        jump, self._apart = apart - self._apart, apart
        if abs(jump) > _NOTICED:
            self.count += 1
            _log.warning("the clock jumped %s by %.1f seconds", "forward" if jump > 0 else "back", abs(jump))

    def _difference(self) -> float:
        return self._clock.now() - self._clock.elapsed()
