"""The calls that the help shows, by topic and name; in the order of its pages they are a story that a sandbox can live."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from smoothbox.web.help.languages import Call

Calls = Mapping[str, Call]

_A_WEEK: Final = timedelta(7)
_TUESDAY: Final = 1
_JANE: Final = {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone": "+1 212 555 0101"}


def calls(today: date) -> Mapping[str, Calls]:
    """Every call, by the topic and the name under which a page shows it. Dates lie ahead of today."""
    day = next_tuesday(today)
    return {
        "overview": _overview(day),
        "appointments": _appointments(day),
        "availability": _availability(day),
        "services": _services(),
        "resources": _resources(day),
        "customers": _customers(),
        "business": _business(day),
        "webhooks": _webhooks(today),
        "idempotency": _idempotency(day),
        "browsers": _browsers(),
    }


def next_tuesday(today: date) -> date:
    """The first Tuesday that is a week ahead at least."""
    ahead = today + _A_WEEK
    return ahead + timedelta((_TUESDAY - ahead.weekday()) % 7)


def _overview(day: date) -> Calls:
    return {
        "first": Call("GET", "business/"),
        "filter": Call("GET", "services/", {"price__lte": 5000, "duration__gt": 15, "ordering": "-price"}),
        "sync": Call("GET", "bookings/", {"updated_at__gte": f"{day - 2 * _A_WEEK}T00:00:00Z", "ordering": "updated_at"}),
    }


def _appointments(day: date) -> Calls:
    ten = f"{day}T10:00"
    return {
        "make": Call("POST", "bookings/", body={"service_id": 1, "start_time": ten, "customer": _JANE}, status=201),
        "list": Call(
            "GET",
            "bookings/",
            {"start_date": f"{day}", "end_date": f"{day}", "status": "SCHEDULED,CONFIRMED", "ordering": "start_time"},
        ),
        "reschedule": Call("PATCH", "bookings/1/", body={"start_time": f"{day}T11:00"}),
        "confirm": Call("PATCH", "bookings/1/", body={"status": "CONFIRMED"}),
        "cancel": Call("POST", "bookings/1/cancel/", body={"reason": "Jane is ill."}),
        "hold": Call("POST", "holds/", body={"service_id": 1, "start_time": ten, "ttl_seconds": 600}, status=201),
        "from_hold": Call("POST", "bookings/", body={"service_id": 1, "hold_id": 1, "customer_id": 1}, status=201),
        "series": Call(
            "POST",
            "bookings/",
            body={
                "service_id": 1,
                "start_time": f"{day + _A_WEEK}T10:00",
                "customer_id": 1,
                "recurrence": "FREQ=WEEKLY;BYDAY=TU;COUNT=4",
            },
            status=201,
        ),
    }


def _availability(day: date) -> Calls:
    return {
        "day": Call("GET", "availability/", {"service_id": 1, "date": f"{day}"}),
        "month": Call(
            "GET",
            "availability/",
            {"service_id": 1, "start_date": f"{day}", "end_date": f"{day + timedelta(30)}", "timezone": "Europe/Paris"},
        ),
        "move": Call("GET", "availability/", {"service_id": 1, "date": f"{day}", "exclude_booking_id": 1}),
    }


def _services() -> Calls:
    new = {"name": "Beard trim", "duration": 20, "price": 1800, "buffer_after": 5, "resource_ids": [1]}
    return {
        "list": Call("GET", "services/", {"search": "cut", "is_active": "true", "ordering": "display_order"}),
        "add": Call("POST", "services/", body=new, status=201),
        "change": Call("PATCH", "services/1/", body={"price": 2700}),
    }


def _resources(day: date) -> Calls:
    hours = [{"day_of_week": 1, "intervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]}]
    away = [{"start_time": f"{day + _A_WEEK}T00:00", "end_time": f"{day + 2 * _A_WEEK}T00:00", "reason": "Holiday"}]
    return {
        "list": Call("GET", "resources/", {"type": "STAFF", "ordering": "name"}),
        "add": Call("POST", "resources/", body={"name": "Zoe", "type": "STAFF", "working_hours": hours}, status=201),
        "away": Call("PATCH", "resources/1/", body={"time_off": away}),
    }


def _customers() -> Calls:
    new = {"first_name": "John", "last_name": "Smith", "email": "john@example.com", "tags": ["regular"]}
    return {
        "search": Call("GET", "customers/", {"search": "jane", "ordering": "last_name"}),
        "add": Call("POST", "customers/", body=new, status=201),
        "change": Call("PATCH", "customers/1/", body={"phone": "+1 212 555 0199", "metadata": {"loyalty_points": 120}}),
    }


def _business(day: date) -> Calls:
    return {
        "read": Call("GET", "business/"),
        "close": Call("PATCH", "business/", body={"closures": [{"date": f"{day + 8 * _A_WEEK}", "name": "Stocktaking"}]}),
    }


def _webhooks(today: date) -> Calls:
    new = {"url": "https://example.com/hook", "events": ["booking.*", "customer.created"], "description": "CRM"}
    return {
        "subscribe": Call("POST", "webhooks/", body=new, status=201),
        "ping": Call("POST", "webhooks/1/ping/", status=202),
        "log": Call("GET", "webhooks/1/deliveries/", {"status": "failed"}),
        "redeliver": Call("POST", "webhooks/1/deliveries/1/redeliver/", status=202),
        "recover": Call("POST", "webhooks/1/recover/", body={"since": f"{today - _A_WEEK}T00:00:00Z"}, status=202),
        "rotate": Call("POST", "webhooks/1/rotate-secret/", body={"overlap_seconds": 86400}),
        "feed": Call("GET", "events/", {"after_sequence": 0}),
        "unsubscribe": Call("DELETE", "webhooks/1/", status=204),
    }


def _idempotency(day: date) -> Calls:
    body = {"service_id": 1, "start_time": f"{day + timedelta(1)}T11:00", "customer_id": 1}
    return {"retry": Call("POST", "bookings/", body=body, headers={"Idempotency-Key": "order-4711"}, status=201)}


def _browsers() -> Calls:
    body = {"scopes": ["services:read", "availability:read"], "lifetime_seconds": 900}
    return {"make": Call("POST", "client-tokens/", body=body, status=201)}
