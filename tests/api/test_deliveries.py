"""Deliveries: to a real receiver, signed, in order, tried again by the schedule, and logged."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook
from tornado.httputil import HTTPHeaders

from smoothbox.settings import Settings, Webhooks
from smoothbox.store.endpoints import health
from smoothbox.store.folder import open_tenant
from tests.box import CATALOGUE, Client, RunningBox, StillClock
from tests.conftest import ROOMY
from tests.webhooks.receivers import OK, Receiver, Request, listening, reply, scripted, silent

from .acme import ANN, JANE, add_customer, assert_refused, book, on, ping, settled, subscribe, wish

pytestmark = pytest.mark.gen_test

DAY = 86400


@pytest.fixture
def settings() -> Settings:
    """No jitter, so that times can be told; and a receiver has little time."""
    return replace(ROOMY, webhooks=Webhooks(allow_cidrs=("127.0.0.0/8",), jitter=0.0, connect_timeout=0.5, timeout=0.5))


async def arrived(receiver: Receiver, number: int) -> list[Request]:
    """Until so many requests have come."""
    for _ in range(2000):
        if len(receiver.requests) >= number:
            return receiver.requests
        await asyncio.sleep(0.005)
    raise AssertionError(f"{len(receiver.requests)} of {number} came")


async def attempted(api: Client, number: int, delivery: int = 1) -> dict[str, Any]:
    """A delivery once so many attempts of it were recorded."""
    for _ in range(2000):
        found: dict[str, Any] = (await api.get(f"webhooks/1/deliveries/{delivery}/")).body
        if len(found["attempts"]) >= number and found["status"] != "sending":
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(found)


async def after(box: RunningBox, clock: StillClock, seconds: float) -> None:
    """Let time pass, and the sweep see it."""
    clock.advance(seconds)
    await box.app.dispatcher.sweep()


def verified(request: Request, *secrets: str) -> Any:
    """The event in a request, by the judgement of the specification's own package."""
    fields = {name: request.headers[name] for name in ("webhook-id", "webhook-signature")}
    fields["webhook-timestamp"] = request.headers["webhook-timestamp"]
    found = [Judge(secret).verify_at(request.body, fields) for secret in secrets]
    assert all(each == found[0] for each in found)
    return found[0]


class Judge(Webhook):
    """Verifies as if it were the moment that the request names: the box's clock stands still in January 2027."""

    def verify_at(self, body: bytes, headers: dict[str, str]) -> Any:
        stamp = int(headers["webhook-timestamp"])
        signed = self.sign(headers["webhook-id"], datetime.fromtimestamp(stamp, UTC), body.decode())
        assert signed in headers["webhook-signature"].split(" ")
        return json.loads(body)


async def test_a_booking_arrives_signed_and_to_the_byte_as_the_feed_has_it(api: Client, clock: StillClock) -> None:
    async with listening(scripted(reply(200, b"thanks"))) as receiver:
        made = await subscribe(api, receiver.url(), ("booking.*",), headers={"X-Own": "mine"}, ed25519=True)
        await book(api, notes="Grüße 🧔")
        (request,) = await arrived(receiver, 1)
        event = verified(request, made["secret"])
        (row,) = (await api.get("events/", type="booking.created")).body["results"]
        assert event == row
        assert request.line == "POST /hook HTTP/1.1"
        assert request.headers["webhook-id"] == event["id"]
        assert request.headers["webhook-timestamp"] == str(int(clock.now()))
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["X-Own"] == "mine"
        assert [each.split(",")[0] for each in request.headers["webhook-signature"].split(" ")] == ["v1", "v1a"]
        found = await settled(api, 1, 1)
        assert found["event"] == event
        (attempt,) = found["attempts"]
        assert (attempt["number"], attempt["trigger"], attempt["status_code"], attempt["error"]) == (1, "auto", 200, None)
        assert attempt["response_body"] == "thanks"
        (listed,) = (await api.get("webhooks/1/deliveries/")).body["results"]
        assert listed["attempts"] == [{name: value for name, value in attempt.items() if name != "response_body"}]
        assert (await api.get("webhooks/1/")).body["last_success_at"] is not None


async def test_every_endpoint_that_asked_hears_of_it_and_no_other(box: RunningBox, api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        for number, events in enumerate((("*",), ("booking.*",), ("booking.created", "customer.created"), ("hold.*",)), 1):
            await subscribe(api, receiver.url(path=f"/{number}"), events)
        await subscribe(box.client("rival"), receiver.url(path="/rival"), ("*",))
        await subscribe(box.client(mode="test"), receiver.url(path="/test"), ("*",))
        await book(api)
        await arrived(receiver, 5)
        await asyncio.sleep(0.05)
        heard = sorted((each.line.split(" ")[1], json.loads(each.body)["type"]) for each in receiver.requests)
        assert heard == [
            ("/1", "booking.created"),
            ("/1", "customer.created"),
            ("/2", "booking.created"),
            ("/3", "booking.created"),
            ("/3", "customer.created"),
        ]
        ids = {each.headers["webhook-id"] for each in receiver.requests}
        assert len(ids) == 2  # the same for all endpoints


async def test_nothing_is_sent_of_what_was_refused(api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url())
        await book(api, resource_id=ANN)
        await arrived(receiver, 2)
        answers = await asyncio.gather(
            *(api.post("bookings/", wish(resource_id=ANN, customer={"phone": str(n)})) for n in range(20))
        )
        assert {each.status for each in answers} == {409}
        await add_customer(api, phone="99")
        await arrived(receiver, 3)
        await asyncio.sleep(0.05)
        assert len(receiver.requests) == 3


class TestOneByOne:
    """With one attempt at a time the order of arrival is that of departure."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, webhooks=replace(settings.webhooks, per_endpoint=1))

    async def test_first_attempts_leave_in_the_order_of_events(self, api: Client) -> None:
        async with listening(scripted(*[OK] * 20, *[reply(500)] * 3, OK)) as receiver:
            await subscribe(api, receiver.url(), ("customer.created",))
            await asyncio.gather(*(add_customer(api, phone=str(number)) for number in range(60)))
            requests = await arrived(receiver, 60)
            sequences = [json.loads(each.body)["sequence"] for each in requests]
            assert sequences == [*range(min(sequences), min(sequences) + 60)]


async def test_a_failed_delivery_is_tried_by_the_schedule_until_it_is_over(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    async with listening(scripted(reply(500, b"no"))) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        waits = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
        for number, wait in enumerate(waits, 1):
            found = await attempted(api, number)
            assert found["status"] == "pending"
            assert waits_for(found, clock) == wait
            await after(box, clock, wait - 1)
            await asyncio.sleep(0.02)
            assert len(receiver.requests) == number
            await after(box, clock, 1)
        found = await attempted(api, 10)
        assert (found["status"], found["next_attempt_at"]) == ("failed", None)
        assert [each["number"] for each in found["attempts"]] == [*range(1, 11)]
        assert {each["trigger"] for each in found["attempts"]} == {"auto"}
        bodies = {each.body for each in receiver.requests}
        assert len(bodies) == len({each.headers["webhook-id"] for each in receiver.requests}) == 1
        assert len({each.headers["webhook-timestamp"] for each in receiver.requests}) == 10
        await after(box, clock, DAY)
        assert len(receiver.requests) == 10


def waits_for(delivery: dict[str, Any], clock: StillClock) -> float:
    """Seconds until the next attempt."""
    return round(datetime.fromisoformat(delivery["next_attempt_at"]).timestamp() - clock.now(), 3)


async def test_the_sandbox_gives_up_after_four(box: RunningBox, clock: StillClock) -> None:
    test = box.client(mode="test")
    async with listening(scripted(reply(500))) as receiver:
        await subscribe(test, receiver.url(), ("customer.*",))
        await add_customer(test, **JANE)
        for number, wait in enumerate((5, 300, 1800), 1):
            await attempted(test, number)
            await after(box, clock, wait)
        assert (await attempted(test, 4))["status"] == "failed"


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (reply(503, headers={"Retry-After": "120"}), 120),
        (reply(500, headers={"Retry-After": "3"}), 5),
        (reply(429), 60),
        (reply(502), 60),
        (reply(504, headers={"Retry-After": "soon"}), 60),
        (reply(429, headers={"Retry-After": "999999"}), 6 * 3600),
        (reply(503, headers={"Retry-After": "Mon, 04 Jan 2027 12:10:00 GMT"}), 600),
        (reply(302, headers={"Location": "http://127.0.0.1:1025/"}), 5),
        (reply(404), 5),
    ],
)
async def test_a_receiver_may_ask_for_time(api: Client, clock: StillClock, answer: bytes, wait: float) -> None:
    async with listening(scripted(answer)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        assert waits_for(await attempted(api, 1), clock) == wait


async def test_who_does_not_answer_is_left_alone_for_a_minute(api: Client, clock: StillClock) -> None:
    async with listening(silent) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        found = await attempted(api, 1)
        assert (found["attempts"][0]["error"], waits_for(found, clock)) == ("timeout", 60)


async def test_who_is_gone_is_disabled_at_once_and_the_others_hear_of_it(api: Client) -> None:
    async with listening(scripted(reply(410))) as gone, listening(scripted(OK)) as other:
        await subscribe(api, gone.url(), ("customer.*", "webhook.*"))
        await subscribe(api, other.url(), ("webhook.disabled",))
        await add_customer(api, **JANE)
        (request,) = await arrived(other, 1)
        event = json.loads(request.body)
        assert (event["type"], event["data"]["object"]["id"]) == ("webhook.disabled", 1)
        assert event["data"]["previous"]["is_active"] is True
        shown = (await api.get("webhooks/1/")).body
        assert (shown["is_active"], shown["disabled_reason"]) == (False, "gone")
        assert (await settled(api, 1, 1))["status"] == "failed"
        await add_customer(api, phone="2")
        await asyncio.sleep(0.05)
        assert len(gone.requests) == 1
        assert (await api.patch("webhooks/1/", {"is_active": True})).body["disabled_reason"] is None


async def test_days_of_failures_disable_an_endpoint_and_a_patch_brings_it_back(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    async with listening(scripted(reply(500))) as receiver, listening(scripted(OK)) as other:
        await subscribe(api, receiver.url(), ("customer.*",))
        await subscribe(api, other.url(), ("*",))
        await add_customer(api, **JANE)
        for number, wait in enumerate((5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400), 1):
            await attempted(api, number)
            await after(box, clock, wait)
        assert (await attempted(api, 10))["status"] == "failed"  # ten, in three days
        assert (await api.get("webhooks/1/")).body["is_active"] is True
        clock.advance(2 * DAY)
        await add_customer(api, phone="2")
        await attempted(api, 1, 3)
        shown = (await api.get("webhooks/1/")).body
        assert (shown["is_active"], shown["disabled_reason"]) == (False, "failing")
        assert (await settled(api, 1, 3))["status"] == "failed"
        heard = [json.loads(each.body)["type"] for each in await arrived(other, 3)]
        assert heard == ["customer.created", "customer.created", "webhook.disabled"]
        await api.patch("webhooks/1/", {"is_active": True})
        await add_customer(api, phone="3")
        await arrived(receiver, 12)
        assert (await api.get("webhooks/1/")).body["is_active"] is True


@contextmanager
def breaker(box: RunningBox) -> Iterator[Any]:
    """How the first endpoint stands."""
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        yield lambda: file.read(health, 1)


async def test_five_failures_pause_an_endpoint_and_its_attempts_are_not_used_up(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    answers = [reply(500)] * 6 + [OK]
    async with listening(scripted(*answers)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        for number in range(9):
            await add_customer(api, phone=str(number))
        await arrived(receiver, 5)
        await asyncio.sleep(0.1)
        assert 5 <= len(receiver.requests) <= 6  # one more may have been under way
        begun = len(receiver.requests)
        waiting = (await api.get("webhooks/1/deliveries/", status="pending", ordering="sequence")).body["results"]
        assert len(waiting) == 9
        assert [len(each["attempts"]) for each in waiting].count(0) == 9 - begun
        await after(box, clock, 59)
        await asyncio.sleep(0.05)
        assert len(receiver.requests) == begun
        with breaker(box) as standing:
            assert standing().paused_until == clock.now() + 1
            await after(box, clock, 1)
            if begun == 5:  # the probe fails, and the next pause is twice as long
                await arrived(receiver, 6)
                await asyncio.sleep(0.1)
                assert len(receiver.requests) == 6
                assert standing().paused_until == clock.now() + 120
                await after(box, clock, 120)
            await arrived(receiver, 15)
            await asyncio.sleep(0.1)
            assert (standing().strikes, standing().failures, standing().paused_until) == (0, 0, 0)
        left = (await api.get("webhooks/1/deliveries/", status="succeeded")).body["count"]
        assert left == 9


async def test_a_hanging_endpoint_has_two_attempts_and_delays_nobody(api: Client) -> None:
    async with listening(silent) as hanging, listening(scripted(OK)) as other:
        await subscribe(api, hanging.url(), ("customer.*",))
        await subscribe(api, other.url(), ("customer.*",))
        for number in range(10):
            await add_customer(api, phone=str(number))
        await arrived(other, 10)
        assert hanging.hits == 2


async def test_no_tenant_has_more_than_eight_attempts_and_the_box_no_more_than_thirty_two(box: RunningBox) -> None:
    async with listening(silent) as hanging:
        clients = [box.client("acme"), box.client("rival")]
        for client in clients:
            for _ in range(6):
                await subscribe(client, hanging.url(), ("customer.*",))
            for number in range(3):
                await add_customer(client, phone=str(number))
        await asyncio.sleep(0.2)
        assert hanging.hits == 16


async def test_a_ping_goes_to_one_endpoint_also_while_it_is_disabled(api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("booking.*",), is_active=False)
        await subscribe(api, receiver.url(path="/other"), ("*",))
        found = await ping(api)
        assert (found["type"], found["status"], found["attempts"][0]["trigger"]) == ("webhook.ping", "succeeded", "ping")
        await asyncio.sleep(0.05)
        (request,) = receiver.requests
        assert request.line == "POST /hook HTTP/1.1"
        assert json.loads(request.body)["data"]["object"]["id"] == 1


async def test_a_ping_that_fails_is_not_tried_again(box: RunningBox, api: Client, clock: StillClock) -> None:
    async with listening(scripted(reply(500))) as receiver:
        await subscribe(api, receiver.url())
        assert (await ping(api))["status"] == "failed"
        await after(box, clock, DAY)
        await asyncio.sleep(0.05)
        assert len(receiver.requests) == 1


async def test_a_delivery_is_sent_again_with_the_same_id_and_body_and_a_fresh_signature(api: Client, clock: StillClock) -> None:
    async with listening(scripted(OK, reply(500), OK)) as receiver:
        made = await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        await settled(api, 1, 1)
        for expected in ("failed", "succeeded"):
            clock.advance(60)
            answer = await api.post("webhooks/1/deliveries/1/redeliver/")
            assert (answer.status, answer.body["status"]) == (202, "pending")
            assert (await settled(api, 1, 1))["status"] == expected
        first, second, third = receiver.requests
        assert first.body == second.body == third.body
        assert len({each.headers["webhook-id"] for each in receiver.requests}) == 1
        assert len({each.headers["webhook-signature"] for each in receiver.requests}) == 3
        for each in receiver.requests:
            verified(each, made["secret"])
        found = (await api.get("webhooks/1/deliveries/1/")).body
        assert [each["trigger"] for each in found["attempts"]] == ["auto", "manual", "manual"]


async def test_a_redelivery_brings_the_next_attempt_forward_and_the_schedule_goes_on(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    async with listening(scripted(reply(500))) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        await attempted(api, 1)
        await api.post("webhooks/1/deliveries/1/redeliver/")
        found = await attempted(api, 2)
        assert (found["status"], waits_for(found, clock)) == ("pending", 5)  # it used up none of the schedule
        await after(box, clock, 5)
        found = await attempted(api, 3)
        assert (found["status"], waits_for(found, clock)) == ("pending", 300)
        assert [each["trigger"] for each in found["attempts"]] == ["auto", "manual", "auto"]


async def test_while_it_is_being_sent_it_is_not_sent_again(api: Client) -> None:
    async with listening(silent) as hanging:
        await subscribe(api, hanging.url(), ("customer.*",))
        await add_customer(api, **JANE)
        for _ in range(1000):
            await asyncio.sleep(0.005 * (not hanging.hits))
        assert_refused(await api.post("webhooks/1/deliveries/1/redeliver/"), 409, "conflict")
        assert (await api.get("webhooks/1/deliveries/1/")).body["status"] == "sending"
        assert_refused(await api.post("webhooks/1/deliveries/2/redeliver/"), 404, "not_found")
        assert_refused(await api.post("webhooks/2/deliveries/1/redeliver/"), 404, "not_found")


async def test_what_failed_is_recovered_since_a_time(box: RunningBox, api: Client, clock: StillClock) -> None:
    test = box.client(mode="test")
    async with listening(scripted(*[reply(500)] * 12, OK)) as receiver:
        await subscribe(test, receiver.url(), ("customer.*",))
        for number in range(3):
            clock.advance(3600)
            await add_customer(test, phone=str(number))
            for done in (1, 2, 3):
                await attempted(test, done, number + 1)
                await after(box, clock, 1800)  # longer than any wait or pause
            assert (await attempted(test, 4, number + 1))["status"] == "failed"
        events = (await test.get("events/", type="customer.created")).body["results"]
        answer = await test.post("webhooks/1/recover/", {"since": events[1]["timestamp"].replace(".000000", "")})
        assert (answer.status, answer.body) == (202, {"count": 2})
        await after(box, clock, 3600)  # whatever pause there is
        assert [(await settled(test, 1, number))["status"] for number in (2, 3)] == ["succeeded"] * 2
        assert (await test.get("webhooks/1/deliveries/1/")).body["status"] == "failed"
        triggers = [each["trigger"] for each in (await test.get("webhooks/1/deliveries/2/")).body["attempts"]]
        assert triggers == ["auto"] * 4 + ["recover"]
        assert_refused(await test.post("webhooks/1/recover/", {"since": "soon"}), 400, "validation_error", "since")
        assert_refused(await test.post("webhooks/1/recover/"), 400, "validation_error", "since")


async def test_a_rotated_secret_signs_beside_the_old_one_for_the_overlap(
    box: RunningBox, api: Client, clock: StillClock
) -> None:
    async with listening(scripted(OK)) as receiver:
        first = (await subscribe(api, receiver.url(), ("customer.*",)))["secret"]
        second = (await api.post("webhooks/1/rotate-secret/")).body["secret"]
        third = (await api.post("webhooks/1/rotate-secret/", {"overlap_seconds": 60})).body["secret"]
        await add_customer(api, phone="1")
        (request,) = await arrived(receiver, 1)
        assert len(request.headers["webhook-signature"].split(" ")) == 3
        verified(request, third, second, first)
        clock.advance(61)
        await add_customer(api, phone="2")
        request = (await arrived(receiver, 2))[1]
        verified(request, third, first)
        assert len(request.headers["webhook-signature"].split(" ")) == 2
        clock.advance(DAY)
        await add_customer(api, phone="3")
        request = (await arrived(receiver, 3))[2]
        verified(request, third)
        assert len(request.headers["webhook-signature"].split(" ")) == 1
        fourth = (await api.post("webhooks/1/rotate-secret/", {"overlap_seconds": 0})).body["secret"]
        await add_customer(api, phone="4")
        request = (await arrived(receiver, 4))[3]
        verified(request, fourth)
        assert len(request.headers["webhook-signature"].split(" ")) == 1


async def test_deliveries_are_filtered_and_sorted(api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url())
        await subscribe(api, receiver.url(path="/2"), ("booking.*",))
        await book(api)
        for delivery in (1, 3):
            await settled(api, 1 if delivery == 1 else 2, 2 if delivery == 1 else 3)
        base = "webhooks/1/deliveries/"
        for query, expected in (
            ({}, ["booking.created", "customer.created"]),
            ({"ordering": "sequence"}, ["customer.created", "booking.created"]),
            ({"ordering": "created_at,-id"}, ["booking.created", "customer.created"]),
            ({"type": "customer.created"}, ["customer.created"]),
            ({"status": "pending,failed"}, []),
            ({"after_sequence": "1", "page_size": "1"}, ["booking.created"]),
        ):
            answer = await api.get(base, **query)
            assert [each["type"] for each in answer.body["results"]] == expected, query
        following = (await api.get(base, page_size="1")).body["next"]
        assert [each["type"] for each in (await api.get(following)).body["results"]] == ["customer.created"]
        for wrong in ({"status": "lost"}, {"type": "x"}, {"url": "x"}):
            assert_refused(await api.get(base, **wrong), 400, "invalid_parameter", *wrong)
        assert_refused(await api.get("webhooks/9/deliveries/"), 404, "not_found")


async def test_what_the_receiver_says_is_kept_however_odd_and_no_address_ever_is(api: Client) -> None:
    async with listening(scripted(reply(400, b"\x00\xff<script>" + b"\xff" * 20000))) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        (attempt,) = (await attempted(api, 1))["attempts"]
        assert attempt["response_body"].startswith("\x00\ufffd<script>")
        assert 16000 < len(attempt["response_body"].encode()) <= 16 * 1024
        assert "127.0.0.1" not in json.dumps({**attempt, "event": None})


async def test_a_disabled_tenant_is_sent_nothing_until_it_is_enabled(box: RunningBox, api: Client, clock: StillClock) -> None:
    async with listening(scripted(reply(500), OK)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        await attempted(api, 1)
        box.set_status("acme", "DISABLED")
        for _ in range(3):
            await after(box, clock, 3600)
        await asyncio.sleep(0.05)
        assert len(receiver.requests) == 1
        box.set_status("acme", "ACTIVE")
        await after(box, clock, 1)
        await arrived(receiver, 2)


async def test_a_closed_file_is_opened_when_it_is_due_and_not_before(box: RunningBox, api: Client, clock: StillClock) -> None:
    async with listening(scripted(reply(500), OK)) as receiver:
        await subscribe(api, receiver.url(), ("customer.*",))
        await add_customer(api, **JANE)
        await attempted(api, 1)
        clock.advance(301)  # nobody used it for so long; due since long, but nobody has looked
        await box.app.files.close_idle()
        assert len(box.app.files) == 0
        await after(box, clock, 0)
        await arrived(receiver, 2)
        await settled(api, 1, 1)
        clock.advance(301)
        await box.app.files.close_idle()
        for _ in range(3):
            await after(box, clock, DAY)
        assert len(box.app.files) == 0


async def test_a_hold_of_a_closed_file_ends_in_time(box: RunningBox, api: Client, clock: StillClock) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("hold.expired",))
        body = {"service_id": 1, "start_time": on("07", "10:00"), "ttl_seconds": 600}
        assert (await api.post("holds/", body)).status == 201
        clock.advance(400)
        await box.app.files.close_idle()
        assert len(box.app.files) == 0
        await after(box, clock, 100)
        assert len(box.app.files) == 0
        await after(box, clock, 100)
        for _ in range(200):
            if len(box.app.files):
                break
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        await box.app.files.for_each_open(box.app._tidy)
        (request,) = await arrived(receiver, 1)
        assert json.loads(request.body)["type"] == "hold.expired"


async def test_what_a_command_changes_is_delivered_too(box: RunningBox, api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        await subscribe(api, receiver.url(), ("service.*",))
        await asyncio.get_running_loop().run_in_executor(
            None, box.apply, "acme", CATALOGUE.replace("price = 2500", "price = 2600")
        )
        await box.app.dispatcher.sweep()
        (request,) = await arrived(receiver, 1)
        assert json.loads(request.body)["data"]["previous"]["price"] == 2500
        assert HTTPHeaders(request.headers)["webhook-id"].startswith("evt_")
