"""business/: GET, which is also the answer to "does my token work", and PATCH."""

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, shown
from smoothbox.contract.business import Business, BusinessChange
from smoothbox.operations import business
from smoothbox.store.connection import Tx


async def show(call: Call) -> Response:
    """The business, as this token sees it."""
    return shown(await call.read(business.describe, *_eyes(call)))


async def change(call: Call) -> Response:
    """Change the business."""
    change, eyes = parse_body(call.request, BusinessChange), _eyes(call)

    def find(tx: Tx, _: int) -> Business:
        return business.describe(tx, *eyes)

    return await call.amend(find, shown, business.change, change, *eyes)


def _eyes(call: Call) -> tuple[str, str, tuple[str, ...]]:
    """With which the caller sees the business."""
    return call.caller.tenant.slug, call.caller.mode, call.caller.scopes
