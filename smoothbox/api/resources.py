"""resources/: GET, POST, PATCH, DELETE."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created_in, listed, no_content, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.resources import LIST, NewResource, ResourceChange
from smoothbox.operations import resources
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of resources."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(resources.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One resource; its exceptions and its absences too, where the token may change them."""
    find = resources.find_in_full if "resources:write" in call.caller.scopes else resources.find
    return shown(await call.read(find, call.id))


async def create(call: Call) -> Response:
    """Add a resource."""
    new = parse_body(call.request, NewResource)
    return await call.make(created_in("resources/"), resources.create, new)


async def change(call: Call) -> Response:
    """Change a resource."""
    change = parse_body(call.request, ResourceChange)
    return await call.amend(resources.find_in_full, shown, resources.change, call.id, change)


async def delete(call: Call) -> Response:
    """Remove a resource; one that was ever booked stays, and is deactivated."""
    return await call.amend(resources.find_in_full, no_content, resources.remove, call.id)
