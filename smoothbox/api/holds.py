"""holds/: POST and DELETE."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created_in, no_content
from smoothbox.contract.holds import NewHold
from smoothbox.operations import holds


async def create(call: Call) -> Response:
    """Keep a place for a while."""
    new = parse_body(call.request, NewHold)
    return await call.make(created_in("holds/"), holds.create, new, call.caller.lineage)


async def delete(call: Call) -> Response:
    """Give a kept place back."""
    return await call.make(no_content, holds.release, call.id, call.caller.lineage)
