"""Wall-clock times as the catalogue file writes them."""

from datetime import datetime

import msgspec

from smoothbox.contract.hours import Span


def span(text: str) -> Span:
    """The span that "09:00-12:00" means. Raises ValueError for anything else."""
    start, _, end = text.partition("-")
    try:
        return msgspec.convert({"start": start, "end": end}, Span)
    except msgspec.ValidationError as error:
        raise ValueError(text) from error


def moment(text: str) -> datetime:
    """The local time, without a zone, that "2027-01-11T00:00" means. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 -- the zone is that of whom it concerns
