"""bookings/: GET, POST, PATCH, DELETE, and cancel."""

from functools import partial

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.manage_links import all_joined, with_link
from smoothbox.api.messages import BASE_PATH, Response, created_in, listed, no_content, ok, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.bookings import LIST, BookingChange, Cancellation, NewBooking, Series
from smoothbox.operations import booking_changes, bookings, series
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of bookings."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(bookings.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One booking."""
    return with_link(call, shown)(await call.read(bookings.find, call.id))


async def create(call: Call) -> Response:
    """Book one, or a series of them."""
    new = parse_body(call.request, NewBooking)
    if new.recurrence is not None:
        return await call.make(partial(_series_created, call), series.book, new, new.recurrence)
    return await call.make(with_link(call, created_in("bookings/")), bookings.book, new, call.caller.lineage)


async def change(call: Call) -> Response:
    """Reschedule, move on or edit."""
    change = parse_body(call.request, BookingChange)
    return await call.amend(bookings.find, with_link(call, shown), booking_changes.change, call.id, change)


async def cancel(call: Call) -> Response:
    """Cancel, with a reason; of a series also those that follow."""
    cancellation = parse_body(call.request, Cancellation)
    return await call.amend(bookings.find, with_link(call, shown), booking_changes.cancel, call.id, cancellation)


async def delete(call: Call) -> Response:
    """Cancel; the booking stays and can be read."""
    return await call.amend(bookings.find, no_content, booking_changes.cancel, call.id, Cancellation())


def _series_created(call: Call, made: Series) -> Response:
    response = ok({"series_id": made.series_id, "count": made.count, "results": all_joined(call, made.results)})
    return Response(201, response.body, {"Location": f"{BASE_PATH}bookings/?series_id={made.series_id}"})
