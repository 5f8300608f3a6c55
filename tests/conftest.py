"""Fixtures that every room's tests share."""

import asyncio
import logging
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from smoothbox.settings import Limits, Server, Settings, Webhooks
from tests.box import Client, RunningBox, StillClock

DATABASE_FILES = (".db", ".db-wal", ".db-shm", ".db-journal")


def refuse_to_open_databases(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: nothing but SQLite may open a database file, for closing such a descriptor drops SQLite's locks."""
    if event == "open" and str(arguments[0]).endswith(DATABASE_FILES):
        raise AssertionError(f"this process opened {arguments[0]} itself")


sys.addaudithook(refuse_to_open_databases)

ROOMY = Settings(
    server=Server(port=0, drain_seconds=5.0),
    limits=Limits(hourly=1_000_000, burst=1_000_000),
    webhooks=Webhooks(allow_cidrs=("127.0.0.0/8",)),
)


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """pytest-tornado's own fixture uses what Tornado has since deprecated."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield IOLoop(asyncio_loop=loop, make_current=False)
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def clock() -> StillClock:
    """Monday 2027-01-04, noon UTC."""
    return StillClock()


@pytest.fixture
def settings() -> Settings:
    """Settings under which limits are in nobody's way; a test module overrides this fixture to see them."""
    return replace(ROOMY)


@pytest.fixture
def box(tmp_path: Path, clock: StillClock, settings: Settings, io_loop: IOLoop) -> Iterator[RunningBox]:
    """A running box with two tenants."""
    running = RunningBox(tmp_path / "data", clock, settings)
    running.start(io_loop)
    yield running
    running.stop(io_loop)


@pytest.fixture
def api(box: RunningBox) -> Client:
    """A client of the tenant acme, live, with every scope."""
    return box.client()


@pytest.fixture(autouse=True)
def no_name_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names other than this machine's do not resolve: no test leaves it, not even to ask."""
    system = socket.getaddrinfo

    def look_up(host: Any, port: Any, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0) -> Any:
        numeric = 0 if host in {None, "localhost"} else socket.AI_NUMERICHOST
        return system(host, port, family, kind, proto, flags | numeric)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture(autouse=True)
def no_stray_log_lines(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or an error in the log fails the test that did not expect it (and did not clear it)."""
    yield
    stray = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not stray, stray
