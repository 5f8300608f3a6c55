"""What a day at a business asks, in a mix: 80 % reads, 15 % availability, 5 % writes. Times that are booked are free."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

API = "/tenant-api/v1"
DAYS = 60  # that availability and lists of bookings look at, from the first slot
PRICES = 200  # so many different questions there are for lists of services


@dataclass(slots=True)
class Shop:
    """The box as the load knows it, and what has become of it meanwhile: `made` are bookings that can be cancelled."""

    service: int
    services: list[int]
    resources: list[int]
    customers: list[int]
    bookings: list[int]
    origin: int  # Unix time of slot 0
    step: int  # seconds from one slot to the next
    slot: int  # the first one that is free
    people: int  # customers that a booking may be for
    made: list[int] = field(default_factory=list)
    asked: int = 0

    def text(self, seconds: int, form: str = "%Y-%m-%d") -> str:
        """A time so many seconds after the first slot."""
        return time.strftime(form, time.gmtime(self.origin + seconds))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: how many of a hundred are of it, and what is sent, as method, path and body."""

    name: str
    weight: int
    status: int
    make: Callable[[Shop, random.Random], tuple[str, str, Mapping[str, Any] | None]]


def _list(path: str) -> Callable[[Shop, random.Random], tuple[str, str, None]]:
    return lambda _shop, _chance: ("GET", path, None)


def _priced(_shop: Shop, chance: random.Random) -> tuple[str, str, None]:
    return "GET", f"/services/?price__lt={100_000 + chance.randrange(PRICES)}", None


def _agenda(shop: Shop, chance: random.Random) -> tuple[str, str, None]:
    day = shop.text(86400 * chance.randrange(DAYS))
    return "GET", f"/bookings/?start_date={day}&end_date={day}&page_size=20", None


def _one(path: str, of: str) -> Callable[[Shop, random.Random], tuple[str, str, None]]:
    return lambda shop, chance: ("GET", f"/{path}/{chance.choice(getattr(shop, of))}/", None)


def _free(days: int) -> Callable[[Shop, random.Random], tuple[str, str, None]]:
    def make(shop: Shop, chance: random.Random) -> tuple[str, str, None]:
        first = chance.randrange(DAYS)
        dates = f"start_date={shop.text(86400 * first)}&end_date={shop.text(86400 * (first + days - 1))}"
        return "GET", f"/availability/?service_id={chance.choice(shop.services)}&{dates}", None

    return make


def _book(shop: Shop, chance: random.Random) -> tuple[str, str, Mapping[str, Any]]:
    turn, resource = divmod(shop.slot, len(shop.resources))
    shop.slot += 1
    who = chance.randrange(shop.people)
    start = shop.text(shop.step * turn, "%Y-%m-%dT%H:%M:%SZ")
    customer = {"first_name": "Bench", "last_name": f"Customer {who}", "email": f"bench-{who}@example.com"}
    where = {"service_id": shop.service, "resource_id": shop.resources[resource]}
    return "POST", "/bookings/", {**where, "start_time": start, "customer": customer}


def _edit(shop: Shop, chance: random.Random) -> tuple[str, str, Mapping[str, Any]]:
    shop.asked += 1
    return "PATCH", f"/bookings/{chance.choice(shop.bookings)}/", {"notes": f"note {shop.asked}"}


def _cancel(shop: Shop, chance: random.Random) -> tuple[str, str, Mapping[str, Any]]:
    """One of those that were made, each once."""
    at = chance.randrange(len(shop.made))
    shop.made[at], shop.made[-1] = shop.made[-1], shop.made[at]
    return "POST", f"/bookings/{shop.made.pop()}/cancel/", {"reason": "ill"}


KINDS = (
    Kind("all services", 15, 200, _list("/services/")),
    Kind("services below a price", 10, 200, _priced),
    Kind("bookings of a day", 15, 200, _agenda),
    Kind("customers", 5, 200, _list("/customers/?page_size=20")),
    Kind("one booking", 20, 200, _one("bookings", "bookings")),
    Kind("one customer", 10, 200, _one("customers", "customers")),
    Kind("one service", 5, 200, _one("services", "services")),
    Kind("free times of a day", 10, 200, _free(1)),
    Kind("free times of a week", 5, 200, _free(7)),
    Kind("book", 3, 201, _book),
    Kind("edit a booking", 1, 200, _edit),
    Kind("cancel a booking", 1, 200, _cancel),
)
WRITES = tuple(kind.name for kind in KINDS[-3:])  # each tells one event


class Traffic:
    """Request after request, in the same order each time."""

    def __init__(self, shop: Shop, host: str, token: str) -> None:
        self.shop = shop
        self._chance = random.Random(1)
        self._head = f" HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        self._weights = [kind.weight for kind in KINDS]

    def next(self) -> tuple[Kind, bytes]:
        """The next request as it is sent."""
        kind = self._drawn()
        method, path, body = kind.make(self.shop, self._chance)
        head = f"{method} {API}{path}{self._head}"
        if body is None:
            return kind, f"{head}\r\n".encode()
        text = json.dumps(body)
        return kind, f"{head}Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()

    def _drawn(self) -> Kind:
        """A kind of which there is something to ask."""
        (kind,) = self._chance.choices(KINDS, self._weights)
        return self._drawn() if kind.make is _cancel and not self.shop.made else kind

    def answered(self, kind: Kind, body: bytes) -> None:
        """Learn what was made."""
        if kind.make is _book:
            self.shop.made.append(json.loads(body)["id"])
