"""customers/: GET, POST, PATCH."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created_in, listed, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.customers import LIST, CustomerChange, NewCustomer
from smoothbox.operations import customers
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of customers."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(customers.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One customer."""
    return shown(await call.read(customers.find, call.id))


async def create(call: Call) -> Response:
    """Add a customer."""
    new = parse_body(call.request, NewCustomer)
    return await call.make(created_in("customers/"), customers.create, new)


async def change(call: Call) -> Response:
    """Change a customer."""
    change = parse_body(call.request, CustomerChange)
    return await call.amend(customers.find, shown, customers.change, call.id, change)
