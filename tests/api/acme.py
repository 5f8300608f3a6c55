"""What these tests know of the business in tests/box.py: its ids, its times, and the errands they run there.

It is Monday 2027-01-04, seven in the morning in New York. Tuesdays are open 9 to 12 and 13 to 17, in steps of half an hour.
"""

import asyncio
from typing import Any

from tests.box import Answer, Client

ANN, BOB, ROOM = 1, 2, 3
CUT, COLOUR, ADVICE, WEDDING = 1, 2, 3, 4

NOBODY = "http://127.0.0.1:1025/hook"  # nobody listens there

JANE = {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com"}


def on(day: str, time: str) -> str:
    """A local time of January 2027, with its offset."""
    return f"2027-01-{day}T{time}:00-05:00"


TEN = on("05", "10:00")  # Tuesday; Ann and Bob are both there
ELEVEN = on("05", "11:00")  # Bob has gone by then


def wish(**fields: Any) -> dict[str, Any]:
    """A body of POST bookings/: a haircut for Jane on Tuesday at ten, unless said otherwise."""
    by_id = {} if "customer_id" in fields else {"customer": JANE}
    return {"service_id": CUT, "start_time": TEN, **by_id, **fields}


async def book(api: Client, **fields: Any) -> dict[str, Any]:
    """A booking that is made."""
    answer = await api.post("bookings/", wish(**fields))
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.body
    return made


def as_listed(booking: dict[str, Any]) -> dict[str, Any]:
    """A booking that was shown by itself, as lists and events show it: without the customer's own link."""
    return {name: value for name, value in booking.items() if name != "manage_url"}


async def subscribe(api: Client, url: str = NOBODY, events: tuple[str, ...] = ("*",), **fields: Any) -> dict[str, Any]:
    """A webhook endpoint that is made; where nobody listens, unless said otherwise."""
    answer = await api.post("webhooks/", {"url": url, "events": list(events), **fields})
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.body
    return made


async def ping(api: Client, endpoint: int = 1) -> dict[str, Any]:
    """A test of an endpoint, as it looks when it is over."""
    answer = await api.post(f"webhooks/{endpoint}/ping/")
    assert answer.status == 202, answer
    return await settled(api, endpoint, answer.body["id"])


async def settled(api: Client, endpoint: int, delivery: int) -> dict[str, Any]:
    """A delivery once no attempt of it is to come."""
    for _ in range(1000):
        answer = await api.get(f"webhooks/{endpoint}/deliveries/{delivery}/")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        if found["status"] in {"succeeded", "failed"}:
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(found)


async def hold(api: Client, **fields: Any) -> dict[str, Any]:
    """A hold that is made: Ann, on Tuesday at ten, unless said otherwise."""
    answer = await api.post("holds/", {"service_id": CUT, "start_time": TEN, "resource_id": ANN, **fields})
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.body
    return made


async def add_customer(api: Client, **fields: Any) -> dict[str, Any]:
    """A customer that is added."""
    answer = await api.post("customers/", fields)
    assert answer.status == 201, answer
    added: dict[str, Any] = answer.body
    return added


def assert_refused(answer: Answer, status: int, code: str, *fields: str) -> None:
    """An error in the one shape, with details about exactly these fields where any are named."""
    assert answer.status == status, answer
    assert list(answer.body) == ["error", "message", "details"], answer.body
    assert answer.code == code, answer.body
    assert answer.body["message"].endswith((".", "/"))
    if fields:
        assert set(answer.body["details"]) == set(fields), answer.body
