"""GET services/."""

from smoothbox.api.call import Call
from smoothbox.api.messages import Response, ok
from smoothbox.api.query import page_body, parse_list
from smoothbox.contract.services import LIST
from smoothbox.operations import services


async def index(call: Call) -> Response:
    """A page of services."""
    query = parse_list(LIST, call.request)
    page = await call.read(services.list_page, query)
    return ok(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One service."""
    return ok(await call.read(services.find, call.id))
