"""Another box is read with patience, within bounds, and the token goes nowhere else."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from smoothbox.errors import Problem
from smoothbox.pulling import pages, source
from smoothbox.pulling.address import checked_address
from smoothbox.pulling.pages import listed
from smoothbox.pulling.source import Source
from tests.box import StillClock
from tests.pulling.scripted import Said, document, page, serving


class Patience:
    """Waits without waiting, and remembers for how long it would have."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.remarks: list[str] = []

    def source(self, url: str, clock: StillClock, token: str = "ss_live_x") -> Source:
        """A source that is asked three times at most."""
        return Source(url, token, clock, self.remarks.append, pauses=(1.0, 2.0), sleep=self.waits.append)


@pytest.fixture
def patience() -> Patience:
    """Somebody patient."""
    return Patience()


def ids(source: Source, path: str = "bookings/") -> list[int]:
    """The ids of a list."""
    return listed(source, path, "", lambda id_, _: id_, lambda _, __: None)


def test_the_token_is_sent_to_the_address_that_was_named(clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document({"name": "Acme"})) as (url, asked):
        assert patience.source(f"{url}/", clock).get("business/") == {"name": "Acme"}
    assert asked.paths == ["/tenant-api/v1/business/"]
    assert asked.tokens == ["Bearer ss_live_x"]


@pytest.mark.parametrize("url", ["https://acme.smoothschedule.com", "https://acme.smoothschedule.com/tenant-api/v1/"])
def test_an_address_may_name_the_api_too(url: str) -> None:
    assert checked_address(url) == "https://acme.smoothschedule.com"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "acme.smoothschedule.com",
            "ftp://acme.example",
            "https://",
            "https://user:pw@acme.example",
            "https://a b.example",
        ),
        *("https://acme.example/elsewhere", "https://acme.example/?x=1", "https://acme.example:99999", "https://[::1"),
        *("http://acme.example", "http://192.168.0.7", "https://acme.example\n.evil.example", "file:///etc/passwd"),
    ],
)
def test_an_address_that_makes_no_sense_or_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        checked_address(url)
    assert refused.value.code == "validation_error"


@pytest.mark.parametrize("token", ["", "two words", "a\r\nX-Evil: 1", "tökén", "x" * 5000])
def test_a_token_that_no_header_can_carry_is_refused(token: str, clock: StillClock) -> None:
    with pytest.raises(Problem) as refused:
        Source("https://acme.example", token, clock, print)
    assert refused.value.code == "validation_error"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_token"), (403, "insufficient_scope"), (404, "not_found"), (400, "unavailable")]
)
def test_a_refusal_is_not_asked_for_again(status: int, code: str, clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document({"error": "x"}, status)) as (url, asked), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert (refused.value.code, len(asked.paths)) == (code, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document({"name": "a thief"})) as (elsewhere, thief):
        with serving(lambda _, __: Said(status, b"", {"Location": elsewhere})) as (url, _), pytest.raises(Problem) as refused:
            patience.source(url, clock).get("business/")
        assert not thief.paths
    assert refused.value.code == "unavailable"
    assert elsewhere in refused.value.message


def test_it_waits_as_long_as_retry_after_says(clock: StillClock, patience: Patience) -> None:
    answers = {1: document({"error": "rate_limited"}, 429, Retry_After="7"), 2: document({"name": "Acme"})}
    with serving(lambda _, number: answers[number]) as (url, _):
        assert patience.source(url, clock).get("business/") == {"name": "Acme"}
    assert patience.waits == [7.0]
    assert len(patience.remarks) == 1


def test_it_waits_until_the_reset_where_that_is_all_that_is_said(clock: StillClock, patience: Patience) -> None:
    reset = str(int(clock.now()) + 40)
    answers = {1: document({}, 429, X_RateLimit_Reset=reset), 2: document({"name": "Acme"})}
    with serving(lambda _, number: answers[number]) as (url, _):
        patience.source(url, clock).get("business/")
    assert patience.waits == [40.0]


def test_it_does_not_wait_for_a_year(clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document({}, 429, Retry_After="31536000")) as (url, asked), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert (refused.value.code, len(asked.paths), patience.waits) == ("rate_limited", 1, [])


def test_it_does_not_wait_for_ever_by_small_steps(clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document({}, 429, Retry_After="1")) as (url, asked), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert (refused.value.code, len(asked.paths)) == ("rate_limited", 3)


def test_a_server_that_stumbles_is_asked_again_and_not_for_ever(clock: StillClock, patience: Patience) -> None:
    answers = {1: document({}, 502), 2: document({}, 503), 3: document({"name": "Acme"})}
    with serving(lambda _, number: answers[number]) as (url, _):
        patience.source(url, clock).get("business/")
    assert patience.waits == [1.0, 2.0]
    with serving(lambda _, __: document({"error": "internal_error"}, 500)) as (url, asked), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert (refused.value.code, len(asked.paths)) == ("unavailable", 3)
    assert "500 (internal_error)" in refused.value.message


def test_an_address_where_nobody_answers_is_said_at_once(clock: StillClock, patience: Patience) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Problem) as refused:
            patience.source(f"http://127.0.0.1:{free.getsockname()[1]}", clock).get("business/")
    assert refused.value.code == "unavailable"
    assert patience.waits == []


def test_an_answer_that_breaks_off_is_asked_for_again(clock: StillClock, patience: Patience) -> None:
    torn = Said(200, b'{"name": "Ac', cut=5)
    with serving(lambda _, number: torn if number == 2 else document({"name": "Acme"})) as (url, _):
        source = patience.source(url, clock)
        source.get("business/")
        assert source.get("business/") == {"name": "Acme"}
    assert patience.waits == [1.0]


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b'{"a": NaN}', b"[" * 200_000, b'{"name": "\xff"}', b"{}{}"])
def test_what_is_not_json_is_said_to_be_none(body: bytes, clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: Said(200, body)) as (url, _), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert refused.value.code == "unavailable"
    assert "not JSON" in refused.value.message


def test_an_answer_without_end_is_given_up(clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: Said(200, b" " * (17 * 1024 * 1024))) as (url, _), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert "16 MiB" in refused.value.message


def test_what_no_http_server_says_is_said_to_be_none(clock: StillClock, patience: Patience) -> None:
    with _mute(b"SSH-2.0-OpenSSH_9.2\r\n") as port, pytest.raises(Problem) as refused:
        patience.source(f"http://127.0.0.1:{port}", clock).get("business/")
    assert "not HTTP" in refused.value.message


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, clock: StillClock, patience: Patience) -> None:
    with _with_own_certificate(tmp_path) as port, pytest.raises(Problem) as refused:
        patience.source(f"https://127.0.0.1:{port}", clock).get("business/")
    assert "certificate is not valid" in refused.value.message


def test_a_refusal_brings_no_escape_sequences_to_the_terminal(clock: StillClock, patience: Patience) -> None:
    said = document({"error": "\x1b[2Jowned"}, 400)
    with serving(lambda _, __: said) as (url, _), pytest.raises(Problem) as refused:
        patience.source(url, clock).get("business/")
    assert refused.value.message.isprintable()


def test_all_pages_of_a_list_are_read_by_the_query_of_next_alone(clock: StillClock, patience: Patience) -> None:
    following = "https://elsewhere.example/stolen/?cursor=2&page_size=200"
    answers = {1: page({"id": 1}, {"id": 2}, following=following), 2: page({"id": 2}, {"id": 3})}
    with serving(lambda _, number: answers[number]) as (url, asked):
        assert ids(patience.source(url, clock)) == [1, 2, 3]
    assert asked.paths == ["/tenant-api/v1/bookings/?page_size=200", "/tenant-api/v1/bookings/?cursor=2&page_size=200"]


def test_pages_that_go_round_in_circles_are_noticed(clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, number: page({"id": 1}, following=f"/?cursor={number}")) as (url, asked):
        with pytest.raises(Problem) as refused:
            ids(patience.source(url, clock))
        assert len(asked.paths) == 2
    assert "circles" in refused.value.message


def test_pages_without_end_are_given_up(clock: StillClock, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _, number: page({"id": number}, following=f"/?cursor={number}")) as (url, asked):
        monkeypatch.setattr(pages, "_MOST", 5)
        with pytest.raises(Problem) as refused:
            ids(patience.source(url, clock))
        assert "more than 5 objects" in refused.value.message
        monkeypatch.setattr(pages, "_MOST", 10**6)
        monkeypatch.setattr(source, "_LARGEST_WHOLE", 10_000)
        with pytest.raises(Problem) as refused:
            ids(patience.source(url, clock))
        assert "MiB in all" in refused.value.message
        assert len(asked.paths) < 200


@pytest.mark.parametrize(
    "odd",
    [
        *([], {"results": 1}, {"results": [], "next": 1}, {"results": [1], "next": None}, {"results": [{}], "next": None}),
        *({"results": [{"id": "7"}], "next": None}, {"results": [{"id": True}], "next": None}),
        *({"results": [{"id": -1}], "next": None}, {"results": [{"id": 1}], "next": "no address"}),
    ],
)
def test_what_is_no_page_of_a_list_is_said_to_be_none(odd: Any, clock: StillClock, patience: Patience) -> None:
    with serving(lambda _, __: document(odd)) as (url, _), pytest.raises(Problem) as refused:
        ids(patience.source(url, clock))
    assert refused.value.code == "unavailable"


@contextmanager
def _mute(words: bytes) -> Iterator[int]:
    """A server that says these words to one caller, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(words)
                caller.recv(65536)

        thread = Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@contextmanager
def _with_own_certificate(folder: Path) -> Iterator[int]:
    """A TLS server whose certificate it has made itself; one caller shakes its hand."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(folder))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                context.wrap_socket(caller, server_side=True)

        thread = Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def _self_signed(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    encoding, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "own.pem"
    private = key.private_bytes(encoding, plain, serialization.NoEncryption())
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(encoding))
    return path
