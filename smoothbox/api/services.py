"""services/: GET, POST, PATCH, DELETE."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created_in, listed, no_content, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.services import LIST, NewService, ServiceChange
from smoothbox.operations import services
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of services."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(services.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One service."""
    return shown(await call.read(services.find, call.id))


async def create(call: Call) -> Response:
    """Add a service."""
    new = parse_body(call.request, NewService)
    return await call.make(created_in("services/"), services.create, new)


async def change(call: Call) -> Response:
    """Change a service."""
    change = parse_body(call.request, ServiceChange)
    return await call.amend(services.find, shown, services.change, call.id, change)


async def delete(call: Call) -> Response:
    """Remove a service; one that was ever booked stays, and is deactivated."""
    return await call.amend(services.find, no_content, services.remove, call.id)
