"""kill -9 and SIGTERM around deliveries: no event is lost, none is made up, and what is sent again is the same."""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from tests.box import CATALOGUE

from .receiver import Receiver, receiving
from .server import Server, call, feed, make_box, until

SETTINGS = {"webhooks_allow_cidrs": "127.0.0.1/32", "webhooks_retry_schedule": "0, 1, 1, 1, 1", "webhooks_overload_floor": "1"}

ONE_BY_ONE = {**SETTINGS, "webhooks_per_endpoint": "1"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(data: Path) -> Server:
    return Server(data, **SETTINGS)


def subscribe(server: Server, token: str, receiver: Receiver, *events: str) -> int:
    status, made = call(server.url, token, "POST", "webhooks/", {"url": receiver.url, "events": list(events)})
    assert status == 201, made
    number: int = made["id"]
    return number


def add_customer(server: Server, token: str, phone: str) -> Any:
    status, made = call(server.url, token, "POST", "customers/", {"phone": phone})
    assert status == 201, made
    return made


def delivery(server: Server, token: str, number: int = 1) -> Any:
    return call(server.url, token, "GET", f"webhooks/1/deliveries/{number}/")[1]


def write_until_killed(server: Server, token: str, worker: int, acknowledged: list[int]) -> None:
    """Add customers one after the other, and note each that was acknowledged."""
    for number in range(10_000):
        try:
            status, made = call(server.url, token, "POST", "customers/", {"phone": f"{worker:02}{number:05}"})
        except (URLError, ConnectionError, TimeoutError, ValueError, OSError):
            return
        if status == 201:
            acknowledged.append(made["id"])


def test_whatever_is_killed_when_every_acknowledged_event_arrives_and_no_other(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    acknowledged: list[int] = []
    with receiving() as receiver:
        for round_number in range(4):
            with start(data) as server:
                if round_number == 0:
                    subscribe(server, token, receiver, "customer.*")
                workers = [
                    threading.Thread(target=write_until_killed, args=(server, token, round_number * 10 + each, acknowledged))
                    for each in range(4)
                ]
                for worker in workers:
                    worker.start()
                time.sleep(0.7)
                server.kill()
                for worker in workers:
                    worker.join()
        assert len(acknowledged) > 40
        with start(data) as server:  # nobody asks it for anything until all has arrived
            until(lambda: {*acknowledged} <= {each["data"]["object"]["id"] for each in receiver.events})
            told = feed(server.url, token)
            until(lambda: {each["id"] for each in told if each["type"] == "customer.created"} == {i for i, _ in receiver.came})
            until(lambda: not call(server.url, token, "GET", "webhooks/1/deliveries/?status=pending,sending")[1]["count"])
            assert [each["sequence"] for each in told] == [*range(1, len(told) + 1)]
            _, shown = call(server.url, token, "GET", "customers/?page_size=1")
            assert shown["count"] == sum(each["type"] == "customer.created" for each in told)
        bodies = dict(receiver.came)
        assert all(body == bodies[event_id] for event_id, body in receiver.came)
        assert Counter(event_id for event_id, _ in receiver.came).most_common(1)[0][1] <= 5


def test_what_was_being_sent_is_sent_again_and_the_log_says_why(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with receiving() as receiver:
        receiver.open.clear()
        with start(data) as server:
            subscribe(server, token, receiver, "customer.*")
            add_customer(server, token, "1")
            until(lambda: receiver.came)
            server.kill()
        receiver.open.set()
        with start(data) as server:
            until(lambda: len(receiver.came) == 2)
            until(lambda: delivery(server, token)["status"] == "succeeded")
            attempts = delivery(server, token)["attempts"]
        assert [(each["number"], each["status_code"], each["error"]) for each in attempts] == [
            (1, None, "interrupted"),
            (2, 200, None),
        ]
        assert receiver.came[0] == receiver.came[1]


def test_what_had_no_turn_yet_is_sent_after_the_crash_in_its_order(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with receiving() as receiver:
        receiver.open.clear()
        with Server(data, **ONE_BY_ONE) as server:
            subscribe(server, token, receiver, "customer.*")
            for number in range(12):
                add_customer(server, token, str(number))
            until(lambda: len(receiver.came) == 1)
            server.kill()
        receiver.open.set()
        receiver.came.clear()
        with Server(data, **ONE_BY_ONE) as server:
            until(lambda: len(receiver.came) == 12)
            time.sleep(0.1)
        sequences = [each["sequence"] for each in receiver.events]
        assert sequences == [*range(min(sequences), min(sequences) + 12)]


def test_a_stop_waits_for_the_attempt_under_way_and_it_is_not_made_again(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with receiving() as receiver:
        receiver.open.clear()
        with start(data) as server:
            subscribe(server, token, receiver, "customer.*")
            add_customer(server, token, "1")
            until(lambda: receiver.came)
            threading.Timer(0.7, receiver.open.set).start()
            began = time.monotonic()
            assert server.terminate() == 0
            assert 0.6 < time.monotonic() - began < 10
        with start(data) as server:
            time.sleep(1.5)
            found = delivery(server, token)
        assert (found["status"], len(found["attempts"]), len(receiver.came)) == ("succeeded", 1, 1)


def test_a_retry_that_is_due_after_a_restart_is_made_though_nobody_calls(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with receiving() as receiver:
        receiver.status = 500
        with start(data) as server:
            subscribe(server, token, receiver, "customer.*")
            add_customer(server, token, "1")
            until(lambda: receiver.came)
            until(lambda: delivery(server, token)["status"] == "pending")
            assert server.terminate() == 0
        made = len(receiver.came)
        receiver.status = 200
        with start(data) as server:
            until(lambda: len(receiver.came) == made + 1)
            until(lambda: delivery(server, token)["status"] == "succeeded")


def some_time(server: Server, token: str) -> str:
    """A time that can be booked within the next two weeks."""
    today = datetime.now(UTC).date()
    query = f"service_id=1&resource_id=1&start_date={today + timedelta(days=1)}&end_date={today + timedelta(days=14)}"
    status, answer = call(server.url, token, "GET", f"availability/?{query}")
    assert status == 200, answer
    start: str = next(slot["start_time"] for day in answer["days"] for slot in day["slots"])
    return start


def test_what_was_refused_is_told_to_nobody_also_under_load(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with receiving() as receiver, start(data) as server:
        subscribe(server, token, receiver, "*")
        body = {"service_id": 1, "start_time": some_time(server, token), "resource_id": 1}
        answers: list[int] = []

        def race(number: int) -> None:
            answers.append(call(server.url, token, "POST", "bookings/", {**body, "customer": {"phone": str(number)}})[0])

        racers = [threading.Thread(target=race, args=(number,)) for number in range(30)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert Counter(answers) == {201: 1, 409: 29}
        until(lambda: len(receiver.came) == 2)
        time.sleep(0.3)
        assert sorted(each["type"] for each in receiver.events) == ["booking.created", "customer.created"]
