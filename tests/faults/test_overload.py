"""More than the box can take: it refuses that at once, keeps what it took, and is afterwards as it was before."""

import re
import secrets
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.extent import times
from tests.faults.preload import built, needs_a_compiler
from tests.faults.servers import PreloadedServer
from tests.process.ledger import CATALOGUE
from tests.process.server import Server, call, exchange, make_box, until

MB = 2**20
REQUEST = b"GET /tenant-api/v1/business/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"


def resident(server: Server) -> int:
    """Bytes of memory that it has."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


@needs_a_compiler
def test_more_writes_than_the_disk_takes_are_refused_at_once_and_none_that_was_taken_is_lost(tmp_path: Path) -> None:
    data, switch = tmp_path / "data", tmp_path / "switch"
    token = make_box(data, CATALOGUE)
    preload = {"LD_PRELOAD": str(built("failing", tmp_path)), "FAILING_ROOT": str(data), "FAILING_SWITCH": str(switch)}
    with PreloadedServer(data, preload, tenants_queue="8") as server:
        answers: list[tuple[int, str | None, float]] = []
        waits: list[float] = []
        stopping = threading.Event()

        def write(worker: int) -> None:
            for number in range(times(60, 12)):
                began = time.monotonic()
                status, headers, _ = exchange(server.url, token, "POST", "customers/", {"phone": f"{worker:03}{number:04}"})
                answers.append((status, headers["Retry-After"], time.monotonic() - began))

        def read() -> None:
            while not stopping.is_set():
                began = time.monotonic()
                assert call(server.url, token, "GET", "services/")[0] == 200
                waits.append(time.monotonic() - began)
                time.sleep(0.02)

        switch.write_text("fdatasync -60000\n")  # each takes 60 ms
        reader = threading.Thread(target=read)
        reader.start()
        with ThreadPoolExecutor(40) as pool:
            list(pool.map(write, range(40)))
        stopping.set()
        reader.join()
        switch.unlink()
        taken = Counter(status for status, _, _ in answers)
        assert set(taken) == {201, 503}, taken
        assert all(retry and int(retry) >= 1 for status, retry, _ in answers if status == 503)
        assert max(seconds for _, _, seconds in answers) < 5
        assert sorted(waits)[len(waits) // 2] < 0.5
        assert call(server.url, token, "GET", "customers/?page_size=1")[1]["count"] == taken[201]
        status, _ = call(server.url, token, "POST", "customers/", {"phone": "1"})
        assert status == 201
        assert server.terminate() == 0


def refused(url: str, count: int, source: str) -> Counter[bytes]:
    """Statuses of so many requests with tokens that nobody has, fifty at a time on one line, from that address."""
    statuses: Counter[bytes] = Counter()
    there = urlsplit(url)
    with socket.create_connection((there.hostname, there.port), 20, source_address=(source, 0)) as line:
        for _ in range(count // 50):
            line.sendall(b"".join(REQUEST % token() for _ in range(50)))
            said = b""
            while len(found := re.findall(rb"HTTP/1\.1 (\d+) ", said)) < 50 or not said.endswith(b"}"):
                said += line.recv(2**16)
            statuses.update(found)
    return statuses


def token() -> bytes:
    """One that looks right."""
    return f"ss_live_{secrets.token_urlsafe(28)}".encode()


def test_tokens_and_addresses_without_number_cost_no_memory_and_nobody_else_their_answers(tmp_path: Path) -> None:
    own = make_box(tmp_path / "data", CATALOGUE)
    with Server(tmp_path / "data", log_level="warning") as server:
        refused(server.url, 1000, "127.0.0.1")
        before = resident(server)
        seen: Counter[bytes] = Counter()
        for number in range(times(2000, 100)):
            seen += refused(server.url, 50, f"127.{number % 200 + 1}.{number // 200 + 1}.{secrets.randbelow(250) + 1}")
            if number % 20 == 0:
                assert call(server.url, own, "GET", "business/")[0] == 200
        assert set(seen) <= {b"401", b"429"}, seen
        assert seen[b"401"] >= 20 * times(2000, 100) * 0.9
        assert resident(server) - before < 25 * MB


def test_idle_connections_by_the_thousand_keep_nobody_from_an_answer(tmp_path: Path) -> None:
    own = make_box(tmp_path / "data", CATALOGUE)
    with Server(tmp_path / "data") as server:
        there = urlsplit(server.url)
        idle: list[socket.socket] = []
        try:
            for number in range(times(10_000, 1_000)):
                source = (f"127.0.1.{number % 200 + 1}", 0)
                idle.append(socket.create_connection((there.hostname, there.port), 20, source_address=source))
                if number % 3 == 0:
                    idle[-1].sendall(b"GET /tenant-api/v1/bus")  # begun, and never ended
                if number % 250 == 0:
                    began = time.monotonic()
                    assert call(server.url, own, "GET", "business/")[0] == 200
                    assert time.monotonic() - began < 2
            assert resident(server) < 600 * MB
        finally:
            for each in idle:
                each.close()
        until(lambda: call(server.url, own, "GET", "business/")[0] == 200)
        assert server.terminate() == 0
