"""bookings/: GET, POST, PATCH, DELETE, and cancel."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created, no_content, ok
from smoothbox.api.query import page_body, parse_list
from smoothbox.contract.bookings import LIST, BookingChange, Cancellation, NewBooking
from smoothbox.operations import bookings


async def index(call: Call) -> Response:
    """A page of bookings."""
    query = parse_list(LIST, call.request)
    page = await call.read(bookings.list_page, query)
    return ok(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One booking."""
    return ok(await call.read(bookings.find, call.id))


async def create(call: Call) -> Response:
    """Book."""
    new = parse_body(call.request, NewBooking)
    booking = await call.write(bookings.book, new)
    return created(booking, f"bookings/{booking.id}/")


async def change(call: Call) -> Response:
    """Reschedule, move on or edit."""
    change = parse_body(call.request, BookingChange)
    return ok(await call.write(bookings.change, call.id, change))


async def cancel(call: Call) -> Response:
    """Cancel, with a reason."""
    cancellation = parse_body(call.request, Cancellation)
    return ok(await call.write(bookings.cancel, call.id, cancellation))


async def delete(call: Call) -> Response:
    """Cancel; the booking stays and can be read."""
    await call.write(bookings.cancel, call.id, Cancellation())
    return no_content()
