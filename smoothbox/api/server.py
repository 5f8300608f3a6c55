"""The wire: Tornado's public lower level, from bytes to a Request and from a Response to bytes.

A RequestHandler would cost as much as all the rest of a request together; here a message delegate collects one request and
a coroutine answers it.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from email.utils import formatdate
from functools import lru_cache
from http.client import responses
from typing import Any, Final, Protocol, cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
)

from smoothbox.api import cross_origin
from smoothbox.api.auth import client_address, is_trusted
from smoothbox.api.eager import begun
from smoothbox.api.handler import Api, Exchange
from smoothbox.api.messages import Request, Response, refused
from smoothbox.api.patience import Patience
from smoothbox.api.probes import PATHS as PROBED
from smoothbox.api.probes import Probes
from smoothbox.api.tally import Tally
from smoothbox.clock import Clock
from smoothbox.errors import Problem
from smoothbox.ids import new_request_id
from smoothbox.logs import AccessLog, Visit
from smoothbox.settings import Server
from smoothbox.store.sight import Turn

_log = logging.getLogger(__name__)

_STATUS_LINES: Final = {code: f"HTTP/1.1 {code} {phrase}" for code, phrase in responses.items()}
_API: Final = "/tenant-api"  # what is below it is answered in the one error shape; everything else is a page
_BODILESS: Final = frozenset({204, 304})  # RFC 9110: they have no content, and so no length
_NOT_CACHED: Final = "Cache-Control: no-store"
_CACHED: Final = "Cache-Control: private, no-cache"  # by the client alone, who asks each time whether it is still good
_DRAINED: Final = 8 * 1024 * 1024
"""Of a body that is too large so much is read and dropped, so that its sender gets to see the answer."""


class Shown(Protocol):
    """A page that was sent: its status, the pattern of its address, and a future that is done with its last byte."""

    @property
    def status(self) -> int: ...  # noqa: D102 -- the class says it
    @property
    def route(self) -> str: ...  # noqa: D102
    @property
    def written(self) -> "asyncio.Future[None]": ...  # noqa: D102


class Pages(Protocol):
    """What answers for every address that is not the API's, on the connection itself."""

    async def show(self, arrival: Request, version: str, connection: HTTP1Connection) -> Shown:
        """Answer a request of a version of HTTP. Raises HTTPInputError for an odd head."""


class Front(HTTPServerConnectionDelegate):
    """Takes requests off connections and counts those in flight."""

    def __init__(
        self, api: Api, pages: Pages, settings: Server, clock: Clock, access: AccessLog, turn: Turn, tally: Tally
    ) -> None:
        self.api = api
        self.pages = pages
        self.probes: Probes  # they look at this front, too
        self.tally = tally
        self.settings = settings
        self.clock = clock
        self.access = access
        self.turn = turn
        self.patience = Patience(settings.read_seconds)
        self.is_draining = False
        self._is_closed = False
        self._answering: dict[_Message, asyncio.Task[None]] = {}

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """A delegate for the next request of a connection."""
        connection = cast("HTTP1Connection", request_conn)
        self.patience.expect(server_conn, connection)
        return _Message(self, server_conn, connection)

    def begin(self, message: "_Message") -> None:
        """Answer a request whose last byte has arrived."""
        if self._is_closed:
            message.refuse(Problem("unavailable", "The box is stopping.", {"retry_after": 1}))
            return
        if message.began_in == self.turn.number():
            self.turn.end()  # its connection was served in this turn already, or is new: it came after what was seen
        answering = begun(message.answer() if message.is_for_the_api else message.answer_aside())
        if answering is None:
            return
        self._answering[message] = asyncio.get_running_loop().create_task(answering)

    def in_flight(self) -> int:
        """How many requests are being answered."""
        return len(self._answering)

    def ended(self, message: "_Message") -> None:
        """A message is answered."""
        self._answering.pop(message, None)

    async def drain(self, seconds: float) -> None:
        """Answer what is in flight, at most so many seconds; then nothing new is begun.

        Answers close their connections from now on, so that clients which keep sending come to an end.
        """
        self.is_draining = True
        end = asyncio.get_running_loop().time() + seconds
        while self._answering and (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._answering.values(), timeout=left)
        self._is_closed = True


class _Message(HTTPMessageDelegate):
    """One request as it arrives, and its answer as it leaves."""

    def __init__(self, front: Front, key: object, connection: HTTP1Connection) -> None:
        self._front = front
        self._key = key  # of its connection, across requests
        self._connection = connection
        self._chunks: list[bytes] = []
        self._size = 0
        self._id = new_request_id()
        self.began_in = front.turn.number()
        self.is_for_the_api: bool
        self._begun: float
        self._start: RequestStartLine
        self._headers: HTTPHeaders

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> None:
        """Keep the head; a body that says it is far too large is refused unread."""
        self._begun = self._front.clock.elapsed()
        self._start = start_line
        self.is_for_the_api = start_line.path.startswith(_API)
        self._headers = headers
        self._front.patience.expect(self._key, self._connection)
        length = headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > _DRAINED:
            self._cut_off()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, as long as it is not too large."""
        self._size += len(chunk)
        if self._size <= self._front.settings.max_body_bytes:
            self._chunks.append(chunk)
            return
        self._chunks.clear()
        if self._size > _DRAINED:
            self._cut_off()

    def finish(self) -> None:
        """The request is complete."""
        self._front.patience.forget(self._key)
        if self._size > self._front.settings.max_body_bytes:
            self.refuse(self._too_large())
            return
        self._front.begin(self)

    async def answer(self) -> None:
        """Answer the request and log it."""
        exchange = Exchange()
        try:
            response = await self._front.api.answer(self._request(), exchange)
            written = self._send(response, exchange)
            if not written.done():
                await asyncio.wait([written])  # a stop waits for this task, and so for the last byte
        finally:
            self._front.ended(self)

    def answer_aside(self) -> Coroutine[Any, Any, None]:
        """Answer what is not the API's."""
        return self.probe() if self._start.path.partition("?")[0] in PROBED else self.show()

    async def probe(self) -> None:
        """Answer who keeps an eye on the box, and log it."""
        exchange, request = Exchange(), self._request()
        exchange.route = request.path
        try:
            written = self._send(await self._front.probes.answer(request), exchange)
            if not written.done():
                await asyncio.wait([written])
        finally:
            self._front.ended(self)

    async def show(self) -> None:
        """Let the pages answer the request, and log it."""
        try:
            shown = await self._front.pages.show(self._request(), self._start.version, self._connection)
            if not shown.written.done():
                await asyncio.wait([shown.written])
            self._log(shown.status, shown.route, 0)
            if self._front.is_draining:
                self._connection.close()
        except HTTPInputError as error:
            self.refuse(Problem("validation_error", f"The request is not valid HTTP: {error}."))
        except Exception:  # noqa: BLE001 -- the last resort, logged
            _log.exception("request %s failed before its page was found", self._id, extra={"request_id": self._id})
            self.refuse(Problem("internal_error"))
        finally:
            self._front.ended(self)

    def _cut_off(self) -> None:
        """Refuse a body without reading the rest; Tornado closes the connection then."""
        self._headers["Connection"] = "close"
        self.refuse(self._too_large())

    def _too_large(self) -> Problem:
        limit = self._front.settings.max_body_bytes
        return Problem("payload_too_large", f"A body has at most {limit} bytes.", {"max_bytes": limit})

    def refuse(self, problem: Problem) -> None:
        """Answer without asking the API."""
        self._send(refused(problem), Exchange())

    def _request(self) -> Request:
        path, _, query = self._start.path.partition("?")
        context: Any = self._connection.context
        headers, trusted = self._headers, self._front.settings.trusted_proxies
        peer, scheme = context.remote_ip, context.protocol
        if trusted and is_trusted(peer, trusted):
            scheme = "https" if headers.get("X-Forwarded-Proto", scheme) == "https" else "http"
            peer = client_address(peer, headers.get_list("X-Forwarded-For"), trusted)
        host = headers.get("Host", "localhost")
        origin = self._front.settings.public_url.rstrip("/") or f"{scheme}://{host}"
        return Request(self._id, self._start.method, path, query, headers, b"".join(self._chunks), origin, host, peer)

    def _send(self, response: Response, exchange: Exchange) -> "asyncio.Future[None]":
        """Write the response; the future is done when the system has taken its last byte."""
        head = self._head(response, exchange).encode("latin-1")
        body = b"" if self._start.method == "HEAD" else response.body
        # Head and body in one write, past write_headers: its checks cost as much as the whole of our routing, and all that
        # goes into a head is our own. Tornado itself looks after the future of a write to a client that has left.
        written = self._connection.write(head + body)
        self._connection.finish()
        if self._front.is_draining:
            written.add_done_callback(lambda _: self._connection.close())
        self._log(response.status, exchange.route, exchange.token_id)
        return written

    def _head(self, response: Response, exchange: Exchange) -> str:
        lines = [
            _STATUS_LINES[response.status],
            f"Date: {_http_date(int(self._front.clock.now()))}",
            f"X-Request-Id: {self._id}",
            "X-Content-Type-Options: nosniff",
            _CACHED if "ETag" in response.headers else _NOT_CACHED,
            *[f"{name}: {value}" for name, value in response.headers.items()],
            *[f"{name}: {value}" for name, value in exchange.headers.items()],
            *cross_origin.lines(self._headers, response.headers),
            *self._connection_lines(),
        ]
        if response.status not in _BODILESS:
            if "Content-Type" not in response.headers:
                lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(response.body)}")
        return "\r\n".join(lines) + "\r\n\r\n"

    def _connection_lines(self) -> Sequence[str]:
        """What HTTP/1.0 and 1.1 have each to be told about keeping the connection."""
        wish = self._headers.get("Connection", "").lower()
        if self._start.version == "HTTP/1.0" and wish == "keep-alive":
            return ("Connection: keep-alive",)
        return ("Connection: close",) if wish == "close" or self._front.is_draining else ()

    def _log(self, status: int, route: str, token_id: int) -> None:
        front, method = self._front, self._start.method
        seconds = front.clock.elapsed() - self._begun
        front.tally.note(method, route, status, seconds)
        front.access.note(Visit(front.clock.now(), self._id, method, route, status, seconds * 1000, token_id))


@lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
