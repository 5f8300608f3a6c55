"""The power goes while clients book: what was acknowledged is on the disk, though nothing is that was not synced."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.extent import times
from tests.faults.preload import built, needs_a_compiler
from tests.faults.servers import PreloadedServer
from tests.process.ledger import CATALOGUE, Ledger
from tests.process.server import call, make_box_by_commands, smoothbox, until

pytestmark = needs_a_compiler


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder; whatever program works in it from now on, what it syncs is kept."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "data").mkdir(mode=0o700)
    monkeypatch.setenv("LD_PRELOAD", str(built("powercut", tmp_path)))
    monkeypatch.setenv("POWERCUT_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("POWERCUT_KEPT", str(kept))
    return tmp_path / "data"


def after_the_cut(data: Path, target: Path, seed: int | None) -> Path:
    """What the disk would hold, in a folder of its own; put together by another process, which may open database files."""
    command = [sys.executable, "-m", "tests.faults.powercut", str(data), str(data.parent / "kept"), str(target)]
    subprocess.run([*command, *([] if seed is None else [str(seed)])], check=True)
    return target


def test_what_was_acknowledged_before_the_power_went_is_there_when_it_comes_back(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = make_box_by_commands(data, CATALOGUE)
    ledger = Ledger(lambda: server.url, token)
    with PreloadedServer(data, {}) as server, ledger.growing():
        until(lambda: len(ledger) > 40)
        time.sleep(0.05)
        server.kill()
        ledger.stopping.set()
    told = ledger.told()
    monkeypatch.delenv("LD_PRELOAD")
    for seed in (None, *range(times(40, 4))):
        disk = after_the_cut(data, data.parent / "disk", seed)
        with PreloadedServer(disk, {}) as back:
            kept = Ledger(lambda: back.url, token).kept()
            assert told.items() <= kept.items(), seed
            assert len(kept) - len(told) <= 3, seed  # one under way for each client
            status, events = call(back.url, token, "GET", "events/?page_size=200")
            assert status == 200
            created = [each["data"]["object"]["id"] for each in events["results"] if each["type"] == "booking.created"]
            assert sorted(created) == sorted(kept), seed
            assert back.terminate() == 0
        assert smoothbox(disk, "doctor").returncode == 0
        shutil.rmtree(disk)


def test_a_disk_that_was_told_to_forget_forgets(data: Path) -> None:
    """That the library works: what was written and not synced is not kept, nor a name in a folder that was not synced."""
    script = "import os; a = open('synced', 'w'); a.write('old'); a.flush(); os.fsync(a.fileno()); os.fsync(os.open('.', 0)); "
    script += "a.write('new'); a.flush(); b = open('nameless', 'w'); b.write('x'); b.flush(); os.fsync(b.fileno())"
    subprocess.run([sys.executable, "-c", script], cwd=data, check=True)
    assert sorted(path.name for path in data.iterdir()) == ["nameless", "synced"]
    disk = after_the_cut(data, data.parent / "disk", None)
    assert {path.name: path.read_text() for path in disk.iterdir()} == {"synced": "old"}
