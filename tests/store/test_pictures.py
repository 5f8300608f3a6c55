"""Rows as answers show them: drawn once, never kept beyond a commit, and bounded."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from smoothbox.store.batches import Job, run_batch, run_read
from smoothbox.store.connection import Tx, connect
from smoothbox.store.memory import RememberingConnection
from smoothbox.store.migrate import TENANT, migrate
from smoothbox.store.pictures import Pictures
from tests.box import StillClock


def drawing(log: list[list[int]], size: int = 10):
    def draw(ids: Sequence[int]) -> Mapping[int, bytes]:
        log.append(list(ids))
        return {each: f"{each}".encode().ljust(size) for each in ids}

    return draw


def test_a_row_is_drawn_once_and_rows_come_in_the_order_asked_for():
    pictures, log = Pictures(), []
    draw = drawing(log, 1)
    assert pictures.of("service", [3, 1], draw) == [b"3", b"1"]
    assert pictures.of("service", [1, 2, 3], draw) == [b"1", b"2", b"3"]
    assert pictures.of("service", [], draw) == []
    assert pictures.of("booking", [1], draw) == [b"1"]
    assert log == [[3, 1], [2], [1]]


def test_memory_is_bounded():
    pictures, log = Pictures(), []
    for first in range(0, 1000, 50):
        ids = list(range(first, first + 50))
        assert len(pictures.of("service", ids, drawing(log, 1000))) == 50
        assert len(pictures) * 1000 <= 256 * 1024
    assert len(pictures) >= 50
    huge = pictures.of("service", [5000, 5001], drawing(log, 200 * 1024))
    assert [len(each) for each in huge] == [200 * 1024] * 2
    assert len(pictures) * 1000 <= 256 * 1024


def test_some_known_and_some_that_push_them_out():
    pictures, log = Pictures(), []
    known = pictures.of("service", [1], drawing(log, 150 * 1024))
    both = pictures.of("service", [1, 2], drawing(log, 150 * 1024))
    assert both[0] == known[0]
    assert log == [[1], [2]]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[RememberingConnection]:
    made = connect(tmp_path / "live.db", "create", journal=TENANT.journal, factory=RememberingConnection)
    migrate(made, TENANT, 0.0)
    yield made
    made.close()


def look(tx: Tx) -> Pictures | None:
    return tx.pictures


def test_they_last_from_one_read_to_the_next_until_somebody_commits(
    tmp_path: Path, reader: RememberingConnection, clock: StillClock
) -> None:
    first = run_read(reader, clock, Job(look, ()))
    assert first is run_read(reader, clock, Job(look, ()))
    other = sqlite3.connect(tmp_path / "live.db")
    other.execute("INSERT INTO series (recurrence, created_at) VALUES ('', '')")
    assert first is run_read(reader, clock, Job(look, ()))
    other.commit()
    other.close()
    assert first is not run_read(reader, clock, Job(look, ()))


def test_who_writes_has_none(reader: RememberingConnection, clock: StillClock) -> None:
    (outcome,) = run_batch(reader, clock, [Job(look, ())])
    assert outcome.value is None
