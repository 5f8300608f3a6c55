"""A real server process, started by the command line, ended by its pid."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from smoothbox.clock import Clock
from smoothbox.contract.scopes import ORDINARY
from smoothbox.operations import tokens
from smoothbox.operations.tokens import TokenRequest
from smoothbox.store.folder import DataFolder, open_box
from smoothbox.upkeep import boxes
from tests.box import settle

PATIENCE = 20.0


def smoothbox(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command and wait for it; it must succeed."""
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)


def make_box(data: Path, catalogue: str) -> str:
    """A box with the tenant acme and its catalogue, made in this process; a live token without narrow limits."""
    folder, clock, umask = DataFolder(data), Clock(), os.umask(0o077)
    try:
        boxes.make(folder, clock)
        settle(folder, clock, "acme", catalogue)
        with open_box(folder, clock) as registry:
            request = TokenRequest("t", "live", tuple(ORDINARY), hourly=1_000_000, burst=1_000_000)
            return registry.write(tokens.create, "acme", request).secret
    finally:
        os.umask(umask)


def make_box_by_commands(data: Path, catalogue: str) -> str:
    """The same, as an operator makes it: each step by a process of its own."""
    smoothbox(data, "init")
    smoothbox(data, "tenant", "create", "acme", "--name", "Acme", "--timezone", "America/New_York", "--currency", "USD")
    file = data / "catalogue.toml"
    file.write_text(catalogue, "utf-8")
    smoothbox(data, "tenant", "apply", "acme", str(file))
    return make_token(data)["token"]


def make_token(data: Path) -> dict[str, Any]:
    """What `token create` prints."""
    limits = ("--hourly", "1000000", "--burst", "1000000")
    made = smoothbox(data, "--json", "token", "create", "acme", "--name", "t", "--live", "--all-scopes", *limits)
    parsed: dict[str, Any] = json.loads(made.stdout)
    return parsed


class Server:
    """`smoothbox serve` on a free port; settings by their names in the environment, such as webhooks_timeout="2"."""

    def __init__(self, data: Path, port: int = 0, **settings: str) -> None:
        self._data = data
        command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--port", str(port)]
        own = {f"SMOOTHBOX_{name.upper()}": value for name, value in settings.items()}
        self._start(command, {**os.environ, "SMOOTHBOX_LOG_FILE": str(data / "log"), **own})

    def _start(self, command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int] = ()) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, pass_fds=descriptors)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), (line, self.process.stderr and self.process.stderr.read())
        self.url = line.split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self._ended()

    def _ended(self) -> int:
        status = self.process.wait(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return status


def call(url: str, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request on a connection of its own: status and parsed body."""
    status, _, sent = exchange(url, token, method, path, body)
    return status, json.loads(sent or b"null")


def exchange(
    url: str, token: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Message, bytes]:
    """One request on a connection of its own: status, headers, and the body as it came."""
    own = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    request = Request(f"{url}/tenant-api/v1/{path}", sent, {**own, **(headers or {})}, method=method)
    try:
        with urlopen(request, timeout=PATIENCE) as response:
            return response.status, response.headers, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def listed(url: str, token: str, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Every object of a list, page by page."""
    while path:
        status, _, sent = exchange(url, token, "GET", path, None, headers)
        page = json.loads(sent)
        assert status == 200, page
        yield from page["results"]
        path = page["next"].partition("/tenant-api/v1/")[2] if page["next"] else ""


def feed(url: str, token: str) -> list[Any]:
    """Every event that the box tells of, in order."""
    found: list[Any] = []
    position = 0
    while page := call(url, token, "GET", f"events/?after_sequence={position}&page_size=200")[1]["results"]:
        found += page
        position = page[-1]["sequence"]
    return found


def until(condition: Any) -> None:
    """Wait, not for long, until something holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
