"""Asks a server for one thing with one token after the other, so many times, and looks what each answer costs."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.bench.caller import API
from tests.bench.load import CONNECTIONS, Sample, Used
from tests.bench.processes import BenchError, Cores, Server, on_core

LIMIT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Turns:
    """Who asks in turn, each with the text that has to stand in its answer; and for what, answered with which status."""

    path: str
    callers: Sequence[tuple[str, str]]
    status: Literal[200, 403] = 200

    def first(self, count: int) -> "Turns":
        """Only so many of the callers."""
        return Turns(self.path, self.callers[:count], self.status)

    def ask(self, server: Server, requests: int, cores: Cores, connections: int = CONNECTIONS) -> Sample:
        """So many requests; one that was not answered as it has to be is a complaint. Raises BenchError."""
        plan = {"url": server.url, "path": API + self.path, "status": self.status, "callers": self.callers}
        before, began = Used.by(server, None, cores), time.monotonic()
        seen = _run({**plan, "requests": requests, "connections": connections}, cores)
        used, elapsed = Used.by(server, None, cores).since(before), time.monotonic() - began
        return _sample(seen, used, elapsed)


def _run(plan: dict[str, Any], cores: Cores) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.in_turn_load"]
    with on_core(cores.load):
        run = subprocess.run(
            command, input=json.dumps(plan), capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    if run.returncode:
        raise BenchError(f"asking in turn failed:\n{run.stderr[-600:]}")
    return dict(json.loads(run.stdout))


def _sample(seen: dict[str, Any], used: Used, elapsed: float) -> Sample:
    requests, wrong = seen["right"] + seen["wrong"], seen["wrong"]
    return Sample(
        requests=requests,
        sent=requests,
        rate=requests / seen["seconds"],
        bytes_each=seen["bytes"] / max(requests, 1),
        p50_ms=seen["p50_ms"],
        p95_ms=seen["p95_ms"],
        p99_ms=seen["p99_ms"],
        cpu_us=None if used.server is None else used.server * 1e6 / max(requests, 1),
        others=max(0.0, used.others / elapsed),
        complaint=f"{wrong} of {requests:,} answers were wrong: {'; '.join(seen['examples'])}" if wrong else "",
    )
