"""A call: one request of a known caller, with the caller's data file at hand. What every handler is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from msgspec import Struct

from smoothbox.api.auth import Caller
from smoothbox.api.idempotency import Running, ticket_of, to_keep, to_send
from smoothbox.api.messages import Request, Response, tag_of
from smoothbox.api.preconditions import require_match
from smoothbox.contract.listing import Listing
from smoothbox.ids import Mode
from smoothbox.keyring import Keyring, Vault
from smoothbox.operations.idempotency import once
from smoothbox.store.connection import Origin, Tx
from smoothbox.store.database import Database
from smoothbox.store.idempotency import Answer

T = TypeVar("T")
Args = TypeVarTuple("Args")


Admit = Callable[[str, Mode], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Means:
    """What all calls share: the idempotency keys at work, the box's keyring, and who admits addresses to deliver to."""

    running: Running
    keyring: Keyring
    admit: Admit


@dataclass(slots=True)
class Call:
    """Who calls, what was sent, and the ids in the path, outermost first.

    A handler reads, makes or amends. Who makes or amends hands over how the verb's value is rendered, for where the
    request carries an Idempotency-Key the response is kept in the transaction that it tells of.
    """

    request: Request
    caller: Caller
    ids: tuple[int, ...]
    database: Database
    means: Means

    @property
    def id(self) -> int:
        """The first id in the path; 0 where there is none."""
        return self.ids[0] if self.ids else 0

    @property
    def pair(self) -> tuple[int, int]:
        """Both ids of a path that has two."""
        outer, inner = self.ids
        return outer, inner

    @property
    def vault(self) -> Vault:
        """What seals secrets for the caller's file."""
        return self.means.keyring.vault(self.caller.tenant.folder, self.caller.mode)

    async def admit(self, url: str) -> None:
        """Refuse an address that the caller's deliveries may not go to. Raises Problem as `Means.admit` does."""
        await self.means.admit(url, self.caller.mode)

    def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> Awaitable[T]:
        """Run a verb that only reads on the caller's file."""
        return self.database.read(verb, *args)

    async def make(self, render: Callable[[T], Response], verb: Callable[[Tx, *Args], T], *args: *Args) -> Response:
        """Run a verb on the caller's file, wait until its commit has reached the disk, and render what it returned.

        An answer that carries a secret is kept sealed. Raises what the verb raises, or Problem: 'invalid_idempotency_key',
        'idempotency_in_progress', 'idempotency_key_reused'.
        """
        ticket = ticket_of(self.request, self.caller)
        key = None if ticket is None else ticket.key
        origin = Origin(self.caller.mode, self.request.id, key)
        if ticket is None:
            return render(await self.database.write(verb, *args, origin=origin))
        vault = self.vault

        def act(tx: Tx) -> Answer:
            return to_keep(render(verb(tx, *args)), ticket, vault)

        with self.means.running.alone(ticket):
            return to_send(await self.database.write(once, ticket, act, origin=origin), ticket, vault)

    async def amend(
        self,
        find: Callable[[Tx, int], object],
        render: Callable[[T], Response],
        verb: Callable[[Tx, *Args], T],
        *args: *Args,
    ) -> Response:
        """As `make`, for the object that the path names: only where If-Match names what `find(tx, id)` shows now.

        `find` is what GET shows of it to this caller. Raises Problem 'precondition_failed' too.
        """
        wanted = self.request.headers.get("If-Match")
        if wanted is None:
            return await self.make(render, verb, *args)

        def act(tx: Tx) -> T:
            require_match(wanted, tag_of(find(tx, self.id)))
            return verb(tx, *args)

        return await self.make(render, act)


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address: the scope that it needs (None: any token will do), who answers, and what goes in and out.

    `takes` is the shape of the body, `gives` those that the answer with `status` may have: of each result of a list.
    `amends` says that If-Match counts. `is_kept` says that the answer is worth keeping and follows from the data alone,
    never from the time or from the token.
    """

    scope: str | None
    handler: Handler
    gives: tuple[type[Struct], ...] = ()
    takes: type[Struct] | None = None
    status: int = 200
    listing: Listing | None = None
    amends: bool = False
    is_kept: bool = False
