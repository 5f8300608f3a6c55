"""A request on its way to a page, and what becomes of it."""

import asyncio
from typing import NamedTuple, Protocol

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine


class Arrival(Protocol):
    """One request as the front collected it, its body complete. `origin` is scheme and host as the client used them."""

    id: str
    method: str
    path: str
    query: str
    headers: HTTPHeaders
    body: bytes
    origin: str
    address: str


class Shown(NamedTuple):
    """A page that was sent: its status, the pattern of its address, and a future that is done with its last byte."""

    status: int
    route: str
    written: "asyncio.Future[None]"


class Incoming(HTTPServerRequest):
    """Tornado's request, with what the front knows better: who sends it through which door."""

    def __init__(self, arrival: Arrival, version: str, connection: HTTP1Connection) -> None:
        uri = f"{arrival.path}?{arrival.query}" if arrival.query else arrival.path
        start = RequestStartLine(arrival.method, uri, version)
        super().__init__(connection=connection, start_line=start, headers=arrival.headers)
        self.id = arrival.id
        self.origin = arrival.origin
        self.remote_ip = arrival.address
        self.protocol = arrival.origin.partition("://")[0]
        self.answered: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()
