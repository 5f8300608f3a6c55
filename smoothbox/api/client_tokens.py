"""POST client-tokens/; and the client tokens that were seen lately, so that a signature is checked once."""

from collections import OrderedDict
from typing import Final

from smoothbox.api.body import parse_body
from smoothbox.api.call import Call
from smoothbox.api.messages import Response, secret_made
from smoothbox.contract.client_tokens import NewClientToken
from smoothbox.errors import Problem
from smoothbox.ids import token_hash
from smoothbox.keyring import Keyring
from smoothbox.operations import client_tokens
from smoothbox.operations.client_tokens import Grant

_KEPT: Final = 1000


async def create(call: Call) -> Response:
    """Make a token for a client: less than this one may do, for an hour at most."""
    new, caller = parse_body(call.request, NewClientToken), call.caller
    if caller.is_client:
        raise Problem("forbidden", "A client token makes no further ones.")
    return await call.make(secret_made, client_tokens.mint, call.means.keyring, caller.token_id, caller.scopes, new)


class Grants:
    """What client tokens say, by their hash. Whether they are still good is for the caller to ask each time."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._known: OrderedDict[bytes, Grant] = OrderedDict()

    def find(self, text: str) -> Grant | None:
        """What a client token says; None for what is none."""
        digest = token_hash(text)
        found = self._known.get(digest)
        if found is None:
            found = client_tokens.granted(self._keyring, text)
            if found is None:
                return None
            self._known[digest] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(digest)
        return found
