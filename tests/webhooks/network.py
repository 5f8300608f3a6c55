"""The network as a test has it: names that it makes up, and a way out that ends before this machine does."""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

import pytest

Names = dict[str, Callable[[], Iterable[str]]]


class Network:
    """Answers for the system: what a name leads to, and what becomes of a connection.

    `asked` has every name that was looked up, `dialled` every address that a connection was opened to. Only what means this
    machine is really connected to; `routes` take public addresses there, and any other refuses the connection.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._names: Names = {"localhost": lambda: ["::1", "127.0.0.1"]}
        self._look_up, self._connect = socket.getaddrinfo, socket.socket.connect
        self.asked: list[str] = []
        self.dialled: list[str] = []
        self.routes: dict[str, str] = {}
        monkeypatch.setattr(socket, "getaddrinfo", self._addresses)

        def connect(opened: socket.socket, address: Any) -> None:
            self._connected(opened, address)

        monkeypatch.setattr(socket.socket, "connect", connect)

    def name(self, name: str, *addresses: str) -> None:
        """A name that leads to these addresses."""
        self._names[name] = lambda: addresses

    def name_that(self, name: str, look_up: Callable[[], Iterable[str]]) -> None:
        """A name that is looked up in some way of its own, in the thread that asks for it."""
        self._names[name] = look_up

    def _addresses(self, host: Any, port: Any, *rest: Any, flags: int = 0, **more: Any) -> Any:
        if host is None or flags & socket.AI_NUMERICHOST:
            return self._look_up(host, port, *rest, flags=flags, **more)
        self.asked.append(host)
        host.encode("idna")  # as the system does, which raises UnicodeError
        found = self._names.get(host.lower().removesuffix("."))
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        numeric = socket.AI_NUMERICHOST
        return [row for text in found() for row in self._look_up(text, port, *rest, flags=numeric, **more)]

    def _connected(self, opened: socket.socket, address: Any) -> None:
        host = str(address[0])
        self.dialled.append(host)
        if host in self.routes:
            self._connect(opened, (self.routes[host], *address[1:]))
        elif _is_here(host):
            self._connect(opened, address)
        else:
            raise ConnectionRefusedError(f"{host} is not on this machine")


def _is_here(host: str) -> bool:
    address = ip_address(host.partition("%")[0])
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return plain.is_loopback or plain.is_unspecified
