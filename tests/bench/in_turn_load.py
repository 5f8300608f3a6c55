"""Asks for one thing with one token after the other, and checks each answer; a process of its own.

`python -m tests.bench.in_turn_load`: a plan as JSON on stdin, what was seen as one line of JSON on stdout.
"""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

SHOWN, SHOWN_BYTES = 3, 200  # of wrong answers are told
Turn = tuple[bytes, bytes]  # a request, and what has to stand in its answer


class Seen:
    """Latencies in ms of the answers that were right, and the answers that were wrong."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.wrong: list[str] = []
        self.received = 0

    def told(self, seconds: float) -> dict[str, Any]:
        """For who started this process."""
        parts = statistics.quantiles(self.took, n=100) if len(self.took) > 1 else [0.0] * 99
        found = {"p50_ms": parts[49], "p95_ms": parts[94], "p99_ms": parts[98], "bytes": self.received}
        return {**found, "seconds": seconds, "right": len(self.took), "wrong": len(self.wrong), "examples": self.wrong[:SHOWN]}


class Asker(asyncio.Protocol):
    """One connection that takes the next turn when its answer has come, until there is none left."""

    transport: Any

    def __init__(self, turns: Iterator[Turn], status: bytes, seen: Seen) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self._turns, self._status, self._seen = turns, status, seen
        self._turn: Turn | None = None
        self._data, self._begun = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, blank, body = self._data.partition(b"\r\n\r\n")
        if blank and len(body) >= _length(head):
            self._judge()
            self._data = b""
            self._ask()

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._turn is not None:
            self._seen.wrong.append("the connection broke off")
        self.ended.set_result(None)

    def _ask(self) -> None:
        self._turn = next(self._turns, None)
        if self._turn is None:
            self.transport.close()
            return
        self._begun = time.perf_counter()
        self.transport.write(self._turn[0])

    def _judge(self) -> None:
        milliseconds = (time.perf_counter() - self._begun) * 1000
        self._seen.received += len(self._data)
        if self._turn is not None and self._data[9:12] == self._status and self._turn[1] in self._data:
            self._seen.took.append(milliseconds)
        else:
            self._seen.wrong.append(f"{self._turn and self._turn[1]!r}: {self._data[-SHOWN_BYTES:].decode(errors='replace')}")


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"\r\nContent-Length: ")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def load(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Make so many requests, over all connections together."""
    where, seen = urlsplit(plan["url"]), Seen()
    form = f"GET {plan['path']} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer %s\r\n\r\n"
    every = [((form % token).encode(), text.encode()) for token, text in plan["callers"]]
    turns = itertools.islice(itertools.cycle(every), plan["requests"])
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        await loop.create_connection(lambda: Asker(turns, str(plan["status"]).encode(), seen), where.hostname, where.port)
        for _ in range(plan["connections"])
    ]
    await asyncio.gather(*(asker.ended for _, asker in made))
    return seen.told(time.perf_counter() - began)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(load(json.load(sys.stdin)))) + "\n")
