"""A mix of reads, availability and writes for two minutes, while its events leave for a receiver: `SECONDS=20 ONLY=mixed`.

No answer may be wrong, no event may be lost, and memory may not grow once everything has been used.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.bench.arrivals import arrivals, receiving, wait_for
from tests.bench.box import CUSTOMERS, STEP, Box, open_box
from tests.bench.growth import Growth, growth, watched
from tests.bench.load import CONNECTIONS, Used
from tests.bench.mixed_requests import WRITES
from tests.bench.processes import BenchError, Cores, Server, on_core, tail
from tests.bench.rows import Figures, Goal, Row

SECONDS = 120
SETTLED_SECONDS, WINDOW_SECONDS = 30, 20
BACKLOG_SECONDS = 120.0
HANGS_SECONDS = 30  # so much later than it should the load is given up
STRAY_SECONDS = 1.0  # after the last delivery, in which no other may come
PATH = "/ok/mixed"
TITLE = "80 % reads, 15 % free times, 5 % writes"


def measure(folder: Path, _rounds: int, cores: Cores) -> tuple[list[Row], list[str]]:
    """One run, however many rounds: the mix and each of its kinds, what was delivered, and memory."""
    seconds = int(os.environ.get("SECONDS", SECONDS))
    with receiving(folder, cores.load) as receiver, open_box(folder, cores.server, []) as box:
        with closing(box.caller()) as caller:
            caller.send("POST", "/webhooks/", {"url": receiver.url + PATH, "events": ["booking.*", "customer.*"]})
        before = Used.by(box.server, receiver, cores)
        with _loading(folder, _plan(box, seconds), cores) as process:
            last = time.monotonic() + seconds + HANGS_SECONDS
            samples = watched(box.server.pid, lambda: process.poll() is not None or time.monotonic() > last)
        seen = _read(process, folder)
        used = Used.by(box.server, receiver, cores).since(before)
        behind, came = _deliveries(receiver, _told(seen))
    grown = growth(samples, min(SETTLED_SECONDS, seconds / 4), min(WINDOW_SECONDS, seconds / 4)) if samples else None
    rows = [_all(seen, used), *_kinds(seen, used), _delivered(seen, came), _memory(grown, seconds)]
    return rows, [_said(seen, used, grown, behind)]


def _plan(box: Box, seconds: int) -> dict[str, Any]:
    """What mixed_load.py wants to know."""
    with closing(box.caller()) as caller:
        services = [each["id"] for each in caller.send("GET", "/services/?page_size=200")["results"]]
        customers = [each["id"] for each in caller.send("GET", "/customers/?page_size=200")["results"]]
    shop = {
        "service": box.service,
        "services": services,
        "resources": box.resources,
        "customers": customers,
        "bookings": list(range(box.lowest_booking, box.highest_booking + 1)),
        "origin": box.origin,
        "step": STEP,
        "slot": box.next_slot,
        "people": CUSTOMERS,
    }
    return {"url": box.server.url, "token": box.token, "seconds": seconds, "connections": CONNECTIONS, "shop": shop}


@contextmanager
def _loading(folder: Path, plan: dict[str, Any], cores: Cores) -> Iterator[subprocess.Popen[bytes]]:
    """The process that asks; it ends with the block at the latest."""
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "tests.bench.mixed_load"]
    seen, trouble = folder / "load.out", folder / "load.err"
    with on_core(cores.load), path.open("rb") as stdin, seen.open("wb") as stdout, trouble.open("wb") as stderr:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _read(process: subprocess.Popen[bytes], folder: Path) -> dict[str, Any]:
    if process.returncode:
        raise BenchError(f"the load of the mix ended with {process.returncode}:\n{tail(folder / 'load.err')}")
    return dict(json.loads((folder / "load.out").read_text()))


def _told(seen: dict[str, Any]) -> int:
    """How many events the writes had to tell."""
    return sum(int(seen["kinds"][name]["count"]) for name in WRITES if name in seen["kinds"])


def _deliveries(receiver: Server, told: int) -> tuple[float, int]:
    """How many seconds after the load the last event came, and how many came in all, a moment later."""
    began = time.monotonic()
    try:
        last = wait_for(receiver, PATH, told, BACKLOG_SECONDS) if told else began
    except BenchError:
        last = time.monotonic()
    time.sleep(STRAY_SECONDS)
    return max(0.0, last - began), arrivals(receiver).at(PATH)


def _all(seen: dict[str, Any], used: Used) -> Row:
    figures, everything = _figures(seen["all"], seen, used), seen["all"]["count"]
    wrong = f"{seen['wrong']} of {everything + seen['wrong']:,} answers were wrong: {'; '.join(seen['examples'])}"
    return Row("mixed", f"{TITLE}, {seen['seconds']:.0f} s", None, [figures], wrong if seen["wrong"] else "")


def _kinds(seen: dict[str, Any], used: Used) -> list[Row]:
    return [
        Row(f"mixed-{name.replace(' ', '-')}", f"  {name}", None, [_figures(kind, seen, used)])
        for name, kind in seen["kinds"].items()
    ]


def _figures(kind: dict[str, Any], seen: dict[str, Any], used: Used) -> Figures:
    """Of a kind, with its part of all requests as the ratio; CPU is known of all together only."""
    part = kind["count"] / seen["all"]["count"]
    each = None if used.server is None or part < 1 else used.server * 1e6 / kind["count"]
    others = max(0.0, used.others / seen["seconds"])
    return Figures(kind["count"] / seen["seconds"], part, kind["p50_ms"], kind["p99_ms"], each, others)


def _delivered(seen: dict[str, Any], came: int) -> Row:
    told = _told(seen)
    complaint = "" if came == told else f"{came} deliveries came of {told} events"
    figures = Figures(told / seen["seconds"], came / max(told, 1), None, None)
    return Row("mixed-deliveries", f"deliveries that came : {told:,} events told", Goal(">=", 1), [figures], complaint)


def _memory(grown: Growth | None, seconds: int) -> Row:
    """Growth, which 1 MB or 2 % is allowed to be; a quick try is over before everything has been used."""
    if grown is None:
        return Row("mixed-memory", "memory growth", None, gap="this system does not tell the memory of a process")
    is_long = seconds >= SETTLED_SECONDS + 2 * WINDOW_SECONDS
    goal = Goal("<=", max(1.0, 0.02 * grown.first), "memory_mb") if is_long else None
    title = f"memory growth, {grown.first:.1f} to {grown.last:.1f} MB"
    figures = Figures(None, grown.last / grown.first, None, None, memory_mb=grown.megabytes)
    return Row("mixed-memory", title, goal, [figures])


def _said(seen: dict[str, Any], used: Used, grown: Growth | None, behind: float) -> str:
    """For people."""
    busy = "" if used.server is None else f"server busy {used.server / seen['seconds']:.0%} of the time; "
    memory = "" if grown is None else f"; memory {grown.slope:+.2f} MB a minute"
    return (
        f"mixed: {busy}{_told(seen) / seen['seconds']:.0f} events a second,"
        f" the last delivered {behind:.1f} s after the load ended; slowest answer {seen['all']['max_ms']:.0f} ms{memory}"
    )
