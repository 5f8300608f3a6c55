"""The box runs on asyncio's loop and on uvloop, and says which; a webhook goes out and a stop is orderly on either."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.process.receiver import receiving
from tests.process.server import Server, call, make_box, until
from tests.process.test_main_job import CATALOGUE, wish


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def without_uvloop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where nobody installed it."""
    (tmp_path / "uvloop.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")


@pytest.mark.parametrize(("wanted", "found"), [("asyncio", "asyncio"), ("uvloop", "uvloop"), ("auto", "uvloop")])
def test_a_box_serves_delivers_and_stops(data: Path, wanted: str, found: str) -> None:
    token = make_box(data, CATALOGUE)
    settings = {"server_event_loop": wanted, "webhooks_allow_cidrs": "127.0.0.1/32"}
    with receiving() as receiver, Server(data, **settings) as server:
        assert call(server.url, token, "POST", "webhooks/", {"url": receiver.url, "events": ["booking.*"]})[0] == 201
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda slot: call(server.url, token, "POST", "bookings/", wish(slot))[0], range(16)))
        assert made == [201] * 16
        for _ in range(4):
            assert call(server.url, token, "GET", "bookings/")[1]["count"] == 16
        until(lambda: len(receiver.came) == 16)
        assert server.terminate() == 0
    assert f"with {found}" in (data / "log").read_text()


@pytest.mark.usefixtures("without_uvloop")
def test_without_uvloop_the_box_takes_what_there_is(data: Path) -> None:
    token = make_box(data, CATALOGUE)
    with Server(data) as server:
        assert call(server.url, token, "GET", "services/")[0] == 200
        assert server.terminate() == 0
    assert "with asyncio" in (data / "log").read_text()


@pytest.mark.usefixtures("without_uvloop")
def test_who_asks_for_uvloop_is_told_how_to_get_it(data: Path) -> None:
    make_box(data, CATALOGUE)
    command = [sys.executable, "-m", "smoothbox", "--data-dir", str(data), "serve", "--port", "0"]
    environment = {**os.environ, "SMOOTHBOX_SERVER_EVENT_LOOP": "uvloop"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode != 0
    assert "pip install 'smoothbox[uvloop]'" in run.stderr
