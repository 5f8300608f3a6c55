"""What `smoothbox doctor` finds of the machine: SQLite, disk, open files, clock, and whether there are backups."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoothbox.clock import Clock, instant_text
from smoothbox.settings import Settings
from smoothbox.store.connection import SQLITE_VERSION
from smoothbox.store.folder import DataFolder
from smoothbox.upkeep.doctor import visit
from smoothbox.upkeep.doctor.case import Case
from smoothbox.upkeep.doctor.machine import is_affected
from tests.box import StillClock
from tests.cli.conftest import Smoothbox
from tests.cli.doctor.planting import book, data_file, examined, follow, furnish, in_process, judged, opened, plants, the_one
from tests.cli.process import serving
from tests.cli.test_backup import rewrite
from tests.disks import small_disk

DAY = 86400.0


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        *(("3.6.23", False), ("3.7.0", True), ("3.40.1", True), ("3.44.5", True), ("3.44.6", False), ("3.45.0", True)),
        *(("3.50.6", True), ("3.50.7", False), ("3.51.2", True), ("3.51.3", False), ("3.52.0", False), ("4.0.0", False)),
    ],
)
def test_which_versions_of_sqlite_have_the_bug(version: str, affected: bool) -> None:
    assert is_affected(version) is affected


@plants("sqlite_affected")
def test_this_machine_has_the_sqlite_it_has(smoothbox: Smoothbox) -> None:
    found = [each for each in smoothbox("--json", "doctor").answer["findings"] if each["code"] == "sqlite_affected"]
    assert [each["where"] for each in found] == ([f"SQLite {SQLITE_VERSION}"] if is_affected(SQLITE_VERSION) else [])
    assert all("3.51.3" in each["fix"] for each in found)


@plants("descriptors")
def test_a_limit_on_open_files_that_is_too_low_is_found_and_both_ways_out_help(smoothbox: Smoothbox) -> None:
    (found,) = judged(in_process(smoothbox, "ulimit -n 256"))
    assert (found["code"], found["severity"]) == ("descriptors", "warning")
    assert found["message"] == "256 at once, where up to 1800 are wanted."
    wanted = re.search(r"LimitNOFILE=(\d+)", found["fix"])
    assert wanted is not None
    assert judged(in_process(smoothbox, f"ulimit -Sn 256; ulimit -Hn {wanted[1]}")) == []
    assert judged(in_process(smoothbox, "ulimit -n 256", env={"SMOOTHBOX_TENANTS_MAX_OPEN": "5"})) == []


def test_of_a_server_that_runs_its_own_limit_counts(smoothbox: Smoothbox) -> None:
    line = f'ulimit -Sn 128; ulimit -Hn 256; exec "$0" -m smoothbox --data-dir "{smoothbox.data_dir}" serve --port 0'
    with subprocess.Popen(["/bin/bash", "-ec", line, sys.executable], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith("listening on ")
            found = the_one(smoothbox, "descriptors")
            assert (found["where"], found["message"][:4]) == (f"server (pid {server.pid})", "256 ")
        finally:
            server.terminate()
    with serving("--data-dir", str(smoothbox.data_dir), "serve", "--port", "0"):
        assert judged(in_process(smoothbox, "ulimit -n 256")) == []


@pytest.fixture
def small_box(bare: Smoothbox) -> Iterator[Smoothbox]:
    """A box with a tenant on a disk of 4 MB."""
    with small_disk(bare.data_dir, 4096):
        bare.done("init")
        bare.done("tenant", "create", "acme", "--name", "Acme", "--timezone", "UTC", "--currency", "USD")
        yield bare


def fill(box: Smoothbox, kilobytes: int) -> None:
    words = ["dd", "if=/dev/zero", f"of={box.data_dir / 'ballast'}", "bs=1k", f"count={kilobytes}"]
    subprocess.run(words, check=False, capture_output=True)


@plants("disk_unwritable")
def test_a_full_disk_is_found_and_no_file_is_called_damaged(small_box: Smoothbox) -> None:
    assert examined(small_box) == []
    fill(small_box, 100_000)
    found = the_one(small_box, "disk_unwritable")
    assert (found["where"], "is full" in found["message"]) == (str(small_box.data_dir), True)
    assert found["fix"].startswith("Make room")
    (small_box.data_dir / "ballast").unlink()
    assert examined(small_box) == []


def test_a_disk_that_takes_no_writes_is_found_and_the_files_are_read_all_the_same(small_box: Smoothbox) -> None:
    furnish(small_box)
    book(small_box, 0)
    subprocess.run(["mount", "-o", "remount,ro", str(small_box.data_dir)], check=True)
    found = the_one(small_box, "disk_unwritable")
    assert "Read-only file system" in found["message"]
    assert "mount it for writing" in found["fix"]
    subprocess.run(["mount", "-o", "remount,rw", str(small_box.data_dir)], check=True)
    assert examined(small_box) == []


@plants("disk_low")
def test_a_disk_that_is_nearly_full_is_found(small_box: Smoothbox) -> None:
    for _ in range(3):
        small_box.done("backup", "create")
    free = os.statvfs(small_box.data_dir).f_bavail * 4
    fill(small_box, free - 700)
    found = the_one(small_box, "disk_low")
    assert found["message"] == "1 MB are free."
    follow(small_box, found)
    assert len(small_box.json("backup", "list")) == 2
    (small_box.data_dir / "ballast").unlink()
    assert examined(small_box) == []


def test_a_process_that_may_not_write_finds_that_without_root(smoothbox: Smoothbox) -> None:
    found = judged(in_process(smoothbox, "ulimit -f 0"))
    assert [each["code"] for each in found] == ["disk_unwritable"]
    assert "File too large" in found[0]["message"]
    assert judged(in_process(smoothbox, "ulimit -f 100000")) == []


@plants("clock")
def test_a_clock_that_went_back_is_found_by_what_was_written_before(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    book(smoothbox, 0)
    clock = StillClock(instant_text(Clock().now() - DAY))
    found = visit.look(Case(DataFolder(smoothbox.data_dir), Settings(), clock), (), lambda *_: None)
    (jumped,) = (each for each in found if each.code == "clock")
    assert (jumped.severity, jumped.where) == ("problem", str(data_file(smoothbox)))
    assert instant_text(clock.at) in jumped.message
    assert {each.code for each in found} <= {"clock", "sqlite_affected"}
    assert examined(smoothbox) == []  # the clock is right again


def test_a_change_of_a_time_to_come_is_found_once(smoothbox: Smoothbox) -> None:
    furnish(smoothbox)
    book(smoothbox, 0)
    with opened(data_file(smoothbox)) as file:
        file.execute("UPDATE booking SET updated_at = '2099-01-01T00:00:00.000000Z'")
        file.execute("UPDATE customer SET updated_at = '2098-01-01T00:00:00.000000Z'")
    assert "2099-01-01" in the_one(smoothbox, "clock")["message"]


@plants("backup_old")
def test_a_box_without_a_young_backup_is_told_to_make_one(smoothbox: Smoothbox) -> None:
    with opened(smoothbox.data_dir / "box.db") as registry:
        registry.execute("UPDATE tenant SET created_at = ? WHERE slug = 'acme'", (instant_text(time.time() - 3 * DAY),))
    found = the_one(smoothbox, "backup_old")
    assert (found["severity"], found["message"]) == ("warning", "There is none.")
    assert found["where"] == str(smoothbox.data_dir / "backups")
    follow(smoothbox, found)
    assert examined(smoothbox) == []
    (backup,) = (smoothbox.data_dir / "backups").glob("2*")
    rewrite(backup, created_at=instant_text(time.time() - 5 * DAY))
    found = the_one(smoothbox, "backup_old")
    assert found["message"] == "The newest is 5 days old."
    follow(smoothbox, found)
    assert examined(smoothbox) == []


def test_a_backup_that_lacks_something_is_none(smoothbox: Smoothbox) -> None:
    with opened(smoothbox.data_dir / "box.db") as registry:
        registry.execute("UPDATE tenant SET created_at = ?", (instant_text(time.time() - 3 * DAY),))
    path = Path(smoothbox.json("backup", "create")["path"])
    assert examined(smoothbox) == []
    rewrite(path, missing=[{"folder": "acme", "mode": "live", "reason": ""}])
    the_one(smoothbox, "backup_old")
    assert json.loads((path / "manifest.json").read_bytes())["missing"]


def test_who_makes_backups_less_often_is_given_the_time(smoothbox: Smoothbox) -> None:
    with opened(smoothbox.data_dir / "box.db") as registry:
        registry.execute("UPDATE tenant SET created_at = ?", (instant_text(time.time() - 13 * DAY),))
    (smoothbox.data_dir / "smoothbox.toml").write_text("[backup]\nevery_hours = 168\n")
    assert examined(smoothbox) == []
