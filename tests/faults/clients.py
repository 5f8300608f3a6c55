"""Clients that book, move and cancel without a pause, and know in the end what must be so, whatever happened to the server."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any

from tests.faults.scripted import answered
from tests.process.ledger import STAFF

PATIENCE = 60.0


@dataclass
class Client:
    """One of them. It sends each request until it is answered, always with the same key, and writes the answer down."""

    number: int
    address: Callable[[], str]
    token: str
    stopping: threading.Event
    bookings: dict[int, dict[str, Any]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    refusals: int = 0
    replays: int = 0
    surprises: list[Any] = field(default_factory=list)

    def work(self) -> None:
        """Go on until told to stop; what was begun is finished."""
        luck, sent = random.Random(self.number), 0
        while not self.stopping.is_set():
            sent += 1
            self._do(luck, f"{self.number}-{sent}")

    def _do(self, luck: random.Random, key: str) -> None:
        alive = [each["id"] for each in self.bookings.values() if each["status"] == "SCHEDULED"]
        wish = {"start_time": _some_time(luck), "resource_id": luck.randint(1, len(STAFF))}
        kind = luck.random()
        if not alive or kind < 0.5:
            who = {"phone": f"+4930{self.number}{len(self.bookings):05}"}
            self._send(key, "POST", "bookings/", {"service_id": 1, "customer": who, **wish}, "booking.created")
        elif kind < 0.8:
            self._send(key, "PATCH", f"bookings/{luck.choice(alive)}/", wish, "booking.rescheduled")
        else:
            self._send(key, "POST", f"bookings/{luck.choice(alive)}/cancel/", {"reason": key}, "booking.cancelled")

    def _send(self, key: str, method: str, path: str, body: Any, event: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                (status, answer), was_replayed = answered(self.address(), self.token, method, path, body, key)
            except (OSError, HTTPException, ValueError):
                time.sleep(0.02)
                continue
            if status == 503:
                time.sleep(0.05)
                continue
            self.replays += was_replayed
            self._note(status, answer, event)
            return
        self.surprises.append(f"{key} was never answered")

    def _note(self, status: int, answer: Any, event: str) -> None:
        if status in {200, 201}:
            before = self.bookings.get(answer["id"])
            self.bookings[answer["id"]] = answer
            if before is None or before["version"] != answer["version"]:
                self.told.append(f"{event} {answer['id']} {answer['version']}")
        elif status == 409 and answer["error"] == "slot_unavailable":
            self.refusals += 1
        else:
            self.surprises.append((status, answer))


@contextmanager
def working(address: Callable[[], str], token: str, count: int) -> Iterator[list[Client]]:
    """So many of them at once; after the block each has had its last answer, so there must be a server to give it."""
    stopping = threading.Event()
    clients = [Client(number + 1, address, token, stopping) for number in range(count)]
    threads = [threading.Thread(target=each.work) for each in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _some_time(luck: random.Random) -> str:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=luck.randint(1, 60), minutes=30 * luck.randint(0, 47))).isoformat()
