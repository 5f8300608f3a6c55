"""Nobody overwrites what they have not seen: a form carries the version that it was made from."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, TypeVarTuple

from smoothbox.errors import Problem
from smoothbox.store.connection import Tx

T = TypeVar("T")
Args = TypeVarTuple("Args")

_MESSAGE: Final = "This has changed since you opened it; nothing was done. Look at it as it is now, and do it again."


def unchanged(
    find: Callable[[Tx, int], Any], object_id: int, version: str, verb: Callable[[Tx, *Args], T], *args: *Args
) -> Callable[[Tx], T]:
    """The verb, for an object that still has the version of the form; as If-Match does for the API.

    It raises Problem 'precondition_failed' where the object has changed since, and what `find` and the verb raise.
    """

    def act(tx: Tx) -> T:
        if str(find(tx, object_id).version) != version:
            raise Problem("precondition_failed", _MESSAGE)
        return verb(tx, *args)

    return act
