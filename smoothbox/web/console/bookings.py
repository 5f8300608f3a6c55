"""Bookings: the list, and one with all that can be done with it."""

from typing import Final

from smoothbox.contract.bookings import LIST, STATUSES, Booking, BookingChange
from smoothbox.errors import Problem
from smoothbox.operations import booking_changes, booking_links, bookings, business, customers
from smoothbox.operations.times import today
from smoothbox.parsing.shapes import shaped
from smoothbox.scheduling import lifecycle
from smoothbox.web.console.desk import ConsolePage, Deed
from smoothbox.web.console.lists import ListPage, all_resources, all_services, chosen, results
from smoothbox.web.console.unchanged import unchanged

FILTERS: Final = ("status", "start_date", "end_date", "service_id", "resource_id", "customer_id", "search", "series_id")
ORDERINGS: Final = (
    ("start_time", "Earliest first"),
    ("-start_time", "Latest first"),
    ("-created_at", "Made last"),
    ("-updated_at", "Changed last"),
)
_DONE: Final = {"CONFIRMED": "confirmed", "COMPLETED": "completed", "NO_SHOW": "did not come", "SCHEDULED": "scheduled"}


class BookingPage(ConsolePage):
    """A page about bookings."""

    section = "bookings"

    @property
    def version(self) -> str:
        """Which version of the booking the form was made from."""
        return self.get_body_argument("version", "")


class BookingList(ListPage, BookingPage):
    """All of them, filtered."""

    listing = LIST

    async def see(self) -> None:
        """A page of them, by default those of today and later."""
        defaults = {} if self.request.query else {"start_date": str(await self.read(today))}
        query, asked = self.asked(**defaults)
        page = await self.read(bookings.list_page, asked)
        self.show(
            "console/bookings.html",
            page=page,
            bookings=results(page, Booking),
            wanted=chosen(self, *FILTERS, "ordering") | defaults,
            statuses=STATUSES,
            orderings=ORDERINGS,
            services=await self.read(all_services),
            resources=await self.read(all_resources),
            neighbours=self.neighbours(query, page),
        )


class OneBooking(BookingPage):
    """One of them."""

    async def see(self, booking_id: int) -> None:
        """Show it."""
        booking = await self.read(bookings.find, booking_id)
        signed = booking_links.link_to(self.means.keyring, self.person.tenant.folder, self.mode, booking)
        self.show(
            "console/booking.html",
            booking=booking,
            moves=lifecycle.moves_from(booking.status),  # type: ignore[arg-type]  # the row's own
            may_change_time=lifecycle.may_change_time(booking.status),  # type: ignore[arg-type]
            customer=await self.read(customers.find, booking.customer_id),
            own=await self.read(business.facts),
            link=None if signed is None else f"{self.request.origin}/b/{signed}/",
        )


class BookingMove(Deed, BookingPage):
    """Confirmed, completed, or not come."""

    async def do(self, booking_id: int) -> str:
        """Do it."""
        status = self.get_body_argument("status", "")
        if status == "CANCELLED":
            raise Problem("invalid_status_transition", "A cancellation has a page of its own, with a reason.")
        change = shaped({"status": status}, BookingChange)
        act = unchanged(bookings.find, booking_id, self.version, booking_changes.change, booking_id, change)
        booking = await self.commit(act)
        return f"{booking.customer_name}, {booking.service_name}: {_DONE[booking.status]}."

    def back(self, booking_id: int) -> str:
        """The booking."""
        return f"bookings/{booking_id}/"
