"""A server process as systemd would run it: its settings in a file, its sockets handed over, what it says of itself heard."""

import json
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.process.server import PATIENCE, Server

# exec after the descriptors are where the protocol wants them: LISTEN_PID is the pid that the program then has
_HANDING_OVER = """\
import os, sys
sockets, program = sys.argv[1].split(","), sys.argv[2:]
for place, each in enumerate(sockets, 3): os.dup2(int(each), place)
os.environ |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())}
os.execv(program[0], program)"""


class Ear:
    """A socket as systemd has it for sd_notify; `address` is what NOTIFY_SOCKET says of it."""

    def __init__(self, address: str = "") -> None:
        self.address = address or f"@smoothbox-{secrets.token_hex(8)}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address.replace("@", "\0", 1))
        self._socket.settimeout(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def next(self) -> dict[str, str]:
        """What is said next, other than that all is well."""
        while (said := self._said()) == {"WATCHDOG": "1"}:
            pass
        return said

    def hears_that_all_is_well(self) -> None:
        """Wait until that is said."""
        while self._said() != {"WATCHDOG": "1"}:
            pass

    def is_told_something_within(self, seconds: float) -> bool:
        """Whether anything is said in this time."""
        self._socket.settimeout(seconds)
        try:
            self._said()
        except TimeoutError:
            return False
        finally:
            self._socket.settimeout(PATIENCE)
        return True

    def _said(self) -> dict[str, str]:
        lines = self._socket.recv(4096).decode().split("\n")
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


class Supervised(Server):
    """`smoothbox --config FILE serve` on a free port or on sockets that listen already."""

    def __init__(self, data: Path, settings: Path, sockets: Sequence[socket.socket] = (), **environment: str) -> None:
        self._data = data
        descriptors = [each.fileno() for each in sockets]
        self._start(command_line(data, settings, descriptors), {**os.environ, **environment}, descriptors)


def command_line(data: Path, settings: Path, descriptors: Sequence[int] = ()) -> list[str]:
    """What starts a server and hands it these descriptors."""
    serve = [sys.executable, "-m", "smoothbox", "--config", str(settings), "--data-dir", str(data), "serve"]
    return [sys.executable, "-c", _HANDING_OVER, ",".join(map(str, descriptors)), *serve] if descriptors else serve


def settings_text(**sections: dict[str, Any]) -> str:
    """A settings file; a free port unless it says otherwise."""
    sections["server"] = {"port": 0, **sections.get("server", {})}
    lines = ((f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in each.items())) for name, each in sections.items())
    return "\n".join(line for section in lines for line in section) + "\n"


def listening() -> socket.socket:
    """A socket that listens, on a free port of this machine."""
    return socket.create_server(("127.0.0.1", 0))
