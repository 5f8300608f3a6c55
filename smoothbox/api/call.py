"""A call: one request of a known caller, with the caller's data file at hand. What every handler is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from smoothbox.api.auth import Caller
from smoothbox.api.messages import Request, Response
from smoothbox.store.connection import Tx
from smoothbox.store.database import Database

T = TypeVar("T")
Args = TypeVarTuple("Args")


@dataclass(slots=True)
class Call:
    """Who calls, what was sent, and the id in the path (0 where the path has none)."""

    request: Request
    caller: Caller
    id: int
    database: Database

    def read(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> Awaitable[T]:
        """Run a verb that only reads on the caller's file."""
        return self.database.read(verb, *args)

    def write(self, verb: Callable[[Tx, *Args], T], *args: *Args) -> Awaitable[T]:
        """Run a verb on the caller's file and wait until its commit has reached the disk."""
        return self.database.write(verb, *args)


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address: the scope that it needs, and who answers."""

    scope: str
    handler: Handler
