"""The header Idempotency-Key: what it may hold, what it stands for, and which keys are at work (api.md §6)."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from smoothbox.api.auth import Caller
from smoothbox.api.body import strict_json
from smoothbox.api.messages import Request, Response
from smoothbox.errors import Problem
from smoothbox.keyring import SealBrokenError, Vault
from smoothbox.operations.idempotency import Outcome, Ticket, place
from smoothbox.store.idempotency import Answer

_HEADER: Final = "Idempotency-Key"
_METHODS: Final = frozenset({"POST", "PATCH"})
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_QUOTED: Final = re.compile(r'"(.*)"')

_Owned = tuple[int, str]  # a lineage belongs to one tenant and one mode


class Running:
    """The keys whose requests are being answered now, in the whole process."""

    def __init__(self) -> None:
        self._fingerprints: dict[_Owned, bytes] = {}

    def __len__(self) -> int:
        return len(self._fingerprints)

    @contextmanager
    def alone(self, ticket: Ticket) -> Iterator[None]:
        """Within it, nobody else answers a request with this key.

        Raises Problem 'idempotency_in_progress' when somebody does, 'idempotency_key_reused' when the request is another.
        """
        owned = (ticket.owner, ticket.key)
        running = self._fingerprints.get(owned)
        if running is not None:
            if running != ticket.fingerprint:
                raise Problem("idempotency_key_reused")
            raise Problem("idempotency_in_progress", None, {"retry_after": 1})
        self._fingerprints[owned] = ticket.fingerprint
        try:
            yield
        finally:  # also when whoever asked has gone
            del self._fingerprints[owned]


def ticket_of(request: Request, caller: Caller) -> Ticket | None:
    """What a request is to be recognised by, or None where it carries no key or its method takes none.

    Raises Problem 'invalid_idempotency_key', or 'invalid_json' for a body that is none.
    """
    if _HEADER not in request.headers or request.method not in _METHODS:
        return None
    return Ticket(caller.lineage, parse_key(request.headers.get_list(_HEADER)), fingerprint(request))


def parse_key(values: list[str]) -> str:
    """The key in the header's values; one pair of quotes around it counts for nothing.

    Raises Problem 'invalid_idempotency_key'.
    """
    if len(values) > 1:
        raise Problem("invalid_idempotency_key", f"Send {_HEADER} once.")
    quoted = _QUOTED.fullmatch(values[0])
    key = quoted[1] if quoted else values[0]
    if not _KEY.fullmatch(key):
        raise Problem("invalid_idempotency_key")
    return key


def fingerprint(request: Request) -> bytes:
    """A hash over all that makes a request the same: in the body neither the order of names nor white space counts."""
    document = strict_json(request.body) if request.body else {}
    whole = (request.method, request.path, request.query, document)
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).digest()


def to_keep(response: Response, ticket: Ticket, vault: Vault) -> Answer:
    """A response as it is kept: sealed where it carries a secret."""
    headers = msgspec.json.encode(response.headers).decode()
    body = vault.seal(response.body, place(ticket.owner, ticket.key)) if response.is_secret else response.body
    return Answer(response.status, headers, body, int(response.is_secret))


def to_send(outcome: Outcome, ticket: Ticket, vault: Vault) -> Response:
    """A response as it was kept, saying so where it is a repeated one.

    Raises Problem 'unavailable' where one that was sealed does not open, because the box has lost its keyring.
    """
    answer = outcome.answer
    headers = msgspec.json.decode(answer.headers, type=dict[str, str])
    if outcome.is_repeated:
        headers["Idempotent-Replayed"] = "true"
    try:
        body = vault.open(answer.body, place(ticket.owner, ticket.key)) if answer.is_sealed else answer.body
    except SealBrokenError:
        raise Problem("unavailable", "The answer was kept sealed, and the box's keyring does not open it.") from None
    return Response(answer.status, body, headers)
