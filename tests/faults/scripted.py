"""A run of everything that a client can do to a booking, one request after the other, each with a key of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.process.server import exchange

Answer = tuple[int, Any]


def _in(days: int, hour: int) -> str:
    day = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return day.isoformat()


@dataclass(frozen=True)
class Step:
    """One request. `{name}` in its path is the id in the answer to the step of that name; so are values of its body."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)


def script() -> list[Step]:
    """The steps; the times are of the days to come."""
    jane = {"phone": "+49301234567", "first_name": "Jane"}
    return [
        Step("customer", "POST", "customers/", jane),
        Step("first", "POST", "bookings/", {"service_id": 1, "resource_id": 1, "start_time": _in(2, 9), "customer": jane}),
        Step("moved", "PATCH", "bookings/{first}/", {"start_time": _in(2, 11)}),
        Step("confirmed", "PATCH", "bookings/{first}/", {"status": "CONFIRMED"}),
        Step("series", "POST", "bookings/", {
            "service_id": 1, "resource_id": 2, "start_time": _in(3, 9), "customer": jane, "recurrence": "FREQ=DAILY;COUNT=4",
        }),
        Step("fewer", "POST", "bookings/{series}/cancel/", {"reason": "ill", "following": True}),
        Step("hold", "POST", "holds/", {"service_id": 1, "resource_id": 3, "start_time": _in(2, 9), "ttl_seconds": 1800}),
        Step("held", "POST", "bookings/", {
            "service_id": 1, "resource_id": 3, "start_time": _in(2, 9), "hold_id": "{hold}", "customer": jane,
        }),
        Step("note", "PATCH", "bookings/{held}/", {"notes": "window seat"}),
        Step("cancelled", "POST", "bookings/{first}/cancel/", {"reason": "moved away"}),
    ]  # fmt: skip


def send(url: str, token: str, step: Step, known: Mapping[str, Answer]) -> tuple[Answer, bool]:
    """Its answer, and whether it was given before. Raises OSError or HTTPException where there is none."""
    ids = {name: _id(answer) for name, (_, answer) in known.items()}
    body = {key: ids[value[1:-1]] if _is_name(value) else value for key, value in step.body.items()}
    return answered(url, token, step.method, step.path.format(**ids), body, f"key-{step.name}")


def answered(url: str, token: str, method: str, path: str, body: Any, key: str) -> tuple[Answer, bool]:
    """What is answered to a request with a key, and whether it was answered so before."""
    status, told, sent = exchange(url, token, method, path, body, {"Idempotency-Key": key})
    return (status, json.loads(sent)), told["Idempotent-Replayed"] == "true"


def _id(answer: Any) -> Any:
    return answer["id"] if "id" in answer else answer["results"][1]["id"]  # of a series, the second


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.startswith("{")
