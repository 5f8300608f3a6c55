"""A span of time as people type it."""

import re
from typing import Final

import click

_SECONDS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST: Final = 100 * 365 * 86400


def duration(text: str) -> int:
    """The seconds of a whole number with its unit, such as 90d, 24h, 30m or 2w, or of a bare 0.

    Raises click.BadParameter for anything else.
    """
    if text == "0":
        return 0
    match = re.fullmatch(r"([0-9]{1,9})([mhdw])", text)
    if match is None:
        raise click.BadParameter(f"'{text}' is no span of time; write it as 30m, 24h, 90d or 2w.")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST:
        raise click.BadParameter(f"'{text}' is longer than a hundred years.")
    return seconds
