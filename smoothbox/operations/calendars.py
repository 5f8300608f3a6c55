"""Bookings as an iCalendar text (RFC 5545, RFC 7986), for the business's own people.

Each booking is one event under one UID for good, through reschedules, with its version as SEQUENCE; one that was cancelled
stays as cancelled, so that it leaves a calendar that has it. Times are UTC, which every program reads alike. Contact details
of customers are left out: calendars are shared, synchronised and printed.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from smoothbox.ids import Mode
from smoothbox.store.bookings import BookingRow

if TYPE_CHECKING:
    from icalendar import Event

_PRODUCT: Final = "-//smoothbox//calendar feed//EN"
_END: Final = b"END:VCALENDAR\r\n"
_FRESH: Final = timedelta(minutes=15)
"""How often programs are asked to look again."""


def calendar(folder: str, mode: Mode, name: str, rows: Iterable[BookingRow]) -> Iterator[bytes]:
    """The calendar of a business or of a resource, in pieces: each event takes about 0.4 ms, and others want to work too.

    Requests without a time are no part of it.
    """
    from icalendar import Calendar, vText  # noqa: PLC0415 -- a box whose feeds nobody reads does without it

    title = vText(_line(f"{name} (sandbox)" if mode == "test" else name))
    written = Calendar()
    written.add("prodid", _PRODUCT)
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", "PUBLISH")
    written.add("name", title)
    written.add("x-wr-calname", title)
    written.add("refresh-interval", _FRESH, parameters={"VALUE": "DURATION"})
    written.add("x-published-ttl", "PT15M")
    frame: bytes = written.to_ical()
    yield frame.removesuffix(_END)
    for row in rows:
        if row.start_at is not None and row.end_at is not None:
            yield _event(folder, mode, row, row.start_at, row.end_at).to_ical()
    yield _END


def _event(folder: str, mode: Mode, row: BookingRow, start: int, end: int) -> "Event":
    from icalendar import Event  # noqa: PLC0415 -- as above

    changed, is_cancelled = _moment(row.updated_at), row.status == "CANCELLED"
    event = Event()
    event.add("uid", f"booking-{row.id}.{mode}@{folder}.smoothbox")
    event.add("sequence", row.version)
    event.add("dtstamp", changed)
    event.add("created", _moment(row.created_at))
    event.add("last-modified", changed)
    event.add("dtstart", datetime.fromtimestamp(start, UTC))
    event.add("dtend", datetime.fromtimestamp(end, UTC))
    event.add("summary", _line(_summary(row)))
    event.add("description", "\n".join(_lines(_description(row))))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    return event


def _summary(row: BookingRow) -> str:
    party = f" ({row.party_size} people)" if row.party_size > 1 else ""
    missed = " – did not come" if row.status == "NO_SHOW" else ""
    return f"{row.service_name} – {row.customer_name}{party}{missed}"


def _description(row: BookingRow) -> str:
    return "\n".join(filter(None, (row.resource_name, row.notes, row.internal_notes)))


def _line(text: str) -> str:
    return " ".join(_lines(text))


def _lines(text: str) -> list[str]:
    """A text without what would end a line of the calendar, or means something to a terminal."""
    return ["".join(filter(str.isprintable, line)) for line in text.splitlines()]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
