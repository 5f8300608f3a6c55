"""Raw bytes to a box and back, for requests that no decent client would send."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tests.box import Answer, Client

_PATIENCE = 20


@dataclass
class Line:
    """One connection to a box."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        """Send pieces, one after the other."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(self, *, bodiless: bool = False) -> Answer:
        """The next response, its body parsed where it has one."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), _PATIENCE)
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        assert first.startswith("HTTP/1.1 "), first
        headers = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if bodiless else int(headers.get("Content-Length", "0"))
        body = await asyncio.wait_for(self.reader.readexactly(length), _PATIENCE)
        parsed: Any = msgspec.json.decode(body) if body else None
        return Answer(int(first.split(" ")[1]), headers, parsed)

    async def rest(self) -> bytes:
        """What comes until the other side hangs up, gently or not."""
        try:
            return await asyncio.wait_for(self.reader.read(), _PATIENCE)
        except ConnectionError:
            return b""

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


async def dial(url: str) -> Line:
    """Open a connection."""
    place = urlsplit(url)
    return Line(*await asyncio.open_connection(place.hostname, place.port))


def head(api: Client, method: str, path: str, *headers: str) -> bytes:
    """The head of a request with the client's token; a path that begins with '/' is taken whole."""
    target = path if path.startswith("/") else f"/tenant-api/v1/{path}"
    lines = [f"{method} {target} HTTP/1.1", "Host: box", f"Authorization: Bearer {api.token}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def exchange(api: Client, *pieces: bytes, bodiless: bool = False) -> Answer:
    """Send pieces over a new connection and read one response."""
    line = await dial(api.url)
    try:
        await line.send(*pieces)
        return await line.answer(bodiless=bodiless)
    finally:
        await line.close()
