"""Tornado's server with two habits changed, each of which would cost a tenth of a request.

It sets TCP_NODELAY once for a connection instead of twice for a request, for head and body leave in one write anyway. And
it keeps no timer for each request: a look at `Front.patience` once a second tells which clients keep the box waiting.
"""

import ssl
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from smoothbox.api.server import Front

_NO_LIMIT: Final = 2**62  # of a body as Tornado sees it; Front has its own and answers in the one error shape
_MOST_HEADERS: Final = 32 * 1024


class Listener(HTTPServer):
    """Hands connections to the front, and tells its patience which have ended."""

    front: Front

    ssl_options: ssl.SSLContext | None
    """What encrypts the connections that come from now on; whether they are encrypted at all is settled at the start."""

    @classmethod
    def of(cls, front: Front, certificate: ssl.SSLContext | None = None) -> "Listener":
        """A server for this front, not yet listening; with a certificate it speaks HTTPS."""
        listener = cls(front, ssl_options=certificate, max_header_size=_MOST_HEADERS, max_body_size=_NO_LIMIT)
        listener.conn_params.header_timeout = None
        listener.front = front
        return listener

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """A new connection."""
        stream.set_nodelay(True)
        stream.set_nodelay = _is_set_already  # type: ignore[method-assign]
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        """A connection has ended."""
        self.front.patience.forget(server_conn)
        super().on_close(server_conn)


def _is_set_already(value: bool) -> None:  # noqa: FBT001 -- Tornado's interface
    """What a stream does when Tornado toggles TCP_NODELAY around each response."""
