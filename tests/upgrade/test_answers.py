"""An older data folder under this program, on the day on which the older program stopped: everything goes on as it was."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from smoothbox.settings import Settings
from smoothbox.webhooks.verify import fault, keys_of
from tests.box import Answer, Client, RunningBox, StillClock
from tests.upgrade.conftest import Kept
from tests.webhooks.receivers import OK, listening, scripted

pytestmark = pytest.mark.gen_test

Rows = list[dict[str, Any]]


@pytest.fixture
def clock(kept: Kept) -> StillClock:
    return StillClock(kept.at)


@pytest.fixture
def box(kept: Kept, clock: StillClock, settings: Settings, io_loop: IOLoop) -> Iterator[RunningBox]:
    """The older box, served by this program."""
    running = RunningBox(kept.data, clock, settings)
    running.start(io_loop)
    yield running
    running.stop(io_loop)


def client(box: RunningBox, kept: Kept, whose: str = "demo live") -> Client:
    """Somebody with a token of that time."""
    return Client(box.url, kept.tokens[whose])


async def rows(api: Client, path: str) -> Rows:
    found = await api.get(f"{path}/", page_size=100)
    assert found.status == 200, found
    results: Rows = found.body["results"]
    return results


def as_it_was(then: Any, now: Any) -> Any:
    """What is said now, without what a newer program says besides."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return {name: as_it_was(then[name], value) for name, value in now.items() if name in then}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [as_it_was(*pair) for pair in zip(then, now, strict=True)]
    return now


async def again(api: Client, request: Mapping[str, Any]) -> Answer:
    """A request that was sent before, with its key."""
    return await api.send("POST", request["path"], request["body"], {"Idempotency-Key": request["key"]})


async def test_every_token_sees_every_row_as_it_was(box: RunningBox, kept: Kept) -> None:
    box.app.dispatcher.hold()  # deliveries stay as they were
    for whose, answers in kept.answers.items():
        api = client(box, kept, whose)
        for path, then in answers.items():
            now = (await api.get("business/")).body if path == "business" else await rows(api, path)
            assert as_it_was(then, now) == then, (whose, path)


def test_the_kept_folder_has_something_of_everything(kept: Kept) -> None:
    """Else the test above would say little."""
    answers = kept.answers["demo live"]
    found = {booking["status"] for booking in answers["bookings"]}
    assert found == {"PENDING", "SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELLED", "NO_SHOW"}
    assert any(booking["series_id"] for booking in answers["bookings"])
    assert any(booking["previous_start_time"] for booking in answers["bookings"])
    assert any(len(booking["resource_ids"]) == 2 for booking in answers["bookings"])
    assert any(booking["party_size"] > 1 for booking in answers["bookings"])
    deliveries = [each["status"] for path, listed in answers.items() if path.endswith("/deliveries") for each in listed]
    assert set(deliveries) == {"pending", "succeeded", "failed"}


async def test_a_request_that_was_answered_gets_the_same_answer_again(box: RunningBox, kept: Kept) -> None:
    api = client(box, kept)
    before = {path: await rows(api, path) for path in ("bookings", "customers")}
    for request in kept.told:
        answer = await again(api, request)
        assert answer.headers["Idempotent-Replayed"] == "true", request["path"]
        assert (answer.status, answer.body) == (request["status"], json.loads(request["answer"]))
    assert {path: await rows(api, path) for path in before} == before


async def test_an_older_key_does_not_stand_for_another_request(box: RunningBox, kept: Kept) -> None:
    request = next(each for each in kept.told if each["path"] == "customers/")
    answer = await again(client(box, kept), request | {"body": request["body"] | {"first_name": "Other"}})
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


async def test_a_place_that_was_held_is_still_taken_and_can_be_booked_by_its_holder_only(box: RunningBox, kept: Kept) -> None:
    api = client(box, kept)
    held = json.loads(next(each["answer"] for each in kept.told if each["path"] == "holds/"))
    place = {name: held[name] for name in ("service_id", "start_time", "resource_id")}
    wish = place | {"customer_id": kept.answers["demo live"]["customers"][0]["id"]}
    assert (await api.post("bookings/", wish)).code == "slot_unavailable"
    made = await api.post("bookings/", wish | {"hold_id": held["id"]})
    assert made.status == 201, made


async def test_what_was_taken_is_taken(box: RunningBox, kept: Kept) -> None:
    api = client(box, kept)
    ids = {each["name"]: each["id"] for each in kept.answers["demo live"]["services"]}
    customer = kept.answers["demo live"]["customers"][0]["id"]
    taken = [each for each in kept.answers["demo live"]["bookings"] if each["status"] in {"SCHEDULED", "CONFIRMED"}]
    full = [each for each in taken if each["service_id"] != ids["Braiding Class"]]
    for booking in full:
        wish = {name: booking[name] for name in ("service_id", "start_time", "resource_id")} | {"customer_id": customer}
        assert (await api.post("bookings/", wish)).status in {400, 409}, booking
    for booking in taken:
        assert (await api.post(f"bookings/{booking['id']}/cancel/")).status == 200
    for booking in full[:3]:
        wish = {name: booking[name] for name in ("service_id", "start_time", "resource_id")} | {"customer_id": customer}
        assert (await api.post("bookings/", wish)).status == 201


async def test_deliveries_go_on_signed_with_the_secret_of_then(box: RunningBox, kept: Kept, clock: StillClock) -> None:
    """Those that were to be tried again, and one of what happens now."""
    api = client(box, kept)
    waiting = [each["event_id"] for each in kept.answers["demo live"]["webhooks/1/deliveries"] if each["status"] == "pending"]
    async with listening(scripted(OK)) as receiver:
        assert (await api.patch("webhooks/1/", {"url": receiver.url()})).status == 200
        clock.advance(1000)  # the endpoint was left alone for a while; the hold is not over yet
        assert (await api.post("customers/", {"first_name": "New", "email": "new@example.com"})).status == 201
        for _ in range(1000):
            if len(receiver.requests) > len(waiting):
                break
            await asyncio.sleep(0.01)
        sent = [each.headers["webhook-id"] for each in receiver.requests]
        assert sorted(set(sent) & set(waiting)) == sorted(waiting)
        assert len(sent) == len(waiting) + 1
        for request in receiver.requests:
            headers = {name.lower(): value for name, value in request.headers.items()}
            assert fault(headers, request.body, keys_of([kept.secret]), clock.now()) is None
            assert headers["x-own"] == "kept-1"
        then = {each["id"]: each for each in kept.answers["demo live"]["events"]}
        for request in receiver.requests:
            if request.headers["webhook-id"] in then:
                assert json.loads(request.body) == then[request.headers["webhook-id"]]
