"""The yardstick: a RequestHandler of plain Tornado that answers with a constant, in a process of its own."""

import asyncio
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

ANSWER = b'{"name":"bare","filler":"' + b"x" * 168 + b'"}'  # 195 bytes, about one booking of the prototypes


class Constant(RequestHandler):
    """Answers every GET alike."""

    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.write(ANSWER)


async def serve() -> None:
    """Listen on a free port, say where on stdout, and stay until a signal ends the process."""
    (listener,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/", Constant)]))
    server.add_sockets([listener])
    sys.stdout.write(f"listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
