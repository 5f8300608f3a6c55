"""Tenants as an operator makes them, with nothing but the command line; and their files, to be filled before anybody serves."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smoothbox.clock import Clock
from smoothbox.operations import tenants
from smoothbox.store.direct import Direct
from smoothbox.store.folder import DataFolder, open_box, open_tenant
from tests.bench.processes import BenchError

ZONE = "America/New_York"

_UNLIMITED = "1000000000"


def command(data: Path, *words: str) -> str:
    """Run smoothbox on a data folder; what it printed. Raises BenchError when it failed."""
    line = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "--json", *words]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    if run.returncode:
        what = f"smoothbox {' '.join(words[:2])} failed with {run.returncode}"
        raise BenchError(f"{what}:\n{run.stdout[-600:]}{run.stderr[-600:]}")
    return run.stdout


def settle(data: Path, slug: str, catalogue: str) -> None:
    """A new tenant that offers what a catalogue says."""
    command(data, "tenant", "create", slug, "--name", slug.title(), "--timezone", ZONE, "--currency", "USD")
    path = data / f"{slug}.toml"
    path.write_text(catalogue)
    command(data, "tenant", "apply", slug, str(path))


def token(data: Path, slug: str) -> str:
    """The secret of a new token that may do everything, as often as it likes."""
    rates = ("--hourly", _UNLIMITED, "--burst", _UNLIMITED)
    made = command(data, "token", "create", slug, "--name", "bench", "--live", "--all-scopes", *rates)
    return str(json.loads(made)["token"])


@contextmanager
def live_file(data: Path, slug: str) -> Iterator[Direct]:
    """The data file of a tenant."""
    folder, clock = DataFolder(data), Clock()
    with open_box(folder, clock) as registry:
        tenant = next(each for each in registry.read(tenants.list_all) if each.slug == slug)
    with open_tenant(folder, tenant.folder, "live", clock) as file:
        yield file
