"""GET resources/."""

from smoothbox.api.call import Call
from smoothbox.api.messages import Response, ok
from smoothbox.api.query import page_body, parse_list
from smoothbox.contract.resources import LIST
from smoothbox.operations import resources


async def index(call: Call) -> Response:
    """A page of resources."""
    query = parse_list(LIST, call.request)
    page = await call.read(resources.list_page, query)
    return ok(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One resource."""
    return ok(await call.read(resources.find, call.id))
