"""A receiver of deliveries, in a process of its own, that costs little: it counts, and answers as the path says.

POST /ok/NAME is answered 200 and /fail/NAME 500; /hang/NAME never is. GET / tells what came so far.
"""

import asyncio
import json
import sys
import time
from typing import Any

ANSWERS = {
    b"ok": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"fail": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
}
LENGTH = b"\r\ncontent-length:"

came: dict[str, tuple[int, float]] = {}  # by path: how many, and the instant of the last by time.monotonic


class Receiver(asyncio.Protocol):
    """One connection with one request after the other, each counted once it is here as a whole."""

    transport: Any
    data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, blank, body = self.data.partition(b"\r\n\r\n")
        if blank and len(body) >= _length(head):
            self.data = b""
            self._answer(head.split(b" ", 2)[1])

    def _answer(self, path: bytes) -> None:
        if path == b"/":
            text = json.dumps({"now": time.monotonic(), "came": came}).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
            return
        name = path.decode()
        came[name] = (came.get(name, (0, 0.0))[0] + 1, time.monotonic())
        if answer := ANSWERS.get(path.split(b"/", 2)[1]):
            self.transport.write(answer)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(LENGTH)
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def serve() -> None:
    """Listen on a free port, say where on stdout, and stay until a signal ends the process."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
