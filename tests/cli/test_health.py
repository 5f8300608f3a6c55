"""`smoothbox health`: for cron and for containers. With TLS and a failing disk: tests/process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smoothbox.store.folder import DataFolder
from tests.cli.conftest import Smoothbox
from tests.cli.process import serving


def test_a_server_that_is_ready_ends_0_and_is_named(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0") as (process, url):
        assert smoothbox.done("health").err == f"The server at {url} is ready.\n"
        assert smoothbox.json("health") == {"status": "ready", "url": url, "pid": process.pid}
        quiet = smoothbox.done("--quiet", "health")
        assert (quiet.out, quiet.err) == ("", "")


def test_a_server_on_all_addresses_is_asked_on_this_machine(smoothbox: Smoothbox) -> None:
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--host", "0.0.0.0", "--port", "0") as (_, url):
        assert "0.0.0.0" in url
        smoothbox.done("health")


def test_no_server_ends_7_with_the_command_that_starts_one(smoothbox: Smoothbox) -> None:
    ended = smoothbox("--json", "health")
    assert ended.status == 7
    assert ended.complaint == {
        "error": "unreachable",
        "message": f"No server runs for {smoothbox.data_dir}.",
        "hint": f"smoothbox --data-dir {smoothbox.data_dir} serve",
    }


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Something that answers one connection so; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@contextmanager
def served_at(smoothbox: Smoothbox, url: str) -> Iterator[None]:
    """Let the data folder say that this process serves it there."""
    folder = DataFolder(smoothbox.data_dir)
    with folder.without_server():
        folder.announce(url)
        yield


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("503 Service Unavailable", '{"message": "The disk is full."}'), "is not ready: The disk is full."),
        (http("404 Not Found", "[]"), "is not ready: it answered 404"),
        (http("200 OK", "<html>"), "does not answer: "),
        (b"", "does not answer: Remote end closed connection without response"),
        (b"SSH-2.0-OpenSSH_9\r\n", "does not answer: "),
    ],
)
def test_what_is_not_ready_ends_7_and_says_why(smoothbox: Smoothbox, answer: bytes, said: str) -> None:
    with answering(answer) as url, served_at(smoothbox, url):
        ended = smoothbox("health")
    assert ended.status == 7
    assert f"The server at {url} {said}" in ended.err


def test_a_server_that_is_gone_but_for_its_file_ends_7(smoothbox: Smoothbox) -> None:
    with served_at(smoothbox, "http://127.0.0.1:1"):
        ended = smoothbox("health")
    assert ended.status == 7
    assert "Connection refused" in ended.err


def test_without_a_box_that_is_said(bare: Smoothbox) -> None:
    assert bare("health").status == 4
