"""events/: the feed to pull; and webhooks/event-types/: what there is to hear of."""

from smoothbox.api.call import Call
from smoothbox.api.messages import Response, listed, ok
from smoothbox.api.pages import page_body
from smoothbox.contract.event_examples import DESCRIBED
from smoothbox.contract.events import LIST, Types
from smoothbox.operations import events
from smoothbox.parsing.lists import parse_list


async def index(call: Call) -> Response:
    """A page of the events of the last thirty days, in their order."""
    query = parse_list(LIST, call.request.query)
    page = await call.read(events.list_page, query)
    return listed(page_body(LIST, call.request, page))


async def types(call: Call) -> Response:  # noqa: ARG001 -- the same for every caller
    """Every type of event, with a sentence and an example."""
    return ok(Types(len(DESCRIBED), None, None, DESCRIBED))
