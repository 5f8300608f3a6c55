"""GET business/: also the answer to "does my token work"."""

from smoothbox.api.call import Call
from smoothbox.api.messages import Response, ok
from smoothbox.operations import business


async def show(call: Call) -> Response:
    """The business, as this token sees it."""
    caller = call.caller
    return ok(await call.read(business.describe, caller.tenant.slug, caller.mode, caller.scopes))
