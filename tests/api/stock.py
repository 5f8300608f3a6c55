"""A business with enough in it that every filter finds something and leaves something out."""

from typing import Any

from smoothbox.contract import bookings, customers, resources, services, webhooks
from smoothbox.contract.listing import Listing
from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import ANN, BOB, COLOUR, NOBODY, add_customer, book, on, subscribe

LISTS: dict[str, Listing] = {
    each.name: each for each in (services.LIST, resources.LIST, bookings.LIST, customers.LIST, webhooks.LIST)
}

_ROOM, _CUT, _WEDDING = (
    CATALOGUE.index(f'[[{what}]]\nkey = "{key}"')
    for what, key in (("resource", "room"), ("service", "cut"), ("service", "wedding"))
)
LATER = (
    (CATALOGUE[:_ROOM] + CATALOGUE[_CUT:_WEDDING]).replace('name = "Ann"', 'name = "Ann Åberg"')
    + """
[[resource]]
key = "chair"
name = "Armchair"
type = "EQUIPMENT"
display_order = 5
[[service]]
key = "short"
name = "Straße & Co"
duration = 45
price = 2500
resources = ["chair"]
"""
)

CUSTOMERS: tuple[dict[str, Any], ...] = (
    {
        "first_name": "Øystein",
        "last_name": "Åberg",
        "email": "Oystein@Example.com",
        "tags": ["vip", "50% off"],
        "external_id": "A-1",
    },
    {"first_name": "jane", "last_name": "doe", "phone": "(212) 555-0100"},
    {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "status": "BLOCKED"},
    {
        "first_name": "Ünal",
        "last_name": "Straße",
        "email": "u+1@example.com",
        "phone": "+33 1 23 45 67 89",
        "external_id": "a-1",
    },
    {"email": "only_email@example.com", "tags": ["Vip"]},
)


ENDPOINTS: tuple[dict[str, Any], ...] = (  # what happens here is none of what the active ones are told of
    {"events": ("hold.expired",), "description": "one"},
    {"events": ("hold.*", "webhook.ping"), "url": f"{NOBODY}?2"},
    {"events": ("booking.created", "booking.cancelled"), "is_active": False},
    {"events": ("*",), "url": f"{NOBODY}?2", "is_active": False},
)


async def fill(box: RunningBox, api: Client, clock: StillClock) -> None:
    """Add a minute at a time, so that no two things are as old, and change some of them later."""
    clock.advance(60)
    box.apply("acme", LATER)
    people = []
    for fields, endpoint in zip(CUSTOMERS, (*ENDPOINTS, None), strict=True):
        clock.advance(60)
        people.append((await add_customer(api, **fields))["id"])
        if endpoint:
            await subscribe(api, **endpoint)
    wishes: tuple[dict[str, Any], ...] = (
        {"start_time": on("05", "10:00"), "resource_id": ANN, "external_id": "B-1"},
        {"start_time": on("05", "10:00"), "resource_id": BOB},
        {"start_time": on("07", "09:00"), "service_id": COLOUR},
        {"start_time": on("08", "23:30"), "resource_id": ANN},
        {"start_time": on("09", "00:30"), "resource_id": ANN},
        {"start_time": on("04", "16:30"), "resource_id": ANN, "external_id": "b-1"},
    )
    free = [each for each in people if each != people[2]]
    for number, fields in enumerate(wishes):
        clock.advance(60)
        await book(api, customer_id=free[number % len(free)], **fields)
    clock.advance(60)
    recurring = {"service_id": COLOUR, "start_time": on("14", "13:00"), "recurrence": "FREQ=WEEKLY;COUNT=2"}
    assert (await api.post("bookings/", {"customer_id": free[0], **recurring})).status == 201
    for booking_id, status in ((6, "COMPLETED"), (5, "CANCELLED"), (4, "NO_SHOW"), (1, "CONFIRMED")):
        clock.advance(60)
        await api.patch(f"bookings/{booking_id}/", {"status": status})
    await api.patch(f"customers/{people[0]}/", {"notes": "changed"})
    await api.patch("webhooks/1/", {"description": "changed"})


async def everything(api: Client, name: str) -> list[dict[str, Any]]:
    """All there is on a list, by id."""
    answer = await api.get(f"{name}/", ordering="id", page_size=200)
    assert answer.status == 200, answer
    results: list[dict[str, Any]] = answer.body["results"]
    return results
