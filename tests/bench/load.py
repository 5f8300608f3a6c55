"""Puts load on a server with wrk and reads what it saw."""

import json
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.processes import BenchError, Cores, MissingToolError, Server, busy_seconds, cpu_seconds, on_core
from tests.bench.rows import CALM

CONNECTIONS = 16
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of wrk; latencies in ms, CPU of the server in µs per request, `others` what they used of one core."""

    requests: int
    sent: int
    rate: float
    bytes_each: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_us: float | None
    others: float
    complaint: str

    def complaining(self, complaint: str) -> "Sample":
        """The same figures, not to be trusted."""
        return replace(self, complaint=complaint)


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds: of everybody on our cores, of the server, and of the load: the wrks that have ended, and a receiver."""

    everybody: float | None
    server: float | None
    load: float

    @classmethod
    def by(cls, server: Server, receiver: Server | None, cores: Cores) -> "Used":
        """What was used until now."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        received = None if receiver is None else cpu_seconds(receiver.pid)
        return cls(busy_seconds(cores), cpu_seconds(server.pid), ended.ru_utime + ended.ru_stime + (received or 0.0))

    def since(self, before: "Used") -> "Used":
        """What was used from then to now."""
        return Used(_less(self.everybody, before.everybody), _less(self.server, before.server), self.load - before.load)

    @property
    def others(self) -> float:
        """What neither the server nor the load used; 0 where nobody can tell."""
        return 0.0 if self.everybody is None or self.server is None else self.everybody - self.server - self.load


def find_wrk() -> str:
    """Where wrk is. Raises MissingToolError; nothing is ever installed by itself."""
    found = shutil.which("wrk")
    if found is None:
        raise MissingToolError("wrk is missing; install it with: apt-get install wrk")
    return found


def put_load(
    server: Server,
    script: str,
    arguments: Sequence[str],
    *,
    clients: int,
    seconds: int,
    cores: Cores,
    receiver: Server | None = None,
) -> Sample:
    """Run one Lua script against a server for that long; a receiver of its deliveries is none of the others."""
    options = ["-t1", f"-c{clients}", f"-d{seconds}s", "-s", script, f"{server.url}/", "--", *arguments]
    before = Used.by(server, receiver, cores)
    with on_core(cores.load):
        run = subprocess.run(
            [find_wrk(), *options], cwd=HERE, capture_output=True, text=True, timeout=seconds + 30, check=False
        )
    used = Used.by(server, receiver, cores).since(before)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode or not lines:
        raise BenchError(f"wrk failed with {script}:\n{run.stdout[-400:]}{run.stderr[-400:]}")
    seen = json.loads(lines[-1])
    requests, others = seen["requests"], max(0.0, used.others / seen["seconds"])
    return Sample(
        requests=requests,
        sent=seen["sent"],
        rate=requests / seen["seconds"],
        bytes_each=seen["bytes"] / max(requests, 1),
        p50_ms=seen["p50_ms"],
        p95_ms=seen["p95_ms"],
        p99_ms=seen["p99_ms"],
        cpu_us=None if used.server is None else used.server * 1e6 / max(requests, 1),
        others=others,
        complaint=_complaint(requests, seen["refused"], seen["broken"], calm=others <= CALM),
    )


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _complaint(requests: int, refused: int, broken: int, *, calm: bool) -> str:
    """What was wrong. That a server is silent says something of it only while nobody else has its core."""
    if refused:
        return f"{refused} answers were not 2xx"
    if calm and (broken or not requests):
        return f"{broken} connections broke off or waited too long, {requests} answers came"
    return ""
