"""A server that says what a test has written down: for sources that do not behave, which no box of ours is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec


@dataclass(frozen=True)
class Said:
    """One answer. `cut` bytes of the body are announced and never sent."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


def document(value: Any, status: int = 200, **headers: str) -> Said:
    """A value as JSON; headers by their names with '_' for '-'."""
    return Said(status, msgspec.json.encode(value), {name.replace("_", "-"): text for name, text in headers.items()})


def page(*objects: Any, following: str | None = None) -> Said:
    """A page of a list."""
    return document({"count": len(objects), "next": following, "previous": None, "results": list(objects)})


@dataclass
class Asked:
    """What was asked so far: paths with their queries, and the Authorization of each."""

    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str, int], Said]) -> Iterator[tuple[str, Asked]]:
    """Serve what `answer` makes of a path with its query and the number of the request; the address, and what was asked."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.paths.append(self.path)
            asked.tokens.append(self.headers["Authorization"])
            said = answer(self.path, len(asked.paths))
            self.send_response(said.status)
            for name, text in said.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(said.body) + said.cut))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
