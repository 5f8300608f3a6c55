"""Starts a server as a process of its own, on a core of its own, and ends it whatever happens."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 25.0  # longer than smoothbox drains
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")


class BenchError(Exception):
    """The benchmark cannot go on; the text says why."""


class MissingToolError(BenchError):
    """Something has to be installed first; the text says what and how."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the servers and where the load run; None where there is only one core or no pinning."""

    server: int | None
    load: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    url: str


def choose_cores() -> Cores:
    """Two different cores of those this process may use."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores(None, None)


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started inside inherits the core."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    name: str, command: Sequence[str], *, core: int | None, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server, wait until it says where it listens, and end it on the way out.

    Raises BenchError with the last lines of its stderr when it does not come up.
    """
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    with on_core(core), out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env={**os.environ, **(environment or {})})
    try:
        yield Server(process.pid, _address(name, process, out, err))
    finally:
        _end(process)


def _address(name: str, process: subprocess.Popen[bytes], out: Path, err: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := _LISTENING.search(out.read_text()):
            return found[1]
        time.sleep(0.005)
    what = "did not say where it listens" if process.poll() is None else f"ended with {process.returncode}"
    raise BenchError(f"{name} {what}:\n{tail(err)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a text file, '' where there is none."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def cpu_seconds(pid: int) -> float | None:
    """CPU time a process has used so far, None where the system does not tell.

    Per request it says more than the rate does on a machine where others work too.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def busy_seconds(cores: Cores) -> float | None:
    """CPU time that anybody has used so far on these cores, None where there are none or the system does not tell."""
    names = {f"cpu{core}" for core in (cores.server, cores.load) if core is not None}
    try:
        lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
    except OSError:
        return None
    # user, nice, system, idle, iowait, irq, softirq, steal: all but the two that mean waiting
    ticks = [sum(map(int, [*line[1:4], *line[6:9]])) for line in lines if line[0] in names]
    return sum(ticks) / TICKS_PER_SECOND if ticks else None


def resident_mb(pid: int) -> float | None:
    """Resident memory of a process in MB, None where the system does not tell."""
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None
