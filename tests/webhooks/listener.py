"""`smoothbox webhook listen` in a process of its own, and a receiver behind it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

PATIENCE = 20.0


class Listener:
    """It runs within `with`; `lines` of its output are read one by one."""

    def __init__(self, data: Path, *options: str, before: tuple[str, ...] = ("--json",)) -> None:
        command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), *before, "webhook", "listen", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.line()
        if not line.startswith("listening on "):
            raise AssertionError((line, self.ended()))
        self.url = line.removeprefix("listening on ")
        self.port = int(self.url.rsplit(":", maxsplit=1)[-1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended(signal.SIGTERM)

    def line(self) -> str:
        """The next line of standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def next(self, event: str = "") -> dict[str, Any]:
        """The next delivery, or the next of this type."""
        while True:
            found: dict[str, Any] = json.loads(self.line())
            if event in {"", found["type"]}:
                return found

    def post(self, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> int:
        """One request on a connection of its own; the status. An iterator is sent in chunks."""
        return self.asked(body, headers, method)[0]

    def asked(self, body: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> tuple[int, bytes]:
        """The same with the body of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, "/hook", body, dict(headers or {}))
            with connection.getresponse() as answer:
                return answer.status, answer.read()
        finally:
            connection.close()

    def ended(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Its exit status and what it said since, after this signal or by itself."""
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None and stream.closed:
                return self.process.wait(PATIENCE), "", self._last_words()
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def _last_words(self) -> str:
        assert self.process.stderr is not None
        if self.process.stderr.closed:
            return ""
        with self.process.stderr as stream:
            return stream.read()


@dataclass
class Target:
    """A receiver of somebody's own: what came, and how it answers."""

    status: int = 200
    body: bytes = b""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def receiving(target: Target) -> Iterator[Target]:
    """The target, answering at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            target.requests.append(({name.lower(): value for name, value in self.headers.items()}, sent))
            self.send_response(target.status)
            self.send_header("Content-Length", str(len(target.body)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(target.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        target.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield target
        finally:
            server.shutdown()
            thread.join()
