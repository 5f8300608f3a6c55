"""Spans of time in words."""

from typing import Final

_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def span(seconds: float) -> str:
    """A span in the largest unit in which it is a whole number; below a second in seconds."""
    for size, name in _UNITS:
        count = seconds / size
        if count >= 1 and count == int(count):
            return f"{int(count)} {name}{'s' if count > 1 else ''}"
    return f"{seconds:g} seconds"
