"""The resolver that refuses internal addresses. A delivery dials only what this returns, so a name cannot be rebound."""

import asyncio
import socket
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, Final

from tornado.netutil import Resolver

from smoothbox.errors import Problem
from smoothbox.ids import Mode
from smoothbox.operations.webhook_urls import checked_url
from smoothbox.settings import Webhooks
from smoothbox.webhooks.addresses import AddressRules

Addresses = list[tuple[int, Any]]

_THREADS: Final = 64  # of their own: a name server that hangs keeps nothing else waiting
_ADMITTED: Final = 4  # at once: who subscribes takes no look-up away from deliveries
_MOST_WAITING: Final = 16
_PORTS: Final = {"http": 80, "https": 443}
_ALMOST: Final = 0.9  # of a client's patience: what fails later comes when it may have gone, and is kept from it


class BlockedAddressError(OSError):
    """A name leads to internal addresses only."""


class Guard(Resolver):
    """Resolves each name anew and returns the addresses that may be dialled. What fails to resolve is not dialled."""

    def initialize(self, rules: Webhooks) -> None:
        """Takes the place of __init__ in Tornado's configurable classes."""
        self._settings = rules
        self._rules = AddressRules(rules.allow_cidrs)
        self._patience = min(rules.connect_timeout, rules.timeout)
        self._free = asyncio.Semaphore(_THREADS)
        self._admitting = asyncio.Semaphore(_ADMITTED)
        self._waiting = 0
        self._running: dict[str, asyncio.Task[Addresses]] = {}

    async def resolve(self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC) -> Addresses:  # noqa: ARG002
        """The addresses of a host that may be dialled. Raises BlockedAddressError, or OSError where there are none."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return self._allowed(host, await self._look_up(host, port))
        except OSError:
            if loop.time() < began + self._patience * _ALMOST:
                raise
        await asyncio.sleep(self._patience * (1 - _ALMOST) * 2)
        return []  # the client has given up for certain; of an error it would now make one in the log

    def close(self) -> None:
        """Wait for no more look-ups; what hangs is left to itself."""
        for each in self._running.values():
            each.cancel()

    async def admit(self, url: str, mode: Mode) -> None:
        """Refuse an address that deliveries could not go to as things stand, when it is subscribed.

        A name that does not resolve now is taken: whether it may be dialled is decided each time.
        Raises Problem 'validation_error', 'url_not_allowed' with the reason, or 'unavailable' where too many ask at once.
        """
        parts = checked_url(url)
        found = await self._admitted(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        is_public = not found or any(self._rules.is_public(each[1][0]) for each in found)
        if is_public and mode == "live" and self._settings.require_https and parts.scheme != "https":
            raise _not_allowed("Live deliveries to public hosts are encrypted: begin the URL with https://.")

    async def _admitted(self, host: str, port: int) -> Addresses:
        if self._waiting >= _MOST_WAITING:
            raise Problem("unavailable", "Too many addresses are being looked up.", {"retry_after": 5})
        self._waiting += 1
        try:
            async with self._admitting, asyncio.timeout(self._settings.connect_timeout):
                return await self.resolve(host, port)
        except BlockedAddressError:
            message = f"{host} leads to an internal address; the operator may allow its network in webhooks.allow_cidrs."
            raise _not_allowed(message) from None
        except OSError:  # which a time-out is as well
            return []
        finally:
            self._waiting -= 1

    def _allowed(self, host: str, found: Addresses) -> Addresses:
        allowed = [each for each in found if self._rules.may_dial(each[1][0])]
        if not allowed:
            raise BlockedAddressError(f"{host} leads to internal addresses")
        return allowed

    async def _look_up(self, host: str, port: int) -> Addresses:
        """Whoever asks for a name that is being looked up waits with the others: one that hangs takes one thread."""
        with suppress(OSError):
            return _addresses(host, port, socket.AI_NUMERICHOST)
        name = host.lower()
        running = self._running.get(name)
        if running is None:
            running = self._running[name] = asyncio.get_running_loop().create_task(self._ask(name))
            running.add_done_callback(partial(self._looked_up, name))
        return [(family, (address[0], port, *address[2:])) for family, address in await asyncio.shield(running)]

    async def _ask(self, name: str) -> Addresses:
        """Ask the system in a thread that nothing waits for, the end of the process neither: it may hang for minutes."""
        async with self._free:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[Addresses] = loop.create_future()
            Thread(target=_look_up_in_thread, args=(name, loop, answer), name="resolver", daemon=True).start()
            return await answer

    def _looked_up(self, name: str, done: "asyncio.Task[Addresses]") -> None:
        del self._running[name]
        if not done.cancelled():
            done.exception()  # heard, also where nobody waits any more


def _look_up_in_thread(name: str, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Addresses]") -> None:
    try:
        found, error = _addresses(name, 0), None
    except Exception as failure:  # noqa: BLE001 -- whatever it is, who waits has to be told
        found, error = [], failure
    with suppress(RuntimeError):  # the box has ended meanwhile
        loop.call_soon_threadsafe(_settle, answer, found, error)


def _settle(answer: "asyncio.Future[Addresses]", found: Addresses, error: Exception | None) -> None:
    if answer.cancelled():
        return
    if error is None:
        answer.set_result(found)
    else:
        answer.set_exception(error)


def _addresses(host: str, port: int, flags: int = 0) -> Addresses:
    try:
        found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM, flags=flags)
    except UnicodeError as error:  # a label that no name can have
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
    return [(each[0], each[4]) for each in found]


def _not_allowed(message: str) -> Problem:
    return Problem("url_not_allowed", message, {"url": [message]})
