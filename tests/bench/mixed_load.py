"""Puts the mix on a server, checks every status and times every answer; a process of its own.

`python -m tests.bench.mixed_load`: a plan as JSON on stdin, what was seen as one line of JSON on stdout.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.bench.mixed_requests import KINDS, Kind, Shop, Traffic

LENGTH = b"\r\nContent-Length: "
SHOWN = 5  # wrong answers that are told in full


class Record:
    """What was seen: latencies in ms by kind, and the answers that were wrong."""

    def __init__(self) -> None:
        self._took: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
        self._wrong: list[str] = []
        self._all_wrong = 0

    def right(self, kind: Kind, milliseconds: float) -> None:
        """An answer as it should be."""
        self._took[kind.name].append(milliseconds)

    def wrong(self, what: str) -> None:
        """An answer as it should not be, or none."""
        self._all_wrong += 1
        if len(self._wrong) < SHOWN:
            self._wrong.append(what)

    def told(self, seconds: float) -> dict[str, Any]:
        """For who started this process."""
        kinds = {name: _summed(took) for name, took in self._took.items() if took}
        everything = _summed([each for took in self._took.values() for each in took])
        return {"seconds": seconds, "all": everything, "kinds": kinds, "wrong": self._all_wrong, "examples": self._wrong}


class Client(asyncio.Protocol):
    """One connection with one request after the other, until it is time to stop."""

    transport: Any
    kind: Kind

    def __init__(self, traffic: Traffic, record: Record, deadline: float) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self._traffic, self._record, self._deadline = traffic, record, deadline
        self._data, self._begun, self._has_asked = b"", 0.0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, blank, body = self._data.partition(b"\r\n\r\n")
        if blank and len(body) >= _length(head):
            self._has_asked, self._data = False, b""
            self._judge(head, body)
            self._ask()

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._has_asked:
            self._record.wrong(f"{self.kind.name}: the connection broke off")
        self.ended.set_result(None)

    def _ask(self) -> None:
        if time.monotonic() >= self._deadline:
            self.transport.close()
            return
        self.kind, request = self._traffic.next()
        self._has_asked, self._begun = True, time.perf_counter()
        self.transport.write(request)

    def _judge(self, head: bytes, body: bytes) -> None:
        milliseconds = (time.perf_counter() - self._begun) * 1000
        status = int(head[9:12])
        if status != self.kind.status:
            self._record.wrong(f"{self.kind.name}: {status} {body[:300].decode(errors='replace')}")
            return
        self._record.right(self.kind, milliseconds)
        self._traffic.answered(self.kind, body)


def _length(head: bytes) -> int:
    _, found, rest = head.partition(LENGTH)
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _summed(took: list[float]) -> Mapping[str, float]:
    parts = statistics.quantiles(took, n=100) if len(took) > 1 else [*took, *[0.0] * 99]
    return {"count": len(took), "p50_ms": parts[49], "p99_ms": parts[98], "max_ms": max(took, default=0.0)}


async def load(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Put the mix on the server for so many seconds."""
    where = urlsplit(plan["url"])
    traffic, record = Traffic(Shop(**plan["shop"]), where.netloc, plan["token"]), Record()
    loop, began = asyncio.get_running_loop(), time.monotonic()
    made = [
        await loop.create_connection(lambda: Client(traffic, record, began + plan["seconds"]), where.hostname, where.port)
        for _ in range(plan["connections"])
    ]
    await asyncio.gather(*(client.ended for _, client in made))
    return record.told(time.monotonic() - began)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(load(json.load(sys.stdin)))) + "\n")
