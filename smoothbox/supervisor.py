"""What a supervisor such as systemd hands over at the start, and what it wants to hear: sd_listen_fds(3) and sd_notify(3)."""

import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from smoothbox.errors import Problem

_FIRST_DESCRIPTOR: Final = 3
_PATIENCE: Final = 1.0  # seconds
_MICROSECONDS: Final = 1_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who started this process, as far as it says so; `sockets` listen already.

    `watchdog_seconds` is how often at least it wants to hear "WATCHDOG=1", or None.
    """

    address: str = ""
    watchdog_seconds: float | None = None
    sockets: tuple[socket.socket, ...] = field(default=())

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Supervisor":
        """The supervisor of this process. Raises Problem 'unavailable' for sockets that do not listen for connections."""
        microseconds = _number(environment, "WATCHDOG_USEC")
        is_watched = microseconds > 0 and _number(environment, "WATCHDOG_PID") in {0, os.getpid()}
        count = _number(environment, "LISTEN_FDS") if _number(environment, "LISTEN_PID") == os.getpid() else 0
        return cls(
            environment.get("NOTIFY_SOCKET", ""),
            microseconds / _MICROSECONDS if is_watched else None,
            tuple(_listening(each) for each in range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + count)),
        )

    def tell(self, *lines: str) -> None:
        """Send lines such as READY=1; without a supervisor, nowhere. One that does not listen is no reason to stop."""
        if not self.address.startswith(("/", "@")):
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.settimeout(_PATIENCE)
                line.connect(address)
                line.send("\n".join(lines).encode())
        except OSError as error:
            _log.warning("the supervisor at %s cannot be told %s: %s", self.address, lines[0], error)


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _listening(descriptor: int) -> socket.socket:
    try:
        found = socket.socket(fileno=descriptor)
        listens = found.type == socket.SOCK_STREAM and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        listens = False
    if not listens:
        raise Problem("unavailable", f"The supervisor handed over descriptor {descriptor}, on which nothing listens.")
    found.settimeout(0)
    os.set_inheritable(descriptor, False)  # noqa: FBT003 -- its own signature
    return found
