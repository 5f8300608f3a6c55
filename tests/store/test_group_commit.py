"""Writes that wait go together into one transaction, and each is told the truth about its own part."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from smoothbox.errors import Problem
from smoothbox.store import batches as plain
from smoothbox.store import database as module
from smoothbox.store.connection import Tx
from smoothbox.store.database import Database
from smoothbox.store.direct import open_direct
from smoothbox.store.migrate import TENANT
from tests.box import StillClock

pytestmark = pytest.mark.gen_test


def new_database(path: Path, clock: StillClock) -> Database:
    """A file that is there, not yet open."""
    with open_direct(path, TENANT, clock, "create"):
        return Database(path, TENANT, clock)


@pytest.fixture
def database(tmp_path: Path, clock: StillClock, io_loop: IOLoop) -> Iterator[Database]:
    opened = new_database(tmp_path / "live.db", clock)
    io_loop.run_sync(opened.open)
    yield opened
    io_loop.run_sync(opened.close)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of every batch that is committed."""
    sizes: list[int] = []

    def counted(connection, clock, jobs):
        sizes.append(len(jobs))
        return plain.run_batch(connection, clock, jobs)

    monkeypatch.setattr(module, "run_batch", counted)
    return sizes


def close_on(tx: Tx, day: str) -> str:
    tx.run("INSERT INTO closure (date, name) VALUES (?, 'x')", day)
    return day


def close_and_fail(tx: Tx, day: str) -> None:
    close_on(tx, day)
    raise Problem("conflict", day)


def closed(tx: Tx) -> set[str]:
    return {row[0] for row in tx.all("SELECT date FROM closure")}


async def test_writes_that_wait_share_commits(database: Database, batches: list[int]) -> None:
    days = [f"day {number}" for number in range(200)]
    answers = await asyncio.gather(*(database.write(close_on, day) for day in days))
    assert answers == days
    assert await database.read(closed) == set(days)
    assert sum(batches) == 200
    assert len(batches) <= 6
    assert max(batches) == module.BATCH_LIMIT


async def test_a_write_alone_is_committed_at_once(database: Database, batches: list[int]) -> None:
    await database.write(close_on, "a")
    assert batches == [1]


async def test_one_that_fails_takes_nobody_with_it(database: Database) -> None:
    answers = await asyncio.gather(
        database.write(close_on, "a"),
        database.write(close_and_fail, "b"),
        database.write(close_on, "c"),
        return_exceptions=True,
    )
    assert answers[0] == "a"
    assert isinstance(answers[1], Problem)
    assert answers[2] == "c"
    assert await database.read(closed) == {"a", "c"}


async def test_a_broken_constraint_fails_its_own_write_only(database: Database) -> None:
    await database.write(close_on, "a")
    answers = await asyncio.gather(database.write(close_on, "a"), database.write(close_on, "b"), return_exceptions=True)
    assert isinstance(answers[0], sqlite3.IntegrityError)
    assert answers[1] == "b"


async def test_when_the_disk_is_full_nobody_of_the_batch_is_told_done(database: Database) -> None:
    await database.write(closed)  # so that the connection which writes is there
    pages = await database.read(lambda tx: tx.value("PRAGMA page_count"))
    await database._writer.execute_fetchall(f"PRAGMA max_page_count = {pages + 1}")
    answers = await asyncio.gather(
        database.write(close_on, "small"),
        database.write(close_on, "huge" * 10_000),
        database.write(close_on, "after"),
        return_exceptions=True,
    )
    assert [getattr(answer, "code", answer) for answer in answers] == ["storage_full"] * 3
    assert await database.read(closed) == set()
    await database._writer.execute_fetchall("PRAGMA max_page_count = 1000000")
    assert await database.write(close_on, "again") == "again"


async def test_a_file_that_is_only_read_has_one_connection(clock: StillClock, database: Database) -> None:
    assert await database.write(close_on, "2027-01-01") == "2027-01-01"
    reader = Database(database.path, TENANT, clock)
    await reader.open()
    try:
        assert await reader.read(closed) == {"2027-01-01"}
        assert (reader._writer, reader.is_written) == (None, False)
        assert await reader.write(close_on, "2027-01-02") == "2027-01-02"
        assert reader._writer is not None
        assert await database.read(closed) == {"2027-01-01", "2027-01-02"}
    finally:
        await reader.close()


async def test_after_a_failed_write_the_file_is_opened_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_disk(connection, clock, jobs):
        monkeypatch.undo()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise plain.BatchLost(error)

    await database.write(closed)
    before = database._writer
    monkeypatch.setattr(module, "run_batch", broken_disk)
    with pytest.raises(Problem) as refusal:
        await database.write(close_on, "lost")
    assert refusal.value.code == "unavailable"
    assert await database.write(close_on, "kept") == "kept"
    assert database._writer is not before
    assert await database.read(closed) == {"kept"}


async def test_whoever_leaves_early_does_not_disturb_the_others(database: Database) -> None:
    leaving = asyncio.ensure_future(database.write(close_on, "a"))
    staying = asyncio.ensure_future(database.write(close_on, "b"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "b"
    assert "b" in await database.read(closed)


async def test_a_queue_without_end_is_refused(database: Database) -> None:
    database._queue_limit = 10
    answers = await asyncio.gather(*(database.write(close_on, str(number)) for number in range(30)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert {answer.code for answer in refused} == {"unavailable"}
    assert all(answer.details["retry_after"] == 1 for answer in refused)
    assert len(await database.read(closed)) == 30 - len(refused)


async def test_a_read_sees_one_moment(database: Database) -> None:
    """A reader's transaction does not see what is committed while it runs."""

    def twice(tx: Tx) -> tuple[int, int]:
        first = tx.value("SELECT count(*) FROM closure")
        with sqlite3.connect(database.path) as other:
            other.execute("INSERT INTO closure (date, name) VALUES ('meanwhile', 'x')")
        other.close()
        return first, tx.value("SELECT count(*) FROM closure")

    assert await database.read(twice) == (0, 0)
    assert await database.read(closed) == {"meanwhile"}


async def test_the_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises(Problem):
        await database.read(close_on, "a")
    assert await database.read(closed) == set()


async def test_closing_finishes_the_writes_that_wait(tmp_path: Path, clock: StillClock) -> None:
    database = new_database(tmp_path / "other.db", clock)
    await database.open()
    waiting = [asyncio.ensure_future(database.write(close_on, str(number))) for number in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert len(await asyncio.gather(*waiting)) == 100


async def test_while_a_suspect_file_cannot_be_reopened_reads_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(close_on, "kept")
    database._suspect = True
    monkeypatch.setattr(module, "_check", lambda connection: connection.execute("not sql at all"))
    with pytest.raises(Problem) as refusal:
        await database.write(close_on, "refused")
    assert refusal.value.code == "unavailable"
    assert await database.read(closed) == {"kept"}
    caplog.clear()
    monkeypatch.undo()
    assert await database.write(close_on, "after") == "after"
    assert await database.read(closed) == {"kept", "after"}
