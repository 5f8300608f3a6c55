"""Whatever becomes of the server in between: who sends a request with a key until it is answered, has sent it once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from tests.process.server import Server, call, exchange, make_box, until
from tests.process.test_main_job import CATALOGUE, reached, wish

LANES = 8
KINDS = ("bookings/", "customers/")


class Told(NamedTuple):
    """What a client was told: all that is to be the same when it asks again."""

    status: int
    location: str | None
    tag: str | None
    body: bytes


def send(url: str, token: str, number: int) -> tuple[Told, bool]:
    """A booking for an even number, a customer for an odd one, each with its key; and whether the answer is a repeated one."""
    kind = KINDS[number % 2]
    body: dict[str, Any] = wish(number // 2) if kind == "bookings/" else {"phone": f"+1 212 {number:07}"}
    status, headers, sent = exchange(url, token, "POST", kind, body, {"Idempotency-Key": f"request-{number}"})
    return Told(status, headers["Location"], headers["ETag"], sent), headers["Idempotent-Replayed"] == "true"


def send_until_it_dies(url: str, token: str, numbers: Iterator[int], sent: set[int], told: dict[int, Told]) -> None:
    """Request after request, noting each that is sent and each answer, until the server is gone."""
    for number in numbers:
        sent.add(number)
        try:
            answer, is_repeated = send(url, token, number)
        except (OSError, HTTPException):
            return
        assert (answer.status, is_repeated) == (201, False), answer
        told[number] = answer


def send_again(url: str, token: str, told: dict[int, Told], number: int) -> tuple[int, Told]:
    """A retry: what was answered before is answered again to the byte, the rest for the first time or again."""
    answer, is_repeated = send(url, token, number)
    assert answer.status == 201, answer
    if number in told:
        assert is_repeated
        assert answer == told[number]
    return number, answer


def test_after_kill_9_every_request_sent_again_has_taken_effect_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = make_box(data, CATALOGUE)
    sent: set[int] = set()
    told: dict[int, Told] = {}
    for target in (30, 71, 133):
        with Server(data) as server, ThreadPoolExecutor(LANES) as clients:
            told.update(clients.map(partial(send_again, server.url, token, dict(told)), sorted(sent)))
            lanes = [iter(range(10_000 * lane + 10 * target, 10_000 * (lane + 1))) for lane in range(LANES)]
            tasks = [clients.submit(send_until_it_dies, server.url, token, lane, sent, told) for lane in lanes]
            until(partial(reached, told, target))
            server.kill()
            for task in tasks:
                task.result()
    assert len(sent) > len(told) >= 133
    with Server(data) as server, ThreadPoolExecutor(LANES) as clients:
        told.update(clients.map(partial(send_again, server.url, token, dict(told)), sorted(sent)))
        assert told.keys() == sent
        assert len({answer.body for answer in told.values()}) == len(sent)
        bookings, customers = [call(server.url, token, "GET", f"{kind}?page_size=1")[1]["count"] for kind in KINDS]
        odd = sum(number % 2 for number in sent)
        assert (bookings, customers) == (len(sent) - odd, odd + (bookings > 0))  # all bookings are of one customer


def test_of_twenty_clients_at_once_one_takes_effect(tmp_path: Path) -> None:
    token = make_box(tmp_path / "data", CATALOGUE)
    with Server(tmp_path / "data") as server, ThreadPoolExecutor(20) as crowd:
        for number in (0, 1):
            answers = [answer for answer, _ in crowd.map(partial(send, server.url, token), [number] * 20)]
            made = {answer for answer in answers if answer.status == 201}
            assert len(made) == 1
            assert all(b'"idempotency_in_progress"' in answer.body for answer in answers if answer.status != 201)
            assert {answer.status for answer in answers} <= {201, 409}
        assert [call(server.url, token, "GET", kind)[1]["count"] for kind in KINDS] == [1, 2]
