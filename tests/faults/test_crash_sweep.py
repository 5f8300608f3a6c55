"""The server ends at each of its writes in turn: what it had acknowledged is there, and the rest can be sent again."""

import subprocess
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.faults.extent import chosen
from tests.faults.preload import built, needs_a_compiler
from tests.faults.scripted import Answer, script, send
from tests.faults.servers import EndedAtStartError, PreloadedServer
from tests.process.ledger import CATALOGUE
from tests.process.server import call, make_box, smoothbox

pytestmark = needs_a_compiler

State = tuple[list[Any], list[Any], list[str]]


@dataclass
class Bench:
    """A box that is made once, and copied for each crash."""

    template: Path
    token: str
    library: Path
    count: Path

    def copy(self, data: Path) -> None:
        """By a process of its own: this one must not open what SQLite may have open."""
        subprocess.run(["cp", "-a", str(self.template), str(data)], check=True)

    def server(self, data: Path, **failing: str) -> PreloadedServer:
        """A server that may be made to fail."""
        own = {f"FAILING_{name.upper()}": value for name, value in failing.items()}
        preload = {"LD_PRELOAD": str(self.library), "FAILING_ROOT": str(data), **own} if failing else {}
        return PreloadedServer(data, preload, tenants_idle_seconds="3600")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("bench")
    token = make_box(folder / "data", CATALOGUE)
    return Bench(folder / "data", token, built("failing", folder), folder / "count")


def run(url: str, token: str, known: dict[str, Answer]) -> None:
    """All steps that were not answered yet. Raises OSError or HTTPException when the server ends."""
    for step in script():
        if step.name not in known:
            answer, _ = send(url, token, step, known)
            assert answer[0] in {200, 201}, (step, answer)
            known[step.name] = answer


def state(url: str, token: str) -> State:
    """What is there in the end: bookings, customers, and what was told, without the moments at which it happened."""
    bookings = call(url, token, "GET", "bookings/?page_size=100&ordering=id")[1]["results"]
    customers = call(url, token, "GET", "customers/?page_size=100")[1]["results"]
    events = call(url, token, "GET", "events/?page_size=200")[1]["results"]
    assert [each["sequence"] for each in events] == [*range(1, len(events) + 1)]
    kept = ("id", "status", "start_time", "end_time", "resource_id", "service_id", "notes", "version", "late_cancellation")
    told = [f"{each['type']} {each['data']['object'].get('id')} {each['data']['object'].get('version')}" for each in events]
    return [{key: each.get(key) for key in kept} for each in bookings], [each["phone"] for each in customers], told


def crash(bench: Bench, data: Path, number: int, how: str) -> tuple[dict[str, Answer], bool]:
    """Run until the write of that number: what was answered by then, and whether the server lived to the end."""
    known: dict[str, Answer] = {}
    try:
        with bench.server(data, at=str(number), how=how) as server:
            run(server.url, bench.token, known)
            return known, server.terminate() == 0
    except (EndedAtStartError, OSError, HTTPException):
        return known, False


def writes_of_a_run(bench: Bench, data: Path) -> tuple[int, State]:
    """How many writes there are from start to stop when nothing fails, and what is there in the end."""
    bench.copy(data)
    bench.count.unlink(missing_ok=True)
    with bench.server(data, count=str(bench.count)) as server:
        run(server.url, bench.token, {})
        found = state(server.url, bench.token)
        assert server.terminate() == 0
    return bench.count.stat().st_size, found


@pytest.mark.parametrize("how", ["kill", "tear"])
def test_whatever_write_it_ends_at_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    bench: Bench, tmp_path: Path, how: str
) -> None:
    total, wanted = writes_of_a_run(bench, tmp_path / "undisturbed")
    assert total > 60
    survived = 0
    for number in chosen(range(1, total + 1), at_least=5):
        data = tmp_path / f"data-{number}"
        bench.copy(data)
        known, lived = crash(bench, data, number, how)
        survived += lived
        with bench.server(data) as server:
            for step in script():
                if step.name in known:
                    assert send(server.url, bench.token, step, known) == (known[step.name], True), (number, step)
            run(server.url, bench.token, known)
            assert state(server.url, bench.token) == wanted, number
            server.terminate()
        assert smoothbox(data, "--json", "doctor").returncode == 0
        subprocess.run(["rm", "-r", str(data)], check=True)
    assert survived <= 2  # the last writes of a run may come in another number
