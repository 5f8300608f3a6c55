"""Tags of objects: what was read need not be sent again, and what has changed meanwhile is not overwritten."""

import asyncio
import re

import pytest

from smoothbox.api.preconditions import tags
from smoothbox.api.routes import ROUTES
from tests.box import Answer, Client, RunningBox
from tests.webhooks.receivers import OK, listening, scripted

from .acme import JANE, add_customer, assert_refused, book, hold, on, ping, subscribe, wish
from .stock import LISTS
from .wire import dial, exchange, head

NEVER_TAGGED = {"availability/", "webhooks/event-types/"}
PAGES = {*(f"{name}/" for name in LISTS), "events/", "webhooks/<id>/deliveries/"}
OBJECTS = [pattern for pattern, methods in ROUTES.items() if "GET" in methods and pattern not in NEVER_TAGGED | PAGES]
UNCONDITIONAL = {"webhooks/<id>/ping/", "webhooks/<id>/recover/", "webhooks/<id>/deliveries/<id>/redeliver/"}
"""These change nothing of what the object shows."""


def owner(pattern: str) -> str:
    """The address of the object that a request changes."""
    return pattern.removesuffix("cancel/").removesuffix("rotate-secret/")


AMENDMENTS = [
    (method, pattern)
    for pattern, methods in ROUTES.items()
    for method in methods
    if owner(pattern) in OBJECTS and method in {"PATCH", "DELETE", "POST"} and pattern not in UNCONDITIONAL
]
STALE = '"000000000000000000000000"'


@pytest.fixture
def api(box: RunningBox, io_loop) -> Client:
    """A client of a business in which there is one of everything."""
    client = box.client()
    io_loop.run_sync(lambda: book(client))
    io_loop.run_sync(lambda: hold(client, start_time=on("14", "10:00")))
    io_loop.run_sync(lambda: subscribe(client, events=("hold.expired",)))
    io_loop.run_sync(lambda: ping(client))
    return client


def address(pattern: str) -> str:
    """Of the first object, or of one that is not there where `<id>` is left in."""
    return pattern.replace("<id>", "1")


async def amend(api: Client, method: str, path: str, tag: str) -> Answer:
    """A change that changes little: of nothing at all, or a cancellation."""
    return await api.send(method, path, None if method == "DELETE" else {}, {"If-Match": tag})


async def read(api: Client, path: str, known: str | None = None) -> Answer:
    return await api.send("GET", path, headers={} if known is None else {"If-None-Match": known})


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", OBJECTS)
async def test_an_object_carries_a_strong_tag_and_may_be_kept_by_who_asked(api: Client, pattern: str) -> None:
    first, second = await api.get(address(pattern)), await api.get(address(pattern))
    assert re.fullmatch('"[0-9a-f]{24}"', first.headers["ETag"])
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (first.body, first.headers["ETag"]) == (second.body, second.headers["ETag"])


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", sorted(NEVER_TAGGED))
async def test_what_is_not_worth_a_tag_has_none_and_is_not_kept(api: Client, pattern: str) -> None:
    query = {"service_id": 1, "date": "2027-01-05"} if pattern == "availability/" else {}
    answer = await api.get(address(pattern), **query)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in answer.headers
    assert (await read(api, address(pattern) + "?service_id=1&date=2027-01-05" * bool(query), "*")).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", sorted(PAGES))
async def test_a_page_of_a_list_carries_a_tag_and_is_not_sent_to_who_knows_it(api: Client, pattern: str) -> None:
    first = await api.get(address(pattern))
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = await read(api, address(pattern), tag)
    assert (known.status, known.body, known.headers["ETag"]) == (304, None, tag)
    other = await read(api, f"{address(pattern)}?page_size=1&created_at__gt=2030-01-01T00:00:00Z", tag)
    assert (other.status, other.body["results"]) == (200, [])


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", OBJECTS)
async def test_who_knows_an_object_is_told_so_instead_of_getting_it_again(api: Client, pattern: str) -> None:
    path = address(pattern)
    tag = (await api.get(path)).headers["ETag"]
    line = await dial(api.url)
    for method in ("GET", "HEAD"):
        for known in (tag, f"W/{tag}", f'"x", W/"y" ,{tag}', f",, {tag},", "*", " * "):
            await line.send(head(api, method, path, f"If-None-Match: {known}"))
            answer = await line.answer(bodiless=True)
            assert (answer.status, answer.headers["ETag"]) == (304, tag), (method, known)
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert answer.headers["X-RateLimit-Limit"]
            assert not {"Content-Type", "Content-Length", "Transfer-Encoding"} & {*answer.headers}
    await line.send(head(api, "GET", path))
    assert (await line.answer()).headers["ETag"] == tag
    await line.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("pattern", OBJECTS)
async def test_who_knows_something_else_gets_the_object(api: Client, pattern: str) -> None:
    path = address(pattern)
    tag = (await api.get(path)).headers["ETag"]
    for known in ("", STALE, tag[:-1], tag[1:-1], f"w/{tag}", f"{tag} x", f"{tag}{tag}", f"x, {tag}", "**", f"*, {tag}", '"'):
        for method in ("GET", "HEAD"):
            line = head(api, method, path, f"If-None-Match: {known}")
            answer = await exchange(api, line, bodiless=method == "HEAD")
            assert (answer.status, answer.headers["ETag"]) == (200, tag), (method, known)


@pytest.mark.gen_test
async def test_several_headers_are_one_list(api: Client) -> None:
    tag = (await api.get("business/")).headers["ETag"]
    answer = await exchange(
        api, head(api, "GET", "business/", f"If-None-Match: {STALE}", f"If-None-Match: {tag}"), bodiless=True
    )
    assert answer.status == 304


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "pattern"), AMENDMENTS)
async def test_what_was_not_seen_as_it_is_now_is_not_changed(api: Client, method: str, pattern: str) -> None:
    shown = address(owner(pattern))
    before = await api.get(shown)
    tag = before.headers["ETag"]
    for stale in (STALE, f"W/{tag}", tag[1:-1], f"{STALE}, W/{tag}", "", f"{tag} {tag}", '"', "\xff"):
        answer = await amend(api, method, address(pattern), stale)
        assert_refused(answer, 412, "precondition_failed", "etag")
        assert answer.body["details"]["etag"] == tag
        assert answer.headers["Cache-Control"] == "no-store"
    assert (await api.get(shown)).body == before.body


@pytest.mark.gen_test
@pytest.mark.parametrize("known", ["{}", f"{STALE}, {{}}", "*"])
@pytest.mark.parametrize(("method", "pattern"), AMENDMENTS)
async def test_what_was_seen_as_it_is_now_is_changed(api: Client, method: str, pattern: str, known: str) -> None:
    shown = address(owner(pattern))
    tag = (await api.get(shown)).headers["ETag"]
    answer = await amend(api, method, address(pattern), known.format(tag))
    assert answer.status == (204 if method == "DELETE" else 200)
    if method != "DELETE":
        assert (await api.get(shown)).headers["ETag"] == answer.headers["ETag"]


@pytest.mark.gen_test
@pytest.mark.parametrize(("method", "pattern"), [each for each in AMENDMENTS if "<id>" in each[1]])
async def test_what_is_not_there_is_not_found_whatever_tag_is_named(api: Client, method: str, pattern: str) -> None:
    for tag in ("*", STALE):
        assert_refused(await amend(api, method, pattern.replace("<id>", "4711"), tag), 404, "not_found")


@pytest.mark.gen_test
async def test_a_write_tells_the_tag_that_the_next_read_shows(api: Client) -> None:
    made = await api.post("bookings/", wish(start_time=on("05", "11:00")))
    writes = [made, await api.patch("bookings/1/", {"notes": "n"}), await api.post("bookings/1/cancel/", {"reason": "ill"})]
    for written in (made, *writes[1:]):
        assert written.headers["Cache-Control"] == "private, no-cache"
    assert (await api.get("bookings/2/")).headers["ETag"] == made.headers["ETag"]
    assert (await api.get("bookings/1/")).headers["ETag"] == writes[2].headers["ETag"]
    assert len({written.headers["ETag"] for written in writes}) == 3
    added = await api.post("customers/", {"phone": "1"})
    assert (await api.get("customers/2/")).headers["ETag"] == added.headers["ETag"]
    changed = await api.patch("customers/2/", {"notes": "n"})
    assert (await api.get("customers/2/")).headers["ETag"] == changed.headers["ETag"] != added.headers["ETag"]


@pytest.mark.gen_test
async def test_a_tag_is_the_tag_of_what_this_token_sees(box: RunningBox, api: Client) -> None:
    narrow = box.client(scopes=("business:read",))
    tag = (await api.get("business/")).headers["ETag"]
    assert (await read(narrow, "business/", tag)).status == 200
    assert (await read(api, "business/", tag)).status == 304


@pytest.mark.gen_test
async def test_a_booking_changes_the_tag_of_its_customer_who_counts_it(api: Client) -> None:
    tag = (await api.get("customers/1/")).headers["ETag"]
    await book(api, start_time=on("05", "11:00"))
    assert_refused(await amend(api, "PATCH", "customers/1/", tag), 412, "precondition_failed", "etag")


@pytest.mark.gen_test
async def test_of_two_who_saw_the_same_one_may_change_it(api: Client) -> None:
    tag = (await api.get("customers/1/")).headers["ETag"]
    answers = await asyncio.gather(
        *(api.send("PATCH", "customers/1/", {"notes": f"n{number}"}, {"If-Match": tag}) for number in range(8))
    )
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7
    (winner,) = [answer for answer in answers if answer.status == 200]
    assert (await api.get("customers/1/")).body == winner.body
    for loser in (answer for answer in answers if answer.status == 412):
        assert loser.body["details"]["etag"] == winner.headers["ETag"]


@pytest.mark.gen_test
async def test_a_delivery_does_not_change_the_tag_of_its_endpoint(api: Client) -> None:
    async with listening(scripted(OK)) as receiver:
        made = await api.post("webhooks/", {"url": receiver.url(), "events": ["hold.expired"]})
        await ping(api, 2)
        read = await api.get("webhooks/2/")
        assert read.body["last_success_at"] is not None
        assert read.headers["ETag"] == made.headers["ETag"]
        assert (await amend(api, "PATCH", "webhooks/2/", made.headers["ETag"])).status == 200


@pytest.mark.gen_test
async def test_a_precondition_means_nothing_where_there_is_no_object(api: Client) -> None:
    for header in ("If-Match", "If-None-Match"):
        for value in ("*", STALE):
            answer = await api.send("POST", "customers/", {"phone": "1"}, {header: value})
            assert answer.status == 201
            assert (await api.send("GET", "webhooks/event-types/", headers={header: value})).status == 200
    assert (await api.send("GET", "customers/1/", headers={"If-Match": STALE})).status == 200
    assert (await api.send("PATCH", "customers/1/", {}, {"If-None-Match": "*"})).status == 200


@pytest.mark.gen_test
async def test_a_refusal_carries_no_tag(api: Client) -> None:
    for answer in (await read(api, "customers/99/", "*"), await api.post("customers/", {}), await api.post("customers/", JANE)):
        assert answer.status >= 400
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.gen_test
async def test_what_is_wrong_with_a_body_is_told_before_any_tag_is_compared(api: Client) -> None:
    added = await add_customer(api, phone="1")
    answer = await api.send("PATCH", f"customers/{added['id']}/", {"nope": 1}, {"If-Match": STALE})
    assert_refused(answer, 400, "validation_error", "nope")


def test_a_list_of_tags_is_read_as_rfc_9110_writes_it() -> None:
    for header, found in (
        ('"a"', ['"a"']),
        ('W/"a"', ['W/"a"']),
        (' "a" , "b"\t,W/"c"', ['"a"', '"b"', 'W/"c"']),
        ('"a,b", "c d"', []),
        ('"a,b", "*"', ['"a,b"', '"*"']),
        ('""', ['""']),
        ('"a",', ['"a"']),
        (',,"a"', ['"a"']),
        ('"\xe9"', ['"\xe9"']),
        *(
            (broken, [])
            for broken in ("", "a", '"a', 'a"', '"a""b"', '"a" "b"', 'w/"a"', 'W/ "a"', '"a"x', "*", '"a", b', '"é', ",")
        ),
    ):
        assert tags(header) == found, header


def test_a_long_header_is_read_in_no_time() -> None:
    for header in (", " * 16_000 + "x", '"a",' * 8_000 + "x", "\t " * 16_000, '"a" ' * 8_000, "W/" * 16_000, '"' * 32_000):
        assert tags(header) == []


def test_every_route_is_an_object_a_list_or_takes_writes_alone() -> None:
    assert {"business/", *(pattern for pattern in ROUTES if pattern.endswith("/<id>/") and "GET" in ROUTES[pattern])} <= set(
        OBJECTS
    )
