"""Events: each transition is told once, in the transaction that makes it, in one order without a gap."""

import asyncio
from typing import Any

import pytest

from smoothbox.contract.events import EVENT_TYPES, LARGEST_BODY, LIST
from smoothbox.operations import events, housekeeping, sandbox
from smoothbox.store.folder import open_tenant
from tests.box import CATALOGUE, Client, RunningBox, StillClock

from .acme import (
    ANN,
    BOB,
    CUT,
    ELEVEN,
    JANE,
    TEN,
    WEDDING,
    add_customer,
    as_listed,
    assert_refused,
    book,
    hold,
    on,
    subscribe,
    wish,
)
from .wire import exchange, head

pytestmark = pytest.mark.gen_test

Event = dict[str, Any]


async def since(api: Client, sequence: int) -> list[Event]:
    """What was told after an event."""
    answer = await api.get("events/", after_sequence=sequence, page_size=200)
    assert answer.status == 200, answer
    found: list[Event] = answer.body["results"]
    return found


async def last(api: Client) -> int:
    """The sequence of the last event; the catalogue of the fixture was told of already."""
    answer = await api.get("events/", ordering="-sequence", page_size=1)
    sequence: int = answer.body["results"][0]["sequence"]
    return sequence


async def types_since(api: Client, sequence: int) -> list[str]:
    return [each["type"] for each in await since(api, sequence)]


async def told(api: Client, method: str, path: str, body: Any = None) -> list[Event]:
    """What a request that succeeds is told of as."""
    before = await last(api)
    answer = await api.send(method, path, body)
    assert answer.status < 300, answer
    return await since(api, before)


def changed(event: Event) -> set[str]:
    """The fields that changed, but for those that change with every write."""
    return {*event["data"]["previous"]} - {"version", "updated_at"}


async def test_a_booking_and_its_new_customer_are_told_once_each(api: Client) -> None:
    customer, booking = await told(api, "POST", "bookings/", wish())
    assert (customer["type"], booking["type"]) == ("customer.created", "booking.created")
    assert booking["data"]["object"] == as_listed((await api.get("bookings/1/")).body)
    assert booking["data"]["previous"] == {}
    assert customer["data"]["object"] == (await api.get("customers/1/")).body | {"booking_count": 0}
    (again,) = await told(api, "POST", "bookings/", wish(start_time=ELEVEN))
    assert (again["type"], again["data"]["object"]["id"]) == ("booking.created", 2)


@pytest.mark.parametrize(
    ("steps", "body", "expected", "fields"),
    [
        ([], {"status": "CONFIRMED"}, ["booking.confirmed"], {"status"}),
        ([], {"status": "COMPLETED"}, ["booking.completed"], {"status"}),
        ([], {"status": "NO_SHOW"}, ["booking.no_show"], {"status"}),
        (["NO_SHOW"], {"status": "CONFIRMED"}, ["booking.confirmed"], {"status"}),
        ([], {"status": "CANCELLED"}, ["booking.cancelled"], {"status", "cancelled_at", "cancelled_by"}),
        ([], {"start_time": on("07", "11:00")}, ["booking.rescheduled"], {"start_time", "end_time", "previous_start_time"}),
        ([], {"resource_id": BOB}, ["booking.rescheduled"], {"resource_id", "resource_ids", "resource_name"}),
        ([], {"notes": "a"}, ["booking.updated"], {"notes"}),
        ([], {"metadata": {"a": 1}, "external_id": "x"}, ["booking.updated"], {"metadata", "external_id"}),
        (
            [],
            {"start_time": on("07", "11:00"), "status": "CONFIRMED", "notes": "a"},
            ["booking.rescheduled", "booking.confirmed"],
            {"start_time", "end_time", "previous_start_time", "status", "notes"},
        ),
        ([], {"notes": "a", "status": "CONFIRMED"}, ["booking.confirmed"], {"status", "notes"}),
        ([], {"start_time": on("07", "10:00")}, [], set()),
        ([], {"status": "SCHEDULED"}, [], set()),
        ([], {"resource_id": ANN, "notes": " "}, [], set()),
        ([], {}, [], set()),
        (["CANCELLED"], {"status": "CANCELLED"}, [], set()),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else str(value),  # the same in every process
)
async def test_each_transition_of_a_booking_is_told_once(
    api: Client, steps: list[str], body: dict[str, Any], expected: list[str], fields: set[str]
) -> None:
    await book(api, start_time=on("07", "10:00"), resource_id=ANN)
    for status in steps:
        assert (await api.patch("bookings/1/", {"status": status})).status == 200
    before = (await api.get("bookings/1/")).body
    found = await told(api, "PATCH", "bookings/1/", body)
    assert [each["type"] for each in found] == expected
    now = as_listed((await api.get("bookings/1/")).body)
    for each in found:
        assert each["data"]["object"] == now
        assert changed(each) == fields
        assert all(before[name] == value for name, value in each["data"]["previous"].items())


async def test_cancelling_twice_is_told_once(api: Client) -> None:
    await book(api)
    (event,) = await told(api, "POST", "bookings/1/cancel/", {"reason": "ill"})
    assert changed(event) == {"status", "cancelled_at", "cancelled_by", "cancellation_reason"}
    assert await told(api, "POST", "bookings/1/cancel/", {"reason": "again"}) == []
    assert await told(api, "DELETE", "bookings/1/") == []


async def test_a_series_is_told_booking_by_booking_and_so_is_its_end(api: Client) -> None:
    made = await told(api, "POST", "bookings/", wish(recurrence="FREQ=WEEKLY;COUNT=3", service_id=CUT, resource_id=BOB))
    assert [each["type"] for each in made] == ["customer.created", *["booking.created"] * 3]
    ended = await told(api, "POST", "bookings/1/cancel/", {"following": True})
    assert [(each["type"], each["data"]["object"]["id"]) for each in ended] == [
        ("booking.cancelled", number) for number in (2, 3, 1)
    ]


async def test_a_request_is_told_and_then_its_first_time(api: Client) -> None:
    made = await told(api, "POST", "bookings/", {"service_id": WEDDING, "customer": JANE})
    assert [(each["type"], each["data"]["object"].get("start_time")) for each in made][1:] == [("booking.created", None)]
    (event,) = await told(api, "PATCH", "bookings/1/", {"start_time": on("07", "10:00"), "resource_id": ANN})
    assert (event["type"], event["data"]["previous"]["start_time"]) == ("booking.rescheduled", None)
    assert event["data"]["object"]["status"] == "SCHEDULED"


async def test_a_hold_is_told_of_only_when_its_time_is_over(api: Client, box: RunningBox, clock: StillClock) -> None:
    before = await last(api)
    first, second, third = [await hold(api, start_time=on("07", f"{hour}:00"), ttl_seconds=60) for hour in (10, 11, 12)]
    await api.delete(f"holds/{first['id']}/")
    await api.post("bookings/", {"service_id": CUT, "hold_id": second["id"], "customer": JANE})
    clock.advance(60)
    await box.app.files.for_each_open(box.app._tidy)
    found = await since(api, before)
    assert [each["type"] for each in found] == ["customer.created", "booking.created", "hold.expired"]
    assert found[-1]["data"] == {"object": third, "previous": {}}


async def test_customers_are_told_when_they_are_added_and_when_they_change(api: Client) -> None:
    (added,) = await told(api, "POST", "customers/", JANE)
    assert (added["type"], added["data"]["object"]) == ("customer.created", (await api.get("customers/1/")).body)
    (event,) = await told(api, "PATCH", "customers/1/", {"phone": "212 555 0100", "first_name": "Jane"})
    assert (event["type"], changed(event)) == ("customer.updated", {"phone"})
    assert await told(api, "PATCH", "customers/1/", {"phone": "212 555 0100"}) == []


async def test_what_is_for_sale_is_told_of_too(api: Client, box: RunningBox) -> None:
    (made,) = await told(api, "POST", "services/", {"name": "Shave", "duration": 15, "price": 1000, "resource_ids": [ANN]})
    path = f"services/{made['data']['object']['id']}/"
    assert (made["type"], made["data"]["object"]) == ("service.created", (await api.get(path)).body)
    (event,) = await told(api, "PATCH", path, {"price": 1200})
    assert (event["type"], event["data"]["previous"]["price"], changed(event)) == ("service.updated", 1000, {"price"})
    assert await told(api, "PATCH", path, {"price": 1200}) == []
    version = (await api.get(path)).body["version"]
    (event,) = await told(api, "DELETE", path)
    assert (event["type"], event["data"]["object"]["price"]) == ("service.deleted", 1200)
    assert event["data"]["object"]["version"] == version + 1
    await book(api)
    (event,) = await told(api, "DELETE", f"services/{CUT}/")
    assert (event["type"], changed(event)) == ("service.updated", {"is_active"})


async def test_who_works_is_told_without_why_they_are_away(api: Client) -> None:
    (made,) = await told(api, "POST", "resources/", {"name": "Cid", "type": "STAFF"})
    path = f"resources/{made['data']['object']['id']}/"
    assert made["type"] == "resource.updated"
    away = {"start_time": on("11", "00:00"), "end_time": on("12", "00:00"), "reason": "Surgery"}
    (event,) = await told(api, "PATCH", path, {"time_off": [away]})
    assert (event["type"], changed(event)) == ("resource.updated", set())
    assert "Surgery" not in str(event)
    (event,) = await told(api, "DELETE", path)
    assert (event["type"], event["data"]["object"]["is_active"]) == ("resource.updated", False)
    assert (await api.get(path)).status == 404


async def test_the_business_is_told_of_without_who_asked(api: Client) -> None:
    (event,) = await told(api, "PATCH", "business/", {"phone": "1", "closures": [{"date": "2027-12-25", "name": "X"}]})
    assert (event["type"], changed(event)) == ("business.updated", {"phone", "closures"})
    assert not {"subdomain", "environment", "scopes"} & {*event["data"]["object"]}
    assert await told(api, "PATCH", "business/", {"phone": "1"}) == []


async def test_a_catalogue_that_is_applied_tells_what_it_changed_and_nothing_the_second_time(
    api: Client, box: RunningBox
) -> None:
    before = await last(api)
    catalogue = CATALOGUE
    box.apply("acme", catalogue.replace("price = 2500", "price = 2600").replace('name = "Ann"', 'name = "Anna"'))
    found = await since(api, before)
    assert [each["type"] for each in found] == ["resource.updated", "service.updated"]
    assert {each["request"]["id"] for each in found} == {None}
    box.apply("acme", catalogue.replace("price = 2500", "price = 2600").replace('name = "Ann"', 'name = "Anna"'))
    assert await since(api, found[-1]["sequence"]) == []


async def test_an_event_names_the_request_that_caused_it(box: RunningBox, api: Client) -> None:
    before = await last(api)
    for _ in range(2):  # the second is answered from what was kept
        answer = await api.send("POST", "customers/", JANE, {"Idempotency-Key": '"mine"'})
        assert answer.status == 201
    plain = await api.post("customers/", {"phone": "1"})
    first, second = await since(api, before)
    assert first["request"]["idempotency_key"] == "mine"
    assert first["request"]["id"].startswith("req_")
    assert second["request"] == {"id": plain.headers["X-Request-Id"], "idempotency_key": None}
    assert (first["livemode"], first["api_version"]) == (True, "v1")
    assert first["timestamp"] == first["data"]["object"]["created_at"]
    test = box.client(mode="test")
    (event,) = await told(test, "POST", "customers/", JANE)
    assert event["livemode"] is False


async def test_what_was_refused_or_rolled_back_leaves_no_gap(api: Client) -> None:
    before = await last(api)
    await book(api, resource_id=ANN)
    refused = [
        api.post("bookings/", wish(resource_id=ANN, customer={"phone": str(number)})) for number in range(10)
    ]  # each adds a customer before it is refused
    added = [api.post("customers/", {"phone": f"9{number}"}) for number in range(10)]
    answers = await asyncio.gather(*refused, *added)
    assert sorted(each.status for each in answers) == [201] * 10 + [409] * 10
    found = await since(api, before)
    assert [each["sequence"] for each in found] == [*range(before + 1, before + 13)]
    assert [each["type"] for each in found].count("customer.created") == 11
    assert len({each["id"] for each in found}) == 12


async def test_a_client_that_follows_the_feed_misses_nothing_and_sees_nothing_twice(api: Client) -> None:
    seen, position = [], await last(api)
    begin = position
    for number in range(23):
        await add_customer(api, phone=str(number))
        if number % 5 == 4:
            while page := (await api.get("events/", after_sequence=position, page_size=2)).body["results"]:
                seen += page
                position = page[-1]["sequence"]
    seen += await since(api, position)
    assert [each["sequence"] for each in seen] == [*range(begin + 1, begin + 24)]


async def test_the_feed_is_filtered_and_sorted_and_says_what_it_does_not_know(api: Client, clock: StillClock) -> None:
    before = await last(api)
    clock.advance(60)
    await book(api)
    for filters, expected in (
        ({"type": "booking.created"}, ["booking.created"]),
        ({"type": "booking.created,customer.created", "ordering": "-sequence"}, ["booking.created", "customer.created"]),
        ({"type": "booking.created,customer.created", "ordering": "-created_at,id"}, ["customer.created", "booking.created"]),
        ({"created_at__gte": "2027-01-04T12:01:00Z"}, ["customer.created", "booking.created"]),
        ({"after_sequence": str(before + 1)}, ["booking.created"]),
        ({"after_sequence": str(2**53)}, []),
    ):
        answer = await api.get("events/", **filters)
        assert [each["type"] for each in answer.body["results"]] == expected, filters
        assert answer.body["count"] == len(expected)
    for wrong in ({"type": "booking.*"}, {"status": "x"}, {"updated_at": TEN}, {"id__in": "1"}, {"after_sequence": "x"}):
        assert_refused(await api.get("events/", **wrong), 400, "invalid_parameter", *wrong)
    assert {*LIST.parameters} >= {"type", "after_sequence", "created_at__gte"}


async def test_what_is_too_large_is_thinned(api: Client) -> None:
    large = {"notes": "é" * 5000, "metadata": {f"k{number}": "\u2028" * 500 for number in range(50)}}
    _, event = await told(api, "POST", "bookings/", wish(**large))
    assert event["data"] == {"object": {"id": 1, "version": 1, "truncated": True}, "previous": {}}
    (event,) = await told(api, "PATCH", "bookings/1/", {"status": "CONFIRMED"})
    assert event["data"] == {"object": {"id": 1, "version": 2, "truncated": True}, "previous": {}}
    (event,) = await told(api, "PATCH", "bookings/1/", {"metadata": {}})
    assert event["data"]["object"]["truncated"] is True  # what it was is too large as well
    (event,) = await told(api, "PATCH", "bookings/1/", {"notes": ""})
    assert event["data"]["object"]["metadata"] == {}
    assert LARGEST_BODY == 65536


async def test_every_type_comes_with_a_sentence_and_an_example_of_its_own_shape(
    api: Client, box: RunningBox, clock: StillClock
) -> None:
    answer = await api.get("webhooks/event-types/")
    examples = {each["type"]: each["example"] for each in answer.body["results"]}
    assert [*examples] == [*EVENT_TYPES]
    assert answer.body["count"] == len(EVENT_TYPES)
    for found in await everything_that_can_happen(api, box, clock):
        example = examples[found["type"]]
        assert [*example] == [*found]
        assert [*example["data"]["object"]] == [*found["data"]["object"]], found["type"]
        assert {*example["data"]["previous"]} <= {*example["data"]["object"]}
        del examples[found["type"]]
    assert not examples


async def everything_that_can_happen(api: Client, box: RunningBox, clock: StillClock) -> list[Event]:
    """One event of each type."""
    before = await last(api)
    await subscribe(api, events=("hold.*",))
    await api.post("webhooks/1/ping/")
    await hold(api, start_time=on("07", "13:00"), ttl_seconds=1)
    clock.advance(2)
    await box.app.files.for_each_open(box.app._tidy)
    for number, hour in enumerate((9, 10, 11, 12), 1):
        await book(api, start_time=on("07", f"{hour:02}:00"), resource_id=ANN)
        await api.patch(f"bookings/{number}/", {"status": ("CONFIRMED", "COMPLETED", "NO_SHOW", "CANCELLED")[number - 1]})
    await api.patch("bookings/1/", {"notes": "a"})
    await api.patch("bookings/1/", {"resource_id": BOB})
    await api.patch("customers/1/", {"notes": "a"})
    made = await api.post("services/", {"name": "Shave", "duration": 15, "price": 1000})
    await api.patch(f"services/{made.body['id']}/", {"price": 1})
    await api.delete(f"services/{made.body['id']}/")
    await api.patch("resources/1/", {"description": "a"})
    await api.patch("business/", {"phone": "1"})
    with open_tenant(box.folder, "acme", "live", clock) as file:
        from smoothbox.operations.webhooks import disable  # noqa: PLC0415

        file.write(disable, 1, "failing")
    return list({each["type"]: each for each in await since(api, before)}.values())


async def test_old_events_go_by_and_by_and_the_sequence_goes_on(box: RunningBox, api: Client, clock: StillClock) -> None:
    await book(api)
    newest = await last(api)
    clock.advance(30 * 86400 + 1)
    await add_customer(api, phone="2")
    with open_tenant(box.folder, "acme", "live", clock) as file:
        assert file.read(housekeeping.is_due, 30.0)
        file.write(housekeeping.tidy, 30.0)
        assert not file.read(events.has_old, 30.0)
    (left,) = await since(api, 0)
    assert left["sequence"] == newest + 1
    clock.advance(31 * 86400)
    with open_tenant(box.folder, "acme", "live", clock) as file:
        file.write(housekeeping.tidy, 30.0)
    assert await since(api, 0) == []
    (event,) = await told_from_nothing(api)
    assert event["sequence"] == newest + 2


async def told_from_nothing(api: Client) -> list[Event]:
    await add_customer(api, phone="3")
    return await since(api, 0)


async def test_a_fresh_sandbox_has_no_events_keeps_its_endpoints_and_goes_on_counting(box: RunningBox) -> None:
    test = box.client(mode="test")
    await subscribe(test, events=("booking.*",))
    await book(test)
    before = await last(test)
    sandbox.reset(box.folder, "acme", box.clock)
    assert await since(test, 0) == []
    assert (await test.get("webhooks/")).body["count"] == 1
    await add_customer(test, **JANE)
    assert [each["sequence"] for each in await since(test, 0)] == [before + 1]


async def test_the_feed_is_of_one_tenant_and_mode_alone_and_needs_its_scope(box: RunningBox, api: Client) -> None:
    others = [box.client("rival"), box.client(mode="test")]
    before = [await last(other) for other in others]
    await book(api)
    assert [await since(other, at) for other, at in zip(others, before, strict=True)] == [[], []]
    narrow = box.client(scopes=("bookings:read", "bookings:write"))
    for path in ("events/", "webhooks/event-types/", "webhooks/"):
        assert_refused(await narrow.get(path), 403, "insufficient_scope")


async def test_a_head_of_the_feed_is_its_length(api: Client) -> None:
    answer = await exchange(api, head(api, "HEAD", "events/"), bodiless=True)
    assert int(answer.headers["Content-Length"]) > 1000
