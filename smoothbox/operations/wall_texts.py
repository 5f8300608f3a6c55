"""Wall-clock times as the catalogue file writes them."""

from datetime import datetime
from typing import Final

import msgspec

from smoothbox.contract.hours import Span

_EARLIEST: Final = 1900
_LATEST: Final = 2999


def span(text: str) -> Span:
    """The span that "09:00-12:00" means. Raises ValueError for anything else."""
    start, _, end = text.partition("-")
    try:
        return msgspec.convert({"start": start, "end": end}, Span)
    except msgspec.ValidationError as error:
        raise ValueError(text) from error


def moment(text: str) -> datetime:
    """The local time, without a zone, that "2027-01-11T00:00" means. Raises ValueError for anything else."""
    wall = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 -- the zone is that of whom it concerns
    if not _EARLIEST <= wall.year <= _LATEST:
        raise ValueError(text)
    return wall
