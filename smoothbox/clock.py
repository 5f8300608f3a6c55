"""Now, and the one text form of an instant.

An instant is a float of Unix seconds inside the program and `2027-01-04T12:00:00.000000Z` wherever it is stored or shown:
of fixed width, so that texts sort as the instants do.
"""

import time
from datetime import UTC, datetime


class Clock:
    """The box's clock; tests hand in one that stands still."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds since some moment; never jumps, whatever becomes of the wall clock."""
        return time.monotonic()


def instant_text(seconds: float) -> str:
    """The text form of an instant, in UTC with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")[:-6] + "Z"  # without its +00:00
