"""A booking that is there: another time, its notes, its end."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from smoothbox.contract.availability import Availability
from smoothbox.contract.bookings import Booking, BookingChange, Cancellation
from smoothbox.errors import Problem
from smoothbox.operations import availability, booking_changes, bookings
from smoothbox.operations.availability import Question
from smoothbox.parsing.shapes import shaped
from smoothbox.store.connection import Tx
from smoothbox.web.asked import first_day, whole_number
from smoothbox.web.console.bookings import BookingPage
from smoothbox.web.console.desk import FormPage
from smoothbox.web.console.lists import all_resources
from smoothbox.web.console.unchanged import unchanged
from smoothbox.web.forms import Field

DAYS: Final = 7
_NOTES: Final = (
    Field("notes", "Notes", "textarea", "The customer sees these."),
    Field("internal_notes", "Internal notes", "textarea", "Only the business and its programs see these."),
    Field("external_id", "Your own id", help="What other programs know it by.", may_be_none=True),
)
_REASON: Final = Field("reason", "Why")
_FOLLOWING: Final = Field("following", "Cancel all of its series that follow, too", "switch")


class BookingForm(FormPage, BookingPage):
    """A form about one booking; nothing is done where the booking has changed since it was shown."""

    template = "console/booking_form.html"
    heading = ""
    button = ""

    async def around(self, booking_id: int) -> Mapping[str, Any]:
        """The booking itself."""
        booking = await self.read(bookings.find, booking_id)
        return {"booking": booking, "heading": self.heading, "button": self.button}


class BookingNotes(BookingForm):
    """What is written down beside it."""

    heading, button = "Notes", "Save"

    async def fields(self, booking_id: int) -> Sequence[Field]:  # noqa: ARG002
        """The same for every booking."""
        return _NOTES

    async def present(self, booking_id: int) -> Mapping[str, Any]:
        """What is written now."""
        booking = await self.read(bookings.find, booking_id)
        return {each.name: getattr(booking, each.name) for each in _NOTES}

    async def save(self, document: dict[str, Any], booking_id: int) -> str:
        """Write it down."""
        change = shaped(document, BookingChange)
        act = unchanged(bookings.find, booking_id, self.version, booking_changes.change, booking_id, change)
        await self.commit(act)
        self.say("The notes are saved.")
        return f"bookings/{booking_id}/"


class BookingCancellation(BookingForm):
    """Its end, with a reason; of a series also the end of what follows."""

    heading, button = "Cancel this booking", "Cancel the booking"

    async def fields(self, booking_id: int) -> Sequence[Field]:
        """A reason, and for one of a series the question for the others."""
        booking = await self.read(bookings.find, booking_id)
        return (_REASON,) if booking.series_id is None else (_REASON, _FOLLOWING)

    async def save(self, document: dict[str, Any], booking_id: int) -> str:
        """Cancel it."""
        cancellation = shaped(document, Cancellation)
        act = unchanged(bookings.find, booking_id, self.version, booking_changes.cancel, booking_id, cancellation)
        booking = await self.commit(act)
        late = " It was late to cancel." if booking.late_cancellation else ""
        self.say(f"The booking of {booking.customer_name} is cancelled.{late}")
        return f"bookings/{booking_id}/"


class BookingTimes(BookingPage):
    """Another time or another resource; for a request without a time its first."""

    async def see(self, booking_id: int) -> None:
        """A week of free times."""
        await self._show(booking_id, None)

    async def act(self, booking_id: int) -> None:
        """Move it."""
        try:
            change = shaped(self._document(), BookingChange)
            act = unchanged(bookings.find, booking_id, self.version, booking_changes.change, booking_id, change)
            booking = await self.commit(act)
        except Problem as problem:
            await self._show(booking_id, problem)
            return
        self.go(f"bookings/{booking_id}/", f"{booking.customer_name} comes at another time now.")

    def _document(self) -> dict[str, Any]:
        start = self.get_body_argument("start_time", "")
        if not start:
            raise Problem("validation_error", "Choose one of the times.", {"start_time": ["Choose one of the times."]})
        resource_id = whole_number("resource_id", self.get_body_argument("resource_id", ""))
        return {"start_time": start} | ({"resource_id": resource_id} if resource_id else {})

    async def _show(self, booking_id: int, problem: Problem | None) -> None:
        booking = await self.read(bookings.find, booking_id)
        first = await self.read(first_day, self.get_query_argument("from", ""))
        resource_id = whole_number("resource_id", self.get_query_argument("resource_id", ""))
        free = await self.read(_times_for, booking, first, resource_id)
        self.show(
            "console/booking_times.html",
            200 if problem is None else self.status_of(problem),
            booking=booking,
            free=free,
            problem=problem,
            first=first,
            days=DAYS,
            step=timedelta(days=DAYS),
            resource_id=resource_id,
            resources=await self.read(all_resources),
        )


def _times_for(tx: Tx, booking: Booking, first: date, resource_id: int) -> Availability:
    named = (resource_id,) if resource_id else ()
    last = first + timedelta(days=DAYS - 1)
    return availability.free_times(tx, Question(booking.service_id, first, last, named, without_booking=booking.id))
