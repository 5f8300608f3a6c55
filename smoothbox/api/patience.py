"""Who keeps the box waiting: connections whose next head, or whose body, is not complete yet."""

import asyncio
from typing import Protocol


class Closable(Protocol):
    """What can be cut off."""

    def close(self) -> None:
        """End it."""


class Patience:
    """Every connection has the same time for a head, and again for a body; so the one that began first is the first overdue."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[object, tuple[float, Closable]] = {}

    def expect(self, key: object, connection: Closable) -> None:
        """Begin to wait for a head or a body on this connection; ends an earlier wait."""
        self._waiting.pop(key, None)
        self._waiting[key] = (asyncio.get_running_loop().time(), connection)

    def forget(self, key: object) -> None:
        """It has arrived, or the connection has ended."""
        self._waiting.pop(key, None)

    def cut_off_overdue(self) -> None:
        """Close the connections that took too long."""
        limit = asyncio.get_running_loop().time() - self._seconds
        while self._waiting:
            key, (since, connection) = next(iter(self._waiting.items()))
            if since > limit:
                return
            del self._waiting[key]
            connection.close()
