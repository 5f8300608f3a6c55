"""A receiver for people who try deliveries out: on 127.0.0.1 alone it verifies each, shows it, and may pass it on."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import responses
from socket import socket
from typing import Any, Final

from msgspec import structs
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    ResponseStartLine,
)
from tornado.netutil import bind_sockets

from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.webhooks.forward import Answer, Forwarder
from smoothbox.webhooks.received import Received, received
from smoothbox.webhooks.verify import Keys

HOST: Final = "127.0.0.1"
LARGEST_BODY: Final = 1024 * 1024

_DRAINED: Final = 8 * LARGEST_BODY  # read and dropped of a body that is too large, so that its sender gets to see the answer
_NO_LIMIT: Final = 2**62  # of a body as Tornado sees it
_BODY_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 60.0
_BODILESS: Final = frozenset({204, 304})  # RFC 9110: they have no content, and so no length

_TAKEN: Final = Answer(200)
_NOT_REACHED: Final = Answer(502, b"smoothbox webhook listen: nobody answered where this was forwarded to.\n")

Known = Callable[[str], AbstractContextManager[Keys]]
Show = Callable[[Received], None]


def listen(port: int, known: Known, show: Show, clock: Clock, forward_to: str | None = None) -> None:
    """Take deliveries until SIGTERM, SIGINT or SIGHUP, or until something fails; port 0 takes a free one.

    `known` is entered with the address before the first delivery is taken, tells the keys to verify with, and is left in
    the end however that comes. `show` is called with each delivery before it is answered.
    Raises what those two raise, or Problem 'conflict' when the port is taken.
    """
    asyncio.run(_listen(port, known, show, clock, forward_to))


async def _listen(port: int, known: Known, show: Show, clock: Clock, forward_to: str | None) -> None:
    (bound,) = _bound(port)
    end = _end_by_signal()
    forwarder = Forwarder(forward_to) if forward_to else None
    receiver = _Receiver(show, clock, forwarder, end)
    server = HTTPServer(receiver, max_body_size=_NO_LIMIT, body_timeout=_BODY_SECONDS, idle_connection_timeout=_IDLE_SECONDS)
    server.add_socket(bound)
    try:
        with known(f"http://{HOST}:{bound.getsockname()[1]}") as receiver.keys:  # nothing is taken before the next await
            await end
    finally:
        server.stop()
        await server.close_all_connections()
        if forwarder is not None:
            forwarder.close()


def _end_by_signal() -> "asyncio.Future[None]":
    """What a signal resolves, so that none can cut short what has to be undone in the end."""
    loop = asyncio.get_running_loop()
    end: asyncio.Future[None] = loop.create_future()

    def resolve() -> None:
        if not end.done():
            end.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            loop.add_signal_handler(number, resolve)
    return end


def _bound(port: int) -> list[socket]:
    try:
        return bind_sockets(port, HOST)
    except OSError as error:
        raise Problem("conflict", f"Cannot listen on {HOST}:{port}: {error.strerror}.") from error


class _Receiver(HTTPServerConnectionDelegate):
    """Takes deliveries off connections. What fails on our own side resolves `end` with it."""

    def __init__(self, show: Show, clock: Clock, forwarder: Forwarder | None, end: "asyncio.Future[None]") -> None:
        self.keys = Keys()
        self._show = show
        self._clock = clock
        self._forwarder = forwarder
        self._end = end
        self._tasks: set[asyncio.Task[None]] = set()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:  # noqa: ARG002
        """A delegate for the next request of a connection."""
        return _Message(self, request_conn)

    def begin(self, message: "_Message") -> None:
        """Answer a delivery whose last byte has arrived."""
        task = asyncio.get_running_loop().create_task(message.answer())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def take(self, headers: HTTPHeaders, body: bytes) -> Answer:
        """Judge a delivery, pass it on and show it; how to answer it."""
        delivery = received(headers, body, self.keys, self._clock.now())
        if self._forwarder is None:
            self._show(delivery)
            return _TAKEN
        answer = await self._forwarder.forward(headers, body)
        self._show(structs.replace(delivery, forwarded_status=answer and answer.status))
        return answer or _NOT_REACHED

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._end.done():
            self._end.set_exception(error)


class _Message(HTTPMessageDelegate):
    """One request as it arrives, and its answer as it leaves."""

    def __init__(self, receiver: _Receiver, connection: HTTPConnection) -> None:
        self._receiver = receiver
        self._connection = connection
        self._chunks: list[bytes] = []
        self._size = 0
        self._method: str
        self._headers: HTTPHeaders

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> None:
        """Keep the head."""
        self._method = start_line.method
        self._headers = headers

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, as long as it is not too large."""
        self._size += len(chunk)
        if self._size <= LARGEST_BODY:
            self._chunks.append(chunk)
            return
        self._chunks.clear()
        if self._size > _DRAINED:
            self._send(Answer(413))  # what is answered before its end Tornado reads no further

    def finish(self) -> None:
        """The request is complete."""
        if self._method != "POST":
            self._send(Answer(405))
        elif self._size > LARGEST_BODY:
            self._send(Answer(413))
        else:
            self._receiver.begin(self)

    async def answer(self) -> None:
        """Answer a delivery. Raises what it raises to show it."""
        self._send(await self._receiver.take(self._headers, b"".join(self._chunks)))

    def _send(self, answer: Answer) -> None:
        headers = HTTPHeaders({"Allow": "POST"})
        if answer.status not in _BODILESS:
            headers["Content-Length"] = str(len(answer.body))
        line = ResponseStartLine("HTTP/1.1", answer.status, responses.get(answer.status, "Unknown"))
        self._connection.write_headers(line, headers, answer.body)
        self._connection.finish()
