"""Receivers of deliveries, good and bad: real servers on this machine that write down what they are sent.

A behaviour says what becomes of one connection; `listening` serves it for as long as a test needs it.
"""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tornado.httputil import HTTPHeaders, responses

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_FOREVER = 3600.0
_LOOSE_ENDS = (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass(frozen=True)
class Request:
    """One request as it came: its first line, its headers, its body, and when it was there (monotonic seconds)."""

    line: str
    headers: HTTPHeaders
    body: bytes
    at: float


@dataclass
class Receiver:
    """A server: how many connections it was offered, and the requests that it read."""

    port: int
    hits: int = 0
    requests: list[Request] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1", scheme: str = "http", path: str = "/hook") -> str:
        """Its address, by any name."""
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def request(self) -> Request:
        """The only one that came."""
        (only,) = self.requests
        return only


@dataclass(frozen=True)
class Connection:
    """One connection to a receiver."""

    receiver: Receiver
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> None:
        """Take in a whole request."""
        line, _, head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").partition("\r\n")
        headers = HTTPHeaders.parse(head)
        body = await self.reader.readexactly(int(headers["Content-Length"]))
        self.receiver.requests.append(Request(line, headers, body, time.monotonic()))

    async def send(self, *pieces: bytes, pause: float = 0.0) -> None:
        """Send pieces one after the other."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause)

    def reset(self) -> None:
        """Break off, so that the other side is told of a reset."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Behaviour = Callable[[Connection], Awaitable[None]]


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} {responses.get(status, 'Odd')}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def scripted(*answers: bytes) -> Behaviour:
    """Reads each request and gives the next of the answers; the last one again and again."""
    left = list(answers)

    async def behave(connection: Connection) -> None:
        await connection.read()
        await connection.send(left.pop(0) if len(left) > 1 else left[0])

    return behave


def sending(*pieces: bytes, pause: float = 0.0) -> Behaviour:
    """Reads, sends pieces of an answer, and hangs up."""

    async def behave(connection: Connection) -> None:
        await connection.read()
        await connection.send(*pieces, pause=pause)

    return behave


def endless(piece: bytes, head: bytes = b"", pause: float = 0.0) -> Behaviour:
    """Reads, sends a head, and then the same piece for ever."""

    async def behave(connection: Connection) -> None:
        await connection.read()
        await connection.send(head)
        while True:
            await connection.send(piece, pause=pause)

    return behave


def stalling(*pieces: bytes) -> Behaviour:
    """Reads, sends pieces of an answer, and then nothing more, without hanging up."""

    async def behave(connection: Connection) -> None:
        await connection.read()
        await connection.send(*pieces)
        await asyncio.sleep(_FOREVER)

    return behave


def resetting(*pieces: bytes) -> Behaviour:
    """Reads, sends pieces of an answer, and breaks off."""

    async def behave(connection: Connection) -> None:
        await connection.read()
        await connection.send(*pieces, pause=0.02)
        connection.reset()

    return behave


async def silent(connection: Connection) -> None:
    """Takes the connection and does nothing at all with it."""
    await asyncio.sleep(_FOREVER)


async def hanging_up(connection: Connection) -> None:
    """Takes the connection only to close it."""


async def breaking_off(connection: Connection) -> None:
    """Takes the connection only to break it off."""
    connection.reset()


@asynccontextmanager
async def listening(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port, of 127.0.0.1 and of ::1 where there is one. At the end nothing of it is left open."""
    sockets = _free_sockets()
    receiver, tasks = Receiver(sockets[0].getsockname()[1]), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        receiver.hits += 1
        with suppress(*_LOOSE_ENDS, asyncio.CancelledError):
            if tls is not None:
                await writer.start_tls(tls)
            await behaviour(Connection(receiver, reader, writer))
        writer.close()
        with suppress(*_LOOSE_ENDS, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1.0)
        tasks.discard(task)

    servers = [await asyncio.start_server(serve, sock=each) for each in sockets]
    try:
        yield receiver
    finally:
        for server in servers:
            server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *(server.wait_closed() for server in servers))


def refused_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _free_sockets() -> list[socket.socket]:
    """Sockets bound to one port that is free on every loopback address there is."""
    for _ in range(20):
        first = _bound(socket.AF_INET, "127.0.0.1", 0)
        try:
            return [first, *([_bound(socket.AF_INET6, "::1", first.getsockname()[1])] if HAS_SIX else [])]
        except OSError:  # it is taken there
            first.close()
    raise AssertionError("no port is free")


def _bound(family: int, host: str, port: int) -> socket.socket:
    made = socket.socket(family)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def _has_six() -> bool:
    try:
        _bound(socket.AF_INET6, "::1", 0).close()
    except OSError:
        return False
    return True


HAS_SIX = _has_six()
"""Whether this machine has ::1."""
