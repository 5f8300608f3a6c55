"""One attempt: a signed POST that returns an outcome and never raises."""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient, _HTTPConnection

from smoothbox import __version__
from smoothbox.clock import Clock, instant_text
from smoothbox.contract.webhooks import AttemptError
from smoothbox.operations.outbox import Claim, Outcome
from smoothbox.settings import Webhooks
from smoothbox.webhooks.guard import BlockedAddressError, Guard
from smoothbox.webhooks.retry import parse_retry_after
from smoothbox.webhooks.signing import signature_header

_KEPT_BYTES: Final = 16 * 1024
_MOST_BYTES: Final = 1024 * 1024  # of an answer; what is longer is cut off
_FIRST_FINAL: Final = 200  # a head below, such as 103 Early Hints, only comes before the answer

_ERRORS: Final[tuple[tuple[type[Exception], AttemptError], ...]] = (  # the first that fits
    (BlockedAddressError, "blocked_address"),
    (HTTPTimeoutError, "timeout"),
    (TimeoutError, "connect_failed"),
    (ssl.SSLError, "tls_error"),
    (socket.gaierror, "dns_error"),
    (HTTPStreamClosedError, "closed"),
    (ConnectionResetError, "closed"),
    (BrokenPipeError, "closed"),
    (OSError, "connect_failed"),
)


_log = logging.getLogger(__name__)


class _Answer:
    """What has come of an answer so far: its head once it is complete, and the beginning of its body."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers = HTTPHeaders()
        self.body = b""

    @property
    def text(self) -> str:
        """The beginning of the body as it is kept: what is no UTF-8 is replaced, which can make it longer."""
        whole = self.body.decode("utf-8", "replace").encode()
        return whole[:_KEPT_BYTES].decode("utf-8", "ignore")

    def take_head(self, line: str) -> None:
        """A line of the head; Tornado hands them over when all are there."""
        if line.startswith("HTTP/"):
            status = int(line.split(" ")[1])
            self.status, self.headers = status if status >= _FIRST_FINAL else None, HTTPHeaders()
        elif line.strip():
            self.headers.parse_line(line)

    def take_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        self.body += chunk[: _KEPT_BYTES - len(self.body)]


class _TlsSocket(ssl.SSLSocket):
    """Fails as one that is cut off: for any other failure Tornado would write a warning, with the receiver's address."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 -- as in ssl
        with _cut_off():
            super().do_handshake(block)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        with _cut_off():
            return super().recv_into(buffer, nbytes, flags)


@contextmanager
def _cut_off() -> Iterator[None]:
    try:
        yield
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        raise
    except ssl.SSLError as error:
        raise ssl.SSLError(ssl.SSL_ERROR_EOF, str(error)) from error


class _Connection(_HTTPConnection):
    """Ends at once when a receiver breaks off its answer; Tornado's own logs an error and waits for its time to be over."""

    def on_connection_close(self) -> None:
        self.stream.error = None  # or it would be raised where nobody catches it
        super().on_connection_close()


class _Client(SimpleAsyncHTTPClient):
    """Takes requests that say all that matters themselves: to ask for a default each time would cost a tenth of an attempt."""

    def fetch_impl(self, request: Any, callback: Callable[[HTTPResponse], None]) -> None:
        super().fetch_impl(request.request, callback)

    def _connection_class(self) -> type:
        return _Connection


class Sender:
    """Makes attempts. Redirects are not followed, nothing is decompressed, and only allowed addresses are dialled."""

    def __init__(self, settings: Webhooks, clock: Clock, guard: Guard) -> None:
        self._settings = settings
        self._clock = clock
        # More than ever wait for an answer: a request that queues would run out of its time before it began.
        self._client = _Client(force_instance=True, resolver=guard, max_clients=settings.total * 2, max_body_size=_MOST_BYTES)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made for the first delivery that is encrypted: reading all authorities would be a tenth of the box's start."""
        context = ssl.create_default_context()
        context.sslsocket_class = _TlsSocket
        return context

    def close(self) -> None:
        """Make no more attempts."""
        self._client.close()

    async def attempt(self, claim: Claim) -> Outcome:
        """Make one. A head that came in time decides, whatever becomes of the body: who said 200 is not called again."""
        now, began = self._clock.now(), self._clock.elapsed()
        answer, error = _Answer(), None
        try:
            await self._client.fetch(self._request(claim, int(now), answer), raise_error=False)
        except Exception as failure:  # noqa: BLE001 -- whatever it is, it is the receiver's
            error = _named(failure)
        return Outcome(
            instant_text(now),
            round((self._clock.elapsed() - began) * 1000),
            answer.status,
            None if answer.status is not None else error or "closed",
            answer.text,
            parse_retry_after(answer.headers.get("Retry-After"), self._clock.now()),
        )

    def _request(self, claim: Claim, second: int, answer: _Answer) -> HTTPRequest:
        return HTTPRequest(
            claim.url,
            method="POST",
            headers=self._headers(claim, second),
            body=claim.body,
            connect_timeout=self._settings.connect_timeout,
            request_timeout=self._settings.timeout,
            follow_redirects=False,
            decompress_response=False,
            header_callback=answer.take_head,
            streaming_callback=answer.take_body,
            ssl_options=None if claim.url[:5].lower() == "http:" else self._tls,  # else Tornado's, which would check nothing
        )

    def _headers(self, claim: Claim, second: int) -> HTTPHeaders:
        own = {
            "Content-Type": "application/json",
            "User-Agent": f"smoothbox/{__version__}",
            "webhook-id": claim.event_id,
            "webhook-timestamp": str(second),
            "webhook-signature": signature_header(claim.event_id, second, claim.body, claim.secrets, claim.signing_key),
        }
        return HTTPHeaders({**claim.headers, **own})


def _named(failure: Exception) -> AttemptError:
    name = next((name for kind, name in _ERRORS if isinstance(failure, kind)), None)
    if name is None:
        _log.info("an attempt ended oddly: %r", failure)  # a receiver that speaks no HTTP; or a fault of ours
    return name or "closed"
