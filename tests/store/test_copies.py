"""Copies of whole files: made beside a writer, judged, and brought back."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smoothbox.errors import Problem
from smoothbox.store.connection import connect
from smoothbox.store.copies import bring, checksum, copy, judge
from smoothbox.store.direct import open_direct
from smoothbox.store.migrate import BOX, TENANT, migrations
from tests.box import StillClock
from tests.disks import small_disk


@pytest.fixture
def file(tmp_path: Path, clock: StillClock) -> Path:
    """An empty data file."""
    path = tmp_path / "live.db"
    with open_direct(path, TENANT, clock, "create"):
        pass
    return path


@pytest.fixture
def writer(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who has the file open."""
    with closing(connect(file, "write", journal="WAL")) as connection:
        yield connection


def series_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM series").fetchone()[0]


def add_series(writer: sqlite3.Connection) -> None:
    writer.execute("INSERT INTO series (recurrence, created_at) VALUES ('FREQ=DAILY;COUNT=2', '')")


def test_a_copy_has_all_that_was_committed_and_nothing_that_was_not(
    file: Path, writer: sqlite3.Connection, tmp_path: Path
) -> None:
    add_series(writer)
    writer.execute("BEGIN IMMEDIATE")
    add_series(writer)
    copied = copy(file, tmp_path / "c.sqlite", TENANT)
    writer.execute("COMMIT")
    assert series_in(tmp_path / "c.sqlite") == 1
    assert (copied.schema, copied.size) == (len(migrations(TENANT)), (tmp_path / "c.sqlite").stat().st_size)
    assert copied.sha256 == checksum(tmp_path / "c.sqlite")
    assert copied.counts == {"services": 0, "resources": 0, "customers": 0, "bookings": 0}


def test_a_copy_leaves_the_write_ahead_log_of_those_who_write(file: Path, writer: sqlite3.Connection, tmp_path: Path) -> None:
    add_series(writer)
    wal = file.with_name("live.db-wal")
    size = wal.stat().st_size
    copy(file, tmp_path / "c.sqlite", TENANT)
    assert wal.stat().st_size == size > 0
    add_series(writer)
    assert series_in(file) == 2


def test_a_copy_appears_whole_and_leaves_nothing_else(file: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    copy(file, tmp_path / "copies" / "c.sqlite", TENANT)
    copy(file, tmp_path / "copies" / "c.sqlite", TENANT)
    assert [each.name for each in (tmp_path / "copies").iterdir()] == ["c.sqlite"]


def test_what_is_no_data_file_is_not_copied(file: Path, tmp_path: Path) -> None:
    (tmp_path / "blank.db.new").touch()
    (tmp_path / "blank.db.new").rename(tmp_path / "blank.db")
    for source, kind, said in (
        (tmp_path / "none.db", TENANT, "is missing"),
        (tmp_path / "blank.db", TENANT, "not a smoothbox tenant file"),
        (file, BOX, "not a smoothbox box file"),
    ):
        with pytest.raises(Problem, match=said):
            copy(source, tmp_path / "c.sqlite", kind)
    assert not list(tmp_path.glob("*.sqlite")) + list(tmp_path.glob("*.unfinished"))


def test_a_damaged_copy_is_told(file: Path, writer: sqlite3.Connection, tmp_path: Path) -> None:
    for number in range(2000):
        writer.execute("INSERT INTO series (recurrence, created_at) VALUES (?, '')", (f"FREQ=DAILY;COUNT={number}",))
    path = tmp_path / "c.sqlite"
    copy(file, path, TENANT)
    assert judge(path, TENANT)
    torn = path.read_bytes()
    path.write_bytes(torn[: len(torn) // 2])
    with pytest.raises(Problem, match=r"malformed|damaged"):
        judge(path, TENANT)
    path.write_bytes(torn[:-8192] + b"\xff" * 8192)
    with pytest.raises(Problem, match=r"malformed|damaged"):
        judge(path, TENANT)


def test_a_full_disk_says_so_and_leaves_nothing(file: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 64) as small:
        with pytest.raises(Problem) as caught:
            copy(file, small / "c.sqlite", TENANT)
        assert caught.value.code == "storage_full"
        with pytest.raises(OSError, match="No space left"):
            bring(_ordinary(file, tmp_path), small / "c.sqlite")
        assert list(small.iterdir()) == []


def _ordinary(file: Path, tmp_path: Path) -> Path:
    copy(file, tmp_path / "c.sqlite", TENANT)
    return tmp_path / "c.sqlite"


def test_bringing_puts_the_same_bytes_in_place(file: Path, tmp_path: Path) -> None:
    source = _ordinary(file, tmp_path)
    bring(source, tmp_path / "back.sqlite")
    assert checksum(source) == checksum(tmp_path / "back.sqlite")
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_view_is_no_table_of_ours(file: Path, writer: sqlite3.Connection) -> None:
    writer.execute("CREATE VIEW endless AS WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r")
    with pytest.raises(Problem, match="endless is no table"):
        copy(file, file.with_name("copy.sqlite"), TENANT)
    assert [path.name for path in file.parent.iterdir() if "copy" in path.name] == []


def test_a_copy_whose_name_reads_as_a_url_is_a_file(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file:sly?mode=memory").mkdir()
    target = Path("file:sly?mode=memory") / "copy.sqlite"
    copy(file, target, TENANT)
    assert judge(target, TENANT).schema == migrations(TENANT)[-1].number


def test_where_there_is_no_room_the_file_is_named(tmp_path: Path) -> None:
    """What a write raises names no file."""
    source, target = tmp_path / "source.sqlite", tmp_path / "target.sqlite"
    source.write_bytes(bytes(100_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OSError, match=r"target\.sqlite"):
            bring(source, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["source.sqlite"]
