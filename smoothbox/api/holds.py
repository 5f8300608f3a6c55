"""holds/: POST, GET one, DELETE."""

from functools import partial

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, created_in, no_content, shown
from smoothbox.contract.holds import NewHold
from smoothbox.operations import holds


async def create(call: Call) -> Response:
    """Keep a place for a while."""
    new = parse_body(call.request, NewHold)
    return await call.make(created_in("holds/"), holds.create, new, call.caller.lineage)


async def show(call: Call) -> Response:
    """One hold of this token."""
    return shown(await call.read(holds.find, call.id, call.caller.lineage))


async def delete(call: Call) -> Response:
    """Give a kept place back."""
    find = partial(holds.find, owner=call.caller.lineage)
    return await call.amend(find, no_content, holds.release, call.id, call.caller.lineage)
