"""`smoothbox serve` on a data folder, with all features on and its log in a file beside the folder."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.processes import BenchError, Server, running, tail


@contextmanager
def serving(data: Path, core: int | None, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The server on asyncio's loop, with more in its environment; a BenchError raised meanwhile also shows how its log ends."""
    log = data.with_suffix(".log")
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--host", "127.0.0.1", "--port", "0"]
    ours = {
        "SMOOTHBOX_LOG_FILE": str(log),
        "SMOOTHBOX_WEBHOOKS_ALLOW_CIDRS": "127.0.0.1/32",
        "SMOOTHBOX_SERVER_EVENT_LOOP": "asyncio",  # uvloop is an extra, with rows of its own
        **(environment or {}),
    }
    with running(data.name, command, core=core, folder=data.parent, environment=ours) as server:
        try:
            yield server
        except BenchError as error:
            raise BenchError(f"{error}\nThe log of {data.name} ends with:\n{tail(log)}") from None
