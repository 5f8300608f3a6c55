"""/readyz and /metrics of a real process: draining, a disk that takes nothing, and who is shown the figures."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.disks import fill, small_disk
from tests.process.server import PATIENCE, Server, call, make_box, smoothbox, until
from tests.process.supervised import Ear, Supervised, settings_text
from tests.process.test_main_job import CATALOGUE, wish

TOKEN = "the-figures-of-this-box"

# In a process of its own, for this one opens no data file: it keeps all others from writing until it is told to stop.
_HOLD = """\
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()"""


@contextmanager
def nobody_can_write(file: Path) -> Iterator[None]:
    """Hold the file's lock."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(file)], stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("\n", timeout=PATIENCE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def answer(url: str, **headers: str) -> tuple[int, str]:
    """Status and body of a GET."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(url, headers=named), timeout=PATIENCE) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def ask(connection: HTTPConnection, path: str) -> tuple[int, Any]:
    connection.request("GET", path)
    with connection.getresponse() as response:
        return response.status, json.loads(response.read())


def test_while_it_drains_it_is_alive_and_not_ready(data: Path, tmp_path: Path) -> None:
    token = make_box(data, CATALOGUE)
    (file,) = data.glob("tenants/*/live.db")
    (settings := tmp_path / "settings.toml").write_text(settings_text())
    with (
        Ear() as ear,
        Supervised(data, settings, NOTIFY_SOCKET=ear.address) as server,
        ThreadPoolExecutor(1) as client,
        closing(HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=PATIENCE)) as proxy,
        closing(HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=PATIENCE)) as other,
    ):
        assert ask(proxy, "/readyz") == ask(other, "/readyz") == (200, {"status": "ready"})
        with nobody_can_write(file):
            booking = client.submit(call, server.url, token, "POST", "bookings/", wish())
            until(lambda: "smoothbox_requests_in_flight 2.0" in answer(f"{server.url}/metrics")[1])
            assert "READY" in ear.next()
            server.process.send_signal(signal.SIGTERM)
            assert "STOPPING" in ear.next()
            status, said = ask(proxy, "/readyz")
            assert (status, said["details"]) == (503, {"server": ["The box is stopping."]})
            assert ask(other, "/healthz") == (200, {"status": "alive"})
        assert booking.result()[0] == 201
        assert server.terminate() == 0


def test_a_disk_that_is_full_is_named_until_there_is_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8192) as disk:
        data = disk / "data"
        smoothbox(data, "init")
        name_what_is_full(data)


def name_what_is_full(data: Path) -> None:
    with Server(data, log_file="") as server:
        assert answer(f"{server.url}/readyz")[0] == 200
        filling = fill(data.parent)
        status, said = answer(f"{server.url}/readyz")
        reason = f"The disk of the data folder, {data}, is full."
        assert (status, json.loads(said)["details"]) == (503, {"data_folder": [reason]})
        assert answer(f"{server.url}/healthz")[0] == 200
        filling.unlink()
        assert answer(f"{server.url}/readyz")[0] == 200


@pytest.fixture
def read_only(data: Path) -> Iterator[Callable[[], None]]:
    """What makes the data folder read-only under a server that runs; skipped where this user may not do that."""
    smoothbox(data, "init")
    mounts = 0

    def mount(*words: str) -> None:
        nonlocal mounts
        if subprocess.run(["mount", *words, data], capture_output=True, check=False).returncode:
            pytest.skip("this user may not mount a file system")
        mounts += words[0] == "--bind"

    def make() -> None:
        mount("--bind", str(data))  # over itself: files that are open stay open for writing
        mount("-o", "remount,bind,ro")

    yield make
    if mounts:
        subprocess.run(["umount", "--lazy", data], check=True)


def test_a_folder_that_takes_no_writes_is_named(data: Path, read_only: Callable[[], None]) -> None:
    with Server(data) as server:
        assert answer(f"{server.url}/readyz")[0] == 200
        read_only()
        status, said = answer(f"{server.url}/readyz")
        reason = f"The data folder, {data}, cannot be written to: Read-only file system."
        assert (status, json.loads(said)["details"]) == (503, {"data_folder": [reason]})
        assert json.loads(said)["message"] == reason
        assert answer(f"{server.url}/healthz")[0] == 200
        ended = subprocess.run(
            [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "health"], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 7
        assert reason in ended.stderr


@pytest.mark.parametrize("settings", [{}, {"server_trusted_proxies": "127.0.0.1/32"}], ids=["no proxy is trusted", "one is"])
def test_the_figures_are_shown_here_and_not_through_a_proxy(data: Path, settings: dict[str, str]) -> None:
    token = make_box(data, CATALOGUE)
    with Server(data, **settings) as server:
        assert call(server.url, token, "POST", "bookings/", wish())[0] == 201
        call(server.url, "ss_live_wrong", "GET", "business/")
        status, page = answer(f"{server.url}/metrics")
        assert status == 200
        found = {each.name for family in text_string_to_metric_families(page) for each in family.samples}
        assert {"smoothbox_requests_total", "smoothbox_request_seconds_bucket", "process_open_fds"} <= found
        for private in ("acme", "Acme", "Jo", "jo@example.com", token):
            assert private not in re.sub(r"^#.*$", "", page, flags=re.MULTILINE)
        for through in ({"X_Forwarded_For": "127.0.0.1"}, {"X_Forwarded_For": "203.0.113.9"}, {"Forwarded": "for=127.0.0.1"}):
            assert answer(f"{server.url}/metrics", **through)[0] == 403


def test_through_a_proxy_the_figures_take_the_token(data: Path) -> None:
    smoothbox(data, "init")
    with Server(data, server_metrics_token=TOKEN, server_trusted_proxies="127.0.0.1/32") as server:
        far = {"X_Forwarded_For": "203.0.113.9"}
        assert answer(f"{server.url}/metrics", **far)[0] == 403
        assert answer(f"{server.url}/metrics", **far, Authorization="Bearer wrong")[0] == 401
        assert answer(f"{server.url}/metrics", **far, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_a_token_for_the_figures_is_taken_from_a_file_and_never_shown(data: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    smoothbox(data, "init")
    with Server(data, server_metrics_token_file=str(tmp_path / "token")) as server:
        assert answer(f"{server.url}/metrics", X_Forwarded_For="203.0.113.9", Authorization=f"Bearer {TOKEN}")[0] == 200
    assert TOKEN not in (data / "log").read_text()
