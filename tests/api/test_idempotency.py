"""A request with an Idempotency-Key may be sent again without fear: it takes effect once, and its answer is repeated."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders

from smoothbox.api.idempotency import fingerprint, parse_key
from smoothbox.api.messages import Request
from smoothbox.api.routes import ROUTES
from smoothbox.errors import Problem
from smoothbox.operations import sandbox, tokens
from smoothbox.operations.idempotency import DAY
from smoothbox.store import box as registry_rows
from smoothbox.store.folder import open_box, open_tenant
from tests.box import Answer, Client, RunningBox, StillClock

from .acme import JANE, NOBODY, TEN, add_customer, assert_refused, book, on, ping, subscribe, wish
from .stock import LISTS
from .test_authentication import newest_id
from .test_bodies import BROKEN
from .wire import dial, exchange, head

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "services/"): {"name": "Shave", "duration": 15, "price": 1000, "resource_ids": [1]},
    ("PATCH", "services/<id>/"): {"description": "a"},
    ("POST", "resources/"): {"name": "Cid", "type": "STAFF"},
    ("PATCH", "resources/<id>/"): {"description": "a"},
    ("PATCH", "business/"): {"description": "a"},
    ("POST", "holds/"): {"service_id": 1, "start_time": on("07", "10:00")},
    ("POST", "bookings/"): wish(start_time=on("07", "10:00")),
    ("PATCH", "bookings/<id>/"): {"notes": "a"},
    ("POST", "bookings/<id>/cancel/"): {"reason": "ill"},
    ("POST", "customers/"): {"phone": "1"},
    ("PATCH", "customers/<id>/"): {"notes": "a"},
    ("POST", "client-tokens/"): {"scopes": ["services:read"]},
    ("POST", "webhooks/"): {"url": NOBODY, "events": ["hold.expired"]},
    ("PATCH", "webhooks/<id>/"): {"description": "a"},
    ("POST", "webhooks/<id>/ping/"): {},
    ("POST", "webhooks/<id>/rotate-secret/"): {},
    ("POST", "webhooks/<id>/recover/"): {"since": "2027-01-01T00:00:00Z"},
    ("POST", "webhooks/<id>/deliveries/<id>/redeliver/"): {},
}
"""What each POST and PATCH does to a business in which there is one of everything."""

EVERY_WRITE = pytest.mark.parametrize(("method", "pattern"), list(BODIES))
ONE = {"phone": "1"}


def test_every_route_that_takes_a_key_is_tried() -> None:
    writes = {(method, pattern) for pattern, methods in ROUTES.items() for method in methods if method in {"POST", "PATCH"}}
    assert writes == BODIES.keys()


async def one_of_everything(api: Client) -> None:
    """A booking, its customer, and an endpoint that was tested once."""
    await book(api)
    await subscribe(api, events=("hold.expired",))
    await ping(api)


async def send(api: Client, method: str, path: str, body: Any, key: str = "k", **headers: str) -> Answer:
    """A request with a key."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.send(method, path.replace("<id>", "1"), body, {"Idempotency-Key": key, **more})


async def add(api: Client, body: Any = ONE, key: str = "k") -> Answer:
    """Add a customer, with a key; without one this makes another customer each time."""
    return await send(api, "POST", "customers/", body, key)


async def count(api: Client, what: str = "customers") -> int:
    number: int = (await api.get(f"{what}/")).body["count"]
    return number


def assert_repeated(second: Answer, first: Answer) -> None:
    """The same answer, marked; what belongs to the request itself is new."""
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (second.status, second.body) == (first.status, first.body)
    for name in ("ETag", "Location", "Content-Length", "Content-Type", "Cache-Control"):
        assert second.headers.get(name) == first.headers.get(name), name
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]


@contextmanager
def held(box: RunningBox) -> Iterator[None]:
    """While it lasts, nobody writes to acme's live file: requests that do wait."""
    with closing(sqlite3.connect(box.folder.tenant_file("acme", "live"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def running(box: RunningBox, number: int) -> None:
    """Until so many keys are at work."""
    for _ in range(2000):
        if len(box.app._front.api._means.running) == number:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"not {number} keys are at work, but {len(box.app._front.api._means.running)}")


@EVERY_WRITE
@pytest.mark.gen_test
async def test_sent_again_it_is_answered_again_and_changes_nothing(
    api: Client, clock: StillClock, method: str, pattern: str
) -> None:
    await one_of_everything(api)
    shown = pattern.replace("<id>", "1").removesuffix("cancel/")
    first = await send(api, method, pattern, BODIES[method, pattern])
    assert first.status in {200, 201, 202}, first
    if "ETag" in first.headers:
        read = await api.get(first.headers.get("Location") or shown)
        assert read.headers.get("ETag") == (first.headers["ETag"] if read.status == 200 else None)
    clock.advance(60)
    after = {what: (await api.get(f"{what}/")).body for what in (*LISTS, "business")}
    for _ in range(2):
        assert_repeated(await send(api, method, pattern, BODIES[method, pattern]), first)
    assert {what: (await api.get(f"{what}/")).body for what in after} == after


@EVERY_WRITE
@pytest.mark.gen_test
async def test_at_another_address_or_with_another_query_the_key_is_refused(api: Client, method: str, pattern: str) -> None:
    await one_of_everything(api)
    body = BODIES[method, pattern]
    assert (await send(api, method, pattern, body)).status in {200, 201, 202}
    before = await count(api)
    for path in (f"{pattern}?", f"{pattern}?a=b"):
        answer = await send(api, method, path, body)
        assert answer.status in ({422} if "=" in path else {200, 201, 202}), path
    assert_refused(await add(api, {"phone": "2"}), 422, "idempotency_key_reused")
    assert await count(api) == before


@EVERY_WRITE
@pytest.mark.gen_test
@pytest.mark.parametrize("key", ["", '""', "a b", "\xe9", "x" * 256, '"' + "x" * 256 + '"', "a\tb", '"a b"', "\x80"])
async def test_a_key_that_is_none_is_refused(api: Client, method: str, pattern: str, key: str) -> None:
    await one_of_everything(api)
    answer = await send(api, method, pattern, BODIES[method, pattern], key)
    assert_refused(answer, 400, "invalid_idempotency_key")
    assert (await count(api), await count(api, "bookings")) == (1, 1)
    assert (await api.get("bookings/1/")).body["version"] == 1


@pytest.mark.gen_test
async def test_a_key_is_sent_once(api: Client) -> None:
    body = b'{"phone":"1"}'
    keys = ("Idempotency-Key: k", "idempotency-key: k")
    lines = head(api, "POST", "customers/", "Content-Type: application/json", f"Content-Length: {len(body)}", *keys)
    assert_refused(await exchange(api, lines, body), 400, "invalid_idempotency_key")
    assert await count(api) == 0


@pytest.mark.gen_test
async def test_any_visible_key_will_do_and_quotes_around_it_do_not_count(api: Client) -> None:
    for key in ("k", "!", "~", "x" * 255, "a,b;c='\"{}\\<>%00", '"', "é".encode().hex(), "' OR 1=1 --".replace(" ", "/")):
        first = await add(api, key=key)
        assert first.status == 201, key
        assert_repeated(await add(api, key=f'"{key}"'), first)
    assert (await add(api, key="K")).body["id"] != (await add(api, key="k")).body["id"]


def test_one_pair_of_quotes_is_taken_off() -> None:
    for text, key in (('"a"', "a"), ("a", "a"), ('""a""', '"a"'), ('"a', '"a'), ('a"', 'a"'), ('"""', '"'), ('"', '"')):
        assert parse_key([text]) == key
    for broken in ([""], ['""'], [" "], ["a", "a"], ["\x7f"], ["a\u0130"], ["a\n"]):
        with pytest.raises(Problem):
            parse_key(broken)


@pytest.mark.gen_test
async def test_neither_the_order_of_names_nor_white_space_makes_another_request(api: Client) -> None:
    texts = (
        b'{"phone":"1","metadata":{"a":1,"b":[]},"notes":"\xc3\xa9/"}'.replace(b"[]", b"null"),
        b' {\n"notes" : "\\u00e9\\/", "metadata": {"b":null, "a": 1}, "phone": "\\u0031" }\r\n',
    )
    headers = {"Idempotency-Key": "k"}
    first, second = [await api.send("POST", "customers/", headers=headers, raw=text) for text in texts]
    assert first.status == 201
    assert_repeated(second, first)
    other = texts[0].replace(b'"a":1', b'"a":true')
    assert_refused(await api.send("POST", "customers/", headers=headers, raw=other), 422, "idempotency_key_reused")


def test_method_address_query_and_body_make_a_request_what_it_is() -> None:
    given = {"id": "", "method": "POST", "path": "/a/", "query": "", "headers": HTTPHeaders(), "body": b'{"x":1}'}
    one = Request(**given, origin="", host="", address="")
    others = [{"method": "PATCH"}, {"path": "/a"}, {"path": "/a/", "query": "b"}, {"body": b'{"x":"1"}'}, {"body": b""}]
    prints = {fingerprint(replace(one, **other)) for other in ({}, *others)}
    assert len(prints) == 1 + len(others)
    assert fingerprint(replace(one, id="x", host="x", address="x", body=b' {"x" : 1}')) in prints


@pytest.mark.gen_test
async def test_the_same_done_to_another_object_is_another_request(api: Client) -> None:
    for phone in ("1", "2"):
        await add_customer(api, phone=phone)
    assert (await send(api, "PATCH", "customers/1/", {"notes": "a"})).status == 200
    assert_refused(await send(api, "PATCH", "customers/2/", {"notes": "a"}), 422, "idempotency_key_reused")
    assert (await api.get("customers/2/")).body["notes"] == ""


@pytest.mark.gen_test
async def test_no_body_is_the_same_as_an_empty_object(api: Client) -> None:
    await book(api)
    first = await send(api, "POST", "bookings/1/cancel/", None)
    assert_repeated(await send(api, "POST", "bookings/1/cancel/", {}), first)


@pytest.mark.gen_test
async def test_no_body_however_odd_is_an_accident(api: Client) -> None:
    for why, raw in BROKEN.items():
        answer = await api.send("POST", "customers/", headers={"Idempotency-Key": "k"}, raw=raw)
        assert answer.status == 400, (why, answer)
    assert (await add(api)).status == 201


@pytest.mark.gen_test
async def test_the_key_counts_on_post_and_patch_alone(api: Client) -> None:
    await book(api)
    for key in ("k", "not a key"):
        assert (await send(api, "GET", "customers/1/", None, key)).status == 200
        answer = await send(api, "DELETE", "bookings/1/", None, key)
        assert (answer.status, "Idempotent-Replayed" in answer.headers) == (204, False)
    assert (await add(api)).status == 201


@pytest.mark.gen_test
async def test_without_a_key_nothing_is_remembered(box: RunningBox, api: Client) -> None:
    assert [(await api.post("customers/", ONE)).body["id"] for _ in range(2)] == [1, 2]
    with open_tenant(box.folder, "acme", "live", box.clock) as file:
        assert file.read(lambda tx: tx.value("SELECT count(*) FROM idempotency")) == 0


@pytest.mark.gen_test
async def test_a_refusal_is_not_remembered(api: Client) -> None:
    taken = await book(api, resource_id=1)
    again = wish(resource_id=1, customer={"phone": "2"})
    for status, path, method, body in (
        (409, "bookings/", "POST", again),
        (404, "customers/99/", "PATCH", ONE),
        (400, "customers/", "POST", {}),
        (409, "customers/", "POST", JANE),
    ):
        for _ in range(2):
            answer = await send(api, method, path, body)
            assert (answer.status, "Idempotent-Replayed" in answer.headers) == (status, False)
    await api.delete(f"bookings/{taken['id']}/")
    first = await send(api, "POST", "bookings/", again)
    assert (first.status, first.body["start_time"]) == (201, TEN)
    assert_repeated(await send(api, "POST", "bookings/", again), first)


@pytest.mark.gen_test
async def test_a_retry_is_answered_though_it_would_be_refused_by_now(api: Client, clock: StillClock) -> None:
    tonight = wish(start_time=on("04", "16:30"))
    first = await send(api, "POST", "bookings/", tonight)
    clock.advance(12 * 3600)
    assert_refused(await send(api, "POST", "bookings/", tonight, "other"), 400, "in_past")
    assert_repeated(await send(api, "POST", "bookings/", tonight), first)


@pytest.mark.gen_test
async def test_a_retry_does_not_undo_what_came_in_between(api: Client) -> None:
    await add_customer(api, **ONE)
    tag = (await api.get("customers/1/")).headers["ETag"]
    first = await send(api, "PATCH", "customers/1/", {"notes": "a"}, If_Match=tag)
    between = await api.patch("customers/1/", {"notes": "b"})
    assert_repeated(await send(api, "PATCH", "customers/1/", {"notes": "a"}, If_Match=tag), first)
    assert_repeated(await send(api, "PATCH", "customers/1/", {"notes": "a"}), first)
    assert (await api.get("customers/1/")).body == between.body


@pytest.mark.gen_test
async def test_a_change_of_something_stale_is_not_remembered(api: Client) -> None:
    await add_customer(api, **ONE)
    for _ in range(2):
        assert_refused(await send(api, "PATCH", "customers/1/", {"notes": "a"}, If_Match='"x"'), 412, "precondition_failed")
    tag = (await api.get("customers/1/")).headers["ETag"]
    assert (await send(api, "PATCH", "customers/1/", {"notes": "a"}, If_Match=tag)).status == 200


@pytest.mark.gen_test
async def test_after_a_day_the_key_is_new(api: Client, clock: StillClock) -> None:
    first = await add(api)
    clock.advance(DAY)
    assert_repeated(await add(api), first)
    clock.advance(1)
    later = await add(api, {"phone": "2"})
    assert (later.status, later.body["id"]) == (201, 2)
    assert_refused(await add(api), 422, "idempotency_key_reused")


@pytest.mark.gen_test
async def test_a_rotated_token_knows_the_keys_of_its_predecessor(box: RunningBox, api: Client) -> None:
    first = await add(api)
    with open_box(box.folder, box.clock) as registry:
        successor = Client(box.url, registry.write(tokens.rotate, newest_id(box), 60).secret)
    assert_repeated(await add(successor), first)
    second = await add(successor, key="other")
    assert_repeated(await add(api, key="other"), second)
    assert_refused(await add(successor, {"phone": "2"}), 422, "idempotency_key_reused")


@pytest.mark.gen_test
async def test_each_token_mode_and_tenant_has_keys_of_its_own(box: RunningBox, api: Client) -> None:
    for each in (api, box.client(), box.client(mode="test"), box.client("rival"), box.client("rival", "test")):
        answer = await add(each)
        assert (answer.status, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert await count(api) == 2


@pytest.mark.gen_test
async def test_a_repeated_answer_needs_the_scope_and_costs_a_request(box: RunningBox, api: Client) -> None:
    first = await add(api)
    second = await add(api)
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left[1] == left[0] - 1
    with open_box(box.folder, box.clock) as registry:
        registry.write(lambda tx: tx.run("UPDATE token SET scopes = ? WHERE id = ?", '["customers:read"]', newest_id(box)))
        assert registry.read(registry_rows.token_by_id, newest_id(box)).scopes == ("customers:read",)
    assert_refused(await add(api), 403, "insufficient_scope")


@pytest.mark.gen_test
async def test_while_the_first_is_being_answered_a_second_is_asked_to_wait(box: RunningBox, api: Client) -> None:
    await add_customer(api, phone="2")
    with held(box):
        first = asyncio.ensure_future(add(api))
        await running(box, 1)
        answer = await add(api)
        assert_refused(answer, 409, "idempotency_in_progress", "retry_after")
        assert answer.headers["Retry-After"] == "1"
        assert_refused(await add(api, {"phone": "3"}), 422, "idempotency_key_reused")
        others = [asyncio.ensure_future(add(each)) for each in (box.client(), box.client("rival"), box.client(mode="test"))]
        for other in others[1:]:
            assert (await other).status == 201
    assert [(await answer).status for answer in (first, others[0])] == [201, 201]
    assert_repeated(await add(api), await first)
    await running(box, 0)


@pytest.mark.gen_test
async def test_who_hangs_up_does_not_keep_the_key_at_work(box: RunningBox, api: Client) -> None:
    await add_customer(api, phone="2")
    body = b'{"phone":"1"}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Idempotency-Key: k")
    with held(box):
        line = await dial(api.url)
        await line.send(head(api, "POST", "customers/", *headers), body)
        await running(box, 1)
        line.writer.transport.abort()
        await asyncio.sleep(0.05)
    await running(box, 0)
    answer = await add(api)
    assert (answer.status, answer.headers["Idempotent-Replayed"]) == (201, "true")
    assert await count(api) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["customers/", "bookings/"])
async def test_of_twenty_at_once_one_takes_effect(box: RunningBox, api: Client, path: str) -> None:
    body = (
        b'{"phone":"1"}'
        if path == "customers/"
        else b'{"service_id":1,"start_time":"%s","customer":{"phone":"1"}}' % TEN.encode()
    )
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Idempotency-Key: k")
    lines = head(api, "POST", path, *headers)
    answers = await asyncio.gather(*(exchange(api, lines, body) for _ in range(20)))
    made = [answer for answer in answers if answer.status == 201]
    assert made
    assert len({answer.headers["ETag"] for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    for answer in answers:
        if answer.status != 201:
            assert_refused(answer, 409, "idempotency_in_progress", "retry_after")
    assert await count(api, path.removesuffix("/")) == 1
    await running(box, 0)


@pytest.mark.gen_test
async def test_when_the_disk_is_full_neither_the_effect_nor_the_answer_is_kept(box: RunningBox, api: Client) -> None:
    await add_customer(api, phone="2")
    (place,) = box.app.files._places.values()
    database = place.database
    pages = await database.read(lambda tx: tx.value("PRAGMA page_count"))
    await database._writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
    large = {"phone": "1", "notes": "x" * 5000, "address": "x" * 500}
    answer = await add(api, large)
    assert_refused(answer, 507, "storage_full")
    await database._writer.execute_fetchall("PRAGMA max_page_count = 1000000")
    again = await add(api, large)
    assert (again.status, "Idempotent-Replayed" in again.headers) == (201, False)
    assert_repeated(await add(api, large), again)
    assert await count(api) == 2


@pytest.mark.gen_test
async def test_a_large_answer_is_repeated_whole(api: Client) -> None:
    large = {"phone": "1", "notes": "é" * 5000, "metadata": {f"name {number}": "\u2028" * 500 for number in range(50)}}
    first = await add(api, large)
    assert int(first.headers["Content-Length"]) > 80_000
    assert_repeated(await add(api, large), first)


@pytest.mark.gen_test
async def test_a_fresh_sandbox_knows_no_keys(box: RunningBox) -> None:
    test = box.client(mode="test")
    await add(test)
    sandbox.reset(box.folder, "acme", box.clock)
    answer = await add(test)
    assert (answer.status, "Idempotent-Replayed" in answer.headers) == (201, False)
