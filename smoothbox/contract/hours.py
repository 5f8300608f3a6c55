"""Opening hours as bodies, files and data rows carry them: wall-clock texts by weekday."""

from typing import Annotated

from msgspec import Meta, Struct

Start = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="HH:MM")]
End = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z", description="HH:MM, or 24:00")]


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """Open from start to end; an end that is not after the start lies on the next day."""

    start: Start
    end: End


class DayHours(Struct, frozen=True, forbid_unknown_fields=True):
    """The intervals that begin on a weekday: 0 is Monday."""

    day_of_week: Annotated[int, Meta(ge=0, le=6)]
    intervals: tuple[Span, ...]


Week = Annotated[tuple[DayHours, ...], Meta(max_length=7, description="Each weekday once; a day that is absent is closed.")]
