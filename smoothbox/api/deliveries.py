"""webhooks/<id>/deliveries/: GET, redeliver; and the recovery of what failed."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, accepted, listed, shown
from smoothbox.api.pages import page_body
from smoothbox.contract.webhooks import DELIVERIES, Nothing, Recovery
from smoothbox.operations import deliveries
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of the deliveries of a webhook endpoint."""
    query = parse_list(DELIVERIES, call.request.query)
    page = await call.read(deliveries.list_page, call.id, query)
    return listed(page_body(DELIVERIES, call.request, page))


async def show(call: Call) -> Response:
    """One delivery with every attempt, the answers that it got, and the body that it sends."""
    return shown(await call.read(deliveries.find, *call.pair))


async def redeliver(call: Call) -> Response:
    """Send a delivery once more, now."""
    parse_body(call.request, Nothing)
    return await call.make(accepted, deliveries.redeliver, *call.pair)


async def recover(call: Call) -> Response:
    """Begin anew with every delivery that failed since a time."""
    recovery = parse_body(call.request, Recovery)
    return await call.make(accepted, deliveries.recover, call.id, recovery)
