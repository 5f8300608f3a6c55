"""Coroutines that begin at once: who has nothing to wait for is done before a task for it would have been made.

What the event loop offers for it from Python 3.12 on (`asyncio.eager_task_factory`), for 3.11. A task, its turn of the loop
and the turn of the connection that waits for it cost half of what Tornado needs to read a request and write its answer.
"""

from collections.abc import Coroutine, Generator
from typing import Any


def begun(coroutine: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None] | None:
    """Run a coroutine to where it first waits; the rest of it, for a task, or None when it has ended.

    Until then it runs outside of any task of its own. Raises what it raises.
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return _rest(_Begun(coroutine, awaited))


async def _rest(begun: "_Begun") -> None:
    await begun


class _Begun:
    """A coroutine that waits for something already."""

    __slots__ = ("_awaited", "_coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, None], awaited: object) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[object, Any, None]:
        if self._awaited is None:  # it waits for the next turn of the loop, and that is where this runs
            yield from self._coroutine.__await__()
        else:
            yield from self._after(self._awaited)

    def _after(self, awaited: object) -> Generator[object, Any, None]:
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001 -- a cancellation too is for the coroutine to see
            try:
                awaited = self._coroutine.throw(error)
            except StopIteration:
                return
            yield from self._after(awaited)
        else:
            yield from self._coroutine.__await__()
