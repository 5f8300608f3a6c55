"""Attempts over TLS: nothing is sent but to a certificate of the name in the URL, by an authority that the system trusts."""

import asyncio
import os
import ssl
from pathlib import Path

import pytest

from .certificates import Authority
from .network import Network
from .receivers import (
    HAS_SIX,
    OK,
    Behaviour,
    Connection,
    breaking_off,
    endless,
    hanging_up,
    listening,
    resetting,
    scripted,
    sending,
    silent,
    stalling,
)
from .senders import claim, sender

pytestmark = pytest.mark.gen_test

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"
SIX = pytest.param("::1", "[::1]", marks=pytest.mark.skipif(not HAS_SIX, reason="there is no ::1 here"))
PUBLIC = "93.184.216.34"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the system."""
    return Authority(tmp_path_factory.mktemp("trusted"), "trusted")


@pytest.fixture(autouse=True)
def system_trusts(monkeypatch: pytest.MonkeyPatch, trusted: Authority) -> None:
    """The system trusts one authority, and no other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))


async def outcome_of(behaviour: Behaviour, tls: ssl.SSLContext | None, host: str = "localhost") -> int | str | None:
    """The status code or the error of one attempt over TLS. Where there is no status, no request was read either."""
    async with listening(behaviour, tls) as receiver, sender() as box:
        outcome = await box.attempt(claim(receiver.url(host, "https")))
        assert receiver.hits == 1
    return outcome.status_code or outcome.error


@pytest.mark.parametrize(("name", "host"), [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1"), SIX])
async def test_a_certificate_of_the_name_is_good(trusted: Authority, name: str, host: str) -> None:
    assert await outcome_of(scripted(OK), trusted.context(name), host) == 200


async def test_whoever_answers_the_name_is_what_counts(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch)
    network.name("hooks.example", PUBLIC)
    network.routes[PUBLIC] = "127.0.0.1"
    async with listening(scripted(OK), trusted.context("hooks.example")) as receiver, sender(allow_cidrs=()) as box:
        outcome = await box.attempt(claim(receiver.url("hooks.example", "https")))
    assert outcome.status_code == 200
    assert receiver.request.headers["Host"] == f"hooks.example:{receiver.port}"
    assert network.dialled == [PUBLIC]


@pytest.mark.parametrize(("name", "host"), [("other.example", "localhost"), ("localhost", "127.0.0.1"), ("::2", "127.0.0.1")])
async def test_a_certificate_of_another_name_is_not(trusted: Authority, name: str, host: str) -> None:
    assert await outcome_of(scripted(OK), trusted.context(name), host) == "tls_error"


async def test_nor_one_of_an_unknown_authority(tmp_path: Path) -> None:
    assert await outcome_of(scripted(OK), Authority(tmp_path, "unknown").context("localhost")) == "tls_error"


async def test_nor_one_that_has_ended_or_not_begun(trusted: Authority) -> None:
    for age in (10, -10):
        assert await outcome_of(scripted(OK), trusted.context("localhost", age=age)) == "tls_error"


async def test_nor_is_one_looked_at_less_closely_however_the_scheme_is_written(tmp_path: Path) -> None:
    tls = Authority(tmp_path, "unknown").context("localhost")
    for scheme in ("https", "HTTPS", "hTtPs"):
        async with listening(scripted(OK), tls) as receiver, sender() as box:
            outcome = await box.attempt(claim(receiver.url("localhost", scheme)))
        assert (outcome.error, receiver.requests) == ("tls_error", []), scheme


async def test_nor_is_a_request_sent_before_it_was_seen(tmp_path: Path) -> None:
    tls = Authority(tmp_path, "unknown").context("localhost")
    async with listening(scripted(OK), tls) as receiver, sender() as box:
        await box.attempt(claim(receiver.url("localhost", "https")))
    assert receiver.requests == []


async def test_who_answers_without_tls_is_told_apart() -> None:
    async def plain(connection: Connection) -> None:
        await connection.reader.read(10)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", pause=0.05)

    assert await outcome_of(plain, None) == "tls_error"


async def test_who_wants_tls_and_is_not_given_it_closes(trusted: Authority) -> None:
    async with listening(scripted(OK), trusted.context("localhost")) as receiver, sender() as box:
        outcome = await box.attempt(claim(receiver.url("localhost", "http")))
    assert (outcome.status_code, outcome.error) == (None, "closed")


async def test_who_breaks_off_the_handshake_closes() -> None:
    assert await outcome_of(hanging_up, None) == "closed"
    assert await outcome_of(breaking_off, None) == "closed"


async def test_who_never_shakes_hands_runs_out_of_time() -> None:
    assert await outcome_of(silent, None) == "timeout"


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (stalling(), "timeout"),
        (sending(), "closed"),
        (sending(b"HTTP/1.1 200 OK\r\nConte"), "closed"),
        (resetting(), "closed"),
        (stalling(HEAD), 200),
        (sending(HEAD), 200),
        (resetting(HEAD), 200),
        (endless(b"x" * 65536, b"HTTP/1.1 200 OK\r\n\r\n"), 200),
    ],
)
async def test_inside_tls_all_is_as_without(trusted: Authority, behaviour: Behaviour, expected: int | str) -> None:
    assert await outcome_of(behaviour, trusted.context("localhost")) == expected


@pytest.mark.parametrize(("first", "expected"), [(b"", "tls_error"), (HEAD, 200)])
async def test_what_is_not_tls_in_the_middle_of_it_ends_the_attempt(
    trusted: Authority, first: bytes, expected: int | str
) -> None:
    async def confused(connection: Connection) -> None:
        await connection.read()
        await connection.send(first, pause=0.05)
        os.write(connection.writer.get_extra_info("socket").fileno(), b"this is no record of TLS")
        await asyncio.sleep(1.0)

    assert await outcome_of(confused, trusted.context("localhost")) == expected


async def test_who_asks_for_a_certificate_of_the_box_gets_none(trusted: Authority) -> None:
    tls = trusted.context("localhost")
    tls.verify_mode = ssl.CERT_REQUIRED
    assert await outcome_of(scripted(OK), tls) in {"tls_error", "closed"}
