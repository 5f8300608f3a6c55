"""The line itself: sizes, chunks, slow senders, several requests at once, and what is no HTTP at all."""

import asyncio
import json
from collections import Counter
from itertools import repeat
from time import monotonic

import pytest

from smoothbox.settings import Limits, Server, Settings
from tests.box import Client, RunningBox

from .acme import assert_refused, wish
from .wire import dial, exchange, head

pytestmark = pytest.mark.gen_test

LIMIT = 262144
JSON = "Content-Type: application/json"


IN_A_HURRY = pytest.mark.parametrize("settings", [0.5], indirect=True, ids=["half a second"])


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """A box that waits for slow senders as long as any does, or not at all long."""
    return Settings(
        server=Server(port=0, read_seconds=getattr(request, "param", 30.0)), limits=Limits(hourly=10_000, burst=10_000)
    )


def sized(size: int) -> bytes:
    """A body of so many bytes that is JSON."""
    return b'{"notes":"' + b"x" * (size - 12) + b'"}'


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_a_body_may_be_as_large_as_the_limit(api: Client) -> None:
    answer = await api.send("POST", "bookings/", raw=sized(LIMIT))
    assert_refused(answer, 400, "validation_error")
    assert "notes" in answer.body["details"]


@pytest.mark.parametrize("size", [LIMIT + 1, 1_000_000])
async def test_a_body_beyond_the_limit_is_refused_by_its_length(api: Client, size: int) -> None:
    answer = await exchange(api, head(api, "POST", "bookings/", JSON, f"Content-Length: {size}"), sized(size))
    assert_refused(answer, 413, "payload_too_large", "max_bytes")
    assert answer.body["details"] == {"max_bytes": LIMIT}


async def test_a_body_of_absurd_length_is_refused_unread(api: Client) -> None:
    for length in (100_000_000, 10**18, 10**30):
        answer = await exchange(api, head(api, "POST", "bookings/", JSON, f"Content-Length: {length}"))
        assert_refused(answer, 413, "payload_too_large", "max_bytes")


async def test_a_body_that_was_not_read_is_never_taken_for_a_request(api: Client) -> None:
    line = await dial(api.url)
    hidden = head(api, "GET", "business/")
    await line.send(head(api, "POST", "bookings/", JSON, "Content-Length: 100000000"), hidden * 10)
    assert (await line.answer()).status == 413
    assert await line.rest() == b""
    await line.close()


async def test_a_line_can_be_used_again_after_a_body_that_was_too_large(api: Client) -> None:
    line = await dial(api.url)
    await line.send(head(api, "POST", "bookings/", JSON, f"Content-Length: {LIMIT + 1}"), sized(LIMIT + 1))
    assert (await line.answer()).status == 413
    await line.send(head(api, "GET", "services/1/"))
    assert (await line.answer()).body["id"] == 1
    await line.close()


async def test_a_body_beyond_the_limit_is_refused_in_chunks_too(api: Client) -> None:
    pieces = [chunk(b"x" * 64_000) for _ in range(5)]
    answer = await exchange(api, head(api, "POST", "bookings/", JSON, "Transfer-Encoding: chunked"), *pieces, chunk(b""))
    assert_refused(answer, 413, "payload_too_large", "max_bytes")


async def test_a_stream_without_end_is_cut_off(api: Client) -> None:
    line = await dial(api.url)
    await line.send(head(api, "POST", "bookings/", JSON, "Transfer-Encoding: chunked"))
    with pytest.raises(ConnectionError):
        await line.send(*repeat(chunk(b"x" * 64_000), 2000))
    await line.close()
    assert (await api.get("business/")).status == 200


async def test_a_body_may_come_in_chunks(api: Client) -> None:
    body = json.dumps(wish()).encode()
    pieces = [chunk(body[at : at + 7]) for at in range(0, len(body), 7)]
    answer = await exchange(api, head(api, "POST", "bookings/", JSON, "Transfer-Encoding: chunked"), *pieces, chunk(b""))
    assert answer.status == 201


async def test_a_large_body_to_nowhere_is_refused_as_well(api: Client) -> None:
    assert_refused(await api.send("POST", "nowhere/", raw=sized(LIMIT + 1)), 413, "payload_too_large")


@IN_A_HURRY
async def test_who_sends_the_head_slowly_is_cut_off(api: Client) -> None:
    line, begun = await dial(api.url), monotonic()
    await line.send(b"GET /tenant-api/v1/business/ HTTP/1.1\r\nHost: b")
    assert b"200 OK" not in await line.rest()
    assert 0.3 < monotonic() - begun < 5
    await line.close()


@IN_A_HURRY
async def test_who_sends_the_body_slowly_is_cut_off(api: Client) -> None:
    line, begun = await dial(api.url), monotonic()
    await line.send(head(api, "POST", "bookings/", JSON, "Content-Length: 1000"), b"{")
    for _ in range(3):
        await asyncio.sleep(0.1)
        await line.send(b" ")
    assert b"201" not in await line.rest()
    assert monotonic() - begun < 5
    await line.close()
    assert (await api.get("bookings/")).body["count"] == 0


async def test_who_hangs_up_before_the_end_of_the_body_has_said_nothing(api: Client) -> None:
    body = json.dumps(wish()).encode()
    line = await dial(api.url)
    await line.send(head(api, "POST", "bookings/", JSON, f"Content-Length: {len(body) + 1}"), body)
    await line.close()
    await asyncio.sleep(0.05)
    assert (await api.get("bookings/")).body["count"] == 0


async def test_who_hangs_up_before_the_answer_harms_nobody(api: Client) -> None:
    body = json.dumps(wish()).encode()
    line = await dial(api.url)
    await line.send(head(api, "POST", "bookings/", JSON, f"Content-Length: {len(body)}"), body)
    line.writer.transport.abort()
    for _ in range(50):
        await asyncio.sleep(0.02)
        answer = await api.get("bookings/")
        if answer.body["count"]:
            break
    assert answer.body["count"] in {0, 1}


async def test_several_requests_on_one_line_are_answered_in_their_order(api: Client) -> None:
    line = await dial(api.url)
    await line.send(b"".join(head(api, "GET", f"services/{number}/") for number in (1, 2, 99, 3)))
    answers = [await line.answer() for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 404, 200]
    assert [answer.body.get("id") for answer in answers] == [1, 2, None, 3]
    await line.close()


async def test_a_request_of_http_1_0_is_answered_and_the_line_closed(api: Client) -> None:
    line = await dial(api.url)
    await line.send(head(api, "GET", "business/").replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (await line.answer()).status == 200
    assert await line.rest() == b""
    await line.close()


async def test_a_line_that_should_close_is_closed(api: Client) -> None:
    line = await dial(api.url)
    await line.send(head(api, "GET", "business/", "Connection: close"))
    assert (await line.answer()).status == 200
    assert await line.rest() == b""
    await line.close()


@IN_A_HURRY
@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",  # the beginning of a TLS handshake
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_http_is_dropped_and_others_are_served(api: Client, bytes_sent: bytes) -> None:
    line = await dial(api.url)
    await line.send(bytes_sent)
    said = await line.rest()
    assert said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505"))
    await line.close()
    assert (await api.get("business/")).status == 200


async def test_a_query_that_is_not_escaped_is_refused_rather_than_misread(api: Client) -> None:
    for raw in (b"\xff", "é".encode(), "é".encode("latin-1")):
        answer = await exchange(api, head(api, "GET", "services/?search=RAW").replace(b"RAW", raw))
        assert_refused(answer, 400, "invalid_parameter")
    for harmless in (b"%", b"%zz", b"<>", b"{|}"):
        answer = await exchange(api, head(api, "GET", "services/?search=RAW").replace(b"RAW", harmless))
        assert (answer.status, answer.body["count"]) == (200, 0)


async def test_of_a_thousand_requests_sent_at_once_one_is_answered_in_a_turn_of_the_loop(
    box: RunningBox, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that are kept leave without a wait; the loop must come around to everybody else between them all the same."""
    for _ in range(4):
        assert (await api.get("services/1/")).status == 200
    turn, answered_in = 0, Counter[int]()

    async def count_turns() -> None:
        nonlocal turn
        while answered_in.total() < 1000:
            turn += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(box.app._front.access, "note", lambda _: answered_in.update([turn]))
    counting = asyncio.create_task(count_turns())
    line = await dial(api.url)
    line.writer.write(head(api, "GET", "services/1/") * 1000)
    for _ in range(1000):
        assert (await line.answer()).status == 200
    await counting
    await line.close()
    assert max(answered_in.values()) <= 2
