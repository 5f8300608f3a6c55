"""The main job from end to end: commands in a shell, a real server, real requests."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import create_connection

import pytest

from tests.process.ledger import EVERY_DAY
from tests.process.server import Server, call, make_box, make_box_by_commands, make_token, smoothbox, until

CATALOGUE = f"""
[business]
name = "Acme"
timezone = "America/New_York"
currency = "USD"
slot_interval = 15
max_advance_days = 3650
[business.hours]
{EVERY_DAY}
[[resource]]
key = "ann"
name = "Ann"
type = "STAFF"
[[service]]
key = "cut"
name = "Haircut"
duration = 15
price = 2500
resources = ["ann"]
"""
FIRST = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


def wish(slot: int = 0) -> dict[str, object]:
    """A booking of the n-th slot."""
    start = (FIRST + timedelta(minutes=15 * slot)).isoformat()
    return {"service_id": 1, "start_time": start, "customer": {"first_name": "Jo", "email": "jo@example.com"}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def token(data: Path) -> str:
    return make_box(data, CATALOGUE)


@pytest.fixture
def server(data: Path, token: str) -> Iterator[Server]:
    with Server(data) as running:
        yield running


def test_the_newcomers_path(data: Path) -> None:
    """Commands make the box; services, free times, a booking, the same once more, the list; then the token is revoked."""
    token = make_box_by_commands(data, CATALOGUE)
    with Server(data) as server:
        walk(server, data, token)


def walk(server: Server, data: Path, token: str) -> None:
    status, services = call(server.url, token, "GET", "services/")
    assert (status, services["count"]) == (200, 1)
    day = FIRST.date().isoformat()
    status, free = call(server.url, token, "GET", f"availability/?service_id=1&date={day}")
    assert status == 200
    start = free["days"][0]["slots"][0]["start_time"]
    status, booking = call(server.url, token, "POST", "bookings/", {**wish(), "start_time": start})
    assert (status, booking["start_time"]) == (201, start)
    status, refusal = call(server.url, token, "POST", "bookings/", {**wish(), "start_time": start})
    assert (status, refusal["error"]) == (409, "slot_unavailable")
    status, bookings = call(server.url, token, "GET", "bookings/")
    assert [each["id"] for each in bookings["results"]] == [booking["id"]]
    smoothbox(data, "--yes", "token", "revoke", "1")
    status, refusal = call(server.url, token, "GET", "bookings/")
    assert (status, refusal["error"]) == (401, "invalid_token")


def test_a_catalogue_applied_beside_the_server_shows_on_the_next_request(server: Server, data: Path, token: str) -> None:
    (data / "more.toml").write_text(CATALOGUE.replace("price = 2500", "price = 3100"), "utf-8")
    smoothbox(data, "tenant", "apply", "acme", str(data / "more.toml"))
    assert call(server.url, token, "GET", "services/1/")[1]["price"] == 3100


def test_of_fifty_at_once_one_gets_the_place(server: Server, token: str) -> None:
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: call(server.url, token, "POST", "bookings/", wish()), range(50)))
    statuses = [status for status, _ in answers]
    assert statuses.count(201) == 1
    assert statuses.count(409) == 49
    assert call(server.url, token, "GET", "bookings/")[1]["count"] == 1


def book_until_it_dies(url: str, token: str, slots: Iterator[int], acknowledged: set[int]) -> None:
    """Book slot after slot, noting each answer, until the server is gone."""
    for slot in slots:
        try:
            status, booking = call(url, token, "POST", "bookings/", wish(slot))
        except OSError:
            return
        assert status == 201, booking
        acknowledged.add(booking["id"])


def test_after_kill_9_every_acknowledged_booking_is_there(data: Path, token: str) -> None:
    acknowledged: set[int] = set()
    for target in (40, 97, 171):
        with Server(data) as server, ThreadPoolExecutor(8) as clients:
            lanes = [iter(range(10_000 * lane + 10 * target, 10_000 * (lane + 1))) for lane in range(8)]
            tasks = [clients.submit(book_until_it_dies, server.url, token, lane, acknowledged) for lane in lanes]
            until(partial(reached, acknowledged, target))
            server.kill()
            for task in tasks:
                task.result()
    with Server(data) as server:
        assert call(server.url, token, "GET", "bookings/?page_size=1")[1]["count"] >= len(acknowledged) >= 171
        for booking_id in acknowledged:
            assert call(server.url, token, "GET", f"bookings/{booking_id}/")[0] == 200


def reached(acknowledged: set[int], target: int) -> bool:
    """Whether so many bookings were acknowledged."""
    return len(acknowledged) >= target


def test_sigterm_answers_what_is_in_flight_and_ends_0(server: Server, token: str) -> None:
    with ThreadPoolExecutor(16) as clients:
        tasks = [clients.submit(call, server.url, token, "POST", "bookings/", wish(slot)) for slot in range(16)]
        until(lambda: any(task.done() for task in tasks))
        assert server.terminate() == 0
    statuses = []
    for task in tasks:
        try:
            statuses.append(task.result()[0])
        except OSError:  # not accepted any more
            continue
    assert statuses
    assert set(statuses) == {201}


def test_sigterm_leaves_no_write_that_is_committed_and_not_answered(data: Path, token: str) -> None:
    """Clients that keep their connections and keep booking: what the box holds afterwards is what they were told."""
    acknowledged: list[int] = []

    def book_on_one_connection(host: str, slots: Iterator[int]) -> None:
        connection = HTTPConnection(host, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            for slot in slots:
                connection.request("POST", "/tenant-api/v1/bookings/", json.dumps(wish(slot)), headers)
                answer = connection.getresponse()
                if answer.status == 201:
                    acknowledged.append(json.loads(answer.read())["id"])
                if answer.getheader("Connection") == "close":
                    return
        except OSError:
            return
        except HTTPException:
            return
        finally:
            connection.close()

    with Server(data) as server, ThreadPoolExecutor(8) as clients:
        host = server.url.removeprefix("http://")
        tasks = [
            clients.submit(book_on_one_connection, host, iter(range(5000 * lane, 5000 * lane + 5000))) for lane in range(8)
        ]
        until(lambda: len(acknowledged) > 50)
        assert server.terminate() == 0
        for task in tasks:
            task.result()
    with Server(data) as server:
        assert call(server.url, token, "GET", "bookings/?page_size=1")[1]["count"] == len(acknowledged)


def test_a_malformed_head_does_not_bring_its_token_into_the_log(server: Server, data: Path, token: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    for head in (f"Authorization: Bearer {token}\x01", "Content-Length: 5\u00b2"):
        with create_connection((host, int(port)), timeout=20) as line:
            line.sendall(f"GET /tenant-api/v1/services/ HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode("latin-1"))
            assert line.recv(100).startswith(b"HTTP/1.1 400")
    assert server.terminate() == 0
    log = (data / "log").read_text()
    assert token not in log
    assert "ERROR" not in log


def test_it_says_where_it_serves_while_it_does(server: Server, data: Path) -> None:
    assert json.loads((data / "serve.json").read_text()) == {"pid": server.process.pid, "url": server.url}
    assert server.terminate() == 0
    assert not (data / "serve.json").exists()


def test_a_second_server_on_the_folder_is_refused_and_names_the_first(server: Server, data: Path) -> None:
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 5
    assert str(server.process.pid) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_a_clear_refusal(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_box(other, CATALOGUE)
    port = server.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(other), "serve", "--port", port]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 5
    assert port in second.stderr
    assert "Traceback" not in second.stderr


def test_a_killed_server_does_not_block_the_next(data: Path, token: str) -> None:
    with Server(data) as first:
        first.kill()
    with Server(data) as second:
        assert call(second.url, token, "GET", "business/")[0] == 200


def test_all_files_are_the_owners_only(server: Server, data: Path, token: str) -> None:
    call(server.url, token, "POST", "bookings/", wish())
    for path in data.rglob("*"):
        if path.name != "catalogue.toml":  # written by this test
            assert path.stat().st_mode & 0o077 == 0, path


def test_neither_tokens_nor_addresses_are_in_the_log(server: Server, data: Path, token: str) -> None:
    call(server.url, token, "GET", "services/?search=topsecret")
    call(server.url, "ss_live_wrong", "GET", "services/")
    assert server.terminate() == 0
    log = (data / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    visits = [line for line in lines if line["logger"] == "smoothbox.access"]
    assert [(line["route"], line["status"]) for line in visits] == [("services/", 200), ("services/", 401)]
    assert all(line["request_id"].startswith("req_") for line in visits)
    assert token not in log
    assert "topsecret" not in log


def test_ctrl_c_ends_it_as_well(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGINT)
    assert server.process.wait(20) == 0


def test_a_token_shows_when_it_was_last_used(server: Server, data: Path, token: str) -> None:
    call(server.url, token, "GET", "services/")
    assert server.terminate() == 0
    (shown,) = json.loads(smoothbox(data, "--json", "token", "list", "acme").stdout)
    assert shown["last_used_at"] is not None


def test_tokens_are_random(data: Path, token: str) -> None:
    assert len({make_token(data)["token"] for _ in range(3)} | {token}) == 4
