"""The wire: Tornado's public lower level, from bytes to a Request and from a Response to bytes.

A RequestHandler would cost as much as all the rest of a request together; here a message delegate collects one request and
a coroutine answers it.
"""

import asyncio
from email.utils import formatdate
from http.client import responses
from typing import Any, Final

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from smoothbox.api.auth import client_address, is_trusted
from smoothbox.api.handler import Api, Exchange
from smoothbox.api.messages import Request, Response, refused
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import new_request_id
from smoothbox.logs import AccessLog, Visit
from smoothbox.settings import Server

_DRAINED: Final = 8 * 1024 * 1024
"""Of a body that is too large so much is read and dropped, so that its sender gets to see the answer."""


class Front(HTTPServerConnectionDelegate):
    """Takes requests off connections and counts those in flight."""

    def __init__(self, api: Api, settings: Server, clock: Clock, access: AccessLog) -> None:
        self.api = api
        self.settings = settings
        self.clock = clock
        self.access = access
        self._answering: set[asyncio.Task[None]] = set()

    def start_request(self, _server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """A delegate for the next request of a connection."""
        return _Message(self, request_conn)

    def begin(self, message: "_Message") -> None:
        """Answer a request whose last byte has arrived."""
        task = asyncio.ensure_future(message.answer())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def drain(self, seconds: float) -> None:
        """Wait until every request in flight is answered, at most so many seconds."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=seconds)


class _Message(HTTPMessageDelegate):
    """One request as it arrives, and its answer as it leaves."""

    def __init__(self, front: Front, connection: HTTPConnection) -> None:
        self._front = front
        self._connection = connection
        self._begun = front.clock.elapsed()
        self._chunks: list[bytes] = []
        self._size = 0
        self._id = new_request_id()
        self._start: RequestStartLine
        self._headers: HTTPHeaders

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> None:
        """Keep the head; a body that says it is far too large is refused unread."""
        self._start = start_line
        self._headers = headers
        length = headers.get("Content-Length", "")
        if length.isdigit() and int(length[:20]) > _DRAINED:
            self._refuse()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, as long as it is not too large."""
        self._size += len(chunk)
        if self._size <= self._front.settings.max_body_bytes:
            self._chunks.append(chunk)
            return
        self._chunks.clear()
        if self._size > _DRAINED:
            self._refuse()

    def finish(self) -> None:
        """The request is complete."""
        if self._size > self._front.settings.max_body_bytes:
            self._refuse()
            return
        self._front.begin(self)

    def on_connection_close(self) -> None:
        """The client left before its request was complete: there is nothing to do."""

    async def answer(self) -> None:
        """Answer the request and log it."""
        exchange = Exchange()
        response = await self._front.api.answer(self._request(), exchange)
        self._send(response, exchange)

    def _refuse(self) -> None:
        limit = self._front.settings.max_body_bytes
        problem = Problem("payload_too_large", f"A body has at most {limit} bytes.", {"max_bytes": limit})
        self._send(refused(problem), Exchange())

    def _request(self) -> Request:
        path, _, query = self._start.path.partition("?")
        context: Any = self._connection.context  # type: ignore[attr-defined]  # HTTP1Connection has it, its interface not
        headers, trusted = self._headers, self._front.settings.trusted_proxies
        peer, scheme = context.remote_ip, context.protocol
        if trusted and is_trusted(peer, trusted):
            scheme = headers.get("X-Forwarded-Proto", scheme)
            peer = client_address(peer, headers.get_list("X-Forwarded-For"), trusted)
        host = headers.get("Host", "localhost")
        origin = self._front.settings.public_url.rstrip("/") or f"{scheme}://{host}"
        return Request(self._id, self._start.method, path, query, headers, b"".join(self._chunks), origin, host, peer)

    def _send(self, response: Response, exchange: Exchange) -> None:
        headers = HTTPHeaders(self._common(response))
        headers.update(response.headers)
        body = b"" if self._start.method == "HEAD" else response.body
        line = ResponseStartLine("HTTP/1.1", response.status, responses[response.status])
        # The future fails only when the client has left; nobody is there to be told.
        self._connection.write_headers(line, headers, body).add_done_callback(_ignore)
        self._connection.finish()
        self._log(response, exchange)

    def _common(self, response: Response) -> dict[str, str]:
        common = {
            "X-Request-Id": self._id,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Date": formatdate(self._front.clock.now(), usegmt=True),
        }
        if response.status != 204:  # noqa: PLR2004 -- RFC 9110: no content has no length
            common["Content-Type"] = "application/json"
            common["Content-Length"] = str(len(response.body))
        return common

    def _log(self, response: Response, exchange: Exchange) -> None:
        clock = self._front.clock
        milliseconds = (clock.elapsed() - self._begun) * 1000
        self._front.access.note(
            Visit(
                clock.now(),
                self._id,
                self._start.method,
                exchange.route,
                response.status,
                milliseconds,
                exchange.token_id,
            )
        )


def _ignore(future: "asyncio.Future[None]") -> None:
    future.exception()
