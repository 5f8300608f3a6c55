"""Backups by the clock: when one is due, what is kept, and what becomes of one that fails or is given up."""

import asyncio
import logging
import os
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from smoothbox.chores.backups import ScheduledBackups
from smoothbox.settings import Backup
from smoothbox.store.folder import hold_lock
from smoothbox.upkeep import backups
from tests.box import RunningBox, StillClock

HOUR = 3600.0


@pytest.fixture
def home(box: RunningBox) -> Path:
    return box.folder.root / "backups"


def names(home: Path) -> list[str]:
    return [each.path.name for each in backups.all_in(home)]


def look(io_loop: IOLoop, chore: ScheduledBackups) -> None:
    io_loop.run_sync(chore.look)


def test_one_is_made_when_there_is_none_and_again_when_it_is_old_enough(
    box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock
) -> None:
    chore = ScheduledBackups(box.folder, Backup(every_hours=24), clock)
    look(io_loop, chore)
    assert names(home) == ["2027-01-04T12-00-00Z"]
    clock.advance(23.9 * HOUR)
    look(io_loop, chore)
    assert len(names(home)) == 1
    clock.advance(0.1 * HOUR)
    look(io_loop, chore)
    assert names(home) == ["2027-01-05T12-00-00Z", "2027-01-04T12-00-00Z"]
    assert all(each.is_complete for each in backups.all_in(home))


def test_a_restart_does_not_make_it_sooner(box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock) -> None:
    for _ in range(3):
        look(io_loop, ScheduledBackups(box.folder, Backup(), clock))
    assert len(names(home)) == 1


def test_only_as_many_are_kept_as_the_settings_say(box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock) -> None:
    chore = ScheduledBackups(box.folder, Backup(every_hours=1, keep=2), clock)
    for _ in range(4):
        look(io_loop, chore)
        clock.advance(HOUR)
    assert names(home) == ["2027-01-04T15-00-00Z", "2027-01-04T14-00-00Z"]


def test_zero_hours_means_never(box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock) -> None:
    look(io_loop, ScheduledBackups(box.folder, Backup(every_hours=0), clock))
    assert not home.exists()


def test_a_backup_of_the_future_counts_for_nothing(box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock) -> None:
    chore = ScheduledBackups(box.folder, Backup(), clock)
    clock.advance(400 * 24 * HOUR)
    look(io_loop, chore)
    clock.advance(-400 * 24 * HOUR)
    look(io_loop, chore)
    assert names(home) == ["2028-02-08T12-00-00Z", "2027-01-04T12-00-00Z"]


def test_an_odd_name_in_the_folder_stops_nothing(box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock) -> None:
    (home / "2026-13-45T99-99-99Z").mkdir(parents=True)
    look(io_loop, ScheduledBackups(box.folder, Backup(), clock))
    assert names(home) == ["2027-01-04T12-00-00Z"]


def test_a_folder_that_cannot_be_looked_into_is_logged(
    box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    home.symlink_to(home)
    look(io_loop, ScheduledBackups(box.folder, Backup(), clock))
    assert f"no backup could be made in {home}" in caplog.text
    caplog.clear()


def test_one_that_fails_is_logged_and_tried_again_an_hour_later(
    box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    chore = ScheduledBackups(box.folder, Backup(), clock)
    home.mkdir()
    with hold_lock(home / ".lock", "test"):
        look(io_loop, chore)
    assert f"no backup could be made in {home}: Another backup is being made in {home}: pid {os.getpid()}." in caplog.messages
    caplog.clear()
    clock.advance(0.9 * HOUR)
    look(io_loop, chore)
    assert names(home) == []
    clock.advance(0.1 * HOUR)
    look(io_loop, chore)
    assert len(names(home)) == 1


def test_one_that_is_not_complete_names_what_is_missing(
    box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    (box.folder.tenant("rival") / "test.db").unlink()
    look(io_loop, ScheduledBackups(box.folder, Backup(), clock))
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "rival/test" in said
    assert "is missing" in said
    caplog.clear()
    assert [each.is_complete for each in backups.all_in(home)] == [False]


def test_a_box_that_stops_gives_it_up_and_leaves_nothing(
    box: RunningBox, home: Path, io_loop: IOLoop, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chore = ScheduledBackups(box.folder, Backup(), clock)

    async def stop_meanwhile() -> None:
        making = asyncio.ensure_future(chore.look())
        await asyncio.sleep(0)
        await chore.stop()
        await making

    io_loop.run_sync(stop_meanwhile)
    assert names(home) == []
    assert [path.name for path in home.iterdir()] == [".lock"]


def test_requests_are_answered_meanwhile(box: RunningBox, io_loop: IOLoop, clock: StillClock) -> None:
    for number in range(20):
        box.add_tenant(f"tenant-{number}")
    chore, client = ScheduledBackups(box.folder, Backup(), clock), box.client()

    async def both() -> int:
        making, answered = asyncio.ensure_future(chore.look()), 0
        while not making.done():
            assert (await client.get("services/")).status == 200
            answered += 1
        return answered

    assert io_loop.run_sync(both) > 5
