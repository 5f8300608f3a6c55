"""A box for each test, copied from one that is furnished once: these tests are many, and furnishing waits for the disk."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from smoothbox.settings import Settings
from tests.box import RunningBox, StillClock


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the tenants acme and rival, served by nobody."""
    root = tmp_path_factory.mktemp("furnished") / "data"
    RunningBox(root, StillClock(), Settings())
    return root


@pytest.fixture
def box(tmp_path: Path, furnished: Path, clock: StillClock, settings: Settings, io_loop: IOLoop) -> Iterator[RunningBox]:
    """A running box with two tenants."""
    # By another process: this one must never open a database file but through SQLite.
    subprocess.run(["cp", "-R", str(furnished), str(tmp_path / "data")], check=True)
    running = RunningBox(tmp_path / "data", clock, settings)
    running.start(io_loop)
    yield running
    running.stop(io_loop)
