"""What has arrived at the receiver of deliveries, as it tells."""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.processes import BenchError, Server, running


@dataclass(frozen=True, slots=True)
class Arrivals:
    """By path how many came, and when the last did; instants are seconds of time.monotonic, the same in all processes."""

    now: float
    by_path: dict[str, tuple[int, float]]

    def at(self, path: str) -> int:
        """How many came to this path."""
        return self.by_path.get(path, (0, 0.0))[0]

    @property
    def total(self) -> int:
        """How many came in all."""
        return sum(count for count, _ in self.by_path.values())

    def rate_since(self, before: "Arrivals") -> float:
        """How many came each second."""
        return (self.total - before.total) / (self.now - before.now)


@contextmanager
def receiving(folder: Path, core: int | None) -> Iterator[Server]:
    """A receiver."""
    with running("receiver", [sys.executable, "-m", "tests.bench.receiver"], core=core, folder=folder) as receiver:
        yield receiver


def arrivals(receiver: Server) -> Arrivals:
    """What has arrived by now."""
    with closing(http.client.HTTPConnection(urlsplit(receiver.url).netloc, timeout=20)) as connection:
        connection.request("GET", "/")
        told = json.loads(connection.getresponse().read())
    return Arrivals(told["now"], {path: (count, last) for path, (count, last) in told["came"].items()})


def wait_for(receiver: Server, path: str, count: int, seconds: float) -> float:
    """When the last of so many came to a path. Raises BenchError when they do not within so many seconds."""
    deadline = time.monotonic() + seconds
    while (seen := arrivals(receiver)).at(path) < count:
        if time.monotonic() > deadline:
            raise BenchError(f"{seen.at(path)} deliveries came to {path} within {seconds:g} s, it should be {count}")
        time.sleep(0.01)
    return seen.by_path[path][1]
