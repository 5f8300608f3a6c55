"""webhooks/: GET, POST, PATCH, DELETE, ping and rotate-secret."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, accepted, listed, no_content, secret_created_in, secret_shown, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.webhooks import LIST, EndpointChange, NewEndpoint, Nothing, Rotation
from smoothbox.operations import deliveries, webhooks
from smoothbox.operations.webhook_bodies import checked
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of webhook endpoints."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(webhooks.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def show(call: Call) -> Response:
    """One webhook endpoint."""
    return shown(await call.read(webhooks.find, call.id))


async def create(call: Call) -> Response:
    """Subscribe; the answer is the only one that shows the secret."""
    new = parse_body(call.request, NewEndpoint)
    await call.admit(checked(new)["url"])
    return await call.make(secret_created_in("webhooks/"), webhooks.create, new, call.vault)


async def change(call: Call) -> Response:
    """Change a webhook endpoint, or bring back one that was disabled."""
    change = parse_body(call.request, EndpointChange)
    fields = checked(change)
    if "url" in fields:
        await call.admit(fields["url"])
    return await call.amend(webhooks.find, shown, webhooks.change, call.id, change, call.vault)


async def delete(call: Call) -> Response:
    """Remove a webhook endpoint with its deliveries."""
    return await call.amend(webhooks.find, no_content, webhooks.remove, call.id)


async def ping(call: Call) -> Response:
    """Send a test to one webhook endpoint, also to a disabled one."""
    parse_body(call.request, Nothing)
    return await call.make(accepted, deliveries.ping, call.id)


async def rotate(call: Call) -> Response:
    """Replace the secret; the old one signs beside it for a while."""
    rotation = parse_body(call.request, Rotation)
    return await call.amend(webhooks.find, secret_shown, webhooks.rotate, call.id, rotation, call.vault)
