"""GET availability/."""

from smoothbox.api.auth import require_scope
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, ok
from smoothbox.operations import availability
from smoothbox.parsing.questions import parse_question


async def index(call: Call) -> Response:
    """The free times of a service."""
    question = parse_question(call.request.query, call.caller.lineage)
    if question.without_booking:  # the answer tells when it is
        require_scope(call.caller, "bookings:read")
    return ok(await call.read(availability.free_times, question))
