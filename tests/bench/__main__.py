"""Runs the benchmark and prints one table: `ROUNDS=5 ONLY=list,one python -m tests.bench [--json]`.

Exit codes: 0 all goals hold, 1 one is missed or an answer was wrong, 2 a tool is missing or a name is unknown.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import signal
import sqlite3
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench import http_rows, many_tenants, million, mixed, old_tenants, slow, slow_disk, trigger, uvloop_rows, webhooks
from tests.bench.processes import BenchError, Cores, MissingToolError, choose_cores
from tests.bench.rows import Row, as_data, as_text, holds
from tests.bench.writer import fsync_ms

Measure = Callable[[Path, int, Cores], tuple[list[Row], list[str]]]
"""From an own folder, the number of rounds and the cores to use to rows and remarks for people."""

# What is not compared with bare Tornado.
APART: Mapping[str, Measure] = {
    "trigger": trigger.measure,
    "writer": slow_disk.measure,
    "webhooks": webhooks.measure,
    "tenants": many_tenants.measure,
    "million": million.measure,
    "migrate": old_tenants.measure,
    "slow": slow.measure,
    "mixed": mixed.measure,
    "uvloop": uvloop_rows.measure,
}
NAMES = ("bare", *(part.name for part in http_rows.PARTS), *APART)


def main() -> int:
    """Measure what ONLY names, or everything."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every server is ended on the way out
    names = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(NAMES)
    if unknown := set(names) - set(NAMES):
        return _refuse(f"ONLY={','.join(sorted(unknown))} is unknown; there are: {', '.join(NAMES)}", 2)
    try:
        return _measure(names, max(1, int(os.environ.get("ROUNDS", "5"))), as_json="--json" in sys.argv[1:])
    except MissingToolError as error:
        return _refuse(str(error), 2)
    except BenchError as error:
        return _refuse(str(error), 1)


def _measure(names: list[str], rounds: int, *, as_json: bool) -> int:
    cores = choose_cores()
    rows: list[Row] = []
    remarks: list[str] = []
    with tempfile.TemporaryDirectory(prefix="smoothbox-bench-") as temporary:
        folder = Path(temporary)
        machine = _machine(folder)
        if not set(names) <= set(APART):
            rows, remarks = http_rows.measure(folder, names, rounds, cores)
        for name in (name for name in APART if name in names):
            place = folder / name
            place.mkdir()
            more_rows, more = APART[name](place, rounds, cores)
            rows += more_rows
            remarks += more
    if any(row.verdict == "disturbed" for row in rows):
        remarks.append("disturbed: others used these cores; CPU µs per request can be trusted more than rates and ratios")
    if as_json:
        found = {"machine": machine, "rounds": rounds, "rows": [as_data(row) for row in rows], "remarks": remarks}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        line = ", ".join(f"{key} {value}" for key, value in machine.items())
        sys.stdout.write("\n".join([line, "", as_text(rows), *remarks]) + "\n")
    return 0 if holds(rows) else 1


def _machine(folder: Path) -> dict[str, str]:
    """What the figures depend on. Python without profile-guided optimization is a tenth slower."""
    optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return {
        "Python": f"{platform.python_version()} ({platform.python_compiler()}, {'PGO' if optimized else 'no PGO'})",
        "SQLite": sqlite3.sqlite_version,
        "Tornado": importlib.metadata.version("tornado"),
        "uvloop": "present" if importlib.util.find_spec("uvloop") else "absent",
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "fsync": f"{fsync_ms(folder):.2f} ms",
    }


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(message + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
