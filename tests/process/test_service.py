"""The server under a supervisor: what it says of itself, and sockets that listened before it ran."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.server import Server, call, smoothbox, until
from tests.process.supervised import Ear, Supervised, command_line, listening, settings_text

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    smoothbox(tmp_path / "data", "init")
    return tmp_path / "data"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(settings_text())
    return path


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as listened:
        yield listened


def test_the_supervisor_hears_of_the_start_of_a_reload_and_of_the_end(data: Path, settings: Path, ear: Ear) -> None:
    with Supervised(data, settings, NOTIFY_SOCKET=ear.address) as server:
        assert ear.next() == {"READY": "1", "STATUS": f"Serving at {server.url}"}
        assert call(server.url, "-", "GET", "business/")[0] == 401  # READY was no promise, but true
        before = time.monotonic_ns() // 1000
        server.process.send_signal(signal.SIGHUP)
        reloading = ear.next()
        assert reloading["RELOADING"] == "1"
        assert before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert ear.next() == {"READY": "1"}
        server.process.send_signal(signal.SIGTERM)
        assert ear.next() == {"STOPPING": "1"}
        assert server.terminate() == 0


def test_a_supervisor_with_a_socket_in_the_file_system_is_told_too(data: Path, settings: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="sb") as short,
        Ear(f"{short}/notify") as ear,
        Supervised(data, settings, NOTIFY_SOCKET=ear.address) as server,
    ):
        assert ear.next()["STATUS"] == f"Serving at {server.url}"


def test_a_watchdog_hears_several_times_in_its_time_that_all_is_well(data: Path, settings: Path, ear: Ear) -> None:
    with Supervised(data, settings, NOTIFY_SOCKET=ear.address, WATCHDOG_USEC="600000"):
        ear.next()
        since = time.monotonic()
        for _ in range(4):
            ear.hears_that_all_is_well()
        assert 0.5 < time.monotonic() - since < 5


def test_a_server_that_hangs_is_silent(data: Path, settings: Path, ear: Ear) -> None:
    """As a watchdog wants it: the sign of life comes from the loop that answers requests, not from a thread beside it."""
    with Supervised(data, settings, NOTIFY_SOCKET=ear.address, WATCHDOG_USEC="300000") as server:
        ear.hears_that_all_is_well()
        server.process.send_signal(signal.SIGSTOP)
        while ear.is_told_something_within(0.5):
            pass
        assert not ear.is_told_something_within(0.5)
        server.process.send_signal(signal.SIGCONT)
        ear.hears_that_all_is_well()


def test_a_watchdog_of_another_process_is_none(data: Path, settings: Path, ear: Ear) -> None:
    told = {"NOTIFY_SOCKET": ear.address, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": str(os.getpid())}
    with Supervised(data, settings, **told):
        ear.next()
        assert not ear.is_told_something_within(0.5)


def test_a_supervisor_that_is_gone_stops_nothing(data: Path, settings: Path, tmp_path: Path) -> None:
    with Supervised(data, settings, NOTIFY_SOCKET="/nowhere/at/all") as server:
        assert call(server.url, "-", "GET", "business/")[0] == 401
        assert server.terminate() == 0


def test_what_was_asked_before_it_ran_is_answered(data: Path, settings: Path) -> None:
    with listening() as socket_of_the_supervisor:
        address = socket_of_the_supervisor.getsockname()
        early = [socket.create_connection(address, timeout=20) for _ in range(5)]
        for each in early:
            each.sendall(REQUEST)
        with Supervised(data, settings, [socket_of_the_supervisor]) as server:
            assert server.url == f"http://127.0.0.1:{address[1]}"
            for each in early:
                assert everything(each).startswith(b"HTTP/1.1 200 OK\r\n")
            assert call(server.url, "-", "GET", "business/")[0] == 401


def test_what_is_asked_while_it_is_replaced_waits_and_is_answered(data: Path, settings: Path) -> None:
    with listening() as socket_of_the_supervisor:
        address = socket_of_the_supervisor.getsockname()
        with Supervised(data, settings, [socket_of_the_supervisor]) as server:
            assert server.terminate() == 0
        meanwhile = socket.create_connection(address, timeout=20)
        meanwhile.sendall(REQUEST)
        with Supervised(data, settings, [socket_of_the_supervisor]):
            assert everything(meanwhile).startswith(b"HTTP/1.1 200 OK\r\n")


def test_several_sockets_are_all_served(data: Path, settings: Path, tmp_path: Path) -> None:
    with listening() as first, listening() as second, Supervised(data, settings, [first, second]) as server:
        assert server.url.endswith(f":{first.getsockname()[1]}")
        for each in (first, second):
            with socket.create_connection(each.getsockname(), timeout=20) as connection:
                connection.sendall(REQUEST)
                assert everything(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_descriptor_on_which_nothing_listens_is_refused_at_the_start(data: Path, settings: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        command = command_line(data, settings, [deaf.fileno()])
        ended = subprocess.run(command, pass_fds=[deaf.fileno()], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "The supervisor handed over descriptor 3, on which nothing listens." in ended.stderr


def test_sockets_of_another_process_are_left_alone(data: Path) -> None:
    """The variables are inherited by whatever a service starts; LISTEN_PID says whom they are for."""
    environment = os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_an_idle_keep_alive_connection_does_not_hold_up_the_end(data: Path) -> None:
    with Server(data) as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as idle:
            idle.sendall(REQUEST.replace(b"Connection: close\r\n", b""))
            until(lambda: b"alive" in idle.recv(4096))
            since = time.monotonic()
            assert server.terminate() == 0
            assert time.monotonic() - since < 10


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    with connection, connection.makefile("rb") as file:
        return file.read()
