"""Clients that book over HTTP with Idempotency-Keys, never give up, and write down what was acknowledged."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import URLError

from tests.process.server import exchange, listed

EVERY_DAY = "\n".join(
    f'{day} = ["00:00-24:00"]' for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)
STAFF = ("ann", "bob", "cyd")
CATALOGUE = (
    f"""
[business]
name = "Acme"
timezone = "UTC"
currency = "EUR"
max_advance_days = 90
[business.hours]
{EVERY_DAY}
"""
    + "".join(f'[[resource]]\nkey = "{name}"\nname = "{name}"\ntype = "STAFF"\n' for name in STAFF)
    + f"""
[[service]]
key = "cut"
name = "Cut"
duration = 30
price = 2500
resources = {list(STAFF)}
"""
)

Address = Callable[[], str]


@dataclass
class Ledger:
    """What the clients were told: bookings by key, and how the box refused for a while."""

    address: Address
    token: str
    headers: Mapping[str, str] = field(default_factory=dict)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: list[tuple[int, str | None]] = field(default_factory=list)
    surprises: list[tuple[int, bytes]] = field(default_factory=list)
    longest_wait: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __len__(self) -> int:
        return len(self.acknowledged)

    @contextmanager
    def growing(self) -> Iterator[None]:
        """One client for each of the staff, booking one half hour after the other; in the end each has its last answer."""
        self.stopping.clear()
        clients = [threading.Thread(target=self._book_on, args=(number + 1,)) for number in range(len(STAFF))]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            self.stopping.set()
            for client in clients:
                client.join()

    def kept(self) -> dict[int, tuple[str, int]]:
        """Start and staff of every booking that the box has, by id."""
        found = listed(self.address(), self.token, "bookings/?page_size=100&ordering=start_time", self.headers)
        return {each["id"]: (each["start_time"], each["resource_id"]) for each in found}

    def told(self) -> dict[int, tuple[str, int]]:
        """The same of those that were acknowledged."""
        return {each["id"]: (each["start_time"], each["resource_id"]) for each in self.acknowledged.values()}

    def _book_on(self, resource_id: int) -> None:
        first = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        mine = sum(each["resource_id"] == resource_id for each in self.acknowledged.values())
        for number in range(mine, 80 * 48):
            start = (first + timedelta(minutes=30 * number)).isoformat()
            self._book(f"{resource_id}-{number}", {"service_id": 1, "resource_id": resource_id, "start_time": start})
            if self.stopping.is_set():
                return

    def _book(self, key: str, body: dict[str, Any]) -> None:
        """Send it until it is answered."""
        sent = body | {"customer": {"phone": f"+4930{key.replace('-', '')}"}}
        since = time.monotonic()
        while time.monotonic() - since < 60:
            try:
                status, headers, answer = exchange(
                    self.address(), self.token, "POST", "bookings/", sent, {"Idempotency-Key": key, **self.headers}
                )
            except (URLError, ConnectionError, TimeoutError, OSError):
                if self.stopping.is_set():  # nobody is there any more: whether it was booked is not known
                    return
                time.sleep(0.02)
                continue
            if status == 201:
                self.acknowledged[key] = json.loads(answer)
                self.longest_wait = max(self.longest_wait, time.monotonic() - since)
                return
            if status == 503:
                self.refusals.append((status, headers["Retry-After"]))
                time.sleep(0.05)
            else:
                self.surprises.append((status, answer))
                return
        self.surprises.append((0, b"never answered"))
