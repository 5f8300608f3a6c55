"""kill -9, again and again, under clients that never give up: in the end their ledgers and the box agree exactly."""

import random
import time
from collections import Counter
from pathlib import Path

from tests.faults.clients import Client, working
from tests.faults.extent import times
from tests.process.ledger import CATALOGUE
from tests.process.receiver import Receiver, receiving
from tests.process.server import Server, call, feed, listed, make_box, smoothbox, until

SETTINGS = {
    "webhooks_allow_cidrs": "127.0.0.1/32",
    "webhooks_retry_schedule": "0, 1, 1, 2, 4, 8",
    "webhooks_overload_floor": "1",
}
SHOWN = ("id", "status", "start_time", "resource_id", "version")


def compare(url: str, token: str, clients: list[Client], receiver: Receiver) -> None:
    """The box and the ledgers: the same bookings in the same states, and one event for each change, of which each arrived."""
    wanted = {each["id"]: tuple(each[key] for key in SHOWN) for client in clients for each in client.bookings.values()}
    found = {
        each["id"]: tuple(each[key] for key in SHOWN) for each in listed(url, token, "bookings/?ordering=id&page_size=100")
    }
    assert found == wanted
    events = feed(url, token)
    assert [each["sequence"] for each in events] == [*range(1, len(events) + 1)]
    of_bookings = [each for each in events if each["type"].startswith("booking.")]
    told = Counter(f"{each['type']} {each['data']['object']['id']} {each['data']['object']['version']}" for each in of_bookings)
    assert told == Counter(line for client in clients for line in client.told)
    ids = {each["id"] for each in of_bookings}
    until(lambda: ids <= {event_id for event_id, _ in receiver.came})
    assert {event_id for event_id, _ in receiver.came} == ids


def test_after_many_kills_the_box_has_what_was_acknowledged_and_told_of_it_and_nothing_else(tmp_path: Path) -> None:
    data, luck = tmp_path / "data", random.Random(7)
    token = make_box(data, CATALOGUE)
    with receiving() as receiver:
        server = Server(data, **SETTINGS)
        call(server.url, token, "POST", "webhooks/", {"url": receiver.url, "events": ["booking.*"]})
        with working(lambda: server.url, token, 4) as clients:
            for _ in range(times(50, 6)):
                time.sleep(luck.uniform(0.05, 0.8))
                server.kill()
                server = Server(data, **SETTINGS)
            time.sleep(0.3)
        with server:
            assert [client.surprises for client in clients] == [[]] * 4
            assert min(len(client.told) for client in clients) > 10
            assert sum(client.replays for client in clients) > 0
            compare(server.url, token, clients, receiver)
            assert server.terminate() == 0
        assert smoothbox(data, "doctor").returncode == 0
