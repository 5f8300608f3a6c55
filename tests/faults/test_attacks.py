"""Clients that mean harm, many at once, beside one that means well: it gets every answer, soon, and the box is as it was."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.faults.extent import times
from tests.faults.test_overload import MB, resident
from tests.process.ledger import CATALOGUE
from tests.process.server import Server, call, make_box, until

PATH = b"/tenant-api/v1/bookings/"
HEAD = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" % PATH


def slowly(text: bytes) -> Iterator[bytes]:
    """A byte at a time, with pauses."""
    for at in range(len(text)):
        time.sleep(0.05)
        yield text[at : at + 1]


def without_end(head: bytes, piece: bytes) -> Iterator[bytes]:
    """More and more of it, for as long as it is taken."""
    yield head
    yield from itertools.repeat(piece)


ATTACKS: dict[str, Callable[[], Iterator[bytes]]] = {
    "a head that comes slowly": lambda: slowly(HEAD + b"X: " + b"y" * 100),
    "a body that comes slowly": lambda: itertools.chain([HEAD + b"Content-Length: 100\r\n\r\n"], slowly(b"{" * 100)),
    "half a request": lambda: iter([HEAD[:40]]),
    "requests without a pause": lambda: without_end(b"", b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % PATH * 50),
    "a head without end": lambda: without_end(HEAD, b"X-%d: y\r\n" % 7 * 1000),
    "one header without end": lambda: without_end(HEAD + b"X: ", b"y" * 10_000),
    "a body without end": lambda: without_end(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n%s\r\n" % (b"x" * 4096)),
    "a length beyond all bounds": lambda: without_end(HEAD + b"Content-Length: 99999999999999\r\n\r\n", b"x" * 65536),
    "two lengths": lambda: iter([HEAD + b"Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}"]),
    "a length and chunks": lambda: iter(
        [HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"]
    ),
    "bad chunks": lambda: iter([HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nxx\r\nZZ\r\n"]),
    "a chunk of absurd size": lambda: without_end(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", b"x" * 65536
    ),
    "NULs": lambda: iter([b"\x00" * 1000, b"GET \x00 HTTP/1.1\r\nHost: \x00\r\n\r\n"]),
    "no HTTP at all": lambda: iter([b"\x16\x03\x01\x02\x00\x01\x00" + bytes(range(256)) * 10]),
    "an address without end": lambda: without_end(b"GET /", b"a" * 10_000),
    "deep JSON": lambda: iter([HEAD + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000]),
}


def attack(url: str, pieces: Callable[[], Iterator[bytes]], stopping: threading.Event) -> None:
    """Again and again, each time on a new line, until told to stop; what is answered is read now and then."""
    there = urlsplit(url)
    while not stopping.is_set():
        with suppress(OSError), socket.create_connection((there.hostname, there.port), 2) as line:
            line.settimeout(0.2)
            for number, piece in enumerate(pieces()):
                if stopping.is_set() or number > 2000:
                    break
                line.sendall(piece)
            line.recv(4096)
        time.sleep(0.02)


@pytest.mark.parametrize(
    "names", [*([each] for each in ATTACKS), [*ATTACKS]], ids=lambda names: names[0] if len(names) == 1 else "all"
)
def test_who_means_well_gets_every_answer_beside_them(attacked: tuple[Server, str], names: list[str]) -> None:
    server, token = attacked
    stopping = threading.Event()
    threads = [
        threading.Thread(target=attack, args=(server.url, ATTACKS[name], stopping))
        for name in names
        for _ in range(8 if len(names) == 1 else 3)
    ]
    for each in threads:
        each.start()
    waits = []
    try:
        end = time.monotonic() + times(100, 5) / 10
        while time.monotonic() < end:
            began = time.monotonic()
            assert call(server.url, token, "GET", "services/")[0] == 200
            waits.append(time.monotonic() - began)
            time.sleep(0.02)
    finally:
        stopping.set()
        for each in threads:
            each.join()
    assert len(waits) > 3
    assert max(waits) < 5
    assert resident(server) < 200 * MB


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """One server for all of them: what one attack leaves behind, the next would suffer from."""
    data = tmp_path_factory.mktemp("attacked") / "data"
    token = make_box(data, CATALOGUE)
    with Server(data, log_file=str(data.parent / "log")) as server:
        yield server, token
        until(lambda: call(server.url, token, "GET", "business/")[0] == 200)
        assert server.terminate() == 0
    assert '"ERROR"' not in (data.parent / "log").read_text()
