"""One attempt, against receivers of every kind: it ends in time, as one of the outcomes there are, and says nothing of it."""

import asyncio
import gzip
import random
import time

import pytest

from smoothbox.clock import instant_text
from smoothbox.operations.outbox import Outcome
from tests.box import NOON, StillClock

from .receivers import (
    OK,
    Behaviour,
    Connection,
    breaking_off,
    endless,
    hanging_up,
    listening,
    refused_port,
    reply,
    resetting,
    scripted,
    sending,
    silent,
    stalling,
)
from .senders import TOTAL, claim, sender

pytestmark = pytest.mark.gen_test

HEAD = b"HTTP/1.1 200 OK\r\n"
BLOCK = b"x" * 65536
KEPT = 16 * 1024

ANSWERS: dict[str, tuple[int, Behaviour]] = {
    "says 200": (200, scripted(OK)),
    "says 204": (204, sending(b"HTTP/1.1 204 No Content\r\n\r\n")),
    "says 204 with a body": (204, sending(b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc")),
    "says 202 in HTTP/1.0": (202, sending(b"HTTP/1.0 202 Accepted\r\n\r\nfine")),
    "says 304": (304, sending(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "says 410": (410, scripted(reply(410))),
    "says 503": (503, scripted(reply(503, b"later"))),
    "says 999": (999, sending(b"HTTP/1.1 999 Odd\r\n\r\n")),
    "says 100 and 103 before": (
        200,
        sending(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n", OK),
    ),
    "says 200 and drips for ever": (200, endless(b"x", HEAD + b"\r\n", pause=0.02)),
    "says 200 and pours for ever": (200, endless(BLOCK, HEAD + b"\r\n")),
    "says 200 and pours chunks for ever": (
        200,
        endless(b"4000\r\n" + b"x" * 0x4000 + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    ),
    "says 200 with 10 GB": (200, endless(BLOCK, HEAD + b"Content-Length: 10000000000\r\n\r\n")),
    "says 200 with 2 MB": (200, scripted(reply(200, b"x" * 2_000_000))),
    "says 200 and stalls": (200, stalling(HEAD + b"Content-Length: 5\r\n\r\nhe")),
    "says 200 and hangs up": (200, sending(HEAD + b"Content-Length: 5\r\n\r\nhe")),
    "says 200 and breaks off": (200, resetting(HEAD + b"Content-Length: 5\r\n\r\nhe")),
    "says 200 and breaks off a chunk": (200, resetting(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe")),
    "says 200 and a bad chunk": (200, sending(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello")),
    "says 200 and no length": (200, sending(HEAD + b"Content-Length: many\r\n\r\nhello")),
    "says 500 and pours for ever": (500, endless(BLOCK, b"HTTP/1.1 500 Broken\r\n\r\n")),
    "says 500 and breaks off": (500, resetting(b"HTTP/1.1 500 Broken\r\nContent-Length: 5\r\n\r\nhe")),
}

FAILURES: dict[str, tuple[str, Behaviour]] = {
    "takes no notice": ("timeout", silent),
    "reads and never answers": ("timeout", stalling()),
    "drips its head": ("timeout", endless(b"x", HEAD + b"X-Long: ", pause=0.02)),
    "stalls in its head": ("timeout", stalling(HEAD + b"X-Long: ")),
    "stalls behind a 103": ("timeout", stalling(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "hangs up at once": ("closed", hanging_up),
    "breaks off at once": ("closed", breaking_off),
    "hangs up once it has read": ("closed", sending()),
    "breaks off once it has read": ("closed", resetting()),
    "hangs up in its head": ("closed", sending(HEAD + b"Content-Le")),
    "breaks off in its head": ("closed", resetting(HEAD + b"Content-Le")),
    "hangs up behind a 103": ("closed", sending(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "says nothing but 103": ("closed", endless(b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "changes its protocol": ("closed", sending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")),
    "speaks SMTP": ("closed", sending(b"220 mail.example ESMTP\r\n\r\n")),
    "speaks HTTP/2": ("closed", sending(b"HTTP/2 200\r\n\r\n")),
    "says status 000": ("closed", sending(b"HTTP/1.1 000 Odd\r\n\r\n")),
    "says status 20": ("closed", sending(b"HTTP/1.1 20 Odd\r\n\r\n")),
    "has a huge head": ("closed", endless(b"X-Long: " + b"x" * 1000 + b"\r\n", HEAD)),
    "has a broken head": ("closed", sending(HEAD + b"no colon\r\n\r\n")),
}


async def timed(behaviour: Behaviour, **fields: object) -> Outcome:
    """The outcome of one attempt, which was over in time."""
    async with listening(behaviour) as receiver, sender() as box:
        begin = time.monotonic()
        outcome = await box.attempt(claim(receiver.url(), **fields))
        took = time.monotonic() - begin
    assert took < TOTAL + 0.4
    assert abs(outcome.duration_ms - took * 1000) < 20
    assert receiver.hits == 1
    return outcome


@pytest.mark.parametrize("case", ANSWERS)
async def test_a_head_in_time_counts_whatever_becomes_of_the_body(case: str) -> None:
    status, behaviour = ANSWERS[case]
    outcome = await timed(behaviour)
    assert (outcome.status_code, outcome.error) == (status, None)


@pytest.mark.parametrize("case", FAILURES)
async def test_without_a_head_there_is_one_reason_why(case: str) -> None:
    error, behaviour = FAILURES[case]
    outcome = await timed(behaviour)
    assert (outcome.status_code, outcome.error, outcome.response_body) == (None, error, "")


@pytest.mark.parametrize("case", ["hangs up at once", "breaks off at once", "breaks off once it has read", "takes no notice"])
async def test_a_large_body_that_is_not_taken_makes_no_difference(case: str) -> None:
    error, behaviour = FAILURES[case]
    assert (await timed(behaviour, body=b"x" * 8_000_000)).error == error


async def test_who_breaks_off_an_answer_is_not_waited_for() -> None:
    broken = resetting(b"HTTP/1.1 500 Broken\r\nContent-Length: 5\r\n\r\nhe")
    async with listening(broken) as receiver, sender(connect_timeout=5.0, timeout=5.0) as box:
        assert (await box.attempt(claim(receiver.url()))).duration_ms < 2000


async def test_a_port_where_nobody_listens_is_a_failure_to_connect() -> None:
    async with sender() as box:
        outcome = await box.attempt(claim(f"http://127.0.0.1:{refused_port()}/"))
    assert (outcome.status_code, outcome.error) == (None, "connect_failed")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async with listening(scripted(OK)) as elsewhere:
        outcome = await timed(scripted(reply(status, headers={"Location": elsewhere.url()})))
    assert outcome.status_code == status
    assert elsewhere.hits == 0


async def test_of_the_answer_its_first_16_kib_are_kept() -> None:
    body = random.Random(1).randbytes(20_000).hex().encode()
    assert (await timed(scripted(reply(200, body)))).response_body == body[:KEPT].decode()
    assert (await timed(sending(HEAD + b"\r\n", body[:100], body[100:], pause=0.01))).response_body == body[:KEPT].decode()
    assert (await timed(scripted(reply(500, b"no\xff, \xc3\xa9")))).response_body == "no\ufffd, \u00e9"


async def test_an_answer_without_end_is_not_read_for_ever() -> None:
    sent = 0

    async def pour(connection: Connection) -> None:
        nonlocal sent
        await connection.read()
        await connection.send(HEAD + b"\r\n")
        while True:
            await connection.send(BLOCK)
            sent += len(BLOCK)

    async with listening(pour) as receiver, sender(timeout=10.0) as box:
        assert (await box.attempt(claim(receiver.url()))).status_code == 200
    assert sent < 20_000_000


async def test_what_is_compressed_stays_so() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    async with listening(scripted(reply(200, bomb, {"Content-Encoding": "gzip"}))) as receiver, sender() as box:
        outcome = await box.attempt(claim(receiver.url()))
    assert outcome.status_code == 200
    assert outcome.response_body == bomb[:KEPT].decode("utf-8", "replace")
    assert "Accept-Encoding" not in receiver.request.headers


async def test_whatever_bytes_come_it_is_one_outcome() -> None:
    chance = random.Random(2)
    whole = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nRetry-After: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole += b"2\r\nhi\r\n0\r\n\r\n"
    async with sender(timeout=10.0) as box:  # that long only where others take all of the processor
        for _ in range(150):
            mangled = bytearray(whole)
            for _ in range(chance.randint(1, 6)):
                mangled[chance.randrange(len(mangled))] = chance.choice(b"\r\n :0159\x00\xff")
            async with listening(sending(bytes(mangled))) as receiver:
                outcome = await box.attempt(claim(receiver.url()))
            assert (outcome.status_code is None) is (outcome.error == "closed"), mangled


@pytest.mark.parametrize(
    "broken",
    [
        {"url": "http://[::1"},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "nonsense"},
        {"url": "http://127.0.0.1:1/", "secrets": ("whsec_x",)},
        {"url": "http://127.0.0.1:1/", "signing_key": b"short"},
        {"url": "http://127.0.0.1:1/", "headers": {"X-Split": "a\r\nHost: b"}},
    ],
)
async def test_what_cannot_even_be_asked_for_is_an_outcome_too(broken: dict[str, object]) -> None:
    async with sender() as box:
        outcome = await box.attempt(claim(**broken))  # type: ignore[arg-type]
    assert outcome.status_code is None
    assert outcome.error in {"closed", "connect_failed", "dns_error"}


async def test_many_attempts_at_once_do_not_wait_for_each_other() -> None:
    async with listening(sending(OK[:20], OK[20:], pause=0.2)) as slow, listening(silent) as mute, sender(timeout=1.0) as box:
        hung = [asyncio.create_task(box.attempt(claim(mute.url()))) for _ in range(20)]
        outcomes = await asyncio.gather(*(box.attempt(claim(slow.url())) for _ in range(40)))
        assert {(each.status_code, each.error) for each in outcomes} == {(200, None)}
        assert {each.error for each in await asyncio.gather(*hung)} == {"timeout"}
    assert len(slow.requests) == 40


async def test_an_outcome_says_when_the_attempt_began_and_what_was_asked_for(clock: StillClock) -> None:
    at = "Mon, 04 Jan 2027 12:01:30 GMT"
    script = scripted(reply(503, headers={"Retry-After": "120"}), reply(429, headers={"Retry-After": at}), reply(503))
    async with listening(script) as receiver, sender(clock) as box:
        outcomes = [await box.attempt(claim(receiver.url())) for _ in range(3)]
    assert [each.retry_after for each in outcomes] == [120.0, 90.0, None]
    assert outcomes[0].started_at == NOON == instant_text(clock.now())
