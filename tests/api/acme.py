"""What these tests know of the business in tests/box.py: its ids, its times, and the errands they run there.

It is Monday 2027-01-04, seven in the morning in New York. Tuesdays are open 9 to 12 and 13 to 17, in steps of half an hour.
"""

from typing import Any

from tests.box import Answer, Client

ANN, BOB, ROOM = 1, 2, 3
CUT, COLOUR, ADVICE, WEDDING = 1, 2, 3, 4

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
